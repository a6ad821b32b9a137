using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Tests.Statistics;

public sealed class LogisticRegressionTests
{
    [Fact]
    public void OneAttribute_GivesTheLogarithmOfTheOdds()
    {
        // d = 1 in 7 of 10 rows, −1 in 3: β = ln(7/3), information n p (1 − p) = 10 · .7 · .3.
        var estimate = LogisticRegression.Fit([1, 1, 1, 1, 1, 1, 1, -1, -1, -1], 1)[0];
        Assert.Equal(Math.Log(7.0 / 3), estimate.Value!.Value, 1e-12);
        Assert.Equal(Math.Log(7.0 / 3) + (1.959963984540054 / Math.Sqrt(2.1)), estimate.High!.Value, 1e-9);
        Assert.Equal(10, estimate.N);
    }

    [Fact]
    public void AttributesOfDifferentRows_DoNotMix()
    {
        double[] rows = [1, 0, 1, 0, -1, 0, 0, 2, 0, 2, 0, 2, 0, -2];
        var estimates = LogisticRegression.Fit(rows, 2);
        Assert.Equal(Math.Log(2), estimates[0].Value!.Value, 1e-12);
        Assert.Equal(Math.Log(3) / 2, estimates[1].Value!.Value, 1e-12);
    }

    // scipy 1.10.1: d = these rows; f = lambda b: np.logaddexp(0, -d @ b).sum(); scipy.optimize.minimize(f, np.zeros(3), jac=gradient, method="BFGS",
    // options={"gtol": 1e-12}); p = 1 / (1 + np.exp(-d @ b)); np.sqrt(np.diag(np.linalg.inv((d * (p * (1 - p))[:, None]).T @ d))).
    [Fact]
    public void Coefficients_AndTheirErrors_EqualScipys()
    {
        double[] rows =
        [
            1.2, -.5, .3, -.4, .8, 1.1, .9, .1, -.7, -1.1, -.6, .2, .5, 1.4, -.9, -.2, -1.3, .6,
            1.7, .4, .8, .3, -.9, -1.2, -.8, .7, -.1, .6, -.2, 1.5, -1.4, .9, .4, .1, 1.1, -.6,
        ];
        double[] coefficients = [0.3462773517717982, 0.5369369277404202, 0.4448257478927925];
        double[] errors = [0.6786204133371183, 0.725093478891689, 0.772376337472709];
        var estimates = LogisticRegression.Fit(rows, 3);
        for (var attribute = 0; attribute < 3; attribute++)
        {
            Assert.Equal(coefficients[attribute], estimates[attribute].Value!.Value, 1e-7);
            Assert.Equal(errors[attribute], (estimates[attribute].High!.Value - estimates[attribute].Low!.Value) / 2 / 1.959963984540054, 1e-7);
        }
    }

    [Theory]
    [InlineData(new double[] { 1, 2, 3 }, 1)]
    [InlineData(new double[] { 1, 0, 2, 0, -1, 1, 1, 1 }, 2)]
    [InlineData(new double[] { 1, 1, 1, -1, 2, 1 }, 2)]
    [InlineData(new double[] { 1, 0, -1, 0, 0, 1, 0, 2 }, 2)]
    public void Separation_IsUndefined_AndSaysSo(double[] rows, int attributes) =>
        Assert.All(LogisticRegression.Fit(rows, attributes), estimate => Assert.EndsWith("(separation)", estimate.UndefinedBecause, StringComparison.Ordinal));

    [Theory]
    [InlineData(new double[] { 1, 2, -1, -2, 3, 6 }, 2)]
    [InlineData(new double[] { 1, 0, -1, 0 }, 2)]
    [InlineData(new double[] { 1, 2, 3 }, 3)]
    public void DependentAttributes_AreUndefined_AndSaySo(double[] rows, int attributes) =>
        Assert.All(LogisticRegression.Fit(rows, attributes), estimate => Assert.StartsWith("some attribute is a combination of the others", estimate.UndefinedBecause, StringComparison.Ordinal));

    [Fact]
    public void KnownCoefficients_AreRecovered_InsideTheirIntervalsAtTheNominalRate()
    {
        double[] truth = [0.8, -1.2];
        var covered = 0;
        for (var replicate = 0; replicate < 200; replicate++)
        {
            var random = new RandomStream(5, 77, (ulong)replicate);
            var rows = new double[600];
            for (var row = 0; row < 300; row++)
            {
                double one = random.NextNormal(), other = random.NextNormal();
                var sign = random.NextUniform() < 1 / (1 + Math.Exp(-((truth[0] * one) + (truth[1] * other)))) ? 1 : -1;
                (rows[2 * row], rows[(2 * row) + 1]) = (sign * one, sign * other);
            }
            var estimates = LogisticRegression.Fit(rows, 2);
            covered += estimates.Zip(truth).Count(pair => pair.First.Low <= pair.Second && pair.Second <= pair.First.High);
        }
        // 400 intervals at 95 %: 380 expected, standard deviation 4.4.
        Assert.InRange(covered, 365, 395);
    }
}
