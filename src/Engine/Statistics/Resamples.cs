using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PersonalLlm.Engine.Statistics;

/// <summary>How often each unit is drawn when as many are drawn, with replacement, as there are: resample after resample.</summary>
/// <remarks>
/// Counts of a Poisson distribution, independent of one another, are multinomial given their sum. So every unit first gets a count of a mean a
/// little below 1, by comparing 16 random bits with a table; in the rare resample whose sum is above the number of units everything
/// is drawn anew; and what is missing, a few hundred of ten thousand, is drawn one by one. That is the multinomial distribution itself, to
/// the 2⁻⁵³ to which the table is known. A resample depends on (seed, resample) and nothing else.
/// </remarks>
internal sealed class Resamples
{
    /// <summary>Below this everything is drawn one by one.</summary>
    public const int FewestForCounts = 64;

    // How far below the number of units the expected sum lies, in standard deviations: 1 in 700 is drawn anew.
    private const double Margin = 3;

    // 32 blocks of eight times 16 bits.
    private const int UnitsAtOnce = 8 * Philox.AtOnce;
    private const int Lanes = 32;

    private readonly Vector512<ulong>[] keys;
    private readonly uint seed;

    // Cumulative probabilities of 0, 1, 2, … in units of 2⁻⁶⁴, and their upper 16 bits; from the first that are all ones on, 16 bits decide nothing.
    private readonly ulong[] cumulative;
    private readonly ushort[] coarse;
    private readonly Vector512<ushort>[] decisive;

    public Resamples(int units, uint seed)
    {
        Units = units;
        this.seed = seed;
        keys = Philox.Keys(seed);
        cumulative = units < FewestForCounts ? [] : [.. Cumulative(1 - (Margin / Math.Sqrt(units)))];
        coarse = [.. cumulative.Select(probability => (ushort)(probability >> 48)).TakeWhile(probability => probability < ushort.MaxValue), ushort.MaxValue];
        decisive = [.. coarse.SkipLast(1).Select(Vector512.Create)];
    }

    public int Units { get; }

    /// <summary>How many counts <see cref="Draw"/> writes; those beyond the units are 0.</summary>
    public int Length => (Units + UnitsAtOnce - 1) / UnitsAtOnce * UnitsAtOnce;

    /// <summary>Counts of one resample.</summary>
    /// <param name="counts">[<see cref="Length"/>]. No count comes near 2¹⁶: that is less likely than 1/256!.</param>
    /// <param name="resample">0-based.</param>
    public void Draw(Span<ushort> counts, int resample)
    {
        for (var attempt = 0; ; attempt++)
        {
            var missing = Units - DrawCounts(counts, (uint)resample, attempt);
            if (missing < 0)
                continue;
            AddOneByOne(counts, (uint)resample, attempt, missing);
            return;
        }
    }

    private static IEnumerable<ulong> Cumulative(double mean)
    {
        var probability = LaneMath.Exp(Vector512.Create(-mean))[0];
        var sum = 0.0;
        for (var count = 0; sum + probability < 1 && probability > 0; probability *= mean / ++count)
        {
            sum += probability;
            yield return (ulong)(sum * 18446744073709551616.0);
        }
    }

    /// <summary>Poisson counts; returns their sum.</summary>
    private int DrawCounts(Span<ushort> counts, uint resample, int attempt)
    {
        counts.Clear();
        if (cumulative.Length == 0)
            return 0;
        Span<ulong> first = stackalloc ulong[Philox.AtOnce];
        Span<ulong> second = stackalloc ulong[Philox.AtOnce];
        Span<ushort> table = stackalloc ushort[Lanes];
        coarse.CopyTo(table);
        var thresholds = Vector512.Create<ushort>(table);
        var sum = 0;
        for (var unit = 0; unit < Units; unit += UnitsAtOnce)
        {
            Philox.ByBlock(keys, (uint)(unit / 8), resample, High(attempt, Purpose.Counts), RandomStreams.Bootstrap, first, second);
            var some = counts.Slice(unit, UnitsAtOnce);
            Compare(MemoryMarshal.Cast<ulong, ushort>(first), some[..(UnitsAtOnce / 2)], thresholds, unit, resample, attempt);
            Compare(MemoryMarshal.Cast<ulong, ushort>(second), some[(UnitsAtOnce / 2)..], thresholds, unit + (UnitsAtOnce / 2), resample, attempt);
            if (unit + UnitsAtOnce > Units)
                some[(Units - unit)..].Clear();
            var total = Vector512<ushort>.Zero;
            foreach (var part in MemoryMarshal.Cast<ushort, Vector512<ushort>>(some))
                total += part;
            sum += Vector512.Sum(total);
        }
        return sum;
    }

