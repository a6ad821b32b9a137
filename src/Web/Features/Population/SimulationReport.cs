using System.Text.Encodings.Web;
using System.Text.Json;
using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Web.Features.Population;

/// <summary>What <c>simulate</c> writes; each field is documented in docs/simulate-json.md.</summary>
internal sealed record SimulationReport(
    string Format,
    ReportTool Tool,
    ReportInput Input,
    int Prompts,
    int Responses,
    IReadOnlyList<ReportRewardModel> RewardModels,
    ReportPopulation Population,
    ReportEstimate EffectiveRewardModels,
    ReportIntervals Intervals,
    ReportMetrics Metrics,
    IEnumerable<double[]> Weights,
    IReadOnlyList<ReportVotes> Votes)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        // The file is read by programs, never put into a page: "≤2" may stay readable.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public Task WriteAsync(Stream stream, CancellationToken cancellationToken) =>
        JsonSerializer.SerializeAsync(stream, this, Json, cancellationToken);
}

internal sealed record ReportTool(string Name, string Version);

internal sealed record ReportInput(string File, string Sha256, string Format, IReadOnlyList<ReportOddity> Oddities);

internal sealed record ReportOddity(string Kind, int Count);

internal sealed record ReportRewardModel(string Name, double Mean, double StandardDeviation, string Source);

/// <param name="InverseTemperature">Null is infinity, which JSON cannot write.</param>
internal sealed record ReportPopulation(
    double Concentration, int Users, uint Seed, string Generator, double? InverseTemperature, IReadOnlyList<string> RewardModels, string Hash)
{
    public static ReportPopulation Of(PopulationSpec spec) => new(
        spec.Concentration,
        spec.Users,
        spec.Seed,
        PopulationSpec.NameOf(spec.Generator),
        double.IsPositiveInfinity(spec.InverseTemperature) ? null : spec.InverseTemperature,
        spec.RewardModels,
        spec.Hash());
}

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
    ReportEstimate EffectiveResponses)
{
    public static ReportMetrics Of(DiversitySummary summary) => new(
        [.. summary.MajorityCurve.Select(point =>
            new ReportMajorityPoint(point.Threshold, ReportEstimate.Of(point.Share), ReportEstimate.Of(point.PercentileOfScore)))],
        Named(summary.DistinctWinners),
        Named(summary.DistinctWinnersPaperBinning),
        Named(summary.WinShares),
        ReportEstimate.Of(summary.MeanEntropy),
        Named(summary.EntropyBySubset),
        ReportEstimate.Of(summary.EffectiveResponses));

    private static OrderedDictionary<string, ReportEstimate> Named(IReadOnlyList<NamedEstimate> estimates) =>
        new(estimates.Select(named => KeyValuePair.Create(named.Name, ReportEstimate.Of(named.Estimate))));
}

internal sealed record ReportMajorityPoint(double Threshold, ReportEstimate Share, ReportEstimate PercentileOfScore);

internal sealed record ReportVotes(string PromptId, string? Subset, IReadOnlyList<string> ResponseModels, double[] Counts);
