using System.Buffers;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace PersonalLlm.Engine.Statistics;

/// <summary>How an interval is read off the resamples.</summary>
public enum IntervalMethod
{
    /// <summary>Quantiles of the resamples (Efron 1979).</summary>
    Percentile,

    /// <summary>Quantiles corrected for bias and skewness (BCa; Efron, "Better bootstrap confidence intervals", JASA 82, 1987).</summary>
    BiasCorrectedAccelerated,

    /// <summary>
    /// Quantiles of the resamples, moved so that their mean lies on the value: for statistics that copies of a unit push to one side, such as distances between
    /// distributions of few people.
    /// </summary>
    Centred,
}

/// <summary>Seeded bootstrap over independent units: the same intervals for any number of threads.</summary>
public static class Bootstrap
{
    public const int DefaultResamples = 2000;

    private const double LowerTail = 0.025;

    /// <summary>
    /// A statistic of resampled units; <paramref name="times"/>[unit] says how often a unit was drawn (all 1: the data itself). As many
    /// are drawn as there are units.
    /// </summary>
    /// <returns>The statistic, or NaN where this resample does not define it.</returns>
    public delegate double Statistic(ReadOnlySpan<double> times);

    /// <summary>A statistic and how many of the units carry it.</summary>
    /// <param name="Compute">Called from several threads at once.</param>
    /// <param name="N">The count shown beside the estimate.</param>
    /// <param name="LeavingOut">The statistic without one unit, by unit: what a BCa interval needs besides.</param>
    public readonly record struct UnitStatistic(Statistic Compute, int N, Func<int, double>? LeavingOut = null);

    /// <summary>Mean of one value per unit.</summary>
    public static UnitStatistic Mean(double[] values)
    {
        var total = TensorPrimitives.Sum(values);
        return new(
            times => TensorPrimitives.Dot(times, values) / values.Length,
            values.Length,
            unit => (total - values[unit]) / (values.Length - 1));
    }

    /// <summary>Σ numerators / Σ denominators, the two of a unit drawn together; units with denominator 0 do not count.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static UnitStatistic Ratio(double[] numerators, double[] denominators)
    {
        if (numerators.Length != denominators.Length)
            throw new ArgumentException($"Expected one denominator per numerator but got {denominators.Length} for {numerators.Length}.");
        var (above, below) = (TensorPrimitives.Sum(numerators), TensorPrimitives.Sum(denominators));
        return new(
            times => TensorPrimitives.Dot(times, numerators) / TensorPrimitives.Dot(times, denominators),
            denominators.Count(denominator => denominator != 0),
            unit => (above - numerators[unit]) / (below - denominators[unit]));
    }

    /// <summary>Values of several statistics over the same units with their 95 % intervals; all share the same resamples.</summary>
    /// <param name="units">How many units there are.</param>
    /// <param name="unitName">Plural noun for the reasons, e.g. "prompts".</param>
    /// <param name="statistics">Each undefined where it is NaN on the data itself.</param>
    /// <param name="seed">Resample b uses random stream (seed, bootstrap, b).</param>
    /// <param name="resamples">How many resamples.</param>
    /// <param name="method">BCa only for statistics that say what they are without one unit.</param>
    /// <param name="cancellationToken">Checked between resamples.</param>
    /// <returns>One estimate per statistic, in order.</returns>
    /// <exception cref="ArgumentException">BCa was asked for, and a statistic does not say what it is without one unit.</exception>
    public static Estimate[] Estimates(
        int units,
        string unitName,
        IReadOnlyList<UnitStatistic> statistics,
        uint seed,
        int resamples,
        IntervalMethod method,
        CancellationToken cancellationToken = default)
    {
        if (method == IntervalMethod.BiasCorrectedAccelerated && statistics.Any(statistic => statistic.LeavingOut is null))
            throw new ArgumentException("A BCa interval needs to know the statistic without one unit, for every unit.");
        var once = new double[units];
        Array.Fill(once, 1);
        var values = statistics.Select(statistic => statistic.Compute(once)).ToArray();
        var resampled = units < 2 ? [] : Resample(units, statistics, seed, resamples, cancellationToken);
        return [.. statistics.Select((statistic, index) =>
            double.IsNaN(values[index]) ? Estimate.Undefined($"there are no {unitName} to average over", statistic.N)
            : statistic.N < 2 ? Estimate.WithoutInterval(values[index], statistic.N, $"an interval needs at least two {unitName}")
            : WithInterval(values[index], resampled[index], statistic, units, unitName, method))];
    }

