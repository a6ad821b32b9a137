using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Evaluation;

/// <summary>One point of the diversity curve.</summary>
/// <param name="Alpha">Average concentration of the population at this point.</param>
/// <param name="Agreement">Mean τ of two users; the interval and n are over users.</param>
/// <param name="MeanEntropy">Of first choices, mean over prompts; the interval and n are over prompts.</param>
/// <param name="EffectiveRewardModels">Mean over users of exp(H(w)); the interval and n are over users.</param>
/// <param name="HalfMajority">Share of prompts whose most popular response has at most half of the first choices; the interval and n are over prompts.</param>
public sealed record AlphaSweepPoint(double Alpha, Estimate Agreement, Estimate MeanEntropy, Estimate EffectiveRewardModels, Estimate HalfMajority);

/// <summary>
/// The diversity curve: the same population — reward models, mean weights, β, seed — at one concentration after the other. How alike two users are against how alike their weights were asked to be.
/// </summary>
public static class AlphaSweep
{
    /// <summary>Enough for two digits of the agreement, few enough for a page that follows a slider.</summary>
    public const int DefaultUsers = 200;

    /// <summary>0.01, 0.018, … 10: four to a decade, evenly on a logarithmic scale.</summary>
    public static IReadOnlyList<double> DefaultAlphas { get; } = [.. Enumerable.Range(0, 13).Select(step => Math.Round(Math.Pow(10, -2 + (step / 4.0)), 4))];

    /// <summary>One population per concentration.</summary>
    /// <param name="rewards">Standardised; its reward models are those of the population, in the same order.</param>
    /// <param name="spec">Its concentration gives the mean weights; how concentrated they are is what the sweep varies.</param>
    /// <param name="alphas">Average concentrations, each above 0.</param>
    /// <param name="users">How many users each population draws, in place of the specification's.</param>
    /// <param name="seed">Of the bootstraps.</param>
    /// <param name="resamples">Of the bootstraps.</param>
    /// <param name="cancellationToken">Checked within each point.</param>
    /// <returns>In the order of <paramref name="alphas"/>; undefined where a population cannot be drawn (NumPy's generator underflows at a very small α).</returns>
    /// <exception cref="ArgumentException">The reward models differ.</exception>
    public static IReadOnlyList<AlphaSweepPoint> Of(
        RewardMatrix rewards,
        PopulationSpec spec,
        IReadOnlyList<double> alphas,
        int users = DefaultUsers,
        uint seed = 0,
        int resamples = Bootstrap.DefaultResamples,
        CancellationToken cancellationToken = default)
    {
        VoteCounter.RefuseOtherRewardModels(rewards, spec);
        return [.. alphas.Select(alpha => At(rewards, spec with { Concentration = spec.Concentration.WithAverage(alpha), Users = users }, alpha, seed, resamples, cancellationToken))];
    }

    private static AlphaSweepPoint At(RewardMatrix rewards, PopulationSpec spec, double alpha, uint seed, int resamples, CancellationToken cancellationToken)
    {
        SimulatedUsers users;
        try
        {
            users = PopulationSampler.Sample(spec, cancellationToken);
        }
        catch (ArgumentException impossible)
        {
            var none = Estimate.Undefined($"no users can be drawn: {impossible.Message}");
            return new AlphaSweepPoint(alpha, none, none, none, none);
        }
        var votes = VoteCounter.CountFirstChoices(rewards, users, cancellationToken: cancellationToken);
        double[] entropies = [.. Enumerable.Range(0, votes.PromptCount).Select(promptIndex => VoteEntropy.Of(votes.Of(promptIndex)))];
        var overPrompts = Bootstrap.Estimates(
            entropies.Length, "prompts", [Bootstrap.Mean(entropies), MajorityCurve.Share(MajorityCurve.MajoritiesOf(votes), 0.5)], seed, resamples, cancellationToken);
        return new AlphaSweepPoint(
            alpha,
            MeanAgreement(AgreementMatrix.Of(rewards, users, cancellationToken: cancellationToken), seed, resamples, cancellationToken),
            overPrompts[0],
            Diversity.EffectiveRewardModels(users, seed, resamples, cancellationToken),
            overPrompts[1]);
    }

    /// <summary>Mean over all pairs of users; a pair drawn t₁ and t₂ times counts t₁·t₂ times, and nobody is paired with herself.</summary>
    private static Estimate MeanAgreement(AgreementMatrix agreement, uint seed, int resamples, CancellationToken cancellationToken)
    {
        if (agreement.Users < 2)
            return Estimate.Undefined("fewer than two simulated users were drawn", agreement.Users);
        if (agreement.Prompts == 0)
            return Estimate.Undefined("no prompt has two responses", agreement.Users);
        return Bootstrap.EstimateOne(agreement.Users, "users", new Bootstrap.UnitStatistic(MeanOverPairs, agreement.Users), seed, resamples, cancellationToken);

        double MeanOverPairs(ReadOnlySpan<double> times)
        {
            double sum = 0, pairs = 0, users = 0;
            for (var one = 0; one < times.Length; one++)
            {
                // Everybody agrees with herself: what the diagonal would add is known.
                sum += times[one] * (System.Numerics.Tensors.TensorPrimitives.Dot(agreement.Values.Slice(one * times.Length, times.Length), times) - times[one]);
                pairs -= times[one] * times[one];
                users += times[one];
            }
            return sum / (pairs + (users * users));
        }
    }
}
