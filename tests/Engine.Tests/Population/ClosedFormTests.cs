using System.Text.Json;
using MathNet.Numerics;
using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Engine.Tests.Population;

/// <summary>
/// Where the answer is known without drawing anybody. Over two reward models w is a Beta variable, uniform at α = 1, and every response wins on an
/// interval of it: Golden/diversity_numpy.py has the lengths of the intervals and SciPy's Beta distribution over them.
/// </summary>
public sealed class ClosedFormTests
{
    // Of a normal deviate: once in 150,000.
    private const double Deviations = 4.5;

    private static readonly GoldenCase[] s_goldens = JsonSerializer.Deserialize<GoldenFile>(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", "diversity_numpy.json")), JsonSerializerOptions.Web)!.TwoModels;

    public static TheoryData<int, WeightGenerator> Cases
    {
        get
        {
            var cases = new TheoryData<int, WeightGenerator>();
            for (var caseIndex = 0; caseIndex < s_goldens.Length; caseIndex++)
                foreach (var generator in Enum.GetValues<WeightGenerator>())
                    cases.Add(caseIndex, generator);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void EveryResponse_WinsOnItsInterval(int caseIndex, WeightGenerator generator)
    {
        const int Users = 100_000;
        var golden = s_goldens[caseIndex];
        var votes = VoteCounter.CountFirstChoices(golden.Matrix(), PopulationSampler.Sample(golden.Spec(Users, 7, generator)));
        Assert.InRange(golden.Shares.Count(share => share > 0), 3, 7);
        for (var response = 0; response < golden.Shares.Length; response++)
        {
            var expected = golden.Shares[response];
            var margin = Deviations * Math.Sqrt(expected * (1 - expected) / Users);
            Assert.InRange(votes.Values[response] / Users, expected - margin, expected + margin);
        }
    }

    // Two users overlap with Σ L², and order two responses alike with p² + (1 − p)², so that τ is the mean of (2p − 1)² over the pairs of responses.
    [Theory]
    [MemberData(nameof(Cases))]
    public void TwoUsers_AgreeAsTheIntervalsSay(int caseIndex, WeightGenerator generator)
    {
        const int Seeds = 30;
        var golden = s_goldens[caseIndex];
        double[] overlaps = new double[Seeds], taus = new double[Seeds];
        for (var seed = 0; seed < Seeds; seed++)
        {
            var users = PopulationSampler.Sample(golden.Spec(1000, (uint)seed, generator));
            overlaps[seed] = FirstChoiceOverlap.Mean(VoteCounter.CountFirstChoices(golden.Matrix(), users), 1, 2).Value!.Value;
            taus[seed] = PairwiseAgreement.WithinSimulated(VoteCounter.CountPairs(golden.Matrix(), users)).Value!.Value;
        }
        AssertMean(golden.Overlap, overlaps);
        AssertMean(golden.KendallTau, taus);
    }

    // E H(w) = ψ(Σα + 1) − Σ (α_k / Σα) ψ(α_k + 1).
    [Theory]
    [InlineData("0.01", 10)]
    [InlineData("0.05", 10)]
    [InlineData("1", 10)]
    [InlineData("0.2,1.5,4", 3)]
    public void WeightsAreAsSpreadOutAsTheDigammaFunctionSays(string concentration, int models)
    {
        var alpha = Concentration.Parse(concentration)!;
        var total = Enumerable.Range(0, models).Sum(modelIndex => alpha[modelIndex]);
        var expected = SpecialFunctions.DiGamma(total + 1)
            - Enumerable.Range(0, models).Sum(modelIndex => alpha[modelIndex] / total * SpecialFunctions.DiGamma(alpha[modelIndex] + 1));
        foreach (var generator in Enum.GetValues<WeightGenerator>())
        {
            var users = PopulationSampler.Sample(new PopulationSpec(RandomRewards.Names(models), alpha, 50_000, 3, generator));
            AssertMean(expected, [.. Enumerable.Range(0, users.Count).Select(userIndex => Math.Log(users[userIndex].EffectiveNumber))]);
        }
    }

    private static void AssertMean(double expected, double[] values)
    {
        var mean = values.Average();
        var error = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1.0) / values.Length);
        Assert.InRange((mean - expected) / error, -Deviations, Deviations);
    }

    private sealed record GoldenFile(GoldenCase[] TwoModels);

    private sealed record GoldenCase(double[] Alphas, double[][] Rewards, double[] Shares, double Overlap, double KendallTau)
    {
        public RewardMatrix Matrix() => new(
            RandomRewards.Names(Alphas.Length), [0, Rewards.Length], [.. Rewards.SelectMany(row => row).Select(reward => (float)reward)]);

        public PopulationSpec Spec(int users, uint seed, WeightGenerator generator) =>
            new(RandomRewards.Names(Alphas.Length), Concentration.PerModel(Alphas), users, seed, generator);
    }
}
