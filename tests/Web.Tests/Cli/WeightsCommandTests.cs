using System.Globalization;
using System.Text.Json;
using PersonalLlm.Engine.Population;

namespace PersonalLlm.Web.Tests.Cli;

public class WeightsCommandTests
{
    [Fact]
    public async Task NumpyLegacy_WritesScipysNumbersWithoutLosingABit()
    {
        using var golden = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Golden", "dirichlet_numpy_legacy.json")));
        var first = golden.RootElement.GetProperty("cases")[0];
        var (exitCode, output, _) = await RunAsync("--alpha", "0.05", "--users", "1000", "--seed", "0", "--models", "10", "--generator", "numpy-legacy");
        Assert.Equal(0, exitCode);
        var lines = output.Split('\n');
        Assert.Equal("w0,w1,w2,w3,w4,w5,w6,w7,w8,w9", lines[0]);
        Assert.Equal(1002, lines.Length);
        Assert.Empty(lines[^1]);
        foreach (var row in first.GetProperty("rows").EnumerateArray())
            Assert.Equal(row.GetProperty("weights").EnumerateArray().Select(weight => weight.GetDouble()), Numbers(lines[1 + row.GetProperty("user").GetInt32()]));
    }

    [Fact]
    public async Task Native_WritesWhatTheSamplerDraws_AlsoWhereCommasAreDecimalPoints()
    {
        var (exitCode, output, _) = await ProgramProcess.RunAsync(
            ["weights", "--alpha", "0.5", "--users", "5", "--seed", "4294967295", "--models", "3", "--csv", "-"], locale: "de_DE.UTF-8");
        Assert.Equal(0, exitCode);
        var drawn = PopulationSampler.Sample(new PopulationSpec(["w0", "w1", "w2"], 0.5, 5, uint.MaxValue));
        Assert.Equal(drawn.Weights.ToArray(), output.Split('\n')[1..^1].SelectMany(Numbers));
    }

    [Fact]
    public async Task AroundAMean_WithoutNearUsers_WritesThoseWhoStay()
    {
        var (exitCode, output, error) = await RunAsync(
            "--alpha", "0.5", "--mean", "0.5,0.3,0.2", "--users", "300", "--seed", "4", "--models", "3", "--smallest-distance", "0.1");
        var drawn = PopulationSampler.Sample(
            new PopulationSpec(["w0", "w1", "w2"], Concentration.Around([0.5, 0.3, 0.2], 0.5), 300, 4) { SmallestDistance = 0.1 });
        Assert.Equal((0, $"{drawn.Count} of 300 users stayed."), (exitCode, error.Trim()));
        Assert.Equal(drawn.Weights.ToArray(), output.Split('\n')[1..^1].SelectMany(Numbers));
        Assert.InRange(drawn.Count, 10, 250);
    }

    [Fact]
    public async Task OneAlphaForEachModel_MustFit()
    {
        var (exitCode, _, error) = await RunAsync("--alpha", "1,2", "--users", "10", "--seed", "0", "--models", "3");
        Assert.Equal((1, "Expected 3 concentrations, one per reward model, but got 2."), (exitCode, error.Trim()));
    }

    [Fact]
    public async Task Underflow_IsRefusedInOneSentence()
    {
        var (exitCode, output, error) = await RunAsync("--alpha", "0.0001", "--users", "100", "--seed", "0", "--models", "2", "--generator", "numpy-legacy");
        Assert.Equal((1, ""), (exitCode, output));
        Assert.Equal("NumPy's generator underflows at concentration 0.0001: all weights of user 0 are 0. Use the native generator.", error.TrimEnd());
    }

    [Fact]
    public async Task TooManyRewardModels_AreRefusedBeforeAnythingIsDrawn()
    {
        var (exitCode, _, error) = await RunAsync("--alpha", "1", "--users", "10", "--seed", "0", "--models", "2000000000");
        Assert.Equal(2, exitCode);
        Assert.Equal("The number of models must be a whole number from 1 to 10000, but it is \"2000000000\".", error.Trim());
    }

    private static Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) =>
        ProgramProcess.RunAsync(["weights", .. arguments, "--csv", "-"]);

    private static IEnumerable<double> Numbers(string line) => line.Split(',').Select(text => double.Parse(text, CultureInfo.InvariantCulture));
}
