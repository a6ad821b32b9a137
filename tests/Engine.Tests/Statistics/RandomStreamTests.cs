using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Tests.Statistics;

public class RandomStreamTests
{
    // Random123, tests/kat_vectors: "philox4x32 10", counter, key → output.
    [Theory]
    [InlineData(0u, 0u, 0u, 0u, 0u, 0u, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(~0u, ~0u, ~0u, ~0u, ~0u, ~0u, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0xa4093822u, 0x299f31d0u, 0xd16cfe09u, 0x94fdcceb, 0x5001e420u, 0x24126ea1u)]
    public void Philox_GivesThePublishedKnownAnswers(
        uint c0, uint c1, uint c2, uint c3, uint key0, uint key1, uint w0, uint w1, uint w2, uint w3) =>
        Assert.Equal((w0, w1, w2, w3), Philox.Block(c0, c1, c2, c3, key0, key1));

    [Fact]
    public void Words_FollowTheBlocksOfTheirAddress()
    {
        var random = new RandomStream(seed: 0x1_0000_0002, stream: 7, index: 0x3_0000_0004);
        var first = Philox.Block(0, 4, 3, 7, 2, 1);
        var second = Philox.Block(1, 4, 3, 7, 2, 1);
        Assert.Equal([first.W0, first.W1, first.W2, first.W3, second.W0], Enumerable.Range(0, 5).Select(_ => random.NextUInt32()));
    }

    // Computed by an independent implementation in Python.
    [Fact]
    public void FirstNumbers_NeverChange()
    {
        Assert.Equal(0x1348E23F2DCE73E5UL, Draw(random => random.NextUInt64()));
        Assert.Equal(0.07533086817221046, Draw(random => random.NextUniform()));
        Assert.Equal(0.07533086817221057, Draw(random => random.NextOpenUniform()), 1e-15);
        Assert.Equal(-1.5051760519481703, Draw(random => random.NextNormal()), 1e-14);
        Assert.Equal(2.585865292291118, Draw(random => random.NextExponential()), 1e-14);
        Assert.Equal(-0.9500601878448153, Draw(random => random.NextGumbel()), 1e-14);
        Assert.Equal(178, Draw(random => random.NextBelow(1000)));
        Assert.Equal([3, 1, 2, 4, 0], Draw(random =>
        {
            int[] items = [0, 1, 2, 3, 4];
            random.Shuffle<int>(items);
            return items;
        }));

        static T Draw<T>(Func<RandomStream, T> draw) => draw(new RandomStream(0, RandomStreams.Weights, 0));
    }

    [Fact]
    public void AddressesThatDifferInAnything_GiveDifferentNumbers()
    {
        RandomStream[] streams = [new(1, 1, 1), new(2, 1, 1), new(1, 2, 1), new(1, 1, 2), new(1UL << 32, 1, 1), new(1, 1, 1UL << 32)];
        Assert.Equal(streams.Length, streams.Select(stream => stream.NextUInt64()).Distinct().Count());
    }

    [Fact]
    public void Draws_HaveTheMomentsOfTheirDistributions()
    {
        const int Draws = 200_000;
        var random = new RandomStream(11, 99, 0);
        // mean, variance, fourth central moment: the last gives the standard error of the variance.
        Check(() => random.NextUniform(), 0.5, 1.0 / 12, 1.0 / 80);
        Check(() => random.NextOpenUniform(), 0.5, 1.0 / 12, 1.0 / 80);
        Check(() => random.NextNormal(), 0, 1, 3);
        Check(() => random.NextExponential(), 1, 1, 9);
        const double GumbelVariance = Math.PI * Math.PI / 6;
        Check(() => random.NextGumbel(), 0.57721566490153286, GumbelVariance, GumbelVariance * GumbelVariance * 5.4);

        static void Check(Func<double> draw, double mean, double variance, double fourth)
        {
            var values = new double[Draws];
            for (var index = 0; index < Draws; index++)
                values[index] = draw();
            var average = values.Average();
            var spread = values.Sum(value => (value - average) * (value - average)) / (Draws - 1);
            Assert.InRange((average - mean) / Math.Sqrt(variance / Draws), -4.5, 4.5);
            Assert.InRange((spread - variance) / Math.Sqrt((fourth - (variance * variance)) / Draws), -4.5, 4.5);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(1000)]
    public void NextBelow_GivesEveryNumberEquallyOften(int bound)
    {
        const int PerNumber = 2000;
        var random = new RandomStream(5, 99, (ulong)bound);
        var counts = new int[bound];
        for (var draw = 0; draw < bound * PerNumber; draw++)
            counts[random.NextBelow(bound)]++;
        var chiSquare = counts.Sum(count => Math.Pow(count - PerNumber, 2) / PerNumber);
        var degrees = bound - 1;
        Assert.InRange(chiSquare, 0, degrees + (4.5 * Math.Sqrt(2.0 * degrees)) + 5);
    }

    [Fact]
    public void NextBelow_HasNoModuloBias_WhereTheRemainderIsLarge()
    {
        // 3·2³⁰ does not divide 2³²: without rejection the numbers divisible by 3 would be drawn in half of all cases, not a third.
        const int Bound = 3 << 29, Draws = 90_000;
        var random = new RandomStream(5, 99, 1);
        var lowest = Enumerable.Range(0, Draws).Count(_ => random.NextBelow(Bound) % 3 == 0);
        Assert.InRange((lowest - (Draws / 3.0)) / Math.Sqrt(Draws * 2 / 9.0), -4.5, 4.5);
    }

    [Fact]
    public void Shuffle_GivesEveryOrderEquallyOften()
    {
        const int Shuffles = 48_000;
        var counts = new Dictionary<string, int>();
        for (var index = 0; index < Shuffles; index++)
        {
            char[] items = ['a', 'b', 'c', 'd'];
            var random = new RandomStream(1, 99, (ulong)index);
            random.Shuffle<char>(items);
            var order = new string(items);
            counts[order] = counts.GetValueOrDefault(order) + 1;
        }
        Assert.Equal(24, counts.Count);
        Assert.InRange(counts.Values.Sum(count => Math.Pow(count - 2000, 2) / 2000), 0, 23 + (4.5 * Math.Sqrt(46)));
    }

    [Fact]
    public void NextBelow_RefusesAnEmptyRange() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new RandomStream(0, 0, 0).NextBelow(0));
}
