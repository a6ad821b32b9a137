using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Tests.Population;

/// <summary>What must not matter does not matter: order, names, the unit of utility, copies.</summary>
public sealed class InvarianceTests
{
    private const int Prompts = 50, Models = 4, Users = 203;

    private static readonly RewardMatrix s_rewards = RandomRewards.Make(5, Prompts, 2, 9, Models);

    private static readonly SimulatedUsers s_users = PopulationSampler.Sample(Spec(double.PositiveInfinity));

    [Fact]
    public void PermutingUsers_ChangesNoCount()
    {
        var order = Permutation(Users);
        var permuted = WithWeights(s_users.Spec, order.SelectMany(userIndex => s_users.WeightsOf(userIndex).ToArray()));
        AssertSameCounts(s_rewards, s_users, s_rewards, permuted, promptIndex => promptIndex);
        // Agreement of two users goes with them.
        AgreementMatrix one = AgreementMatrix.Of(s_rewards, s_users), other = AgreementMatrix.Of(s_rewards, permuted);
        for (var place = 1; place < Users; place++)
            Assert.Equal(one[order[place - 1], order[place]], other[place - 1, place]);
    }

    [Fact]
    public void PermutingPrompts_PermutesTheirCounts()
    {
        var order = Permutation(Prompts);
        AssertSameCounts(s_rewards, s_users, s_rewards.Select(order, s_rewards.RewardModels), s_users, place => order[place]);
    }

    [Fact]
    public void PermutingRewardModelsWithTheirWeights_ChangesNoCount()
    {
        var order = Permutation(Models);
        string[] names = [.. order.Select(modelIndex => s_rewards.RewardModels[modelIndex])];
        var permuted = WithWeights(s_users.Spec with { RewardModels = names },
            Enumerable.Range(0, Users).SelectMany(userIndex => order.Select(modelIndex => s_users.WeightsOf(userIndex)[modelIndex])));
        AssertSameCounts(s_rewards, s_users, s_rewards.Select([.. Enumerable.Range(0, Prompts)], names), permuted, promptIndex => promptIndex);
    }

    [Fact]
    public void OtherNames_ChangeNobody()
    {
        string[] names = ["w", "x", "y", "z"];
        var renamed = PopulationSampler.Sample(s_users.Spec with { RewardModels = names });
        Assert.Equal(s_users.Weights, renamed.Weights);
        AssertSameCounts(
            s_rewards, s_users, new RewardMatrix(names, s_rewards.PromptStarts.ToArray(), s_rewards.Values.ToArray()), renamed, promptIndex => promptIndex);
    }

    // Powers of two scale float32 without rounding, so that even nearly equal utilities stay as they were.
    [Theory]
    [InlineData(0.25f)]
    [InlineData(64)]
    public void AnotherUnitOfUtility_ChangesNoChoice(float unit)
    {
        AssertSameCounts(s_rewards, s_users, Times(s_rewards, unit), s_users, promptIndex => promptIndex);
        var noisy = PopulationSampler.Sample(Spec(2));
        AssertSameCounts(s_rewards, noisy, Times(s_rewards, unit), PopulationSampler.Sample(Spec(2 / unit)), promptIndex => promptIndex);
    }

    [Fact]
    public void AnyPositiveUnit_ChangesNoChoiceThatIsNotAHairsBreadth()
    {
        var votes = VoteCounter.CountFirstChoices(s_rewards, s_users).Values.ToArray();
        var scaled = VoteCounter.CountFirstChoices(Times(s_rewards, 3.7f), s_users).Values.ToArray();
        Assert.InRange(votes.Zip(scaled, (one, other) => Math.Abs(one - other)).Sum(), 0, 2);
    }

