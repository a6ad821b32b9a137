using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Tests.Population;

namespace PersonalLlm.Engine.Tests.Evaluation;

public sealed class GiniTests
{
    [Fact]
    public void Gini_IsHalfTheRelativeMeanDifference()
    {
        // By hand: 1, 2, 5 → Σ|x − y| over ordered pairs = 2·(1 + 4 + 3) = 16; 16 / (2 · 9 · 8/3) = 1/3.
        Assert.Equal(1.0 / 3, Gini.Of([5, 1, 2]), 1e-12);
        Assert.Equal(0, Gini.Of([2, 2, 2]), 1e-12);
        Assert.Equal(0.75, Gini.Of([0, 0, 7, 0]), 1e-12);
    }

    [Fact]
    public void Gini_OfVotes_LeavesOutPromptsWithout()
    {
        var estimate = Gini.OfVotes(new VoteCounts([0, 2, 4, 6], [1, 1, 0, 0, 3, 0]), seed: 1);
        Assert.Equal((0.25, 2), (estimate.Value!.Value, estimate.N));
    }

    [Fact]
    public void Gini_OfWeights_IsTheMeanOverUsers()
    {
        var users = PopulationSampler.Sample(new PopulationSpec(RandomRewards.Names(4), 0.3, 50, 5));
        Assert.Equal(Enumerable.Range(0, 50).Average(userIndex => Gini.Of(users.WeightsOf(userIndex))), Gini.OfWeights(users, seed: 1).Value!.Value, 1e-12);
    }
}
