using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Evaluation;

/// <summary>
/// Diversity and agreement of a simulated population seen through the humans' own sample (<see cref="MatchedSample"/>). Each value is
/// the mean over replicates; its interval is the band that holds 95 % of the replicates; n is the number of annotators.
/// </summary>
/// <param name="Curve">Share of prompts with m_p ≤ q, at the thresholds asked for.</param>
/// <param name="DistinctWinners">Share of prompts with 1, 2, … different first choices.</param>
/// <param name="MeanEntropy">Mean over prompts of the entropy of the vote shares.</param>
/// <param name="WinShares">By response model, in ordinal order.</param>
/// <param name="Agreement">Mean τ-b of two simulated users on the prompts that the annotators in whose places they stand both ranked.</param>
public sealed record MatchedDiversity(
    IReadOnlyList<Estimate> Curve,
    IReadOnlyList<NamedEstimate> DistinctWinners,
    Estimate MeanEntropy,
    IReadOnlyList<NamedEstimate> WinShares,
    Estimate Agreement)
{
    /// <param name="rewards">Standardised, over the prompts that the rankings name.</param>
    /// <param name="users">The population.</param>
    /// <param name="humans">All rankings of the annotators: who ranked which prompt.</param>
    /// <param name="isShared">[prompts]: whether the prompt counts for the curve, the winners and the entropy.</param>
    /// <param name="responseModels">[responses]: which language model wrote it.</param>
    /// <param name="thresholds">Where the curve is read.</param>
    /// <param name="seed">Of the replicates.</param>
    /// <param name="replicates">How many; at least 2.</param>
    /// <param name="cancellationToken">Checked between replicates.</param>
    public static MatchedDiversity Of(
        RewardMatrix rewards,
        SimulatedUsers users,
        IReadOnlyList<AnnotatorRanking> humans,
        bool[] isShared,
        IReadOnlyList<string> responseModels,
        IReadOnlyList<double> thresholds,
        uint seed,
        int replicates = MatchedSample.DefaultReplicates,
        CancellationToken cancellationToken = default)
    {
        var models = responseModels.Distinct().Order(StringComparer.Ordinal).ToArray();
        var modelOf = responseModels.Select(model => Array.IndexOf(models, model)).ToArray();
        var sharedPrompts = Enumerable.Range(0, isShared.Length).Where(promptIndex => isShared[promptIndex]).ToArray();
        var mostWinners = sharedPrompts.Select(rewards.ResponseCountOf).DefaultIfEmpty(0).Max();
        var estimates = MatchedSample.Estimates(rewards, users, humans, Statistics, seed, replicates, cancellationToken);
        // Nobody can see more different first choices than people on the prompt: drop the empty tail.
        var winners = estimates[thresholds.Count..(thresholds.Count + mostWinners)].Select((share, index) => new NamedEstimate($"{index + 1}", share)).ToList();
        while (winners.Count > 0 && winners[^1].Estimate.Value is null or 0)
            winners.RemoveAt(winners.Count - 1);
        var rest = estimates[(thresholds.Count + mostWinners)..];
        return new MatchedDiversity(
            estimates[..thresholds.Count], winners, rest[0], [.. models.Select((model, index) => new NamedEstimate(model, rest[index + 2]))], rest[1]);

        double[] Statistics(MatchedReplicate replicate)
        {
            var votes = replicate.FirstChoices();
            var majorities = Array.ConvertAll(sharedPrompts, promptIndex => MajorityCurve.MajorityOf(votes.Of(promptIndex)));
            var distinct = Array.ConvertAll(sharedPrompts, promptIndex => Evaluation.DistinctWinners.CountOf(votes.Of(promptIndex)));
            var byModel = new double[models.Length];
            for (var responseIndex = 0; responseIndex < modelOf.Length; responseIndex++)
                byModel[modelOf[responseIndex]] += votes.Values[responseIndex];
            var total = byModel.Sum();
            return
            [
                .. thresholds.Select(q => MajorityCurve.ShareAtMost(majorities, q)),
                .. Enumerable.Range(1, mostWinners).Select(count => distinct.Count(one => one == count) / (double)distinct.Length),
                sharedPrompts.Length == 0 ? double.NaN : sharedPrompts.Average(promptIndex => VoteEntropy.Of(votes.Of(promptIndex))),
                replicate.Agreement(),
                .. byModel.Select(votesOfModel => votesOfModel / total),
            ];
        }
    }
}