    /// <summary>Percentile intervals; see <see cref="Estimates(int, string, IReadOnlyList{UnitStatistic}, uint, int, IntervalMethod, CancellationToken)"/>.</summary>
    public static Estimate[] Estimates(
        int units,
        string unitName,
        IReadOnlyList<UnitStatistic> statistics,
        uint seed,
        int resamples = DefaultResamples,
        CancellationToken cancellationToken = default) =>
        Estimates(units, unitName, statistics, seed, resamples, IntervalMethod.Percentile, cancellationToken);

    /// <summary>One statistic; percentile interval.</summary>
    public static Estimate EstimateOne(
        int units, string unitName, UnitStatistic statistic, uint seed, int resamples = DefaultResamples, CancellationToken cancellationToken = default) =>
        Estimates(units, unitName, [statistic], seed, resamples, cancellationToken: cancellationToken)[0];

    /// <returns>[statistics][resamples]</returns>
    private static double[][] Resample(
        int units, IReadOnlyList<UnitStatistic> statistics, uint seed, int resamples, CancellationToken cancellationToken)
    {
        var results = statistics.Select(_ => new double[resamples]).ToArray();
        Parallel.For(
            0,
            resamples,
            new ParallelOptions { CancellationToken = cancellationToken },
            () => new double[units],
            (resample, _, times) =>
            {
                Draw(times, seed, resample);
                for (var index = 0; index < statistics.Count; index++)
                    results[index][resample] = statistics[index].Compute(times);
                return times;
            },
            _ => { });
        return results;
    }

    /// <summary>How often each unit is drawn when as many are drawn as there are.</summary>
    /// <remarks>
    /// The same counts as drawing with <see cref="RandomStream.NextBelow"/>, whose rejections leave the words behind them in order: what
    /// counts is the first words that are not rejected. Eight blocks of words are made at a time.
    /// </remarks>
    internal static void Draw(Span<double> times, uint seed, int resample)
    {
        if (times.Length > ushort.MaxValue)
        {
            Draw<double>(times, seed, resample);
            return;
        }
        // Drawing jumps to and fro: counts of two bytes stay in the first-level cache.
        var counts = ArrayPool<ushort>.Shared.Rent(times.Length);
        Draw<ushort>(counts.AsSpan(0, times.Length), seed, resample);
        TensorPrimitives.ConvertTruncating<ushort, double>(counts.AsSpan(0, times.Length), times);
        ArrayPool<ushort>.Shared.Return(counts);
    }

    private static void Draw<T>(Span<T> times, uint seed, int resample)
        where T : INumber<T>
    {
        const int WordsPerTurn = 32;
        times.Clear();
        var units = (uint)times.Length;
        var reject = Vector512.Create((ulong)((uint)-times.Length % units));
        var index = Vector512.Create((ulong)resample);
        var blocks = Vector512.Create(0UL, 1, 2, 3, 4, 5, 6, 7);
        Span<ulong> drawn = stackalloc ulong[WordsPerTurn];
        var left = times.Length;
        for (; left >= WordsPerTurn; blocks += Vector512.Create(8UL))
        {
            var (first, second) = Philox.Blocks(blocks, index, RandomStreams.Bootstrap, seed);
            var a = Philox.Multiply(first, units);
            var b = Philox.Multiply(first >>> 32, units);
            var c = Philox.Multiply(second, units);
            var d = Philox.Multiply(second >>> 32, units);
            if (Vector512.LessThanAny(LowerHalf(a), reject) || Vector512.LessThanAny(LowerHalf(b), reject)
                || Vector512.LessThanAny(LowerHalf(c), reject) || Vector512.LessThanAny(LowerHalf(d), reject))
            {
                left -= DrawOneByOne(first, second, left, reject[0], times);
                continue;
            }
            (a >>> 32).CopyTo(drawn);
            (b >>> 32).CopyTo(drawn[8..]);
            (c >>> 32).CopyTo(drawn[16..]);
            (d >>> 32).CopyTo(drawn[24..]);
            foreach (var unit in drawn)
                times[(int)unit]++;
            left -= WordsPerTurn;
        }
        for (; left > 0; blocks += Vector512.Create(8UL))
        {
            var (first, second) = Philox.Blocks(blocks, index, RandomStreams.Bootstrap, seed);
            left -= DrawOneByOne(first, second, left, reject[0], times);
        }

        static Vector512<ulong> LowerHalf(Vector512<ulong> value) => value & Vector512.Create((ulong)uint.MaxValue);
    }

