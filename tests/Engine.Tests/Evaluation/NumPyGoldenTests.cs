using System.Text.Json;
using PersonalLlm.Engine.Datasets;
using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Engine.Tests.Evaluation;

/// <summary>NumPy and SciPy computed the same numbers from the definitions (Golden/diversity_numpy.py).</summary>
public sealed class NumPyGoldenTests
{
    private const double Tolerance = 1e-12;

    private static readonly GoldenFile s_golden = JsonSerializer.Deserialize<GoldenFile>(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", "diversity_numpy.json")), JsonSerializerOptions.Web)!;

    private static readonly RewardMatrix s_rewards = new(
        Population.RandomRewards.Names(5),
        [0, .. s_golden.Prompts.Select((_, promptIndex) => s_golden.Prompts.Take(promptIndex + 1).Sum(prompt => prompt.Rewards.Length))],
        [.. s_golden.Prompts.SelectMany(prompt => prompt.Rewards.SelectMany(row => row)).Select(reward => (float)reward)]);

    private static readonly SimulatedUsers s_users = new(
        new PopulationSpec(s_rewards.RewardModels, 0.4, s_golden.Weights.Length, 0), 0, [.. s_golden.Weights.SelectMany(user => user)]);

    private static readonly VoteCounts s_votes = VoteCounter.CountFirstChoices(s_rewards, s_users);

    private static readonly DiversitySummary s_summary = Diversity.Summarize(
        s_votes, [.. s_golden.Prompts.SelectMany(prompt => prompt.ResponseModels)], [.. s_golden.Prompts.Select(prompt => prompt.Subset)], seed: 1, resamples: 10);

    private static Expectations Expected => s_golden.Expected;

    [Fact]
    public void MajorityCurve_InBothDefinitions_EqualsScipys()
    {
        Assert.All(Expected.AtThreshold, prompts => Assert.InRange(prompts, 1, 10));
        AssertEqual(Expected.Share, s_summary.MajorityCurve.Select(point => point.Share.Value));
        AssertEqual(Expected.PercentileOfScore, s_summary.MajorityCurve.Select(point => point.PercentileOfScore.Value));
    }

    [Fact]
    public void DistinctWinners_InBothBinnings_EqualNumPys()
    {
        AssertEqual(Expected.DistinctWinners, s_summary.DistinctWinners.Select(bar => bar.Estimate.Value));
        AssertEqual(Expected.DistinctWinnersPaperBinning, s_summary.DistinctWinnersPaperBinning.Select(bar => bar.Estimate.Value));
    }

    [Fact]
    public void WinShares_EqualNumPys() => AssertEqual(Expected.WinShares, s_summary.WinShares);

    [Fact]
    public void Entropy_OfAllPrompts_Subsets_AndKeywords_EqualsScipys()
    {
        AssertEqual([Expected.MeanEntropy, Expected.EffectiveResponses], [s_summary.MeanEntropy.Value, s_summary.EffectiveResponses.Value]);
        AssertEqual(Expected.EntropyBySubset, s_summary.EntropyBySubset);
        var byKeyword = KeywordEntropy.Of(s_votes, [.. s_golden.Prompts.Select(prompt => prompt.Text)], seed: 1, resamples: 10);
        AssertEqual(Expected.EntropyByKeyword, [.. byKeyword.Where(group => !group.Name.EndsWith("of them", StringComparison.Ordinal))]);
    }

    [Fact]
    public void GiniAndEffectiveNumber_EqualScipys() => AssertEqual(
        [Expected.GiniOfVotes, Expected.GiniOfWeights, Expected.EffectiveRewardModels],
        [Gini.OfVotes(s_votes, 1, 10).Value, Gini.OfWeights(s_users, 1, 10).Value, Diversity.EffectiveRewardModels(s_users, 1, 10).Value]);

    [Fact]
    public void OverlapAndKendallsTau_EqualLookingAtEveryPairOfUsersWithScipy()
    {
        AssertEqual([Expected.Overlap], [FirstChoiceOverlap.Mean(s_votes, 1, 10).Value]);
        AssertEqual([Expected.KendallTau], [PairwiseAgreement.WithinSimulated(VoteCounter.CountPairs(s_rewards, s_users)).Value]);
        var matrix = AgreementMatrix.Of(s_rewards, s_users);
        AssertEqual(Expected.KendallTauOfFirstPairs, Enumerable.Range(1, 5).Select(other => (double?)matrix[0, other]));
    }

    [Fact]
    public void Representativeness_WithBothNormalizers_EqualsScipysWassersteinDistances()
    {
        var questions = s_golden.Opinions.Questions;
        var tables = new OpinionTables(
            [.. questions.Select((question, number) => new OpinionQuestion($"{number}", [.. question.Ordinals.Select((_, option) => $"{option}")], question.Ordinals))],
            s_rewards.RewardModels,
            [.. questions.SelectMany(question => question.Choices)],
            [.. questions.SelectMany((question, number) => question.People.Select(group => new OpinionAnswers(group.Key, number, group.Value)))]);
        var votes = Representativeness.Votes(tables, s_users);
        Assert.Equal(questions.Select(question => question.Votes), votes);
        AssertEqual(s_golden.Opinions.Range, Representativeness.ByGroup(tables, votes, OrdinalNormalizer.Range, seed: 1));
        AssertEqual(s_golden.Opinions.Paper, Representativeness.ByGroup(tables, votes, OrdinalNormalizer.Paper, seed: 1));
    }

    [Fact]
    public void Characteristics_EqualNumPysOfTheTableOfLabels()
    {
        var expected = s_golden.Characteristics;
        var annotators = expected.WithSelf.Length;
        var result = DatasetCharacteristics.Of(
            new PairLabels(
                [.. Enumerable.Range(0, annotators).Select(annotator => $"{annotator}")],
                [.. Enumerable.Range(0, expected.Labels.Length)],
                [.. expected.Labels.Select(row => Enumerable.Range(0, annotators).Where(annotator => row[annotator] != 0)
                    .Select(annotator => new PairLabel(annotator, row[annotator] > 0)).ToArray())],
                new double[annotators], new double[annotators], ties: 0),
            seed: 1, resamples: 10);
        AssertEqual([expected.Divergence, expected.HighDivergence], [result.Divergence.Value, result.HighDivergence.Value]);
        AssertEqual(expected.WithSelf, result.WithSelf.ByAnnotator.Select(estimate => estimate.Value));
        AssertEqual(expected.WithoutSelf, result.WithoutSelf.ByAnnotator.Select(estimate => estimate.Value));
        Assert.Equal(expected.WithoutSelf.Count(accuracy => accuracy < 0.5) / (double)annotators, result.WithoutSelf.MinorityUsers.Value!.Value, Tolerance);
        Assert.InRange(result.WithoutSelf.MinorityUsers.Value.Value, 0.1, 0.9);
    }

    private static void AssertEqual(double[] expected, IEnumerable<double?> actual)
    {
        double?[] values = [.. actual];
        Assert.Equal(expected.Length, values.Length);
        for (var place = 0; place < values.Length; place++)
            Assert.Equal(expected[place], values[place]!.Value, Tolerance);
    }

    private static void AssertEqual(Dictionary<string, double?> expected, IReadOnlyList<NamedEstimate> actual)
    {
        Assert.Equal(expected.Keys, actual.Select(named => named.Name));
        foreach (var (name, estimate) in actual)
            if (expected[name] is { } value)
                Assert.Equal(value, estimate.Value!.Value, Tolerance);
            else
                Assert.False(estimate.IsDefined);
    }

    private sealed record GoldenFile(
        double[][] Weights, GoldenPrompt[] Prompts, Expectations Expected, GoldenOpinions Opinions, GoldenCharacteristics Characteristics);

    private sealed record GoldenOpinions(GoldenQuestion[] Questions, Dictionary<string, double?> Range, Dictionary<string, double?> Paper);

    private sealed record GoldenQuestion(double[] Ordinals, double[] Choices, Dictionary<string, double[]> People, double[] Votes);

    private sealed record GoldenCharacteristics(int[][] Labels, double Divergence, double HighDivergence, double[] WithSelf, double[] WithoutSelf);

    private sealed record GoldenPrompt(string Text, string? Subset, string[] ResponseModels, double[][] Rewards);

    private sealed record Expectations(
        double[] Share,
        double[] PercentileOfScore,
        int[] AtThreshold,
        double[] DistinctWinners,
        double[] DistinctWinnersPaperBinning,
        Dictionary<string, double?> WinShares,
        double MeanEntropy,
        Dictionary<string, double?> EntropyBySubset,
        Dictionary<string, double?> EntropyByKeyword,
        double EffectiveResponses,
        double GiniOfVotes,
        double GiniOfWeights,
        double EffectiveRewardModels,
        double Overlap,
        double KendallTau,
        double[] KendallTauOfFirstPairs);
}
