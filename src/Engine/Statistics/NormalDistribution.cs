namespace PersonalLlm.Engine.Statistics;

/// <summary>The standard normal distribution, to about 15 decimals (absolute; tails beyond 7 are 0 and 1).</summary>
internal static class NormalDistribution
{
    private const double LogSqrt2Pi = 0.918938533204672741780;

    /// <summary>P(X ≤ x). Series of Marsaglia, "Evaluating the normal distribution", J. Stat. Soft. 11, 2004.</summary>
    public static double Cumulative(double x)
    {
        if (Math.Abs(x) > 7)
            return x > 0 ? 1 : 0;
        double sum = x, before = double.NaN, term = x;
        for (var odd = 3; sum != before; odd += 2)
        {
            before = sum;
            term *= x * x / odd;
            sum += term;
        }
        return 0.5 + (sum * Math.Exp((-0.5 * x * x) - LogSqrt2Pi));
    }

    /// <summary>The x with P(X ≤ x) = <paramref name="probability"/>, by Newton's method; infinite at 0 and 1.</summary>
    public static double Quantile(double probability)
    {
        if (probability <= 0 || probability >= 1)
            return probability <= 0 ? double.NegativeInfinity : double.PositiveInfinity;
        // From the middle the steps never pass the root: the curve bends away from it on either side.
        var x = 0.0;
        for (var step = 0; step < 50; step++)
        {
            var miss = (Cumulative(x) - probability) * Math.Exp((0.5 * x * x) + LogSqrt2Pi);
            x -= miss;
            if (Math.Abs(miss) < 1e-14)
                break;
        }
        return x;
    }
}
