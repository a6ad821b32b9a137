using System.Text.Json;
using PersonalLlm.Engine.Population;

namespace PersonalLlm.Engine.Tests.Population;

public class ConcentrationTests
{
    [Theory]
    [InlineData("0.1")]
    [InlineData("0.1,2,3.5")]
    [InlineData("1E-09")]
    public void Parse_ReadsBackWhatToStringWrites(string text) => Assert.Equal(text, Concentration.Parse(text)!.ToString());

    [Theory]
    [InlineData("")]
    [InlineData("0.1,")]
    [InlineData("0.1;2")]
    public void Parse_OfAnythingElse_IsNull(string text) => Assert.Null(Concentration.Parse(text));

    [Fact]
    public void Json_IsANumberOrAnArray()
    {
        Assert.Equal("0.1", JsonSerializer.Serialize<Concentration>(0.1));
        Assert.Equal("[0.1,2]", JsonSerializer.Serialize(Concentration.PerModel([0.1, 2])));
        Assert.Equal(Concentration.Symmetric(0.1), JsonSerializer.Deserialize<Concentration>("0.1"));
        Assert.Equal(Concentration.PerModel([0.1, 2]), JsonSerializer.Deserialize<Concentration>("[0.1,2]"));
    }

    [Fact]
    public void Around_HasThatMean_AndTheSymmetricAverage()
    {
        var around = Concentration.Around([0.5, 0.3, 0.2], 0.1);

        Assert.Equal(0.1, around.Average, 12);
        Assert.Equal([0.5, 0.3, 0.2], Enumerable.Range(0, 3).Select(modelIndex => Math.Round(around.MeanWeight(modelIndex, 3), 12)));
        Assert.Equal(0.3, around.WithAverage(2).MeanWeight(1, 3), 12);
        Assert.Equal(2, around.WithAverage(2).Average, 12);
        Assert.Throws<ArgumentException>(() => Concentration.Around([0.5, 0.3], 0.1));
    }

    [Fact]
    public void FindProblem_SaysWhenTheNumberOfModelsDiffers()
    {
        Assert.Null(Concentration.Symmetric(1).FindProblem(7));
        Assert.Equal("Expected 3 concentrations, one per reward model, but got 2.", Concentration.PerModel([1, 2]).FindProblem(3));
        Assert.NotNull(Concentration.PerModel([1, 0]).FindProblem(2));
    }
}
