using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Evaluation;

/// <summary>How often annotators differ about a pair (Dong et al. 2025, §4.2). Pairs with fewer than two labels do not count.</summary>
internal static class PreferenceDivergence
{
    /// <summary>From this share of the labels on, the minority of a pair makes it one of high divergence.</summary>
    public const double HighMinority = 0.30;

    /// <summary>Share of pairs that are not unanimous.</summary>
    public static Bootstrap.UnitStatistic Any(PairLabels labels) => Share(labels, (minority, _) => minority > 0);

    /// <summary>Share of pairs whose minority is at least <see cref="HighMinority"/> of the labels.</summary>
    public static Bootstrap.UnitStatistic High(PairLabels labels) =>
        // Whole numbers on both sides: 3 of 10 is 30 %, whatever 0.3 is in binary.
        Share(labels, (minority, total) => 100L * minority >= (long)Math.Round(100 * HighMinority) * total);

    /// <summary>Σ pairs that fulfil it / Σ pairs, prompts being the units.</summary>
    private static Bootstrap.UnitStatistic Share(PairLabels labels, Func<int, int, bool> isDivergent)
    {
        var divergent = new double[labels.PromptCount];
        var counted = new double[labels.PromptCount];
        for (var pairIndex = 0; pairIndex < labels.PairCount; pairIndex++)
        {
            var total = labels.LabelCountOf(pairIndex);
            if (total < 2)
                continue;
            var first = labels.FirstCountOf(pairIndex);
            counted[labels.PromptOf(pairIndex)]++;
            if (isDivergent(Math.Min(first, total - first), total))
                divergent[labels.PromptOf(pairIndex)]++;
        }
        return Bootstrap.Ratio(divergent, counted);
    }
}
