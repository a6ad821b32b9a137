using System.Text.Json;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Tests.Reference;

namespace PersonalLlm.Engine.Tests.Population;

public class PopulationSamplerTests
{
    public static TheoryData<int> GoldenCases => [.. Enumerable.Range(0, Goldens.Length)];

    private static GoldenCase[] Goldens { get; } = JsonSerializer.Deserialize<GoldenFile>(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", "dirichlet_numpy_legacy.json")), JsonSerializerOptions.Web)!.Cases;

    [Theory]
    [MemberData(nameof(GoldenCases))]
    public void NumpyLegacy_EqualsScipyBitForBit(int caseIndex)
    {
        var golden = Goldens[caseIndex];
        var users = PopulationSampler.Sample(Spec(golden.Models, golden.Alpha, golden.Users, golden.Seed, WeightGenerator.NumpyLegacy));
        foreach (var row in golden.Rows)
            Assert.Equal(row.Weights.Select(BitConverter.DoubleToInt64Bits), users.WeightsOf(row.User).ToArray().Select(BitConverter.DoubleToInt64Bits));
        for (var modelIndex = 0; modelIndex < golden.Models; modelIndex++)
            Assert.Equal(golden.ColumnMeans[modelIndex], Enumerable.Range(0, users.Count).Average(userIndex => users.WeightsOf(userIndex)[modelIndex]), 1e-13);
    }

    [Theory]
    [InlineData(WeightGenerator.Native)]
    [InlineData(WeightGenerator.NumpyLegacy)]
    public void Block_EqualsTheSameRowsOfTheWhole(WeightGenerator generator)
    {
        var spec = Spec(10, 0.05, 3000, 9, generator);
        var whole = PopulationSampler.Sample(spec);
        foreach (var (from, to) in new[] { (0, 1), (2999, 3000), (1000, 2100), (5, 5) })
        {
            var block = PopulationSampler.Sample(spec, from, to);
            Assert.Equal(from, block.DrawOf(0));
            Assert.Equal(whole.Weights[(from * 10)..(to * 10)], block.Weights);
        }
    }

    [Fact]
    public void Native_UserDoesNotDependOnHowManyOthersThereAre() =>
        Assert.Equal(
            PopulationSampler.Sample(Spec(10, 0.05, 3000, 9)).WeightsOf(7),
            PopulationSampler.Sample(Spec(10, 0.05, 8, 9)).WeightsOf(7));

    // Computed by an independent implementation of Philox and of the sampler in Python.
    [Fact]
    public void Native_FirstWeightsNeverChange()
    {
        AssertClose(
            [3.1167826475812256e-22, 0.18045008258715584, 0.8193732011495343, 0.00017671626330982042,
             0.9999990546864727, 4.5604414848981164e-10, 8.176756126748557e-15, 9.448574750620988e-07],
            PopulationSampler.Sample(Spec(4, 0.05, 2, 0)).Weights);
        AssertClose([0.4688864714627942, 0.20744222548604846, 0.3236713030511573], PopulationSampler.Sample(Spec(3, 2.5, 1, 42)).Weights);

        // The random words are the same everywhere; the last digits belong to the platform's logarithm.
        static void AssertClose(double[] expected, ReadOnlySpan<double> actual)
        {
            Assert.Equal(expected.Length, actual.Length);
            for (var index = 0; index < expected.Length; index++)
                Assert.Equal(1, actual[index] / expected[index], 1e-12);
        }
    }

    // At large α the test of acceptance subtracts numbers of the size of α, so that the last digits of a weight are the platform's.
    [Theory]
    [InlineData(0.001, 10, 1e-9)]
    [InlineData(0.05, 10, 1e-11)]
    [InlineData(0.3, 1, 1e-12)]
    [InlineData(0.999, 7, 1e-12)]
    [InlineData(1, 10, 1e-12)]
    [InlineData(3, 33, 1e-12)]
    [InlineData(1000, 4, 1e-11)]
    public void Native_EqualsTheSlowReference(double concentration, int models, double tolerance)
    {
        var spec = Spec(models, concentration, 1_000_003, 5);
        foreach (var (from, to) in new[] { (0, 2000), (13, 14), (1_000_000, 1_000_003) })
        {
            var users = PopulationSampler.Sample(spec, from, to);
            for (var userIndex = from; userIndex < to; userIndex++)
            {
                var expected = DirichletReference.Draw(spec, userIndex);
                for (var modelIndex = 0; modelIndex < models; modelIndex++)
                    Assert.InRange(users.WeightsOf(userIndex - from)[modelIndex], expected[modelIndex] * (1 - tolerance) - 1e-290, expected[modelIndex] * (1 + tolerance) + 1e-290);
            }
        }
    }

    // Mean and variance of one weight and the mean of the product of two, against the closed forms; the standard errors come from
    // the sample, so a bound of 4.5 fails for a right sampler about once in 150,000 comparisons.
    [Theory]
    [InlineData(0.001, 10)]
    [InlineData(0.01, 10)]
    [InlineData(0.05, 10)]
    [InlineData(0.5, 3)]
    [InlineData(1, 10)]
    [InlineData(1.5, 4)]
    [InlineData(20, 5)]
    public void Native_HasTheMomentsOfTheDirichlet(double concentration, int models)
    {
        const int Users = 100_000;
        var users = PopulationSampler.Sample(Spec(models, concentration, Users, 1));
        var total = concentration * models;
        var mean = 1.0 / models;
        var variance = mean * (1 - mean) / (total + 1);
        var product = concentration * concentration / (total * (total + 1));
        for (var modelIndex = 0; modelIndex < models; modelIndex++)
        {
            Check(weights => weights[modelIndex], mean);
            Check(weights => (weights[modelIndex] - mean) * (weights[modelIndex] - mean), variance);
            // At α = 0.001 a product of two weights is almost always 0 and its sample tells nothing.
            if (concentration >= 0.01)
                Check(weights => weights[modelIndex] * weights[(modelIndex + 1) % models], product);
        }

        void Check(Func<double[], double> of, double expected)
        {
            var values = new double[Users];
            for (var userIndex = 0; userIndex < Users; userIndex++)
                values[userIndex] = of(users.WeightsOf(userIndex).ToArray());
            var average = values.Average();
            var standardError = Math.Sqrt(values.Sum(value => (value - average) * (value - average))) / Users;
            Assert.InRange((average - expected) / standardError, -4.5, 4.5);
        }
    }

    [Fact]
    public void Native_WithTwoModelsAndAlphaOne_IsUniform()
    {
        const int Users = 50_000;
        var users = PopulationSampler.Sample(Spec(2, 1, Users, 4));
        var sorted = Enumerable.Range(0, Users).Select(userIndex => users.WeightsOf(userIndex)[0]).Order().ToArray();
        var distance = sorted.Select((weight, index) => Math.Max(weight - ((double)index / Users), ((index + 1.0) / Users) - weight)).Max();
        // Kolmogorov–Smirnov: P(√n·D > 2.2) is 1 in 8,000.
        Assert.InRange(distance * Math.Sqrt(Users), 0, 2.2);
    }

    [Theory]
    [InlineData(1e-9)]
    [InlineData(0.001)]
    [InlineData(0.01)]
    [InlineData(1000)]
    [InlineData(1e9)]
    public void Native_EveryUserIsAPointOnTheSimplex(double concentration)
    {
        var users = PopulationSampler.Sample(Spec(10, concentration, 5000, 8));
        for (var userIndex = 0; userIndex < users.Count; userIndex++)
            Assert.InRange(users[userIndex].EffectiveNumber, 1, 10 + 1e-12);
    }

    // Means of exp(H) over 200,000 draws of NumPy's Generator.dirichlet.
    [Fact]
    public void EffectiveNumber_GrowsWithAlphaAsNumpySays()
    {
        Assert.Equal(1.183, Mean(0.01), 0.02);
        Assert.Equal(1.828, Mean(0.05), 0.03);
        Assert.Equal(2.501, Mean(0.1), 0.03);
        Assert.Equal(6.953, Mean(1), 0.04);

        static double Mean(double concentration)
        {
            var users = PopulationSampler.Sample(Spec(10, concentration, 20_000, 0));
            return Enumerable.Range(0, users.Count).Average(userIndex => users[userIndex].EffectiveNumber);
        }
    }

    [Fact]
    public void NumpyLegacy_RefusesWhereNumpyGivesNoNumbers()
    {
        var thrown = Assert.Throws<ArgumentException>(() => PopulationSampler.Sample(Spec(2, 0.0001, 1000, 0, WeightGenerator.NumpyLegacy)));
        Assert.Contains("Use the native generator", thrown.Message);
    }

    [Fact]
    public void OneRewardModel_GetsAllTheWeight() =>
        Assert.Equal([1, 1, 1], PopulationSampler.Sample(Spec(1, 0.05, 3, 0)).Weights.ToArray());

    [Theory]
    [InlineData(-1, 2)]
    [InlineData(3, 2)]
    [InlineData(0, 11)]
    public void Block_MustLieInThePopulation(int from, int to) =>
        Assert.Throws<ArgumentException>(() => PopulationSampler.Sample(Spec(2, 1, 10, 0), from, to));

    [Fact]
    public void Cancelling_StopsTheSampling()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        foreach (var generator in Enum.GetValues<WeightGenerator>())
            Assert.ThrowsAny<OperationCanceledException>(() => PopulationSampler.Sample(Spec(2, 1, 10, 0, generator), cancelled.Token));
    }

    private static PopulationSpec Spec(int models, double concentration, int users, uint seed, WeightGenerator generator = WeightGenerator.Native) =>
        new([.. Enumerable.Range(0, models).Select(index => $"model_{index}")], concentration, users, seed, generator);

    private sealed record GoldenFile(GoldenCase[] Cases);

    private sealed record GoldenCase(double Alpha, int Models, int Users, uint Seed, GoldenRow[] Rows, double[] ColumnMeans);

    private sealed record GoldenRow(int User, double[] Weights);
}
