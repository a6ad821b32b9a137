using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Evaluation;

/// <summary>
/// Mean Kendall τ-b between rankings of the same prompt: among people, among simulated users, and between the two. 1 is the same
/// taste, 0 is no relation, negative is opposite tastes.
/// </summary>
public static class PairwiseAgreement
{
    private const string TooFewShare = "fewer than two annotators share a prompt";

    /// <summary>Mean τ-b over all pairs of annotators on prompts that both ranked.</summary>
    /// <remarks>
    /// Every pair of people on a prompt counts once, so a prompt with many rankings counts for more than one with few; with the same
    /// overlap everywhere this is the mean over prompts. Pairs whose τ-b is undefined are left out.
    /// The interval resamples annotators with all their rankings (cluster bootstrap): a pair drawn t₁ and t₂ times counts t₁·t₂ times,
    /// and nobody is paired with themselves.
    /// </remarks>
    /// <returns>n is the number of annotators in at least one pair.</returns>
    public static Estimate WithinHumans(IReadOnlyList<AnnotatorRanking> rankings, uint seed, CancellationToken cancellationToken = default)
    {
        var pairs = SharedPairs(rankings, out var undefinedPairs);
        if (pairs.Count == 0)
            return Estimate.Undefined(undefinedPairs > 0 ? "every ranking of a shared prompt ties all its responses" : TooFewShare);

        var unitOf = pairs.Keys.SelectMany(pair => new[] { pair.One, pair.Other }).Distinct().Order()
            .Select((annotatorIndex, unit) => (annotatorIndex, unit)).ToDictionary();
        var sums = pairs.Select(pair => (One: unitOf[pair.Key.One], Other: unitOf[pair.Key.Other], pair.Value.Sum, pair.Value.Count)).ToArray();
        return Bootstrap.EstimateOne(
            unitOf.Count, "annotators", new Bootstrap.UnitStatistic(MeanOverPairs, unitOf.Count), seed, cancellationToken: cancellationToken);

        double MeanOverPairs(ReadOnlySpan<double> times)
        {
            double sum = 0, count = 0;
            foreach (var pair in sums)
            {
                var together = times[pair.One] * times[pair.Other];
                sum += together * pair.Sum;
                count += together * pair.Count;
            }
            return sum / count;
        }
    }

    /// <summary>Mean τ-b over all pairs of simulated users and all prompts, from pair counts alone: O(users × prompts), not users².</summary>
    /// <remarks>
    /// On two responses that A users order one way and B the other, A(A−1)/2 + B(B−1)/2 pairs of users agree and AB disagree; the
    /// difference is ((A − B)² − (A + B)) / 2, with W = A and B = U − W for strict rankings ((2W − U)² − U) / 2. The sum of these
    /// differences over all pairs of responses, over the number of pairs of users, over the pairs of responses that a user orders is
    /// the mean τ-b. It is exact when all users tie the same responses — none, or identical texts, as at β = ∞ and for every finite β.
    /// Where a single user ties what others order (weights on one reward model that gives two responses the same reward), the pairs
    /// that users order are averaged before the division.
    /// </remarks>
    public static Estimate WithinSimulated(PairCounts simulated)
    {
        var users = simulated.Users;
        if (users < 2)
            return Estimate.Undefined("fewer than two simulated users were drawn", users);
        var userPairs = users * (users - 1.0) / 2;
        var sum = 0.0;
        var prompts = 0;
        for (var promptIndex = 0; promptIndex < simulated.PromptCount; promptIndex++)
        {
            long difference = 0;
            long ordered = 0;
            for (var a = 0; a < simulated.ResponseCountOf(promptIndex); a++)
                for (var b = a + 1; b < simulated.ResponseCountOf(promptIndex); b++)
                {
                    long above = simulated.Above(promptIndex, a, b), below = simulated.Above(promptIndex, b, a);
                    difference += ((above - below) * (above - below) - (above + below)) / 2;
                    ordered += above + below;
                }
            if (ordered == 0)
                continue;
            prompts++;
            sum += difference / userPairs / ((double)ordered / users);
        }
        return prompts == 0
            ? Estimate.Undefined("no prompt has two responses that differ", users)
            : Estimate.WithoutInterval(sum / prompts, users, "every pair is counted, none is sampled");
    }

