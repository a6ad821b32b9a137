using System.Text.Encodings.Web;
using System.Text.Json;
using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;
using PersonalLlm.Engine.Statistics;
using PersonalLlm.Web.Features.Population.Opinions;

namespace PersonalLlm.Web.Features.Population;

/// <summary>What <c>simulate</c> writes; each field is documented in docs/simulate-json.md.</summary>
/// <param name="Draws">Which of the users drawn each row of the weights is.</param>
internal sealed record SimulationReport(
    string Format,
    ReportTool Tool,
    ReportInput Input,
    int Prompts,
    int Responses,
    IReadOnlyList<ReportRewardModel> RewardModels,
    ReportPopulation Population,
    ReportEstimate EffectiveRewardModels,
    ReportEstimate GiniOfWeights,
    ReportIntervals Intervals,
    ReportMetrics Metrics,
    ReportPersonas? Personas,
    ReportPublished Published,
    IReadOnlyList<ReportSweepPoint> Sweep,
    ReportRegression? Regression,
    IEnumerable<int> Draws,
    IEnumerable<double[]> Weights,
    IReadOnlyList<ReportVotes> Votes)
{
    public Task WriteAsync(Stream stream, CancellationToken cancellationToken) => ReportJson.WriteAsync(this, stream, cancellationToken);
}

/// <summary>How every report of the command line is written.</summary>
internal static class ReportJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        // The file is read by programs, never put into a page: "≤2" may stay readable.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static Task WriteAsync<T>(T report, Stream stream, CancellationToken cancellationToken) =>
        JsonSerializer.SerializeAsync(stream, report, Options, cancellationToken);
}

internal sealed record ReportTool(string Name, string Version)
{
    public static ReportTool This { get; } = new("PersonalLLM", typeof(ReportTool).Assembly.GetName().Version!.ToString(3));
}

internal sealed record ReportInput(string File, string Sha256, string Format, IReadOnlyList<ReportOddity> Oddities);

internal sealed record ReportOddity(string Kind, int Count);

internal sealed record ReportRewardModel(string Name, double Mean, double StandardDeviation, string Source);

/// <param name="Users">How many were drawn.</param>
/// <param name="Stayed">How many of them stayed; all where none is dropped for being near another.</param>
/// <param name="InverseTemperature">Null is infinity, which JSON cannot write.</param>
/// <param name="Pins">Null where users judge by no rewards.</param>
internal sealed record ReportPopulation(
    Concentration Concentration,
    int Users,
    uint Seed,
    string Generator,
    double? InverseTemperature,
    double? SmallestDistance,
    int Stayed,
    IReadOnlyList<string> RewardModels,
    IReadOnlyList<ReportPin>? Pins,
    string Hash)
{
    public static ReportPopulation Of(SimulatedUsers users) => new(
        users.Spec.Concentration,
        users.Spec.Users,
        users.Spec.Seed,
        PopulationSpec.NameOf(users.Spec.Generator),
        double.IsPositiveInfinity(users.Spec.InverseTemperature) ? null : users.Spec.InverseTemperature,
        users.Spec.SmallestDistance,
        users.Count,
        users.Spec.RewardModels,
        users.Spec.Pins is { } pins ? [.. pins.Select(pin => new ReportPin(pin.Revision, pin.Constants.Mean, pin.Constants.StandardDeviation))] : null,
        users.Spec.Hash());
}

internal sealed record ReportPin(string? Revision, double Mean, double StandardDeviation);

internal sealed record ReportEstimate(double? Value, double? Low, double? High, int N, string? UndefinedBecause, string? NoIntervalBecause)
{
    public static ReportEstimate Of(Estimate estimate) =>
        new(estimate.Value, estimate.Low, estimate.High, estimate.N, estimate.UndefinedBecause, estimate.NoIntervalBecause);
}

internal sealed record ReportIntervals(string Method, double Level, string Units, int Resamples, uint Seed);

