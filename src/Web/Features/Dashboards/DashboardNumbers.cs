using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Web.Features.Dashboards;

/// <summary>What people's rankings say.</summary>
/// <param name="Annotators">How many people have ranked something.</param>
/// <param name="Judgements">How many rankings there are.</param>
/// <param name="SharedPrompts">Prompts that two people or more ranked; <paramref name="Diversity"/> is over these.</param>
/// <param name="Curve">Share of these prompts with m_p ≤ q, at <see cref="DashboardNumbers.Thresholds"/>.</param>
/// <param name="Diversity">First choices on shared prompts; tied first choices count fractionally.</param>
/// <param name="WinShares">By response model, over all rankings; the interval resamples annotators.</param>
/// <param name="Agreement">Mean τ-b of two people.</param>
internal sealed record HumanNumbers(
    int Annotators,
    int Judgements,
    int SharedPrompts,
    IReadOnlyList<Estimate> Curve,
    DiversitySummary Diversity,
    IReadOnlyList<NamedEstimate> WinShares,
    Estimate Agreement);

/// <summary>What a simulated population says about the same prompts.</summary>
/// <param name="Spec">The population.</param>
/// <param name="EffectiveRewardModels">Mean over users of exp(H(w)).</param>
/// <param name="Curve">As <see cref="HumanNumbers.Curve"/>, over all prompts of the study.</param>
/// <param name="Diversity">First choices on all prompts of the study.</param>
/// <param name="Agreement">Mean τ-b of two simulated users.</param>
/// <param name="AgreementWithHumans">Mean τ-b of a person and a simulated user.</param>
/// <param name="Matched">The population in the people's places; null when nobody has judged.</param>
internal sealed record SimulatedNumbers(
    PopulationSpec Spec,
    Estimate EffectiveRewardModels,
    IReadOnlyList<Estimate> Curve,
    DiversitySummary Diversity,
    Estimate Agreement,
    Estimate AgreementWithHumans,
    MatchedDiversity? Matched);

/// <summary>Numbers, or one sentence saying why this population cannot be drawn.</summary>
internal sealed record SimulationOutcome(SimulatedNumbers? Numbers, string? Problem);

/// <summary>The dashboard's numbers, from judgements and rewards alone.</summary>
internal static class DashboardNumbers
{
    /// <summary>Of every bootstrap and every matched sample; the population has its own.</summary>
    public const uint BootstrapSeed = 0;

    // Intervals over hundreds of prompts are as good with these, and the slider moves while they are drawn.
    public const int Resamples = 1000;

    private const string IsReadOff = "the curve is read off these very prompts";

    private static readonly Estimate NothingShared = Estimate.Undefined("no prompt has been judged by two people yet");

    /// <summary>q of the majority curve: 0, 0.01, … 1.</summary>
    public static IReadOnlyList<double> Thresholds { get; } = [.. Enumerable.Range(0, 101).Select(hundredth => hundredth / 100.0)];

    public static HumanNumbers OfHumans(StudyJudgements study, CancellationToken cancellation = default)
    {
        var isShared = study.IsShared();
        var shared = VoteCounts.OfRankings(
            study.PromptStarts, study.Rankings.Where(one => isShared[one.PromptIndex]).Select(one => (one.PromptIndex, one.Ranking)));
        return new HumanNumbers(
            study.AnnotatorCount,
            study.Rankings.Count,
            isShared.Count(shared => shared),
            CurveOf(shared),
            isShared.Contains(true)
                ? Diversity.Summarize(shared, study.ResponseModels, study.Subsets, BootstrapSeed, Resamples, cancellation)
                : new DiversitySummary(
                    [.. Diversity.Thresholds.Select(q => new MajorityPoint(q, NothingShared, NothingShared))], [], [], [], NothingShared, [], NothingShared),
            WinSharesOf(study, cancellation),
            PairwiseAgreement.WithinHumans(study.Rankings, BootstrapSeed, cancellation));
    }

