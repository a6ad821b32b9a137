using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Tests.Population;

namespace PersonalLlm.Engine.Tests.Evaluation;

public sealed class FirstChoiceOverlapTests
{
    [Theory]
    [InlineData(double.PositiveInfinity)]
    [InlineData(2)]
    public void MeanOverAllPairs_EqualsLookingAtEveryPair(double inverseTemperature)
    {
        const int Users = 12;
        var rewards = RandomRewards.Make(4, 30, 2, 6, 3);
        var users = PopulationSampler.Sample(new PopulationSpec(RandomRewards.Names(3), 0.3, Users, 5, InverseTemperature: inverseTemperature));
        var pairs = (from one in Enumerable.Range(0, Users)
                     from other in Enumerable.Range(one + 1, Users - one - 1)
                     select FirstChoiceOverlap.Between(rewards, users, one, other, seed: 1, resamples: 2).Value!.Value).ToArray();
        var mean = FirstChoiceOverlap.Mean(VoteCounter.CountFirstChoices(rewards, users), seed: 1);
        Assert.Equal(pairs.Average(), mean.Value!.Value, 1e-12);
        Assert.Equal(30, mean.N);
        Assert.Equal(1, FirstChoiceOverlap.Between(rewards, users, 3, 3, seed: 1).Value);
    }

    [Fact]
    public void OneUser_HasNobodyToOverlapWith() =>
        Assert.Equal("no prompt has the votes of two users", FirstChoiceOverlap.Mean(new VoteCounts([0, 2], [1, 0]), seed: 1).UndefinedBecause);
}
