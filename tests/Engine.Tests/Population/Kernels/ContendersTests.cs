using System.Numerics;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Population.Kernels;
using PersonalLlm.Engine.Rewards;
using PersonalLlm.Engine.Statistics;
using PersonalLlm.Engine.Tests.Reference;

namespace PersonalLlm.Engine.Tests.Population.Kernels;

public class ContendersTests
{
    private static readonly ParallelOptions s_options = new();

    [Fact]
    public void BeatenForEveryRewardModel_IsDropped() =>
        Assert.Equal([0b101UL], Of(3, [3, 1, 0, 2, 0, -1, 0, 5, 0]));

    // The middle response is nobody's worst, but half of each neighbour beats it.
    [Fact]
    public void BeatenByAMixtureOnly_IsDropped() =>
        Assert.Equal([0b101UL], Of(2, [4, 0, 1.9f, 1.9f, 0, 4]));

    [Fact]
    public void AboveEveryMixtureForSomeUser_Stays() =>
        Assert.Equal([0b111UL], Of(2, [4, 0, 2.1f, 2.1f, 0, 4]));

    /// <summary>A tie that rounding might break either way is no certificate.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1e-7f)]
    [InlineData(-1e-7f)]
    public void CopiesAndAlmostCopies_Stay(float difference) =>
        Assert.Equal([0b11UL], Of(3, [1, 2, 3, 1 + difference, 2 + difference, 3 + difference]));

    [Fact]
    public void OneResponse_Stays() => Assert.NotEqual(0UL, Of(2, [1, 2])[0] & 1);

    [Fact]
    public void MoreResponsesThanAreLookedAt_AllStay() =>
        Assert.Equal([.. Enumerable.Range(0, 40)], PackedPrompts.ContendersOf(RandomRewards.Make(1, 1, 40, 40, 3), s_options).CandidatesOf(0).ToArray());

    [Fact]
    public void MostOfWhatNobodyPrefers_IsFound()
    {
        var rewards = RandomRewards.Make(3, 200, 8, 8, 3);
        var kept = Contenders.Of(rewards, s_options).Sum(mask => BitOperations.PopCount(mask));
        var preferred = VoteReference.FirstChoices(rewards, Users(3, 3000, 1)).Count(votes => votes > 0);
        Assert.InRange(kept, preferred, preferred * 1.1);
    }

    /// <summary>Seeds × how the responses are made to be nearly beaten × how large the rewards are.</summary>
    public static TheoryData<uint, string, float, int> Traps
    {
        get
        {
            var traps = new TheoryData<uint, string, float, int>();
            for (var seed = 0u; seed < 6; seed++)
                foreach (var trap in new[] { "copies", "clones", "mixtures", "grid" })
                    foreach (var (offset, models) in new[] { (0f, 10), (1e6f, 3), (1e-30f, 2), (3f, 1), (100f, 33) })
                        traps.Add(seed, trap, offset, models);
            return traps;
        }
    }

    /// <summary>One copy or nothing but copies, mixtures of others, all shifted by a few roundings, few different values: votes stay those of the plain twin, ties and all.</summary>
    [Theory]
    [MemberData(nameof(Traps))]
    public void VotesAmongContenders_AreTheVotesAmongAll(uint seed, string trap, float offset, int models)
    {
        var rewards = Trap(seed, trap, offset, models);
        // Corners, edges, the middle, and users in between.
        var corners = Enumerable.Range(0, models).SelectMany(one => Enumerable.Range(0, models), Edge).ToList();
        var users = new SimulatedUsers(Spec(models, 300, seed), 0, [.. corners.Take(200).SelectMany(weights => weights), .. PopulationSampler.Sample(Spec(models, 300, seed)).Weights]);
        var expected = VoteReference.FirstChoices(rewards, users);
        foreach (var width in Enum.GetValues<LaneWidth>().Where(LaneWidths.IsSupported))
            Assert.Equal(expected, VoteCounter.CountFirstChoices(rewards, users.Spec, [users], width, -1, default).Values.ToArray());

        double[] Edge(int one, int other)
        {
            var weights = new double[models];
            weights[one] += 0.5;
            weights[other] += 0.5;
            return weights;
        }
    }

    [Fact]
    public void PromptsArePackedOnce_ForOneRewardMatrix()
    {
        var rewards = RandomRewards.Make(1, 5, 2, 8, 3);
        Assert.Same(PackedPrompts.ContendersOf(rewards, s_options), PackedPrompts.ContendersOf(rewards, s_options));
        Assert.Same(PackedPrompts.AllOf(rewards), PackedPrompts.AllOf(rewards));
        Assert.NotSame(PackedPrompts.AllOf(rewards), PackedPrompts.AllOf(RandomRewards.Make(1, 5, 2, 8, 3)));
    }

    [Fact]
    public void Cancelling_StopsTheSearch()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => Contenders.Of(RandomRewards.Make(1, 500, 8, 8, 5), new() { CancellationToken = cancelled.Token }));
    }

    private static ulong[] Of(int models, float[] values) =>
        Contenders.Of(new RewardMatrix(RandomRewards.Names(models), [0, values.Length / models], values), s_options);

    private static RewardMatrix Trap(uint seed, string trap, float offset, int models)
    {
        var random = new RandomStream(seed, 78, 0);
        var plain = RandomRewards.Make(seed, 40, 3, 10, models, trap == "grid" ? 0 : null);
        var values = plain.Values.ToArray();
        for (var index = 0; index < values.Length; index++)
            values[index] = offset is > 0 and < 1 ? values[index] * offset : values[index] + offset;
        for (var promptIndex = 0; promptIndex < plain.PromptCount && trap != "grid"; promptIndex++)
        {
            var rows = values.AsSpan(plain.FirstResponseOf(promptIndex) * models, plain.ResponseCountOf(promptIndex) * models);
            var responses = plain.ResponseCountOf(promptIndex);
            for (var victim = trap == "clones" ? 1 : random.NextBelow(responses); victim < responses; victim += trap == "clones" ? 1 : responses)
            {
                var one = trap == "clones" ? 0 : random.NextBelow(responses);
                var other = trap == "mixtures" ? random.NextBelow(responses) : one;
                var share = random.NextUniform();
                var steps = random.NextBelow(13) - 6;
                for (var modelIndex = 0; modelIndex < models; modelIndex++)
                {
                    var value = (float)((share * rows[(one * models) + modelIndex]) + ((1 - share) * rows[(other * models) + modelIndex]));
                    for (var step = 0; step < Math.Abs(steps); step++)
                        value = steps > 0 ? MathF.BitIncrement(value) : MathF.BitDecrement(value);
                    rows[(victim * models) + modelIndex] = value;
                }
            }
        }
        return new RewardMatrix(plain.RewardModels, plain.PromptStarts.ToArray(), values);
    }

    private static SimulatedUsers Users(int models, int users, double concentration) => PopulationSampler.Sample(Spec(models, users, 5) with { Concentration = concentration });

    private static PopulationSpec Spec(int models, int users, uint seed) => new(RandomRewards.Names(models), 0.3, users, seed);
}