    // Sixty-fourths with few digits add up exactly in float32, so that nothing is hidden in rounding.
    [Theory]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1.5)]
    public void WhatAllResponsesOfAPromptGain_ChangesNoChoice(double inverseTemperature)
    {
        var random = new RandomStream(3, 77, 0);
        var exact = new float[s_rewards.Values.Length];
        for (var index = 0; index < exact.Length; index++)
            exact[index] = (random.NextBelow(129) - 64) / 64f;
        var raised = exact.ToArray();
        for (var promptIndex = 0; promptIndex < Prompts; promptIndex++)
        {
            var (gain, model) = ((random.NextBelow(129) - 64) / 64f, random.NextBelow(Models));
            for (var responseIndex = s_rewards.FirstResponseOf(promptIndex); responseIndex < s_rewards.FirstResponseOf(promptIndex + 1); responseIndex++)
                raised[(responseIndex * Models) + model] += gain;
        }
        var users = WithWeights(Spec(inverseTemperature), Enumerable.Range(0, Users).SelectMany(_ =>
        {
            var first = random.NextBelow(33);
            return new[] { first / 64.0, (32 - first) / 64.0, 0.25, 0.25 };
        }));
        RewardMatrix one = new(s_rewards.RewardModels, s_rewards.PromptStarts.ToArray(), exact), other = new(s_rewards.RewardModels, s_rewards.PromptStarts.ToArray(), raised);
        AssertSameCounts(one, users, other, users, promptIndex => promptIndex);
    }

    [Fact]
    public void ACopy_TakesNoVoteFromTheFirst_AndMergedWithItChangesNothing()
    {
        var random = new RandomStream(4, 77, 0);
        var starts = new int[Prompts + 1];
        var rows = new List<float>();
        var originals = new List<int>();
        for (var promptIndex = 0; promptIndex < Prompts; promptIndex++)
        {
            // Every response at least once, up to three times, in any order.
            int[] copies = [.. Enumerable.Range(s_rewards.FirstResponseOf(promptIndex), s_rewards.ResponseCountOf(promptIndex))
                .SelectMany(responseIndex => Enumerable.Repeat(responseIndex, 1 + random.NextBelow(3)))];
            random.Shuffle<int>(copies);
            foreach (var responseIndex in copies)
                rows.AddRange(s_rewards.Row(responseIndex));
            originals.AddRange(copies);
            starts[promptIndex + 1] = originals.Count;
        }
        var votes = VoteCounter.CountFirstChoices(s_rewards, s_users);
        var copied = VoteCounter.CountFirstChoices(new RewardMatrix(s_rewards.RewardModels, starts, [.. rows]), s_users);
        var merged = new double[votes.ResponseCount];
        for (var copyIndex = 0; copyIndex < originals.Count; copyIndex++)
        {
            if (merged[originals[copyIndex]] > 0)
                Assert.Equal(0, copied.Values[copyIndex]);
            merged[originals[copyIndex]] += copied.Values[copyIndex];
        }
        Assert.Equal(votes.Values.ToArray(), merged);
        Assert.Equal(FirstChoiceOverlap.Mean(votes, 1, 2).Value!.Value, FirstChoiceOverlap.Mean(copied, 1, 2).Value!.Value, 1e-12);
        for (var promptIndex = 0; promptIndex < Prompts; promptIndex++)
            Assert.Equal(VoteEntropy.Of(votes.Of(promptIndex)), VoteEntropy.Of(copied.Of(promptIndex)), 1e-12);
    }

    private static PopulationSpec Spec(double inverseTemperature) =>
        new(RandomRewards.Names(Models), 0.3, Users, 5, InverseTemperature: inverseTemperature);

    private static SimulatedUsers WithWeights(PopulationSpec spec, IEnumerable<double> weights) => new(spec, 0, [.. weights]);

    private static RewardMatrix Times(RewardMatrix rewards, float unit) =>
        new(rewards.RewardModels, rewards.PromptStarts.ToArray(), Array.ConvertAll(rewards.Values.ToArray(), reward => reward * unit));

    private static int[] Permutation(int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        new RandomStream(9, 77, 0).Shuffle<int>(order);
        return order;
    }

    /// <summary>First choices, pairs and ranks of the second world's prompt p equal those of the first world's prompt <paramref name="promptOf"/>(p).</summary>
    private static void AssertSameCounts(RewardMatrix rewards, SimulatedUsers users, RewardMatrix otherRewards, SimulatedUsers otherUsers, Func<int, int> promptOf)
    {
        VoteCounts votes = VoteCounter.CountFirstChoices(rewards, users), otherVotes = VoteCounter.CountFirstChoices(otherRewards, otherUsers);
        PairCounts pairs = VoteCounter.CountPairs(rewards, users), otherPairs = VoteCounter.CountPairs(otherRewards, otherUsers);
        RankCounts ranks = VoteCounter.CountRanks(rewards, users), otherRanks = VoteCounter.CountRanks(otherRewards, otherUsers);
        for (var promptIndex = 0; promptIndex < otherRewards.PromptCount; promptIndex++)
        {
            Assert.Equal(votes.Of(promptOf(promptIndex)), otherVotes.Of(promptIndex));
            Assert.Equal(ranks.Of(promptOf(promptIndex)), otherRanks.Of(promptIndex));
            for (var a = 0; a < otherRewards.ResponseCountOf(promptIndex); a++)
                for (var b = 0; b < otherRewards.ResponseCountOf(promptIndex); b++)
                    Assert.Equal(pairs.Above(promptOf(promptIndex), a, b), otherPairs.Above(promptIndex, a, b));
        }
    }
}