    /// <summary>Takes the words of eight blocks in order, those that are rejected excepted; returns how many were taken, at most <paramref name="left"/>.</summary>
    private static int DrawOneByOne<T>(Vector512<ulong> first, Vector512<ulong> second, int left, ulong reject, Span<T> times)
        where T : INumber<T>
    {
        var taken = 0;
        for (var block = 0; block < Vector512<ulong>.Count; block++)
            foreach (var word in (ReadOnlySpan<uint>)[(uint)first[block], (uint)(first[block] >> 32), (uint)second[block], (uint)(second[block] >> 32)])
            {
                var product = (ulong)word * (uint)times.Length;
                if (taken == left || (uint)product < reject)
                    continue;
                times[(int)(product >> 32)]++;
                taken++;
            }
        return taken;
    }

    private static Estimate WithInterval(
        double value, double[] resampled, UnitStatistic statistic, int units, string unitName, IntervalMethod method)
    {
        var defined = Array.FindAll(resampled, result => !double.IsNaN(result));
        // A resample without a single unit of a small group says nothing; a few of those may be left out, not many.
        if (defined.Length * 10 < resampled.Length * 9)
            return Estimate.WithoutInterval(value, statistic.N, $"too many resamples of the {unitName} leave it undefined");
        Array.Sort(defined);
        var (lower, upper) = (LowerTail, 1 - LowerTail);
        if (method == IntervalMethod.BiasCorrectedAccelerated)
        {
            var bias = NormalDistribution.Quantile(ShareBelow(defined, value));
            var acceleration = Acceleration(statistic.LeavingOut!, units);
            if (double.IsInfinity(bias) || double.IsNaN(acceleration))
                return Estimate.WithoutInterval(value, statistic.N, $"the resamples of the {unitName} lie on one side of it");
            (lower, upper) = (Corrected(lower, bias, acceleration), Corrected(upper, bias, acceleration));
        }
        var moved = method == IntervalMethod.Centred ? value - defined.Average() : 0;
        return Estimate.Of(value, Quantile(defined, lower) + moved, Quantile(defined, upper) + moved, statistic.N);
    }

    /// <summary>Share of resamples below the value; those equal to it count half.</summary>
    private static double ShareBelow(double[] resampled, double value) =>
        (resampled.Count(result => result < value) + (0.5 * resampled.Count(result => result == value))) / resampled.Length;

    /// <summary>a = Σ(m − θᵢ)³ / 6(Σ(m − θᵢ)²)^1.5 over the values θᵢ without one unit and their mean m (Efron 1987); 0 when all are equal.</summary>
    private static double Acceleration(Func<int, double> leavingOut, int units)
    {
        var without = new double[units];
        for (var unit = 0; unit < units; unit++)
            without[unit] = leavingOut(unit);
        var mean = without.Average();
        double squares = 0, cubes = 0;
        foreach (var one in without)
        {
            var distance = mean - one;
            squares += distance * distance;
            cubes += distance * distance * distance;
        }
        return squares == 0 ? 0 : cubes / (6 * Math.Pow(squares, 1.5));
    }

    private static double Corrected(double probability, double bias, double acceleration)
    {
        var shifted = bias + NormalDistribution.Quantile(probability);
        return NormalDistribution.Cumulative(bias + (shifted / (1 - (acceleration * shifted))));
    }

    /// <summary>Linear interpolation between order statistics (type 7 of Hyndman and Fan 1996, NumPy's default).</summary>
    internal static double Quantile(double[] sorted, double probability)
    {
        var position = probability * (sorted.Length - 1);
        var below = (int)position;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((position - below) * (sorted[above] - sorted[below]));
    }
}
