using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PersonalLlm.Engine.Statistics;

/// <summary>
/// Philox 4×32-10: a bijection of 128-bit counters chosen by a 64-bit key, good enough to serve as random bits.
/// </summary>
/// <remarks>Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.</remarks>
internal static class Philox
{
    private const uint Multiplier0 = 0xD2511F53, Multiplier1 = 0xCD9E8D57;
    private const uint KeyStep0 = 0x9E3779B9, KeyStep1 = 0xBB67AE85;
    private const int Rounds = 10;

    /// <summary>The four random words at a counter.</summary>
    public static (uint W0, uint W1, uint W2, uint W3) Block(uint c0, uint c1, uint c2, uint c3, uint key0, uint key1)
    {
        for (var round = 0; round < Rounds; round++)
        {
            var product0 = (ulong)Multiplier0 * c0;
            var product1 = (ulong)Multiplier1 * c2;
            (c0, c1, c2, c3) = ((uint)(product1 >> 32) ^ c1 ^ key0, (uint)product1, (uint)(product0 >> 32) ^ c3 ^ key1, (uint)product0);
            key0 += KeyStep0;
            key1 += KeyStep1;
        }
        return (c0, c1, c2, c3);
    }

    /// <summary>
    /// Eight blocks at once, their words paired to 64 bits as <see cref="RandomStream"/> pairs them: the counters are (block, index low,
    /// index high, stream), the key is the seed.
    /// </summary>
    public static (Vector512<ulong> First, Vector512<ulong> Second) Blocks(Vector512<ulong> blocks, Vector512<ulong> indexes, uint stream, ulong seed)
    {
        // Words sit in the lower halves of 64-bit lanes; what the upper halves hold is never read until the end.
        var c0 = blocks;
        var c1 = indexes;
        var c2 = indexes >>> 32;
        var c3 = Vector512.Create((ulong)stream);
        var (key0, key1) = ((uint)seed, (uint)(seed >> 32));
        for (var round = 0; round < Rounds; round++)
        {
            var product0 = Multiply(c0, Multiplier0);
            var product1 = Multiply(c2, Multiplier1);
            (c0, c1, c2, c3) = (
                (product1 >>> 32) ^ c1 ^ Vector512.Create((ulong)key0), product1,
                (product0 >>> 32) ^ c3 ^ Vector512.Create((ulong)key1), product0);
            key0 += KeyStep0;
            key1 += KeyStep1;
        }
        var low = Vector512.Create((ulong)uint.MaxValue);
        return ((c0 & low) | (c1 << 32), (c2 & low) | (c3 << 32));
    }

    /// <summary>Lower halves of the lanes × multiplier → 64 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> Multiply(Vector512<ulong> values, uint multiplier) =>
        Avx512F.IsSupported ? Avx512F.Multiply(values.AsUInt32(), Vector512.Create(multiplier))
        : Avx2.IsSupported ? Vector512.Create(
            Avx2.Multiply(values.GetLower().AsUInt32(), Vector256.Create(multiplier)), Avx2.Multiply(values.GetUpper().AsUInt32(), Vector256.Create(multiplier)))
        : (values & Vector512.Create((ulong)uint.MaxValue)) * multiplier;
}
