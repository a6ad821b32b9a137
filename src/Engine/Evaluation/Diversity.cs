using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Evaluation;

/// <summary>A number and what it is of: a subset, a response model, a bar.</summary>
public sealed record NamedEstimate(string Name, Estimate Estimate);

/// <summary>One point of the majority curve.</summary>
/// <param name="Threshold">q.</param>
/// <param name="Share">Share of prompts whose most popular response has at most q of the first choices.</param>
/// <param name="PercentileOfScore">The published variant of the same; differs where prompts lie exactly at q.</param>
public sealed record MajorityPoint(double Threshold, Estimate Share, Estimate PercentileOfScore);

/// <summary>
/// How much the first choices of a group differ, people or simulated users alike. Every interval is over prompts, given these users;
/// every n is the number of prompts with votes.
/// </summary>
/// <param name="MajorityCurve">At q = .50, .75, .95.</param>
/// <param name="DistinctWinners">Share of prompts with 1, 2, … different first choices.</param>
/// <param name="DistinctWinnersPaperBinning">The same as PersonalLLM's figure bins it: a label "≤2" holds 2 and 3, "3" holds 4, "4" 5, "5" 6, "≥6" 7 and 8, and 1 is dropped.</param>
/// <param name="WinShares">Share of all first choices that go to a response model, by its name in ordinal order.</param>
/// <param name="MeanEntropy">Mean over prompts of the entropy of the vote shares, natural logarithm.</param>
/// <param name="EntropyBySubset">The same within each subset, in ordinal order; empty when no prompt has a subset.</param>
/// <param name="EffectiveResponses">Mean over prompts of exp(entropy): how many equally popular responses would be as spread out.</param>
public sealed record DiversitySummary(
    IReadOnlyList<MajorityPoint> MajorityCurve,
    IReadOnlyList<NamedEstimate> DistinctWinners,
    IReadOnlyList<NamedEstimate> DistinctWinnersPaperBinning,
    IReadOnlyList<NamedEstimate> WinShares,
    Estimate MeanEntropy,
    IReadOnlyList<NamedEstimate> EntropyBySubset,
    Estimate EffectiveResponses);

/// <summary>Computes the diversity of first choices.</summary>
public static class Diversity
{
    private const string Units = "prompts";

    /// <summary>Where the majority curve is read.</summary>
    public static IReadOnlyList<double> Thresholds { get; } = [0.50, 0.75, 0.95];

    /// <summary>All metrics of one group; all intervals share the same resamples of prompts.</summary>
    /// <param name="votes">First choices; prompts without votes do not count.</param>
    /// <param name="responseModels">[responses]: which language model wrote it.</param>
    /// <param name="subsets">[prompts]: its subset, or null.</param>
    /// <param name="seed">Of the bootstrap.</param>
    /// <param name="resamples">Of the bootstrap.</param>
    /// <param name="cancellationToken">Checked between resamples.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    public static DiversitySummary Summarize(
        VoteCounts votes,
        IReadOnlyList<string> responseModels,
        IReadOnlyList<string?> subsets,
        uint seed,
        int resamples = Bootstrap.DefaultResamples,
        CancellationToken cancellationToken = default)
    {
        if (responseModels.Count != votes.ResponseCount || subsets.Count != votes.PromptCount)
            throw new ArgumentException(
                $"Expected {votes.ResponseCount} response models and {votes.PromptCount} subsets but got {responseModels.Count} and {subsets.Count}.");
        var prompts = Enumerable.Range(0, votes.PromptCount).Where(promptIndex => votes.TotalOf(promptIndex) > 0).ToArray();
        var majorities = Array.ConvertAll(prompts, promptIndex => Evaluation.MajorityCurve.MajorityOf(votes.Of(promptIndex)));
        var winners = Array.ConvertAll(prompts, promptIndex => Evaluation.DistinctWinners.CountOf(votes.Of(promptIndex)));
        var entropies = Array.ConvertAll(prompts, promptIndex => VoteEntropy.Of(votes.Of(promptIndex)));
        var mostWinners = winners.DefaultIfEmpty(0).Max();
        var models = responseModels.Distinct().Order(StringComparer.Ordinal).ToArray();
        var subsetNames = prompts.Select(promptIndex => subsets[promptIndex]).OfType<string>().Distinct().Order(StringComparer.Ordinal).ToArray();

        // One list, one set of resamples; the estimates come back in the same order.
        List<Bootstrap.UnitStatistic> statistics =
        [
            .. Thresholds.Select(q => Evaluation.MajorityCurve.Share(majorities, q)),
            .. Thresholds.Select(q => Evaluation.MajorityCurve.PercentileOfScore(majorities, q)),
            .. Enumerable.Range(1, mostWinners).Select(count => Evaluation.DistinctWinners.Share(winners, count, count)),
            .. Evaluation.DistinctWinners.PaperBins.Select(bin => Evaluation.DistinctWinners.Share(winners, bin.Fewest, bin.Most)),
            .. models.Select(model => WinShare.Of(votes, prompts, [.. responseModels.Select(name => name == model)])),
            Bootstrap.Mean(entropies),
            .. subsetNames.Select(name => Within(name, prompts, subsets, entropies)),
            Bootstrap.Mean(Array.ConvertAll(entropies, Math.Exp)),
        ];
        var estimates = new Queue<Estimate>(Bootstrap.Estimates(prompts.Length, Units, statistics, seed, resamples, cancellationToken));
        var shares = Take(Thresholds.Count);
        var percentiles = Take(Thresholds.Count);
        return new DiversitySummary(
            [.. Thresholds.Select((q, index) => new MajorityPoint(q, shares[index], percentiles[index]))],
            Named(Enumerable.Range(1, mostWinners).Select(count => $"{count}")),
            Named(Evaluation.DistinctWinners.PaperBins.Select(bin => bin.Label)),
            Named(models),
            estimates.Dequeue(),
            Named(subsetNames),
            estimates.Dequeue());

        Estimate[] Take(int count) => [.. Enumerable.Range(0, count).Select(_ => estimates.Dequeue())];
        NamedEstimate[] Named(IEnumerable<string> names) => [.. names.Select(name => new NamedEstimate(name, estimates.Dequeue()))];
    }

    /// <summary>
    /// Mean over users of exp(H(w)): how many reward models, equally weighted, would be as spread out as a user's weights. The interval and n are over users.
    /// </summary>
    public static Estimate EffectiveRewardModels(
        SimulatedUsers users, uint seed, int resamples = Bootstrap.DefaultResamples, CancellationToken cancellationToken = default)
    {
        var numbers = new double[users.Count];
        for (var userIndex = 0; userIndex < users.Count; userIndex++)
            numbers[userIndex] = PreferenceWeights.EffectiveNumberOf(users.WeightsOf(userIndex));
        return Bootstrap.EstimateOne(users.Count, "users", Bootstrap.Mean(numbers), seed, resamples, cancellationToken);
    }

    private static Bootstrap.UnitStatistic Within(string subset, int[] prompts, IReadOnlyList<string?> subsets, double[] entropies)
    {
        var isInside = Array.ConvertAll(prompts, promptIndex => subsets[promptIndex] == subset ? 1.0 : 0.0);
        return Bootstrap.Ratio([.. entropies.Zip(isInside, (entropy, inside) => entropy * inside)], isInside);
    }
}
