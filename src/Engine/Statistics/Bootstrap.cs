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
    public readonly record struct UnitStatistic(Statistic Compute, int N, Func<int, double>? LeavingOut = null)
    {
        /// <summary>Σ times·above / Σ times·below where the statistic is one such sum over another; below null: over the number of units.</summary>
        internal (double[] Above, double[]? Below)? Sums { get; init; }
    }

    /// <summary>Mean of one value per unit.</summary>
    public static UnitStatistic Mean(double[] values)
    {
        var total = TensorPrimitives.Sum(values);
        return new(
            times => TensorPrimitives.Dot(times, values) / values.Length,
            values.Length,
            unit => (total - values[unit]) / (values.Length - 1)) { Sums = (values, null) };
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
            unit => (above - numerators[unit]) / (below - denominators[unit])) { Sums = (numerators, denominators) };
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
        const int AtOnce = ColumnSums.Resamples;
        var results = statistics.Select(_ => new double[resamples]).ToArray();
        var drawn = new Resamples(units, seed);
        // Every column once, however many statistics share it.
        var places = new Dictionary<double[], int>(ReferenceEqualityComparer.Instance);
        var columns = statistics
            .Select(statistic => statistic.Sums)
            .SelectMany(sums => sums is { } of ? of.Below is { } below ? [of.Above, below] : (double[][])[of.Above] : [])
            .Where(column => places.TryAdd(column, places.Count))
            .ToArray();
        var sums = new ColumnSums(columns, drawn.Length);
        var hasOthers = statistics.Any(statistic => statistic.Sums is null);
        Parallel.For(
            0,
            (resamples + AtOnce - 1) / AtOnce,
            new ParallelOptions { CancellationToken = cancellationToken },
            () => (Counts: new ushort[AtOnce * drawn.Length], Sums: new Vector512<double>[sums.SumsLength], Times: new double[hasOthers ? units : 0]),
            (batch, _, own) =>
            {
                var count = Math.Min(AtOnce, resamples - (batch * AtOnce));
                for (var place = 0; place < count; place++)
                    drawn.Draw(own.Counts.AsSpan(place * drawn.Length, drawn.Length), (batch * AtOnce) + place);
                sums.Sum(own.Counts, own.Sums);
                for (var index = 0; index < statistics.Count; index++)
                    if (statistics[index].Sums is { } of)
                        for (var place = 0; place < count; place++)
                            results[index][(batch * AtOnce) + place] = ColumnSums.Total(own.Sums[(places[of.Above] * AtOnce) + place])
                                / (of.Below is null ? units : ColumnSums.Total(own.Sums[(places[of.Below] * AtOnce) + place]));
                for (var place = 0; hasOthers && place < count; place++)
                {
                    TensorPrimitives.ConvertTruncating<ushort, double>(own.Counts.AsSpan(place * drawn.Length, units), own.Times);
                    for (var index = 0; index < statistics.Count; index++)
                        if (statistics[index].Sums is null)
                            results[index][(batch * AtOnce) + place] = statistics[index].Compute(own.Times);
                }
                return own;
            },
            _ => { });
        return results;
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
