namespace PersonalLlm.Engine.Statistics;

/// <summary>Middle and middle half of a list of numbers, by linear interpolation between order statistics (Hyndman and Fan, 1996, type 7).</summary>
/// <param name="Low">25 % lie below.</param>
/// <param name="Median">Half lie below.</param>
/// <param name="High">75 % lie below.</param>
/// <param name="N">How many numbers.</param>
public readonly record struct Quartiles(double Low, double Median, double High, int N)
{
    /// <summary>Of any order; null when there are none.</summary>
    public static Quartiles? Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0
            ? null
            : new(Bootstrap.Quantile(sorted, 0.25), Bootstrap.Quantile(sorted, 0.5), Bootstrap.Quantile(sorted, 0.75), sorted.Length);
    }
}
