using System.Globalization;
using PersonalLlm.Engine.Inference.Tokenization.Models;

namespace PersonalLlm.Engine.Tests.Inference.Tokenization;

public sealed class LogProbabilityTests
{
    [Theory]
    [InlineData("0", 0.0)]
    [InlineData("-20", -20.0)]
    [InlineData("-3.5", -3.5)]
    [InlineData("1e3", 1000.0)]
    [InlineData("-1.25E-2", -0.0125)]
    [InlineData("123456789012345678901234", 1.2345678901234568e23)]
    [InlineData("0.1234567890123456789012", 0.12345678901234568)]
    [InlineData("1e-320", 1e-320)]
    public void Parse_ReadsANumber(string json, double expected) => Assert.Equal(expected, LogProbability.Parse(json), expected == 0 ? 0 : Math.Abs(expected) * 1e-15);

    [Fact]
    public void Parse_MayMissTheNearestNumberByItsLastDigitButNoMore()
    {
        var random = new Random(1);
        var missed = 0;
        for (var trial = 0; trial < 10_000; trial++)
        {
            var nearest = -20 * random.NextDouble();
            var read = LogProbability.Parse(nearest.ToString("R", CultureInfo.InvariantCulture));
            missed += read == nearest ? 0 : 1;
            Assert.InRange(read, Math.BitDecrement(nearest), Math.BitIncrement(nearest));
        }
        Assert.InRange(missed, 1, 5000);
    }
}
