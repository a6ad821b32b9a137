using System.Runtime.Intrinsics;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Population.Kernels;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Tests.Population.Kernels;

public class GumbelLanesTests
{
    // Every exponent, both ends, the middle, and eight million words in between.
    [Fact]
    public void Noise_IsNeverFurtherFromTheFormulaThanSaid()
    {
        var worst = 0.0;
        for (var step = 0UL; step < 1UL << 32; step += 521)
            Look((uint)step);
        for (var word = 0u; word < 70_000; word++)
        {
            Look(word);
            Look(~word);
            Look((1u << 31) - 35_000 + word);
        }
        for (var bit = 0; bit < 32; bit++)
            for (var word = 0u; word < 2000; word++)
                Look((1u << bit) - 1000 + word);
        Assert.InRange(worst, 1e-8, GumbelLanes<Lanes128, Vector128<float>, Vector128<int>>.LargestError / 1.5);

        void Look(uint word)
        {
            var lanes = GumbelLanes<Lanes128, Vector128<float>, Vector128<int>>.Gumbel(Vector128.Create((int)word));
            var exact = -Math.Log(-Math.Log((word + 0.5) / (1UL << 32)));
            worst = Math.Max(worst, Math.Abs(lanes[0] - exact));
        }
    }

    [Fact]
    public void EveryWidth_DrawsTheWordsOfTheChoiceModel()
    {
        const uint Seed = 77;
        int[] draws = [.. Enumerable.Range(0, 16).Select(lane => lane * lane * 1_000_003)];
        foreach (var block in new uint[] { 0, 1, 20_803, 1_000_000_007 })
        {
            var expected = draws.Select(draw => Philox.Block(0, (uint)draw, block, RandomStreams.Choices, Seed, 0)).ToArray();
            Check<Lanes128, Vector128<float>, Vector128<int>>(Vector128.Create(draws), block);
            Check<Lanes256, Vector256<float>, Vector256<int>>(Vector256.Create(draws), block);
            if (LaneWidths.IsSupported(LaneWidth.Bits512))
                Check<Lanes512, Vector512<float>, Vector512<int>>(Vector512.Create(draws), block);

            void Check<TLanes, TFloats, TInts>(TInts lanes, uint ofBlock)
                where TLanes : ILanes<TFloats, TInts>
                where TFloats : unmanaged
                where TInts : unmanaged
            {
                var noise = new TFloats[4];
                GumbelLanes<TLanes, TFloats, TInts>.Fill(lanes, ofBlock, Philox.RoundKeys(Seed, 0), ref noise[0]);
                for (var word = 0; word < 4; word++)
                    for (var lane = 0; lane < TLanes.Count; lane++)
                    {
                        var (w0, w1, w2, w3) = expected[lane];
                        var uniform = ((word switch { 0 => w0, 1 => w1, 2 => w2, _ => w3 }) + 0.5) / (1UL << 32);
                        Assert.Equal(-Math.Log(-Math.Log(uniform)), System.Runtime.CompilerServices.Unsafe.Add(ref System.Runtime.CompilerServices.Unsafe.As<TFloats, float>(ref noise[word]), lane), 1e-5);
                    }
            }
        }
    }

    /// <summary>β × rewards: sums that float32 sees clearly, that it cannot tell apart, and that do not fit into it.</summary>
    public static TheoryData<double, float, int?> Worlds => new()
    {
        { double.PositiveInfinity, 1, null },
        { 0, 1, null },
        { 1e-9, 1, null },
        { 1.5, 1, null },
        { 1.5, 1, 0 },
        { 1e4, 1, 0 },
        { 1e6, 1e-6f, null },
        { 1e9, 1, null },
        { 1e9, 1, 0 },
        { 3, 1e30f, null },
        { 1e9, 1e36f, null },
    };

    [Theory]
    [MemberData(nameof(Worlds))]
    public void Counts_EqualTheSlowReferenceAtEveryTemperatureAndWidth(double inverseTemperature, float scale, int? decimals)
    {
        for (var seed = 0u; seed < 3; seed++)
        {
            var plain = RandomRewards.Make(seed, 25, 1, 10, 3, decimals);
            var rewards = new PersonalLlm.Engine.Rewards.RewardMatrix(plain.RewardModels, plain.PromptStarts.ToArray(), [.. plain.Values.ToArray().Select(value => value * scale)]);
            var spec = new PopulationSpec(RandomRewards.Names(3), 0.3, 461, seed) { InverseTemperature = inverseTemperature };
            // Some dropped, so that a user's place is not her draw.
            var all = PopulationSampler.Sample(spec);
            var users = all.Only([.. Enumerable.Range(0, 461).Where(userIndex => userIndex % 7 != 2)]);
            foreach (var width in Enum.GetValues<LaneWidth>().Where(LaneWidths.IsSupported))
            {
                Assert.Equal(
                    Reference.VoteReference.FirstChoices(rewards, users),
                    VoteCounter.CountFirstChoices(rewards, spec, [users], width, -1, default).Values.ToArray());
                var expectedPairs = Reference.VoteReference.Pairs(rewards, users);
                var pairs = VoteCounter.CountPairs(rewards, users, width, -1, default);
                var (votes, both) = VoteCounter.CountFirstChoicesAndPairs(rewards, users, width, -1, default);
                Assert.Equal(Reference.VoteReference.FirstChoices(rewards, users), votes.Values.ToArray());
                var expectedRanks = Reference.VoteReference.Ranks(rewards, users);
                var ranks = VoteCounter.CountRanks(rewards, users, width, -1, default);
                for (var promptIndex = 0; promptIndex < rewards.PromptCount; promptIndex++)
                {
                    Assert.Equal(expectedPairs[promptIndex].Cast<int>(), pairs.AboveOf(promptIndex).ToArray());
                    Assert.Equal(expectedPairs[promptIndex].Cast<int>(), both.AboveOf(promptIndex).ToArray());
                    Assert.Equal(expectedRanks[promptIndex].Cast<int>(), ranks.Of(promptIndex).ToArray());
                }
            }
        }
    }
}
