using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Tests.Statistics;

public class BootstrapTests
{
    private static readonly double[] Values = [.. Enumerable.Range(0, 200).Select(index => Math.Sin(index) + (index % 7))];

    [Fact]
    public void MeanInterval_IsNearTheNormalOne()
    {
        var estimate = Bootstrap.EstimateOne(Values.Length, "prompts", Bootstrap.Mean(Values), seed: 3, resamples: 20_000);
        var mean = Values.Average();
        var standardError = Math.Sqrt(Values.Sum(value => (value - mean) * (value - mean))) / Values.Length;
        Assert.Equal(mean, estimate.Value!.Value, 1e-12);
        Assert.Equal(mean - (1.96 * standardError), estimate.Low!.Value, 0.1 * standardError);
        Assert.Equal(mean + (1.96 * standardError), estimate.High!.Value, 0.1 * standardError);
        Assert.Equal(200, estimate.N);
    }

    [Fact]
    public void Interval_CoversTheTruthAtTheNominalRate()
    {
        const int Experiments = 400, Units = 60;
        var covered = 0;
        for (var experiment = 0; experiment < Experiments; experiment++)
        {
            var random = new RandomStream(17, 99, (ulong)experiment);
            var sample = new double[Units];
            for (var index = 0; index < Units; index++)
                sample[index] = random.NextNormal();
            var estimate = Bootstrap.EstimateOne(Units, "units", Bootstrap.Mean(sample), seed: (uint)experiment, resamples: 500);
            covered += estimate.Low <= 0 && estimate.High >= 0 ? 1 : 0;
        }
        // The percentile interval is a little short at 60 units; 4.5 standard errors of 400 experiments are 4.9 points.
        Assert.InRange(covered / (double)Experiments, 0.885, 0.995);
    }

    [Fact]
    public void Interval_DependsOnTheSeedAndNothingElse()
    {
        var first = Bootstrap.EstimateOne(Values.Length, "prompts", Bootstrap.Mean(Values), seed: 3);
        var together = Bootstrap.Estimates(Values.Length, "prompts", [Bootstrap.Ratio(Values, Values), Bootstrap.Mean(Values)], seed: 3);
        Assert.Equal(first, together[1]);
        Assert.NotEqual(first.Low, Bootstrap.EstimateOne(Values.Length, "prompts", Bootstrap.Mean(Values), seed: 4).Low);
    }