    /// <summary>As <see cref="OfSimulated"/>, for settings that a person typed: NumPy's generator underflows at a very small α.</summary>
    public static SimulationOutcome TrySimulate(StudyJudgements study, RewardMatrix rewards, PopulationSpec spec, CancellationToken cancellation = default)
    {
        try
        {
            return new(OfSimulated(study, rewards, spec, cancellation), null);
        }
        catch (ArgumentException refused)
        {
            return new(null, refused.Message);
        }
    }

    /// <param name="study">The study.</param>
    /// <param name="rewards">Of the study's prompts, under at least the reward models of <paramref name="spec"/>.</param>
    /// <param name="spec">The population to draw.</param>
    /// <param name="cancellation">Stops it half-way.</param>
    public static SimulatedNumbers OfSimulated(StudyJudgements study, RewardMatrix rewards, PopulationSpec spec, CancellationToken cancellation = default)
    {
        var own = RewardsUnder(rewards, spec);
        var users = study.UsersOf(spec, cancellation);
        var (votes, pairs) = VoteCounter.CountFirstChoicesAndPairs(own, users, cancellationToken: cancellation);
        return new SimulatedNumbers(
            spec,
            Diversity.EffectiveRewardModels(users, BootstrapSeed, Resamples, cancellation),
            CurveOf(votes),
            Diversity.Summarize(votes, study.ResponseModels, study.Subsets, BootstrapSeed, Resamples, cancellation),
            PairwiseAgreement.WithinSimulated(pairs),
            PairwiseAgreement.Between(study.Rankings, pairs, BootstrapSeed, cancellation),
            study.Rankings.Count == 0
                ? null
                : MatchedDiversity.Of(
                    own, users, [.. study.Rankings.Where(one => one.Ranking.RankedCount > 0)], study.IsShared(), study.ResponseModels, Thresholds, BootstrapSeed,
                    cancellationToken: cancellation));
    }

    /// <summary>Only the reward models that a population judges by.</summary>
    public static RewardMatrix RewardsUnder(RewardMatrix rewards, PopulationSpec spec) => rewards.RewardModels.SequenceEqual(spec.RewardModels)
        ? rewards
        : rewards.Select([.. Enumerable.Range(0, rewards.PromptCount)], spec.RewardModels);

    private static Estimate[] CurveOf(VoteCounts votes)
    {
        var majorities = MajorityCurve.MajoritiesOf(votes);
        return [.. Thresholds.Select(q => majorities.Length == 0
            ? NothingShared
            : Estimate.WithoutInterval(MajorityCurve.ShareAtMost(majorities, q), majorities.Length, IsReadOff))];
    }

    /// <summary>Share of all first choices by response model. People are what varies here, so they are what is resampled.</summary>
    private static NamedEstimate[] WinSharesOf(StudyJudgements study, CancellationToken cancellation)
    {
        var models = study.ResponseModels.Distinct().Order(StringComparer.Ordinal).ToArray();
        if (study.Rankings.Count == 0)
            return [.. models.Select(model => new NamedEstimate(model, Estimate.Undefined("nobody has judged yet")))];
        var wins = models.Select(_ => new double[study.AnnotatorCount]).ToArray();
        var votes = new double[study.AnnotatorCount];
        foreach (var (annotatorIndex, promptIndex, ranking) in study.Rankings)
            foreach (var response in ranking.FirstChoices)
            {
                var model = Array.IndexOf(models, study.ResponseModels[study.PromptStarts[promptIndex] + response]);
                wins[model][annotatorIndex] += 1.0 / ranking.FirstChoices.Count;
                votes[annotatorIndex] += 1.0 / ranking.FirstChoices.Count;
            }
        var estimates = Bootstrap.Estimates(
            study.AnnotatorCount, "annotators", [.. wins.Select(ofModel => Bootstrap.Ratio(ofModel, votes))], BootstrapSeed, Resamples, cancellation);
        return [.. models.Select((model, index) => new NamedEstimate(model, estimates[index]))];
    }
}
