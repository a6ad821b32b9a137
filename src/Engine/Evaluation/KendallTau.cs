using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Evaluation;

/// <summary>
/// Kendall's τ-b between two weak orders (Kendall 1945): (C − D) / √((n₀ − t₁)(n₀ − t₂)) over the n₀ pairs of responses that both
/// ranked, with C concordant and D discordant pairs, and t₁, t₂ the pairs that the first or the second ranking ties. In [−1, 1].
/// </summary>
public static class KendallTau
{
    /// <summary>τ-b over the responses that both rankings contain; undefined, with the reason, where the formula divides by 0.</summary>
    /// <returns>n is the number of responses that both ranked.</returns>
    public static Estimate Between(Ranking first, Ranking second)
    {
        var firstRanks = RanksOf(first);
        var secondRanks = RanksOf(second);
        var common = 0;
        for (var responseIndex = 0; responseIndex < Math.Min(firstRanks.Length, secondRanks.Length); responseIndex++)
            if (firstRanks[responseIndex] > 0 && secondRanks[responseIndex] > 0)
                common++;
        if (common < 2)
            return Estimate.Undefined("the two rankings have fewer than two responses in common", common);
        return Of(firstRanks, secondRanks) is { } tau
            ? Estimate.WithoutInterval(tau, common, "it describes two rankings and samples nothing")
            : Estimate.Undefined("one of the rankings ties every response they have in common", common);
    }

    /// <summary>Ranks by response index up to the last that is ranked; 1 is best, ties share, 0 where unranked.</summary>
    internal static int[] RanksOf(Ranking ranking)
    {
        var last = -1;
        foreach (var tier in ranking.Tiers)
            last = Math.Max(last, tier[^1]);
        var ranks = new int[last + 1];
        var better = 0;
        foreach (var tier in ranking.Tiers)
        {
            foreach (var responseIndex in tier)
                ranks[responseIndex] = better + 1;
            better += tier.Count;
        }
        return ranks;
    }

    /// <summary>τ-b of two rank lists as <see cref="RanksOf"/> makes them; null where it is undefined.</summary>
    internal static double? Of(ReadOnlySpan<int> firstRanks, ReadOnlySpan<int> secondRanks)
    {
        var balance = 0;
        var orderedByFirst = 0;
        var orderedBySecond = 0;
        var responses = Math.Min(firstRanks.Length, secondRanks.Length);
        for (var one = 0; one < responses; one++)
        {
            if (firstRanks[one] == 0 || secondRanks[one] == 0)
                continue;
            for (var other = one + 1; other < responses; other++)
            {
                if (firstRanks[other] == 0 || secondRanks[other] == 0)
                    continue;
                var firstSign = Math.Sign(firstRanks[one] - firstRanks[other]);
                var secondSign = Math.Sign(secondRanks[one] - secondRanks[other]);
                balance += firstSign * secondSign;
                orderedByFirst += firstSign * firstSign;
                orderedBySecond += secondSign * secondSign;
            }
        }
        return orderedByFirst == 0 || orderedBySecond == 0
            ? null
            : balance / Math.Sqrt((double)orderedByFirst * orderedBySecond);
    }

    /// <summary>τ-b of two lists of utilities of equal length, every response ranked; null where it is undefined.</summary>
    internal static double? OfUtilities(ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        var balance = 0;
        var orderedByFirst = 0;
        var orderedBySecond = 0;
        for (var one = 0; one < first.Length; one++)
            for (var other = one + 1; other < first.Length; other++)
            {
                // Without branches: half of these go either way.
                var firstSign = (first[one] > first[other] ? 1 : 0) - (first[one] < first[other] ? 1 : 0);
                var secondSign = (second[one] > second[other] ? 1 : 0) - (second[one] < second[other] ? 1 : 0);
                balance += firstSign * secondSign;
                orderedByFirst += firstSign * firstSign;
                orderedBySecond += secondSign * secondSign;
            }
        return orderedByFirst == 0 || orderedBySecond == 0
            ? null
            : balance / Math.Sqrt((double)orderedByFirst * orderedBySecond);
    }
}
