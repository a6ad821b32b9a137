using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Tests.Statistics;

public class EstimateTests
{
    [Fact]
    public void AnUndefinedEstimate_HasAReasonAndNoNumber()
    {
        var estimate = Estimate.Undefined("fewer than two rankings", 1);

        Assert.False(estimate.IsDefined);
        Assert.Null(estimate.Value);
        Assert.Null(estimate.Low);
        Assert.Equal(1, estimate.N);
        Assert.Equal("fewer than two rankings", estimate.UndefinedBecause);
    }

    [Theory]
    [InlineData(double.NaN, 0, 1)]
    [InlineData(0, double.NaN, 1)]
    [InlineData(0, 0, double.NaN)]
    [InlineData(0, 1, -1)]
    public void NotANumber_OrAnIntervalUpsideDown_IsABrokenPromise(double value, double low, double high) =>
        Assert.Throws<ArgumentException>(() => Estimate.Of(value, low, high, 10));
}