    /// <summary>Mean τ-b of every annotator's ranking with every simulated user on the same prompt, averaged over rankings.</summary>
    /// <remarks>
    /// For one ranking the mean over users is Σ sign·(A − B)/U / √((n₀ − ties)·o) over the n₀ pairs of responses that the annotator
    /// ranked: A of the U users prefer the one response, B the other, sign is +1 where the annotator prefers the first, −1 the other
    /// way, 0 in a tie; o = Σ(A + B)/U is the pairs that a user orders, n₀ when users tie nothing. Rankings that order no pair are left
    /// out. The interval resamples annotators with all their rankings; the prompts and the simulated users stay.
    /// </remarks>
    /// <returns>n is the number of annotators with at least one ranking that orders a pair.</returns>
    public static Estimate Between(IReadOnlyList<AnnotatorRanking> rankings, PairCounts simulated, uint seed, CancellationToken cancellationToken = default)
    {
        var byAnnotator = new SortedDictionary<int, (double Sum, int Count)>();
        foreach (var (annotatorIndex, promptIndex, ranking) in rankings)
            if (WithSimulated(ranking, promptIndex, simulated) is { } tau)
            {
                var sofar = byAnnotator.GetValueOrDefault(annotatorIndex);
                byAnnotator[annotatorIndex] = (sofar.Sum + tau, sofar.Count + 1);
            }
        return byAnnotator.Count == 0
            ? Estimate.Undefined("no annotator has ranked one response above another")
            : Bootstrap.EstimateOne(
                byAnnotator.Count,
                "annotators",
                Bootstrap.Ratio(
                    [.. byAnnotator.Values.Select(annotator => annotator.Sum)], [.. byAnnotator.Values.Select(annotator => (double)annotator.Count)]),
                seed,
                cancellationToken: cancellationToken);
    }

    /// <summary>Mean τ-b of one ranking with every simulated user; null where it is undefined.</summary>
    private static double? WithSimulated(Ranking ranking, int promptIndex, PairCounts simulated)
    {
        var ranks = KendallTau.RanksOf(ranking);
        long balance = 0;
        long orderedBySimulated = 0;
        var ordered = 0;
        for (var a = 0; a < ranks.Length; a++)
            for (var b = a + 1; b < ranks.Length; b++)
            {
                if (ranks[a] == 0 || ranks[b] == 0)
                    continue;
                int above = simulated.Above(promptIndex, a, b), below = simulated.Above(promptIndex, b, a);
                orderedBySimulated += above + below;
                ordered += ranks[a] == ranks[b] ? 0 : 1;
                balance += Math.Sign(ranks[b] - ranks[a]) * (above - below);
            }
        // (Σ sign·(A − B)/U) / √(ordered · Σ(A + B)/U), with U taken out of both.
        return ordered == 0 || orderedBySimulated == 0
            ? null
            : balance / Math.Sqrt((double)ordered * orderedBySimulated * simulated.Users);
    }

    private static SortedDictionary<(int One, int Other), (double Sum, int Count)> SharedPairs(
        IReadOnlyList<AnnotatorRanking> rankings, out int undefinedPairs)
    {
        undefinedPairs = 0;
        var pairs = new SortedDictionary<(int One, int Other), (double Sum, int Count)>();
        foreach (var prompt in rankings.GroupBy(ranking => ranking.PromptIndex))
        {
            var judged = prompt.Select(ranking => (ranking.AnnotatorIndex, Ranks: KendallTau.RanksOf(ranking.Ranking))).ToArray();
            for (var one = 0; one < judged.Length; one++)
                for (var other = one + 1; other < judged.Length; other++)
                {
                    if (judged[one].AnnotatorIndex == judged[other].AnnotatorIndex)
                        continue;
                    if (KendallTau.Of(judged[one].Ranks, judged[other].Ranks) is not { } tau)
                    {
                        undefinedPairs++;
                        continue;
                    }
                    var key = (Math.Min(judged[one].AnnotatorIndex, judged[other].AnnotatorIndex), Math.Max(judged[one].AnnotatorIndex, judged[other].AnnotatorIndex));
                    var sofar = pairs.GetValueOrDefault(key);
                    pairs[key] = (sofar.Sum + tau, sofar.Count + 1);
                }
        }
        return pairs;
    }
}
