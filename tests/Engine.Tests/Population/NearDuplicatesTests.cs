using PersonalLlm.Engine.Population;

namespace PersonalLlm.Engine.Tests.Population;

public class NearDuplicatesTests
{
    [Theory]
    [InlineData(0.05, 10, 1500, 0.2)]
    [InlineData(1, 10, 1500, 0.2)]
    [InlineData(1, 3, 1500, 0.05)]
    [InlineData(0.3, 1, 20, 0.2)]
    [InlineData(5, 70, 600, 0.09)]
    [InlineData(1, 4, 700, 2)]
    [InlineData(1, 4, 700, 1e-12)]
    public void Keep_EqualsTheSlowGreedyPass(double concentration, int models, int users, double threshold)
    {
        var population = PopulationSampler.Sample(new PopulationSpec(RandomRewards.Names(models), concentration, users, 3));
        var expected = SlowKeep(population, threshold);
        foreach (var threads in new[] { -1, 1, 3 })
            Assert.Equal(expected, NearDuplicates.Keep(population, threshold, threads));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(513)]
    [InlineData(5000)]
    public void BlocksOfAPopulation_HoldThoseWhoStayInTheWhole(int usersPerBlock)
    {
        var spec = new PopulationSpec(RandomRewards.Names(4), 0.1, 1500, 3) { SmallestDistance = 0.05 };
        var whole = PopulationSampler.Sample(spec);
        var (draws, weights) = (new List<int>(), new List<double>());
        foreach (var block in PopulationSampler.SampleBlocks(spec, usersPerBlock))
        {
            Assert.InRange(block.Count, 1, usersPerBlock);
            draws.AddRange(Enumerable.Range(0, block.Count).Select(block.DrawOf));
            weights.AddRange(block.Weights);
        }
        Assert.InRange(whole.Count, 100, 1400);
        Assert.Equal(Enumerable.Range(0, whole.Count).Select(whole.DrawOf), draws);
        Assert.Equal(whole.Weights, weights.ToArray());
    }

    [Fact]
    public void FiftyThousandUsers_TakeLessThanFiftyMegabytes()
    {
        var population = PopulationSampler.Sample(new PopulationSpec(RandomRewards.Names(10), 1, 50_000, 3));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var kept = NearDuplicates.Keep(population, 0.1, maximumThreads: 1);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 50_000_000);
        Assert.InRange(kept.Length, 10_000, 50_000);
    }

    // On a grid many distances equal the threshold but for the last bit: float64 in the order of the models decides, nothing else.
    [Fact]
    public void DistancesAtTheThreshold_AreDecidedExactly()
    {
        var weights = new List<double>();
        for (var a = 0; a <= 20; a++)
            for (var b = 0; b <= 20 - a; b++)
                weights.AddRange([a / 20.0, b / 20.0, (20 - a - b) / 20.0]);
        var population = new SimulatedUsers(new PopulationSpec(RandomRewards.Names(3), 1, weights.Count / 3, 0), 0, [.. weights]);
        foreach (var threshold in new[] { Math.Sqrt(2) / 20, Math.Sqrt(2) / 10, Math.Sqrt(6) / 20 })
            foreach (var near in new[] { Math.BitDecrement(threshold), threshold, Math.BitIncrement(threshold) })
                Assert.Equal(SlowKeep(population, near), NearDuplicates.Keep(population, near));
    }

    [Fact]
    public void TheSameUserTwice_StaysOnce()
    {
        var population = new SimulatedUsers(new PopulationSpec(RandomRewards.Names(2), 1, 3, 0), 0, [0.5, 0.5, 1, 0, 0.5, 0.5]);
        Assert.Equal([0, 1], NearDuplicates.Keep(population, 1e-9));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    public void Threshold_MustBeAboveZero(double threshold) =>
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            NearDuplicates.Keep(PopulationSampler.Sample(new PopulationSpec(RandomRewards.Names(2), 1, 3, 0)), threshold));

    private static int[] SlowKeep(SimulatedUsers users, double threshold)
    {
        var kept = new List<int>();
        for (var userIndex = 0; userIndex < users.Count; userIndex++)
            if (kept.All(earlier => Distance(users.WeightsOf(earlier), users.WeightsOf(userIndex)) >= threshold))
                kept.Add(userIndex);
        return [.. kept];
    }

    private static double Distance(ReadOnlySpan<double> one, ReadOnlySpan<double> other)
    {
        var sum = 0.0;
        for (var modelIndex = 0; modelIndex < one.Length; modelIndex++)
            sum += (one[modelIndex] - other[modelIndex]) * (one[modelIndex] - other[modelIndex]);
        return Math.Sqrt(sum);
    }
}
