using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Studies;

/// <summary>How precisely a study will know the share of judgements in which a response model comes first, before it is run.</summary>
public static class WinSharePrecision
{
    /// <summary>How alike two judgements of one person are where nothing is known yet: a small intraclass correlation.</summary>
    public const double UsualCorrelation = 0.05;

    /// <summary>
    /// Expected width, from end to end, of the 95 % interval: 2 z √(p (1 − p) D / n) with Kish's design effect D = 1 + (m − 1) ρ, because
    /// judgements of one person are not independent (Kish, "Survey Sampling", 1965). A normal approximation: rough below about ten people.
    /// </summary>
    /// <param name="judgements">n, those in which the model's response was shown; more than 0.</param>
    /// <param name="judgementsPerPerson">m, of those; at least 1.</param>
    /// <param name="share">p, the share to be estimated, 0 … 1.</param>
    /// <param name="correlation">ρ, the intraclass correlation, 0 … 1.</param>
    /// <returns>0 … 1.</returns>
    public static double IntervalWidth(double judgements, double judgementsPerPerson, double share, double correlation = UsualCorrelation)
    {
        var designEffect = 1 + (Math.Max(1, judgementsPerPerson) - 1) * correlation;
        return Math.Min(1, 2 * NormalDistribution.Quantile(0.975) * Math.Sqrt(share * (1 - share) * designEffect / judgements));
    }
}
