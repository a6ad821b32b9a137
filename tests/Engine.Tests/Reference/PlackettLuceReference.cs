namespace PersonalLlm.Engine.Tests.Reference;

/// <summary>
/// Maximum likelihood of β in a Plackett–Luce model whose utilities are known: P(order) = Π_j exp(β u_j) / Σ_{i ≥ j} exp(β u_i), from best to worst. The
/// logarithm is concave in β, so that Newton's method finds its top.
/// </summary>
internal static class PlackettLuceReference
{
    private const double Normal975 = 1.959963984540054;

    /// <summary>The most likely β and the ends of its 95 % Wald interval.</summary>
    /// <param name="rankings">Utilities of the responses of one ranking each, from the best to the worst rank.</param>
    public static (double Estimate, double Low, double High) Fit(IReadOnlyList<double[]> rankings)
    {
        var beta = 0.0;
        for (var step = 0; ; step++)
        {
            var (gradient, information) = Derivatives(rankings, beta);
            var change = gradient / information;
            // Far from the top a whole step may leave the region where the information is more than rounding.
            beta += Math.Clamp(change, -1, 1);
            if (Math.Abs(change) < 1e-10)
                return (beta, beta - (Normal975 / Math.Sqrt(information)), beta + (Normal975 / Math.Sqrt(information)));
            Assert.InRange(step, 0, 200);
        }
    }

    /// <summary>Of the log-likelihood: Σ (u_j − mean) and Σ variance, over what is left at each place, weighted by exp(β u).</summary>
    private static (double Gradient, double Information) Derivatives(IReadOnlyList<double[]> rankings, double beta)
    {
        double gradient = 0, information = 0;
        foreach (var utilities in rankings)
        {
            double weight = 0, first = 0, second = 0;
            for (var place = utilities.Length - 1; place >= 0; place--)
            {
                var own = Math.Exp(beta * utilities[place]);
                weight += own;
                first += own * utilities[place];
                second += own * utilities[place] * utilities[place];
                gradient += utilities[place] - (first / weight);
                information += (second / weight) - (first / weight * (first / weight));
            }
        }
        return (gradient, information);
    }
}