internal sealed record ReportMetrics(
    IReadOnlyList<ReportMajorityPoint> MajorityCurve,
    IReadOnlyDictionary<string, ReportEstimate> DistinctWinners,
    IReadOnlyDictionary<string, ReportEstimate> DistinctWinnersPaperBinning,
    IReadOnlyDictionary<string, ReportEstimate> WinShares,
    ReportEstimate MeanEntropy,
    IReadOnlyDictionary<string, ReportEstimate> EntropyBySubset,
    IReadOnlyDictionary<string, ReportEstimate> EntropyByKeyword,
    ReportEstimate EffectiveResponses,
    ReportEstimate GiniOfVotes,
    ReportEstimate Overlap,
    ReportEstimate KendallTau)
{
    /// <param name="file">What was voted on.</param>
    /// <param name="votes">Whole first choices.</param>
    /// <param name="kendallTau">Of two voters; undefined where nobody ranks.</param>
    /// <param name="seed">Of the bootstraps.</param>
    /// <param name="cancellationToken">Checked between resamples.</param>
    public static ReportMetrics Of(ScoredFile file, VoteCounts votes, Estimate kendallTau, uint seed, CancellationToken cancellationToken)
    {
        var summary = Diversity.Summarize(votes, file.ResponseModels, file.Subsets, seed, cancellationToken: cancellationToken);
        return new ReportMetrics(
            [.. summary.MajorityCurve.Select(point =>
                new ReportMajorityPoint(point.Threshold, ReportEstimate.Of(point.Share), ReportEstimate.Of(point.PercentileOfScore)))],
            Named(summary.DistinctWinners),
            Named(summary.DistinctWinnersPaperBinning),
            Named(summary.WinShares),
            ReportEstimate.Of(summary.MeanEntropy),
            Named(summary.EntropyBySubset),
            Named(KeywordEntropy.Of(votes, [.. file.Prompts.Select(prompt => prompt.Text)], seed, cancellationToken: cancellationToken)),
            ReportEstimate.Of(summary.EffectiveResponses),
            ReportEstimate.Of(Gini.OfVotes(votes, seed, cancellationToken: cancellationToken)),
            ReportEstimate.Of(FirstChoiceOverlap.Mean(votes, seed, cancellationToken: cancellationToken)),
            ReportEstimate.Of(kendallTau));
    }

    private static OrderedDictionary<string, ReportEstimate> Named(IReadOnlyList<NamedEstimate> estimates) =>
        new(estimates.Select(named => KeyValuePair.Create(named.Name, ReportEstimate.Of(named.Estimate))));
}

internal sealed record ReportMajorityPoint(double Threshold, ReportEstimate Share, ReportEstimate PercentileOfScore);

/// <summary>What PersonalLLM prints, beside ours.</summary>
/// <param name="IsSameData">Whether this may be the data that it was printed for.</param>
internal sealed record ReportPublished(string Source, bool IsSameData, IReadOnlyList<PublishedDiversity> Rows)
{
    public static ReportPublished Beside(RewardMatrix rewards) =>
        new(PublishedDiversity.Source, PublishedDiversity.IsPublishedData([.. rewards.RewardModels], rewards.PromptCount), PublishedDiversity.Rows);
}

/// <summary>The same users drawn with another concentration.</summary>
internal sealed record ReportSweepPoint(
    Concentration Concentration,
    string Hash,
    int Stayed,
    ReportEstimate EffectiveRewardModels,
    IReadOnlyList<ReportMajorityPoint> MajorityCurve,
    ReportEstimate MeanEntropy,
    ReportEstimate Overlap,
    ReportEstimate KendallTau);

internal sealed record ReportVotes(string PromptId, string? Subset, IReadOnlyList<string> ResponseModels, double[] Counts);

/// <param name="Scores">The file of further attributes; null without one.</param>
internal sealed record ReportRegression(
    string Contrast, ReportFile? Scores, IReadOnlyList<ReportAttribute> Attributes, IEnumerable<IReadOnlyDictionary<string, ReportEstimate>> Users)
{
    public static ReportRegression Of(AttributeRegression regression, RegressionContrast contrast, ReportInput? scores) => new(
        contrast == RegressionContrast.PaperRank4 ? "paper-rank4" : "best-worst",
        scores is null ? null : new ReportFile(scores.File, scores.Sha256),
        [.. regression.Attributes.Select(attribute => new ReportAttribute(
            attribute.Name, attribute.Mean, attribute.StandardDeviation, ReportEstimate.Of(attribute.MeanCoefficient), attribute.Quartiles))],
        regression.ByUser.Select(user => new OrderedDictionary<string, ReportEstimate>(
            user.Zip(regression.Attributes, (estimate, attribute) => KeyValuePair.Create(attribute.Name, ReportEstimate.Of(estimate))))));
}

internal sealed record ReportAttribute(string Name, double Mean, double StandardDeviation, ReportEstimate MeanCoefficient, IReadOnlyList<double> Quartiles);
