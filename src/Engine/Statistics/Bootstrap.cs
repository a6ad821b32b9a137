using System.Numerics.Tensors;

namespace PersonalLlm.Engine.Statistics;

/// <summary>Seeded percentile bootstrap (Efron 1979) over independent units: the same intervals for any number of threads.</summary>
public static class Bootstrap
{
    public const int DefaultResamples = 2000;

    private const double LowerTail = 0.025;

    /// <summary>A statistic of resampled units; <paramref name="times"/>[unit] says how often a unit was drawn (all 1: the data itself).</summary>
    /// <returns>The statistic, or NaN where this resample does not define it.</returns>
    public delegate double Statistic(ReadOnlySpan<double> times);

    /// <summary>A statistic and how many of the units carry it.</summary>
    /// <param name="Compute">Called from several threads at once.</param>
    /// <param name="N">The count shown beside the estimate.</param>
    public readonly record struct UnitStatistic(Statistic Compute, int N);

    /// <summary>Mean of one value per unit.</summary>
    public static UnitStatistic Mean(double[] values) =>
        new(times => TensorPrimitives.Dot(times, values) / TensorPrimitives.Sum(times), values.Length);

    /// <summary>Σ numerators / Σ denominators, the two of a unit drawn together; units with denominator 0 do not count.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static UnitStatistic Ratio(double[] numerators, double[] denominators)
    {
        if (numerators.Length != denominators.Length)
            throw new ArgumentException($"Expected one denominator per numerator but got {denominators.Length} for {numerators.Length}.");
        return new(
            times => TensorPrimitives.Dot(times, numerators) / TensorPrimitives.Dot(times, denominators),
            denominators.Count(denominator => denominator != 0));
    }

    /// <summary>Values of several statistics over the same units with their 95 % percentile intervals; all share the same resamples.</summary>
    /// <param name="units">How many units there are.</param>
    /// <param name="unitName">Plural noun for the reasons, e.g. "prompts".</param>
    /// <param name="statistics">Each undefined where it is NaN on the data itself.</param>
    /// <param name="seed">Resample b uses random stream (seed, bootstrap, b).</param>
    /// <param name="resamples">How many resamples.</param>
    /// <param name="cancellationToken">Checked between resamples.</param>
    /// <returns>One estimate per statistic, in order.</returns>
    public static Estimate[] Estimates(
        int units,
        string unitName,
        IReadOnlyList<UnitStatistic> statistics,
        uint seed,
        int resamples = DefaultResamples,
        CancellationToken cancellationToken = default)
    {
        var once = new double[units];
        Array.Fill(once, 1);
        var values = statistics.Select(statistic => statistic.Compute(once)).ToArray();
        var resampled = units < 2 ? [] : Resample(units, statistics, seed, resamples, cancellationToken);
        return [.. statistics.Select((statistic, index) =>
            double.IsNaN(values[index]) ? Estimate.Undefined($"there are no {unitName} to average over", statistic.N)
            : statistic.N < 2 ? Estimate.WithoutInterval(values[index], statistic.N, $"an interval needs at least two {unitName}")
            : WithInterval(values[index], resampled[index], statistic.N, unitName))];
    }

    /// <summary>One statistic; see <see cref="Estimates"/>.</summary>
    public static Estimate EstimateOne(
        int units, string unitName, UnitStatistic statistic, uint seed, int resamples = DefaultResamples, CancellationToken cancellationToken = default) =>
        Estimates(units, unitName, [statistic], seed, resamples, cancellationToken)[0];

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

    private static void Draw(double[] times, uint seed, int resample)
    {
        var random = new RandomStream(seed, RandomStreams.Bootstrap, (ulong)resample);
        Array.Clear(times);
        for (var draw = 0; draw < times.Length; draw++)
            times[random.NextBelow(times.Length)]++;
    }

    private static Estimate WithInterval(double value, double[] resampled, int n, string unitName)
    {
        var defined = Array.FindAll(resampled, result => !double.IsNaN(result));
        // A resample without a single unit of a small group says nothing; a few of those may be left out, not many.
        if (defined.Length * 10 < resampled.Length * 9)
            return Estimate.WithoutInterval(value, n, $"too many resamples of the {unitName} leave it undefined");
        Array.Sort(defined);
        return Estimate.Of(value, Quantile(defined, LowerTail), Quantile(defined, 1 - LowerTail), n);
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
