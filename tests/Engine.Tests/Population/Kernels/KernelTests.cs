using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Population.Kernels;
using PersonalLlm.Engine.Rewards;
using PersonalLlm.Engine.Tests.Reference;

namespace PersonalLlm.Engine.Tests.Population.Kernels;

public class KernelTests
{
    /// <summary>Every width this machine has × worlds: prompts, fewest and most responses, reward models, users, decimals of the rewards.</summary>
    public static TheoryData<int, int, int, int, int, int, int?> Worlds
    {
        get
        {
            var worlds = new TheoryData<int, int, int, int, int, int, int?>();
            foreach (var width in Enum.GetValues<LaneWidth>().Where(LaneWidths.IsSupported))
            {
                worlds.Add((int)width, 70, 1, 8, 10, 1, null);
                worlds.Add((int)width, 70, 1, 10, 10, 517, null);
                worlds.Add((int)width, 35, 8, 8, 10, 1536, null);
                worlds.Add((int)width, 35, 2, 8, 1, 300, 0);
                worlds.Add((int)width, 35, 2, 8, 2, 1025, 0);
                worlds.Add((int)width, 35, 2, 8, 33, 250, null);
            }
            return worlds;
        }
    }

    [Theory]
    [MemberData(nameof(Worlds))]
    public void EveryWidth_EqualsTheSlowReference(int width, int prompts, int fewest, int most, int models, int users, int? decimals)
    {
        for (var seed = 0u; seed < 3; seed++)
        {
            var rewards = RandomRewards.Make(seed, prompts, fewest, most, models, decimals);
            var population = PopulationSampler.Sample(Spec(models, users, seed));
            Assert.Equal(VoteReference.FirstChoices(rewards, population), Count(rewards, population, (LaneWidth)width));
            var expectedPairs = VoteReference.Pairs(rewards, population);
            var pairs = VoteCounter.CountPairs(rewards, population, (LaneWidth)width, -1, default);
            var expectedRanks = VoteReference.Ranks(rewards, population);
            var ranks = VoteCounter.CountRanks(rewards, population, (LaneWidth)width, -1, default);
            for (var promptIndex = 0; promptIndex < prompts; promptIndex++)
            {
                Assert.Equal(expectedPairs[promptIndex].Cast<int>(), pairs.AboveOf(promptIndex).ToArray());
                Assert.Equal(expectedRanks[promptIndex].Cast<int>(), ranks.Of(promptIndex).ToArray());
            }
        }
    }

    /// <summary>Response models that copy each other, and users who ignore all but one reward model.</summary>
    [Fact]
    public void EqualResponses_GiveTheirVotesToTheFirst_AtEveryWidth()
    {
        var rewards = new RewardMatrix(RandomRewards.Names(2), [0, 8], [0, 1, 2, 0, 2, 0, 0, 3, 0, 3, 2, 0, 1, 1, 0, 3]);
        var population = PopulationSampler.Sample(Spec(2, 1000, 5));
        foreach (var width in Enum.GetValues<LaneWidth>().Where(LaneWidths.IsSupported))
        {
            var votes = Count(rewards, population, width);
            Assert.Equal(VoteReference.FirstChoices(rewards, population), votes);
            Assert.Equal(1000, votes[1] + votes[3] + votes[6]);
            Assert.Equal(0, votes[2] + votes[4] + votes[5] + votes[7]);
        }
    }

    [Theory]
    [InlineData(WeightGenerator.Native, double.PositiveInfinity)]
    [InlineData(WeightGenerator.Native, 1.5)]
    [InlineData(WeightGenerator.NumpyLegacy, double.PositiveInfinity)]
    public void PopulationDrawnInBlocks_VotesAsTheWhole(WeightGenerator generator, double inverseTemperature)
    {
        var rewards = RandomRewards.Make(1, 20, 2, 9, 10);
        var spec = Spec(10, 700, 3) with { Generator = generator, InverseTemperature = inverseTemperature };
        var whole = VoteCounter.CountFirstChoices(rewards, PopulationSampler.Sample(spec)).Values.ToArray();
        Assert.Equal(whole, VoteCounter.CountFirstChoices(rewards, spec).Values.ToArray());
        foreach (var usersPerBlock in new[] { 1, 17, 512, 699, 700, 100_000 })
            Assert.Equal(whole, VoteCounter.CountFirstChoices(
                rewards, spec, PopulationSampler.SampleBlocks(spec, usersPerBlock), LaneWidths.Widest, -1, default).Values.ToArray());
    }

    // 16,384 users at a time are 1.3 MB of weights; all of them would be 16 MB more.
    [Fact]
    public void CountingASpecification_NeverHoldsAllItsUsers()
    {
        var spec = Spec(10, 200_000, 3);
        foreach (var block in PopulationSampler.SampleBlocks(spec, 16_384))
            Assert.InRange(block.Count, 1, 16_384);
        var rewards = RandomRewards.Make(1, 2, 2, 2, 10);
        Assert.Equal(200_000, VoteCounter.CountFirstChoices(rewards, spec).TotalOf(0));
    }

    [Fact]
    public void NoisyRanks_EqualTheSlowReference()
    {
        var rewards = RandomRewards.Make(4, 20, 1, 9, 5);
        var population = PopulationSampler.Sample(Spec(5, 530, 4) with { InverseTemperature = 1.5 });
        var expected = VoteReference.Ranks(rewards, population);
        var ranks = VoteCounter.CountRanks(rewards, population);
        for (var promptIndex = 0; promptIndex < rewards.PromptCount; promptIndex++)
            Assert.Equal(expected[promptIndex].Cast<int>(), ranks.Of(promptIndex).ToArray());
    }

    [Fact]
    public void FirstRanks_AreTheFirstChoices()
    {
        var rewards = RandomRewards.Make(2, 50, 1, 10, 5);
        var population = PopulationSampler.Sample(Spec(5, 333, 4));
        var votes = VoteCounter.CountFirstChoices(rewards, population);
        var ranks = VoteCounter.CountRanks(rewards, population);
        for (var promptIndex = 0; promptIndex < rewards.PromptCount; promptIndex++)
            for (var response = 0; response < rewards.ResponseCountOf(promptIndex); response++)
                Assert.Equal(votes.Of(promptIndex)[response], ranks.At(promptIndex, response, 1));
    }

    private static double[] Count(RewardMatrix rewards, SimulatedUsers users, LaneWidth width) =>
        VoteCounter.CountFirstChoices(rewards, users.Spec, [users], width, -1, default).Values.ToArray();

    private static PopulationSpec Spec(int models, int users, uint seed) => new(RandomRewards.Names(models), 0.3, users, seed);
}
