using PersonalLlm.Engine.Statistics;
using PersonalLlm.Engine.Tests.Reference;

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
    [InlineData(2, 20)]
    [InlineData(63, 20)]
    [InlineData(64, 3000)]
    [InlineData(255, 200)]
    [InlineData(257, 200)]
    [InlineData(1000, 3000)]
    [InlineData(65_537, 20)]
    [InlineData(3_000_000, 1)]
    public void Resample_EqualsTheSlowReference(int units, int resamples)
    {
        var drawn = new Resamples(units, 7);
        var counts = new ushort[drawn.Length];
        for (var resample = 0; resample < resamples; resample++)
        {
            Array.Fill(counts, (ushort)5);
            drawn.Draw(counts, resample);
            Assert.Equal(ResampleReference.Draw(units, 7, resample), counts.Take(units).Select(count => (int)count));
            Assert.DoesNotContain(counts.Skip(units), count => count != 0);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(64)]
    [InlineData(10_402)]
    [InlineData(100_000)]
    public void Resample_DrawsAsManyUnitsAsThereAre(int units)
    {
        var drawn = new Resamples(units, 1);
        var counts = new ushort[drawn.Length];
        for (var resample = 0; resample < 100; resample++)
        {
            drawn.Draw(counts, resample);
            Assert.Equal(units, counts.Sum(count => count));
        }
    }

    // The count of a unit is binomial, and so is that of several units together: 4.5 standard errors are exceeded once in 150,000 comparisons.
    [Theory]
    [InlineData(10)]
    [InlineData(64)]
    [InlineData(300)]
    [InlineData(1000)]
    public void Resample_IsMultinomial(int units)
    {
        const int Draws = 40_000;
        var drawn = new Resamples(units, 3);
        var counts = new ushort[drawn.Length];
        var (one, last, two, half) = (new int[units + 1], new int[units + 1], new int[units + 1], new int[units + 1]);
        for (var resample = 0; resample < Draws; resample++)
        {
            drawn.Draw(counts, resample);
            one[counts[units / 3]]++;
            last[counts[units - 1]]++;
            two[counts[0] + counts[5]]++;
            half[counts.Take(units / 2).Sum(count => count)]++;
        }
        Check(one, 1.0 / units);
        Check(last, 1.0 / units);
        Check(two, 2.0 / units);
        Check(half, units / 2 / (double)units);

        void Check(int[] observed, double share)
        {
            for (var count = 0; count <= units; count++)
            {
                var probability = MathNet.Numerics.Distributions.Binomial.PMF(share, units, count);
                if (probability * Draws > 20)
                    Assert.InRange((observed[count] - (probability * Draws)) / Math.Sqrt(Draws * probability * (1 - probability)), -4.5, 4.5);
            }
        }
    }

    // The same units are drawn for sums, which are added in vectors, and for a statistic that is asked resample by resample.
    [Fact]
    public void AStatisticThatSumsByItself_HasTheIntervalOfTheMean()
    {
        var estimates = Bootstrap.Estimates(
            Values.Length, "prompts",
            [
                Bootstrap.Mean(Values), Bootstrap.Ratio(Values, [.. Values.Select(_ => 1.0)]), Bootstrap.Mean([.. Values.Select(value => -value)]),
                new Bootstrap.UnitStatistic(times => times.ToArray().Zip(Values, (often, value) => often * value).Sum() / Values.Length, Values.Length),
                Bootstrap.Mean([.. Values.Select(value => value * value)]), Bootstrap.Mean(Values),
            ],
            3, 333);
        Assert.Equal(estimates[0], estimates[5]);
        foreach (var other in new[] { estimates[1], estimates[3] })
        {
            Assert.Equal(estimates[0].Low!.Value, other.Low!.Value, 1e-12);
            Assert.Equal(estimates[0].High!.Value, other.High!.Value, 1e-12);
        }
        Assert.Equal(estimates[0].Low!.Value, -estimates[2].High!.Value, 1e-12);
    }

    [Fact]
    public void AMeanOfManyUnits_IsThatOfEachResample()
    {
        const int Units = 3001;
        double[] values = [.. Enumerable.Range(0, Units).Select(unit => Math.Cos(unit))];
        var estimate = Bootstrap.EstimateOne(Units, "prompts", Bootstrap.Mean(values), seed: 5, resamples: 41);
        var means = Enumerable.Range(0, 41)
            .Select(resample => ResampleReference.Draw(Units, 5, resample).Zip(values, (often, value) => often * value).Sum() / Units)
            .Order().ToArray();
        Assert.Equal(means[1], estimate.Low!.Value, 1e-14);
        Assert.Equal(means[39], estimate.High!.Value, 1e-14);
    }

    // Computed by an independent implementation of Philox and of the resamples in Python.
    [Fact]
    public void Interval_NeverChanges()
    {
        var estimate = Bootstrap.EstimateOne(Values.Length, "prompts", Bootstrap.Mean(Values), seed: 3);
        Assert.Equal(2.679852349585281, estimate.Low!.Value, 1e-13);
        Assert.Equal(3.2636346903614557, estimate.High!.Value, 1e-13);
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