    [Fact]
    public async Task Interval_IsTheSameOnOneThreadAndOnMany()
    {
        var onePerThread = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            () => Bootstrap.EstimateOne(Values.Length, "prompts", Bootstrap.Mean(Values), seed: 3))));
        Assert.Single(onePerThread.Distinct());
    }

    // Of 3,000,000 units one word in 2,200 is rejected: 2³² mod 3,000,000 is 1,967,296.
    [Theory]
    [InlineData(2)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(1000)]
    [InlineData(65_537)]
    [InlineData(3_000_000)]
    public void Draw_EqualsDrawingOneByOne(int units)
    {
        for (var resample = 0; resample < 20; resample++)
        {
            var random = new RandomStream(7, RandomStreams.Bootstrap, (ulong)resample);
            var expected = new double[units];
            for (var draw = 0; draw < units; draw++)
                expected[random.NextBelow(units)]++;
            var times = new double[units];
            Array.Fill(times, 5);
            Bootstrap.Draw(times, 7, resample);
            Assert.Equal(expected, times);
        }
    }

    // scipy.stats.bootstrap((x,), np.mean, method="BCa", n_resamples=400000) of the squares 0, 1, 4, …, 24²: low 132.4, high 274.0
    // where the percentile interval is 128.2 … 268.4.
    [Fact]
    public void BcaInterval_IsThatOfScipy()
    {
        double[] skewed = [.. Enumerable.Range(0, 25).Select(index => (double)index * index)];
        var estimate = Bootstrap.Estimates(25, "prompts", [Bootstrap.Mean(skewed)], 1, 100_000, IntervalMethod.BiasCorrectedAccelerated)[0];
        Assert.Equal(196, estimate.Value!.Value, 1e-12);
        Assert.Equal(132.4, estimate.Low!.Value, 0.5);
        Assert.Equal(274.0, estimate.High!.Value, 0.5);
    }

    [Fact]
    public void BcaOfARatio_IsBcaOfTheMean_WhenAllDenominatorsAreOne()
    {
        var estimates = Bootstrap.Estimates(
            Values.Length, "prompts", [Bootstrap.Mean(Values), Bootstrap.Ratio(Values, [.. Values.Select(_ => 1.0)])], 3,
            Bootstrap.DefaultResamples, IntervalMethod.BiasCorrectedAccelerated);
        Assert.Equal(estimates[0].Low!.Value, estimates[1].Low!.Value, 1e-12);
        Assert.Equal(estimates[0].High!.Value, estimates[1].High!.Value, 1e-12);
    }

    [Fact]
    public void BcaOfAStatisticThatCannotLeaveOneOut_IsRefused() =>
        Assert.Throws<ArgumentException>(() => Bootstrap.Estimates(
            2, "prompts", [new Bootstrap.UnitStatistic(times => times[0], 2)], 0, 100, IntervalMethod.BiasCorrectedAccelerated));

    [Fact]
    public void BcaOfAConstant_IsThatConstant()
    {
        var estimate = Bootstrap.Estimates(5, "prompts", [Bootstrap.Mean([2, 2, 2, 2, 2])], 0, 100, IntervalMethod.BiasCorrectedAccelerated)[0];
        Assert.Equal((2.0, 2.0), (estimate.Low, estimate.High));
    }

    [Fact]
    public void NormalDistribution_AgreesWithMathNet()
    {
        for (var x = -6.5; x <= 6.5; x += 0.37)
        {
            Assert.Equal(MathNet.Numerics.Distributions.Normal.CDF(0, 1, x), NormalDistribution.Cumulative(x), 1e-14);
            var probability = MathNet.Numerics.Distributions.Normal.CDF(0, 1, x / 2);
            Assert.Equal(MathNet.Numerics.Distributions.Normal.InvCDF(0, 1, probability), NormalDistribution.Quantile(probability), 1e-9);
        }
        Assert.Equal(double.NegativeInfinity, NormalDistribution.Quantile(0));
        Assert.Equal(double.PositiveInfinity, NormalDistribution.Quantile(1));
    }

    [Fact]
    public void Ratio_LeavesOutUnitsThatDoNotCount()
    {
        var estimate = Bootstrap.EstimateOne(4, "prompts", Bootstrap.Ratio([1, 2, 0, 3], [2, 2, 0, 2]), seed: 0);
        Assert.Equal(1.0, estimate.Value);
        Assert.Equal(3, estimate.N);
    }

    [Fact]
    public void NothingToAverage_IsUndefinedAndSaysWhy()
    {
        var estimate = Bootstrap.EstimateOne(2, "prompts", Bootstrap.Ratio([0, 0], [0, 0]), seed: 0);
        Assert.Null(estimate.Value);
        Assert.Equal("there are no prompts to average over", estimate.UndefinedBecause);
        Assert.Equal("there are no prompts to average over", Bootstrap.EstimateOne(0, "prompts", Bootstrap.Mean([]), seed: 0).UndefinedBecause);
    }

    [Fact]
    public void OneUnit_HasAValueButNoInterval()
    {
        var estimate = Bootstrap.EstimateOne(1, "prompts", Bootstrap.Mean([5]), seed: 0);
        Assert.Equal(5, estimate.Value);
        Assert.Null(estimate.Low);
        Assert.Equal("an interval needs at least two prompts", estimate.NoIntervalBecause);
    }

    [Fact]
    public void Cancelling_StopsTheResamples()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() =>
            Bootstrap.EstimateOne(Values.Length, "prompts", Bootstrap.Mean(Values), seed: 3, cancellationToken: cancelled.Token));
    }
}
