using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;
using PersonalLlm.Engine.Statistics;
using PersonalLlm.Web.Components.Shared;

namespace PersonalLlm.Web.Features.Population;

/// <summary>How diverse one group of voters is: people, personas or simulated users, all measured alike.</summary>
/// <param name="Group">What the group is called and how it is drawn.</param>
/// <param name="Voters">How many there are.</param>
/// <param name="Curve">Share of prompts with m_p ≤ q, at <see cref="Thresholds"/>.</param>
/// <param name="PublishedCurve">The same as <c>percentileofscore</c> counts it.</param>
/// <param name="Diversity">Of first choices.</param>
/// <param name="EntropyByKeyword">Of first choices, by what a prompt says.</param>
/// <param name="Overlap">Share of prompts on which two voters have the same first choice, mean over pairs.</param>
/// <param name="Agreement">Mean τ-b of two voters.</param>
/// <param name="GiniOfVotes">Mean over prompts.</param>
/// <param name="EffectiveRewardModels">Mean over users of exp(H(w)); null where voters have no weights.</param>
/// <param name="GiniOfWeights">Mean over users; null where voters have no weights.</param>
/// <param name="RewardModels">How many reward models weights are over; 0 where voters have none.</param>
public sealed record GroupNumbers(
    FigureGroup Group,
    int Voters,
    IReadOnlyList<Estimate> Curve,
    IReadOnlyList<Estimate> PublishedCurve,
    DiversitySummary Diversity,
    IReadOnlyList<NamedEstimate> EntropyByKeyword,
    Estimate Overlap,
    Estimate Agreement,
    Estimate GiniOfVotes,
    Estimate? EffectiveRewardModels = null,
    Estimate? GiniOfWeights = null,
    int RewardModels = 0)
{
    /// <summary>Of every bootstrap.</summary>
    public const uint BootstrapSeed = 0;

    // Intervals over hundreds of prompts are as good with these, and the slider moves while they are drawn.
    public const int Resamples = 1000;

    private const string IsReadOff = "the curve is read off these very prompts";

    /// <summary>q of the majority curve: 0, 0.01, … 1.</summary>
    public static IReadOnlyList<double> Thresholds { get; } = [.. Enumerable.Range(0, 101).Select(hundredth => hundredth / 100.0)];

    /// <summary>Simulated users: first choices and rankings on every prompt of their data set.</summary>
    /// <exception cref="ArgumentException">The data set lacks a reward model of the population.</exception>
    public static GroupNumbers OfSimulated(FigureGroup group, PopulationSource source, SimulatedUsers users, CancellationToken cancellation = default)
    {
        var rewards = source.RewardsUnder(users.Spec.RewardModels);
        var (votes, pairs) = VoteCounter.CountFirstChoicesAndPairs(rewards, users, cancellationToken: cancellation);
        return OfSimulated(group, source, users, votes, pairs, cancellation);
    }

    internal static GroupNumbers OfSimulated(
        FigureGroup group, PopulationSource source, SimulatedUsers users, VoteCounts votes, PairCounts pairs, CancellationToken cancellation)
    {
        var agreement = PairwiseAgreement.WithinSimulated(pairs);
        return OfVotes(group, source, users.Count, votes, agreement, cancellation: cancellation) with
        {
            EffectiveRewardModels = Engine.Evaluation.Diversity.EffectiveRewardModels(users, BootstrapSeed, Resamples, cancellation),
            GiniOfWeights = Gini.OfWeights(users, BootstrapSeed, Resamples, cancellation),
            RewardModels = users.RewardModelCount,
        };
    }

    /// <summary>Voters of whom only first choices are known.</summary>
    /// <param name="group">What they are called.</param>
    /// <param name="source">The data set they voted on.</param>
    /// <param name="voters">How many they are.</param>
    /// <param name="votes">On prompts of the data set, in its order; voters need not have voted on all of them.</param>
    /// <param name="agreement">Mean τ-b of two of them, undefined where nobody ranked.</param>
    /// <param name="overlap">Where votes are shared between tied first choices, which counts alone cannot tell; null for whole votes.</param>
    /// <param name="cancellation">Checked between resamples.</param>
    public static GroupNumbers OfVotes(
        FigureGroup group, PopulationSource source, int voters, VoteCounts votes, Estimate agreement, Estimate? overlap = null, CancellationToken cancellation = default)
    {
        var majorities = MajorityCurve.MajoritiesOf(votes);
        return new GroupNumbers(
            group,
            voters,
            CurveOf(majorities, MajorityCurve.ShareAtMost),
            CurveOf(majorities, MajorityCurve.PercentileOfScoreAt),
            Engine.Evaluation.Diversity.Summarize(votes, source.ResponseModels, source.Subsets, BootstrapSeed, Resamples, cancellation),
            KeywordEntropy.Of(votes, source.Prompts, BootstrapSeed, Resamples, cancellation),
            overlap ?? FirstChoiceOverlap.Mean(votes, BootstrapSeed, Resamples, cancellation),
            agreement,
            Gini.OfVotes(votes, BootstrapSeed, Resamples, cancellation));
    }

    /// <summary>Voters who ranked some prompts each, ties allowed. Only prompts that two of them ranked count, because a single vote is always unanimous.</summary>
    /// <param name="group">What they are called.</param>
    /// <param name="source">The data set they ranked.</param>
    /// <param name="rankings">Prompt indexes are those of the data set.</param>
    /// <param name="cancellation">Checked between resamples.</param>
    public static GroupNumbers OfRankings(
        FigureGroup group, PopulationSource source, IReadOnlyList<AnnotatorRanking> rankings, CancellationToken cancellation = default)
    {
        var shared = rankings.Where(one => one.Ranking.RankedCount > 0).GroupBy(one => one.PromptIndex).Where(prompt => prompt.Count() > 1).SelectMany(prompt => prompt).ToList();
        return OfVotes(
            group,
            source,
            rankings.Select(one => one.AnnotatorIndex).Distinct().Count(),
            VoteCounts.OfRankings(source.Rewards.PromptStarts, shared.Select(one => (one.PromptIndex, one.Ranking))),
            PairwiseAgreement.WithinHumans(rankings, BootstrapSeed, cancellation),
            FirstChoiceOverlap.OfRankings(shared, BootstrapSeed, Resamples, cancellation),
            cancellation);
    }

    private static Estimate[] CurveOf(double[] majorities, Func<double[], double, double> shareAt) =>
        [.. Thresholds.Select(q => majorities.Length == 0
            ? Estimate.Undefined("no prompt has the votes of two voters")
            : Estimate.WithoutInterval(shareAt(majorities, q), majorities.Length, IsReadOff))];
}
