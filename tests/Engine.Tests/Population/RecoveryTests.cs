using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;
using PersonalLlm.Engine.Tests.Reference;

namespace PersonalLlm.Engine.Tests.Population;

public sealed class RecoveryTests
{
    /// <summary>A simulated user whose utilities are known gives away her β: its interval holds the true one as often as it promises.</summary>
    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(3)]
    public void InverseTemperature_IsRecoveredFromRankings_AtTheNominalRate(double inverseTemperature)
    {
        const int Seeds = 2000;
        var held = 0;
        var estimates = new double[Seeds];
        for (var seed = 0u; seed < Seeds; seed++)
        {
            var rewards = RandomRewards.Make(seed, 60, 3, 8, 5);
            var users = PopulationSampler.Sample(new PopulationSpec(rewards.RewardModels, 0.5, 1, seed, InverseTemperature: inverseTemperature));
            var (estimate, low, high) = PlackettLuceReference.Fit(Rankings(rewards, users));
            estimates[seed] = estimate;
            held += low <= inverseTemperature && inverseTemperature <= high ? 1 : 0;
        }
        // 95 % of 2,000 ± four binomial standard deviations.
        Assert.InRange(held / (double)Seeds, 0.93, 0.97);
        Assert.InRange(estimates.Average() / inverseTemperature, 0.98, 1.03);
    }

    [Fact]
    public void WithoutUtility_InHerChoices_TheRecoveredValueIsZero()
    {
        var held = 0;
        for (var seed = 0u; seed < 2000; seed++)
        {
            var rewards = RandomRewards.Make(seed, 60, 3, 8, 5);
            var (_, low, high) = PlackettLuceReference.Fit(Rankings(rewards, PopulationSampler.Sample(new PopulationSpec(rewards.RewardModels, 0.5, 1, seed, InverseTemperature: 0))));
            held += low <= 0 && 0 <= high ? 1 : 0;
        }
        Assert.InRange(held / 2000.0, 0.93, 0.97);
    }

    /// <summary>Utilities in the order in which the first user ranks them, prompt by prompt.</summary>
    private static List<double[]> Rankings(RewardMatrix rewards, SimulatedUsers users)
    {
        var choice = new ChoiceModel(users.Spec);
        var weights = Array.ConvertAll(users.WeightsOf(0).ToArray(), weight => (float)weight);
        var rankings = new List<double[]>();
        for (var promptIndex = 0; promptIndex < rewards.PromptCount; promptIndex++)
        {
            var utilities = new float[rewards.ResponseCountOf(promptIndex)];
            var bestFirst = new int[utilities.Length];
            Utility.Compute(rewards.RowsOf(promptIndex), weights, utilities);
            choice.Rank(utilities, users.DrawOf(0), rewards.FirstResponseOf(promptIndex), bestFirst);
            rankings.Add([.. bestFirst.Select(response => (double)utilities[response])]);
        }
        return rankings;
    }
}
