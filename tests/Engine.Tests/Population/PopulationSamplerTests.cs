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

    // scipy.stats.dirichlet.rvs([0.3, 2, 1, 0.05], size=5, random_state=11)
    [Fact]
    public void NumpyLegacy_WithAnAlphaPerModel_EqualsScipyBitForBit() =>
        Assert.Equal(
            [
                0.0005738681895323857, 0.8842105537867538, 0.11521557802371381, 2.345527238185863e-39,
                0.5375046542461388, 0.3962755781474764, 0.03445518534150774, 0.031764582264877,
                0.0009984034411987055, 0.3091995765228484, 0.6898020198100843, 2.258686329446328e-10,
                0.000328525209687856, 0.5512157823967752, 0.44845569239353694, 4.0107521959534834e-26,
                0.006648168330848553, 0.3879191076530324, 0.4140281418441389, 0.1914045821719802,
            ],
            PopulationSampler.Sample(Spec(4, Concentration.PerModel([0.3, 2, 1, 0.05]), 5, 11, WeightGenerator.NumpyLegacy)).Weights.ToArray());

    // Computed by an independent implementation of Philox and of the sampler in Python, with 40 digits.
    [Theory]
    [InlineData("0.05", 0u, 0, new[] { 2.253073805425164e-19, 0.7365203328739661, 6.658178704901337e-07, 0.2634790013081634 })]
    [InlineData("0.05", 0u, 1, new[] { 2.5147822711594173e-17, 0.011637103812496618, 0.9883628961864793, 1.024029638678138e-12 })]
    [InlineData("0.1", 3u, 9, new[] { 2.0356428181180266e-08, 0.049042067284703485, 0.9509579123588683 })]
    [InlineData("0.1", 3u, 10, new[] { 2.0830251779055126e-13, 6.897569348743426e-05, 0.9999310243063043 })]
    [InlineData("1", 7u, 123_456, new[] { 0.2335584897594687, 0.32190008047341695, 0.14274850635365544, 0.06450116776795695, 0.237291755645502 })]
    [InlineData("2.5", 42u, 0, new[] { 0.5945413028332271, 0.21510535189269933, 0.19035334527407352 })]
    [InlineData("0.01,0.5,1,3,0.9", uint.MaxValue, 2_000_000_000, new[] { 1.7037485483106715e-10, 0.001917537636188674, 0.5758621827699987, 0.3477040740769587, 0.07451620534647911 })]
    public void Native_UsersNeverChange(string concentration, uint seed, int userIndex, double[] expected)
    {
        var spec = Spec(expected.Length, Concentration.Parse(concentration)!, userIndex + 1, seed);
        var actual = PopulationSampler.Sample(spec, userIndex, userIndex + 1).WeightsOf(0);
        for (var modelIndex = 0; modelIndex < expected.Length; modelIndex++)
            Assert.Equal(1, actual[modelIndex] / expected[modelIndex], 1e-12);
    }

    // Vectors of another width, and no vectors at all (DOTNET_EnableHWIntrinsic=0), give the same.
    [Theory]
    [InlineData("0.02", "B8081AE5A8381883")]
    [InlineData("0.1", "45A7379A38467827")]
    [InlineData("1", "EE473C1A70A83380")]
    [InlineData("0.5,1,3,0.07,1.5,0.9,2", "F9C46958A3EBB03D")]
    [InlineData("0.5,1,3,0.01,1.5,0.9,2", "613B340089300FA2")]
    public void Native_WeightsAreTheSameBitsOnEveryMachine(string concentration, string hash) =>
        Assert.Equal(hash, Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(
            PopulationSampler.Sample(Spec(7, Concentration.Parse(concentration)!, 10_000, 21)).Weights)))[..16]);

    // Quantiles of ln Gamma(shape) at the probabilities below: scipy.special.gammaincinv, and (ln p + ln Γ(shape + 1))/shape where that underflows.
    public static TheoryData<double, double[]> GammaQuantiles => new()
    {
        { 0.001, [-6908.33167258042, -4605.7465795863745, -2996.3086671522738, -2303.1614865923284, -1610.0143060323835, -1204.5491979242192,
            -916.867125472438, -693.7235741582284, -511.4020173642747, -357.2513375370161, -223.7199449124937, -105.93690925610944,
            -51.86968798583395, -10.62670521673839, -1.328892733731185] },
        { 0.01, [-691.3445586928207, -461.0860493934162, -300.142258150006, -230.8275400940115, -161.51282203801696, -120.96631122720053,
            -92.1981039820225, -69.88374885060145, -51.651593171206, -36.236525488480186, -22.883385925913778, -11.10506747337915,
            -5.695033657983274, -1.3278271698191655, 0.4115029421108485] },
        { 0.1, [-69.57627720241977, -46.55042627247931, -30.456047148138257, -23.52457534248364, -16.593103480404842, -12.538449195782084,
            -9.6615738373976, -7.429656841018318, -5.6036338190877, -4.049690001353091, -2.66801419673569, -1.3236781098391137,
            -0.5439772750956234, 0.4627762104684609, 1.213034724337871] },
        { 0.5, [-14.057074509635768, -9.451852485175737, -6.231718652596122, -4.841476608193014, -3.4391367432871474, -2.600507001862548,
            -1.9841462793378453, -1.4807447797617292, -1.0379975951821934, -0.6215764085818306, -0.19700417168043016, 0.30215561880348385,
            0.6527050151179201, 1.1991959032325945, 1.6889481248799285] },
        { 1, [-6.907255070523716, -4.600149226776581, -2.9701952490421646, -2.2503673273124445, -1.4999399867595156, -1.030930433158723,
            -0.6717269920921217, -0.366512920581664, -0.08742157179075517, 0.18562675886236557, 0.4758849953271107, 0.834032445247956,
            1.0971887003649483, 1.527179625807901, 1.9326447339160655] },
        { 2, [-3.0921987306605674, -1.906801767429384, -1.0346196676669213, -0.6314659719240319, -0.19311361124908408, 0.0928974630913925,
            0.31948690053362305, 0.5178093745199526, 0.7042420271578272, 0.8916768743274073, 1.096713269005167, 1.3583372192761258,
            1.5568521027696156, 1.892863750154909, 2.2228288042476136] },
        { 10, [1.0853650544872997, 1.4183256300894134, 1.691092679504395, 1.8279796283632836, 1.9863964907067106, 2.0959210361414597,
            2.1865471915719046, 2.268895375574469, 2.349056780036217, 2.4324962875741267, 2.527227745679591, 2.653663727212919,
            2.753992913355097, 2.9329584553884613, 3.120485331363824] },
    };

    // The sampler's draws are those of the reference: see the test after this one. P(√n·|F̂(q) − p| > 4.5·√(p(1−p))) is 1 in 150,000.
    [Theory]
    [MemberData(nameof(GammaQuantiles))]
    public void Native_GammaDrawsHaveTheExactQuantiles(double shape, double[] quantiles)
    {
        const int Draws = 100_000;
        double[] probabilities = [.001, .01, .05, .1, .2, .3, .4, .5, .6, .7, .8, .9, .95, .99, .999];
        var draws = Enumerable.Range(0, Draws).Select(userIndex => DirichletReference.LogGamma(12, userIndex, userIndex % 3, shape)).ToArray();
        foreach (var (probability, quantile) in probabilities.Zip(quantiles))
            Assert.InRange(
                (draws.Count(draw => draw <= quantile) - (probability * Draws)) / Math.Sqrt(Draws * probability * (1 - probability)), -4.5, 4.5);
    }

    // Kolmogorov–Smirnov: P(√n·D > 2.2) is 1 in 8,000.
    [Theory]
    [InlineData(0.01, 10)]
    [InlineData(0.1, 10)]
    [InlineData(0.4, 4)]
    [InlineData(1, 10)]
    [InlineData(1.3, 2)]
    [InlineData(7, 5)]
    public void Native_AWeightHasItsBetaDistribution(double concentration, int models)
    {
        const int Users = 50_000;
        var users = PopulationSampler.Sample(Spec(models, concentration, Users, 6));
        for (var modelIndex = 0; modelIndex < models; modelIndex += models - 1)
        {
            var sorted = Enumerable.Range(0, Users).Select(userIndex => users.WeightsOf(userIndex)[modelIndex]).Order().ToArray();
            var distance = sorted
                .Select((weight, index) => (Share: BetaRegularized(weight), index))
                .Max(place => Math.Max(place.Share - ((double)place.index / Users), ((place.index + 1.0) / Users) - place.Share));
            Assert.InRange(distance * Math.Sqrt(Users), 0, 2.2);
        }

        double BetaRegularized(double weight) =>
            MathNet.Numerics.SpecialFunctions.BetaRegularized(concentration, (models - 1) * concentration, weight);
    }

    [Theory]
    [InlineData(WeightGenerator.Native)]
    [InlineData(WeightGenerator.NumpyLegacy)]
    public void Blocks_AreTheWholePopulationInTheMemoryOfOne(WeightGenerator generator)
    {
        var spec = Spec(3, 0.2, 1000, 9, generator);
        var whole = PopulationSampler.Sample(spec);
        var next = 0;
        SimulatedUsers? before = null;
        foreach (var block in PopulationSampler.SampleBlocks(spec, 300))
        {
            Assert.Equal(next, block.DrawOf(0));
            Assert.Equal(whole.Weights.Slice(next * 3, block.Count * 3), block.Weights);
            if (before?.Count == block.Count)
                Assert.True(before.Weights == block.Weights);
            before = block;
            next += block.Count;
        }
        Assert.Equal(1000, next);
    }

    // At large α the test of acceptance subtracts numbers of the size of α, so that the last digits of a weight are the platform's.
    [Theory]
    [InlineData("0.001", 10, 1e-9)]
    [InlineData("0.05", 10, 1e-11)]
    [InlineData("0.0625", 10, 1e-12)]
    [InlineData("0.1", 10, 1e-12)]
    [InlineData("0.3", 1, 1e-12)]
    [InlineData("0.5", 5, 1e-12)]
    [InlineData("0.999", 7, 1e-12)]
    [InlineData("1", 10, 1e-12)]
    [InlineData("3", 33, 1e-12)]
    [InlineData("1.01", 700, 1e-12)]
    [InlineData("1000", 4, 1e-11)]
    [InlineData("0.01,0.5,1,3,0.02,1", 6, 1e-10)]
    [InlineData("2,0.1,1,0.9,40", 5, 1e-12)]
    public void Native_EqualsTheSlowReference(string concentration, int models, double tolerance)
    {
        var spec = Spec(models, Concentration.Parse(concentration)!, 1_000_003, 5);
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

    private static PopulationSpec Spec(int models, Concentration concentration, int users, uint seed, WeightGenerator generator = WeightGenerator.Native) =>
        new([.. Enumerable.Range(0, models).Select(index => $"model_{index}")], concentration, users, seed, generator);

    private sealed record GoldenFile(GoldenCase[] Cases);

    private sealed record GoldenCase(double Alpha, int Models, int Users, uint Seed, GoldenRow[] Rows, double[] ColumnMeans);

    private sealed record GoldenRow(int User, double[] Weights);
}
