using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PersonalLlm.Engine.Population.Kernels;

/// <summary>In how many bits two rows differ.</summary>
/// <remarks>
/// Sixteen vectors are added bit by bit before anything is counted (Harley and Seal; Muła, Kurz and Lemire, "Faster population counts
/// using AVX2 instructions", 2018), because the runtime does not offer the processor's own vector count of bits.
/// </remarks>
internal static class BitDistance
{
    /// <summary>32-bit words that the loop takes at a time; rows are a multiple of it.</summary>
    public const int WordsPerStep = 16 * WordsPerVector;

    /// <summary>The longest row: the byte counters hold no more.</summary>
    public const int MostWords = 16 * WordsPerStep;

    private const int WordsPerVector = 16;

    /// <param name="a">Words of one row.</param>
    /// <param name="b">Words of the other.</param>
    /// <param name="words">A multiple of <see cref="WordsPerStep"/>, at most <see cref="MostWords"/>.</param>
    public static int Between(ref uint a, ref uint b, int words)
    {
        Vector512<uint> ones = default, twos = default, fours = default, eights = default, bytes = default;
        for (var left = words; left > 0; left -= WordsPerStep)
        {
            Add(out var t1, ref ones, Difference(ref a, ref b, 0), Difference(ref a, ref b, 1));
            Add(out var t2, ref ones, Difference(ref a, ref b, 2), Difference(ref a, ref b, 3));
            Add(out var f1, ref twos, t1, t2);
            Add(out t1, ref ones, Difference(ref a, ref b, 4), Difference(ref a, ref b, 5));
            Add(out t2, ref ones, Difference(ref a, ref b, 6), Difference(ref a, ref b, 7));
            Add(out var f2, ref twos, t1, t2);
            Add(out var e1, ref fours, f1, f2);
            Add(out t1, ref ones, Difference(ref a, ref b, 8), Difference(ref a, ref b, 9));
            Add(out t2, ref ones, Difference(ref a, ref b, 10), Difference(ref a, ref b, 11));
            Add(out f1, ref twos, t1, t2);
            Add(out t1, ref ones, Difference(ref a, ref b, 12), Difference(ref a, ref b, 13));
            Add(out t2, ref ones, Difference(ref a, ref b, 14), Difference(ref a, ref b, 15));
            Add(out f2, ref twos, t1, t2);
            Add(out var e2, ref fours, f1, f2);
            Add(out var sixteens, ref eights, e1, e2);
            bytes += CountPerByte(sixteens);
            a = ref Unsafe.Add(ref a, WordsPerStep);
            b = ref Unsafe.Add(ref b, WordsPerStep);
        }
        var sums = (Widen(bytes) << 4) + (Widen(CountPerByte(eights)) << 3) + (Widen(CountPerByte(fours)) << 2)
            + (Widen(CountPerByte(twos)) << 1) + Widen(CountPerByte(ones));
        return (int)Vector512.Sum((sums & Vector512.Create(0xFFFFu)) + (sums >>> 16));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Difference(ref uint a, ref uint b, int vector) =>
        Vector512.LoadUnsafe(ref Unsafe.Add(ref a, vector * WordsPerVector)) ^ Vector512.LoadUnsafe(ref Unsafe.Add(ref b, vector * WordsPerVector));

    /// <summary>sum + one + other, bit by bit: the sum stays, the carry comes out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(out Vector512<uint> carry, ref Vector512<uint> sum, Vector512<uint> one, Vector512<uint> other)
    {
        if (Avx512F.IsSupported)
        {
            // Majority and parity of three are one instruction each.
            carry = Avx512F.TernaryLogic(sum, one, other, 0xE8);
            sum = Avx512F.TernaryLogic(sum, one, other, 0x96);
            return;
        }
        var half = sum ^ one;
        carry = (sum & one) | (half & other);
        sum = half ^ other;
    }

    /// <summary>Bits of each byte: 0 … 8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> CountPerByte(Vector512<uint> bits)
    {
        var pairs = bits - ((bits >>> 1) & Vector512.Create(0x55555555u));
        var nibbles = (pairs & Vector512.Create(0x33333333u)) + ((pairs >>> 2) & Vector512.Create(0x33333333u));
        return (nibbles + (nibbles >>> 4)) & Vector512.Create(0x0F0F0F0Fu);
    }

    /// <summary>Neighbouring bytes added: two counts of 16 bits in every word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Widen(Vector512<uint> bytes) =>
        (bytes & Vector512.Create(0x00FF00FFu)) + ((bytes >>> 8) & Vector512.Create(0x00FF00FFu));
}
