using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Population.Kernels;

/// <summary>The noise of <see cref="ChoiceModel"/> for one group of users, in float32 and with a known error.</summary>
internal static class GumbelLanes<TLanes, TFloats, TInts>
    where TLanes : ILanes<TFloats, TInts>
    where TFloats : unmanaged
    where TInts : unmanaged
{
    /// <summary>Rows of the reward matrix that share one random block.</summary>
    public const int RowsPerBlock = 4;

    /// <summary>No noise is further than this from −ln(−ln U): three polynomials of error 1.4·10⁻⁶ and a few roundings of numbers below 23.</summary>
    public const float LargestError = 1e-5f;

    private const float Ln2 = 0.693147181f;

    /// <summary>Noise of rows 4·<paramref name="block"/> up to the next block.</summary>
    /// <param name="draws">Which draws the users are.</param>
    /// <param name="block">Which four rows.</param>
    /// <param name="keys">Round keys of the population's seed.</param>
    /// <param name="noise">Four vectors; overwritten.</param>
    public static void Fill(TInts draws, uint block, ReadOnlySpan<int> keys, ref TFloats noise)
    {
        Words(draws, block, ref MemoryMarshal.GetReference(keys), out var w0, out var w1, out var w2, out var w3);
        noise = Gumbel(w0);
        Unsafe.Add(ref noise, 1) = Gumbel(w1);
        Unsafe.Add(ref noise, 2) = Gumbel(w2);
        Unsafe.Add(ref noise, 3) = Gumbel(w3);
    }

    /// <summary>Four random words of every user: <see cref="Philox.Block"/> at (0, draw, block, choices).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Words(TInts draws, uint block, ref int keys, out TInts w0, out TInts w1, out TInts w2, out TInts w3)
    {
        // Products have 64 bits, so users in odd lanes (o) go beside those in even ones (e). Only the draw differs between lanes: until it
        // has spread, three rounds are partly plain numbers (s).
        var product = (ulong)Philox.Multiplier1 * block;
        var key = TLanes.Broadcast((int)(uint)(product >> 32) ^ keys);
        var e0 = TLanes.Xor(draws, key);
        var o0 = TLanes.Xor(TLanes.OddToEven(draws), key);
        var s1 = (uint)product;
        var s2 = RandomStreams.Choices ^ (uint)Unsafe.Add(ref keys, 1);

        product = (ulong)Philox.Multiplier1 * s2;
        var s0 = (uint)(product >> 32) ^ s1 ^ (uint)Unsafe.Add(ref keys, 2);
        s1 = (uint)product;
        key = TLanes.Broadcast(Unsafe.Add(ref keys, 3));
        var e3 = TLanes.MultiplyEven(e0, Philox.Multiplier0);
        var o3 = TLanes.MultiplyEven(o0, Philox.Multiplier0);
        var e2 = TLanes.Xor(TLanes.OddToEven(e3), key);
        var o2 = TLanes.Xor(TLanes.OddToEven(o3), key);

        product = (ulong)Philox.Multiplier0 * s0;
        key = TLanes.Broadcast((int)s1 ^ Unsafe.Add(ref keys, 4));
        var e1 = TLanes.MultiplyEven(e2, Philox.Multiplier1);
        var o1 = TLanes.MultiplyEven(o2, Philox.Multiplier1);
        e0 = TLanes.Xor(TLanes.OddToEven(e1), key);
        o0 = TLanes.Xor(TLanes.OddToEven(o1), key);
        key = TLanes.Broadcast((int)(uint)(product >> 32) ^ Unsafe.Add(ref keys, 5));
        e2 = TLanes.Xor(e3, key);
        o2 = TLanes.Xor(o3, key);
        e3 = TLanes.Broadcast((int)(uint)product);
        o3 = e3;

        for (var round = 3; round < Philox.Rounds; round++)
        {
            var key0 = TLanes.Broadcast(Unsafe.Add(ref keys, 2 * round));
            var key1 = TLanes.Broadcast(Unsafe.Add(ref keys, (2 * round) + 1));
            var evens = TLanes.MultiplyEven(e0, Philox.Multiplier0);
            var odds = TLanes.MultiplyEven(o0, Philox.Multiplier0);
            var otherEvens = TLanes.MultiplyEven(e2, Philox.Multiplier1);
            var otherOdds = TLanes.MultiplyEven(o2, Philox.Multiplier1);
            e0 = TLanes.Parity(TLanes.OddToEven(otherEvens), e1, key0);
            o0 = TLanes.Parity(TLanes.OddToEven(otherOdds), o1, key0);
            e2 = TLanes.Parity(TLanes.OddToEven(evens), e3, key1);
            o2 = TLanes.Parity(TLanes.OddToEven(odds), o3, key1);
            (e1, o1, e3, o3) = (otherEvens, otherOdds, evens, odds);
        }
        w0 = TLanes.Interleave(e0, o0);
        w1 = TLanes.Interleave(e1, o1);
        w2 = TLanes.Interleave(e2, o2);
        w3 = TLanes.Interleave(e3, o3);
    }

    /// <summary>−ln(−ln U) with U = (word + ½)·2⁻³².</summary>
    /// <remarks>
    /// With t the nearer of U and 1 − U to 0: below the middle it is −ln(−ln t); above it −ln(−ln(1 − t)) = −ln t − h(t), with h smooth. So
    /// nothing is subtracted from 1, and words near 2³² keep their precision.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TFloats Gumbel(TInts words)
    {
        var above = TLanes.Signs(words);
        var scaled = TLanes.Add(TLanes.Numbers(TLanes.Xor(words, above)), TLanes.Broadcast(0.5f));
        var exponential = TLanes.Subtract(TLanes.Broadcast(32 * Ln2), Logarithm(scaled));
        var t = TLanes.Multiply(scaled, TLanes.Broadcast(1f / (1L << 32)));
        var h = TLanes.MultiplyAdd(t, TLanes.Broadcast(0.326229989f), TLanes.Broadcast(-0.189684102f));
        h = TLanes.MultiplyAdd(h, t, TLanes.Broadcast(0.188097309f));
        h = TLanes.MultiplyAdd(h, t, TLanes.Broadcast(0.105960906f));
        h = TLanes.MultiplyAdd(h, t, TLanes.Broadcast(0.20994115f));
        h = TLanes.MultiplyAdd(h, t, TLanes.Broadcast(0.499955351f));
        return TLanes.Select(
            above,
            TLanes.Subtract(exponential, TLanes.Multiply(t, h)),
            TLanes.Subtract(TLanes.Broadcast(0f), Logarithm(exponential)));
    }

    /// <summary>ln of positive normal numbers: the exponent, and a polynomial in the mantissa between ⅔ and 4⁄3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TFloats Logarithm(TFloats value)
    {
        var bits = TLanes.ToBits(value);
        var exponent = TLanes.And(TLanes.Subtract(bits, TLanes.Broadcast(0x3F2AAAAB)), TLanes.Broadcast(unchecked((int)0xFF800000)));
        var f = TLanes.Subtract(TLanes.FromBits(TLanes.Subtract(bits, exponent)), TLanes.Broadcast(1f));
        var polynomial = TLanes.MultiplyAdd(f, TLanes.Broadcast(-0.201713288f), TLanes.Broadcast(0.230738397f));
        polynomial = TLanes.MultiplyAdd(polynomial, f, TLanes.Broadcast(-0.247217612f));
        polynomial = TLanes.MultiplyAdd(polynomial, f, TLanes.Broadcast(0.331607222f));
        polynomial = TLanes.MultiplyAdd(polynomial, f, TLanes.Broadcast(-0.500064749f));
        polynomial = TLanes.MultiplyAdd(polynomial, f, TLanes.Broadcast(1.00002285f));
        return TLanes.MultiplyAdd(polynomial, f, TLanes.Multiply(TLanes.Numbers(exponent), TLanes.Broadcast(Ln2 / (1 << 23))));
    }
}