    private void Compare(ReadOnlySpan<ushort> bits, Span<ushort> counts, Vector512<ushort> thresholds, int firstUnit, uint resample, int attempt)
    {
        var from = MemoryMarshal.Cast<ushort, Vector512<ushort>>(bits);
        var into = MemoryMarshal.Cast<ushort, Vector512<ushort>>(counts);
        var (a, b, c, d) = (from[0], from[1], from[2], from[3]);
        var (countA, countB, countC, countD) = (Vector512<ushort>.Zero, Vector512<ushort>.Zero, Vector512<ushort>.Zero, Vector512<ushort>.Zero);
        foreach (var probability in decisive)
        {
            countA -= Vector512.GreaterThan(a, probability);
            countB -= Vector512.GreaterThan(b, probability);
            countC -= Vector512.GreaterThan(c, probability);
            countD -= Vector512.GreaterThan(d, probability);
        }
        (into[0], into[1], into[2], into[3]) = (countA, countB, countC, countD);
        // The next threshold is the only one that the bits can be equal to, and only then the bits after them matter.
        var isOpenA = Vector512.Equals(a, At(thresholds, countA));
        var isOpenB = Vector512.Equals(b, At(thresholds, countB));
        var isOpenC = Vector512.Equals(c, At(thresholds, countC));
        var isOpenD = Vector512.Equals(d, At(thresholds, countD));
        if ((isOpenA | isOpenB | isOpenC | isOpenD) == Vector512<ushort>.Zero)
            return;
        var openLow = isOpenA.ExtractMostSignificantBits() | (isOpenB.ExtractMostSignificantBits() << Lanes);
        var openHigh = isOpenC.ExtractMostSignificantBits() | (isOpenD.ExtractMostSignificantBits() << Lanes);
        for (; (openLow | openHigh) != 0; openLow &= openLow - 1)
        {
            if (openLow == 0)
            {
                (openLow, openHigh) = (openHigh, 0);
                firstUnit += 2 * Lanes;
                bits = bits[(2 * Lanes)..];
                counts = counts[(2 * Lanes)..];
            }
            var place = BitOperations.TrailingZeroCount(openLow);
            counts[place] = Decide(bits[place], firstUnit + place, resample, attempt);
        }
    }

    private ushort Decide(ushort bits, int unit, uint resample, int attempt)
    {
        var (low, high, _, _) = Philox.Block(
            (uint)unit, resample, High(attempt, Purpose.Digits), RandomStreams.Bootstrap, seed, 0);
        var all = ((ulong)bits << 48) | ((ulong)high << 16) | (low >> 16);
        ushort count = 0;
        foreach (var probability in cumulative)
            count += all >= probability ? (ushort)1 : (ushort)0;
        return count;
    }

    /// <summary>Draws units uniformly (Lemire 2019), taking the words of one block after the other.</summary>
    private void AddOneByOne(Span<ushort> counts, uint resample, int attempt, int missing)
    {
        Span<ulong> first = stackalloc ulong[Philox.AtOnce];
        Span<ulong> second = stackalloc ulong[Philox.AtOnce];
        var reject = (uint)-Units % (uint)Units;
        for (var block = 0u; ; block += Philox.AtOnce)
        {
            Philox.ByBlock(keys, block, resample, High(attempt, Purpose.Units), RandomStreams.Bootstrap, first, second);
            for (var place = 0; place < Philox.AtOnce; place++)
                for (var words = 0; words < 4; words++)
                {
                    var pair = words < 2 ? first[place] : second[place];
                    var product = (words % 2 == 0 ? (uint)pair : pair >> 32) * (ulong)Units;
                    if ((uint)product < reject)
                        continue;
                    if (missing-- == 0)
                        return;
                    counts[(int)(product >> 32)]++;
                }
        }
    }

    private static uint High(int attempt, Purpose purpose) => ((uint)attempt * 4) + (uint)purpose;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ushort> At(Vector512<ushort> table, Vector512<ushort> places)
    {
        if (Avx512BW.IsSupported)
            return Avx512BW.PermuteVar32x16(table, places);
        Span<ushort> found = stackalloc ushort[Lanes];
        for (var lane = 0; lane < Lanes; lane++)
            found[lane] = table[places[lane]];
        return Vector512.Create<ushort>(found);
    }

    private enum Purpose : uint
    {
        /// <summary>16 bits of each unit, 256 units from 32 blocks: the first halves of all blocks, then the second.</summary>
        Counts = 0,

        /// <summary>More bits of a unit; the block is the unit.</summary>
        Digits = 1,

        /// <summary>Units that are drawn one by one.</summary>
        Units = 2,
    }
}
