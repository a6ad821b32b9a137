using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Web.Features.Population;

/// <summary>How diverse a population is on all prompts of its data set.</summary>
/// <param name="Users">The population itself.</param>
/// <param name="EffectiveRewardModels">Mean over users of exp(H(w)).</param>
/// <param name="Agreement">Mean τ-b of two users.</param>
/// <param name="Curve">Share of prompts with m_p ≤ q, at <see cref="Thresholds"/>.</param>
/// <param name="Diversity">Of first choices.</param>
internal sealed record PopulationNumbers(
    SimulatedUsers Users, Estimate EffectiveRewardModels, Estimate Agreement, IReadOnlyList<Estimate> Curve, DiversitySummary Diversity)
{
    public const uint BootstrapSeed = 0;

    // Intervals over hundreds of prompts are as good with these, and the slider moves while they are drawn.
    private const int Resamples = 1000;

    /// <summary>q of the majority curve: 0, 0.01, … 1.</summary>
    public static IReadOnlyList<double> Thresholds { get; } = [.. Enumerable.Range(0, 101).Select(hundredth => hundredth / 100.0)];

    /// <exception cref="ArgumentException">The population cannot be drawn.</exception>
    public static PopulationNumbers Of(PopulationSource source, PopulationSpec spec, CancellationToken cancellation = default)
    {
        var rewards = RewardsOf(source, spec);
        var users = PopulationSampler.Sample(spec, cancellation);
        var votes = VoteCounter.CountFirstChoices(rewards, users, cancellationToken: cancellation);
        var majorities = MajorityCurve.MajoritiesOf(votes);
        return new PopulationNumbers(
            users,
            Engine.Evaluation.Diversity.EffectiveRewardModels(users, BootstrapSeed, Resamples, cancellation),
            PairwiseAgreement.WithinSimulated(VoteCounter.CountPairs(rewards, users, cancellationToken: cancellation)),
            [.. Thresholds.Select(q => Estimate.WithoutInterval(MajorityCurve.ShareAtMost(majorities, q), majorities.Length, "the curve is read off these very prompts"))],
            Engine.Evaluation.Diversity.Summarize(votes, source.ResponseModels, source.Subsets, BootstrapSeed, Resamples, cancellation));
    }

    /// <summary>How often each response model is one user's first choice, most often first.</summary>
    public static IReadOnlyList<(string ResponseModel, double Share)> FavouritesOf(PopulationSource source, SimulatedUsers users, int userIndex)
    {
        var rewards = RewardsOf(source, users.Spec);
        var weights = Array.ConvertAll(users.WeightsOf(userIndex).ToArray(), weight => (float)weight);
        var choice = new ChoiceModel(users.Spec);
        var wins = new Dictionary<string, int>();
        Span<float> utilities = stackalloc float[Ranking.MaximumResponses];
        for (var promptIndex = 0; promptIndex < rewards.PromptCount; promptIndex++)
        {
            var own = utilities[..rewards.ResponseCountOf(promptIndex)];
            Utility.Compute(rewards.RowsOf(promptIndex), weights, own);
            var first = rewards.FirstResponseOf(promptIndex);
            var chosen = source.ResponseModels[first + choice.FirstChoice(own, userIndex, first)];
            wins[chosen] = wins.GetValueOrDefault(chosen) + 1;
        }
        return [.. wins.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => (pair.Key, (double)pair.Value / rewards.PromptCount))];
    }

    private static RewardMatrix RewardsOf(PopulationSource source, PopulationSpec spec) =>
        source.Rewards.RewardModels.SequenceEqual(spec.RewardModels)
            ? source.Rewards
            : source.Rewards.Select([.. Enumerable.Range(0, source.Rewards.PromptCount)], spec.RewardModels);
}
