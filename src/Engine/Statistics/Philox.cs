using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PersonalLlm.Engine.Statistics;

/// <summary>
/// Philox 4×32-10: a bijection of 128-bit counters chosen by a 64-bit key, good enough to serve as random bits.
/// </summary>
/// <remarks>Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.</remarks>
internal static class Philox
{
    public const uint Multiplier0 = 0xD2511F53, Multiplier1 = 0xCD9E8D57;
    private const uint KeyStep0 = 0x9E3779B9, KeyStep1 = 0xBB67AE85;
    public const int Rounds = 10;

    /// <summary>How many blocks <see cref="ByIndex"/> makes at a time.</summary>
    public const int AtOnce = 32;

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

    /// <summary>The keys of the ten rounds, one pair after the other.</summary>
    public static int[] RoundKeys(uint key0, uint key1) =>
        [.. Enumerable.Range(0, Rounds).SelectMany(round => new[] { (int)(key0 + ((uint)round * KeyStep0)), (int)(key1 + ((uint)round * KeyStep1)) })];

    /// <summary>The keys of the ten rounds, each in every lane: what <see cref="ByIndex"/> and <see cref="ByBlock"/> need of a seed.</summary>
    public static Vector512<ulong>[] Keys(ulong seed)
    {
        var keys = new Vector512<ulong>[2 * Rounds];
        var (key0, key1) = ((uint)seed, (uint)(seed >> 32));
        for (var round = 0; round < Rounds; round++, key0 += KeyStep0, key1 += KeyStep1)
            (keys[2 * round], keys[(2 * round) + 1]) = (Vector512.Create((ulong)key0), Vector512.Create((ulong)key1));
        return keys;
    }

    /// <summary>
    /// One block for each of many indexes, at the counters (<paramref name="block"/>, index, <paramref name="high"/>, <paramref name="stream"/>);
    /// its four words are paired to twice 64 bits as <see cref="RandomStream"/> pairs them.
    /// </summary>
    /// <param name="keys">From <see cref="Keys"/>.</param>
    /// <param name="block">Which block of each index.</param>
    /// <param name="indexes">Each below 2³²; a whole number of <see cref="AtOnce"/>.</param>
    /// <param name="high">The upper half of all indexes.</param>
    /// <param name="stream">See <see cref="RandomStreams"/>.</param>
    /// <param name="first">Words 0 and 1 of every block.</param>
    /// <param name="second">Words 2 and 3.</param>
    public static void ByIndex(
        ReadOnlySpan<Vector512<ulong>> keys, uint block, ReadOnlySpan<ulong> indexes, uint high, uint stream, Span<ulong> first, Span<ulong> second)
    {
        var c0 = Vector512.Create((ulong)block);
        var c2 = Vector512.Create((ulong)high);
        var c3 = Vector512.Create((ulong)stream);
        for (var from = 0; from < indexes.Length; from += AtOnce)
        {
            var some = MemoryMarshal.Cast<ulong, Vector512<ulong>>(indexes.Slice(from, AtOnce));
            Four(keys, c0, c0, c0, c0, some[0], some[1], some[2], some[3], c2, c3, first.Slice(from, AtOnce), second.Slice(from, AtOnce));
        }
    }

    /// <summary><see cref="AtOnce"/> blocks of one index, one after the other, from <paramref name="block"/> on; see <see cref="ByIndex"/>.</summary>
    public static void ByBlock(
        ReadOnlySpan<Vector512<ulong>> keys, uint block, uint index, uint high, uint stream, Span<ulong> first, Span<ulong> second)
    {
        var c0 = Vector512.Create((ulong)block) + Vector512.Create(0UL, 1, 2, 3, 4, 5, 6, 7);
        var c1 = Vector512.Create((ulong)index);
        var eight = Vector512.Create(8UL);
        Four(
            keys, c0, c0 + eight, c0 + eight + eight, c0 + eight + eight + eight, c1, c1, c1, c1,
            Vector512.Create((ulong)high), Vector512.Create((ulong)stream), first, second);
    }

    /// <remarks>
    /// Words sit in the lower halves of 64-bit lanes; what the upper halves hold is never read until the end. A round waits for the one
    /// before it, so that four vectors go side by side.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four(
        ReadOnlySpan<Vector512<ulong>> keys,
        Vector512<ulong> p0, Vector512<ulong> q0, Vector512<ulong> r0, Vector512<ulong> s0,
        Vector512<ulong> p1, Vector512<ulong> q1, Vector512<ulong> r1, Vector512<ulong> s1,
        Vector512<ulong> c2, Vector512<ulong> c3, Span<ulong> first, Span<ulong> second)
    {
        var (p2, q2, r2, s2) = (c2, c2, c2, c2);
        var (p3, q3, r3, s3) = (c3, c3, c3, c3);
        for (var round = 0; round + 1 < keys.Length; round += 2)
        {
            var key0 = keys[round];
            var key1 = keys[round + 1];
            Round(ref p0, ref p1, ref p2, ref p3, key0, key1);
            Round(ref q0, ref q1, ref q2, ref q3, key0, key1);
            Round(ref r0, ref r1, ref r2, ref r3, key0, key1);
            Round(ref s0, ref s1, ref s2, ref s3, key0, key1);
        }
        var into = MemoryMarshal.Cast<ulong, Vector512<ulong>>(first[..AtOnce]);
        (into[0], into[1], into[2], into[3]) = (Pair(p0, p1), Pair(q0, q1), Pair(r0, r1), Pair(s0, s1));
        into = MemoryMarshal.Cast<ulong, Vector512<ulong>>(second[..AtOnce]);
        (into[0], into[1], into[2], into[3]) = (Pair(p2, p3), Pair(q2, q3), Pair(r2, r3), Pair(s2, s3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(
        ref Vector512<ulong> c0, ref Vector512<ulong> c1, ref Vector512<ulong> c2, ref Vector512<ulong> c3, Vector512<ulong> key0, Vector512<ulong> key1)
    {
        var product0 = Multiply(c0, Multiplier0);
        var product1 = Multiply(c2, Multiplier1);
        c0 = (product1 >>> 32) ^ c1 ^ key0;
        c1 = product1;
        c2 = (product0 >>> 32) ^ c3 ^ key1;
        c3 = product0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Pair(Vector512<ulong> low, Vector512<ulong> high) => (low & Vector512.Create((ulong)uint.MaxValue)) | (high << 32);

    /// <summary>Lower halves of the lanes × multiplier → 64 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> Multiply(Vector512<ulong> values, uint multiplier) =>
        Avx512F.IsSupported ? Avx512F.Multiply(values.AsUInt32(), Vector512.Create(multiplier))
        : Avx2.IsSupported ? Vector512.Create(
            Avx2.Multiply(values.GetLower().AsUInt32(), Vector256.Create(multiplier)), Avx2.Multiply(values.GetUpper().AsUInt32(), Vector256.Create(multiplier)))
        : (values & Vector512.Create((ulong)uint.MaxValue)) * multiplier;
}
