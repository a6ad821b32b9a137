using PersonalLlm.Engine.Evaluation;

namespace PersonalLlm.Web.Features.Population;

/// <summary>What <c>characterise</c> writes; each field is documented in docs/characterise-json.md.</summary>
/// <param name="Population">Null unless simulated users were drawn from a Dirichlet distribution.</param>
internal sealed record CharacterisationReport(
    string Format,
    ReportTool Tool,
    ReportInput Input,
    string AnnotatorsAre,
    ReportPopulation? Population,
    ReportCounts Counts,
    ReportIntervals Intervals,
    ReportCharacteristics Characteristics,
    IReadOnlyList<ReportAnnotator> Annotators,
    IReadOnlyList<PublishedCharacteristics> Published)
{
    public Task WriteAsync(Stream stream, CancellationToken cancellationToken) => ReportJson.WriteAsync(this, stream, cancellationToken);
}

internal sealed record ReportCounts(int Annotators, int Prompts, int Pairs, int Labels, int Ties, int Repeats);

internal sealed record ReportCharacteristics(
    ReportEstimate Divergence,
    ReportEstimate HighDivergence,
    ReportMajorityVote WithSelf,
    ReportMajorityVote WithoutSelf,
    ReportEstimate Consistency,
    ReportEstimate RoomForPersonalization)
{
    public static ReportCharacteristics Of(DatasetCharacteristics characteristics) => new(
        ReportEstimate.Of(characteristics.Divergence),
        ReportEstimate.Of(characteristics.HighDivergence),
        ReportMajorityVote.Of(characteristics.WithSelf),
        ReportMajorityVote.Of(characteristics.WithoutSelf),
        ReportEstimate.Of(characteristics.Consistency),
        ReportEstimate.Of(characteristics.RoomForPersonalization));
}

internal sealed record ReportMajorityVote(ReportEstimate Mean, ReportEstimate Lowest, ReportEstimate Highest, ReportEstimate MinorityUsers)
{
    public static ReportMajorityVote Of(MajorityVoteSummary summary) => new(
        ReportEstimate.Of(summary.Mean), ReportEstimate.Of(summary.Lowest), ReportEstimate.Of(summary.Highest), ReportEstimate.Of(summary.MinorityUsers));
}

internal sealed record ReportAnnotator(string Name, ReportEstimate WithSelf, ReportEstimate WithoutSelf, ReportEstimate Consistency);

/// <summary>A row of Dong et al. (2025), table of §4.2, as printed there.</summary>
/// <param name="Consistency">Null: unknown.</param>
internal sealed record PublishedCharacteristics(
    string Dataset, string Samples, int Users, double Divergence, double HighDivergence, double LowestMajorityVoteAccuracy, double HighestMajorityVoteAccuracy, double? Consistency)
{
    public static IReadOnlyList<PublishedCharacteristics> Rows { get; } =
    [
        new("P-SOUPS", "53k", 6, 1.00, 0.98, 0.51, 0.59, 1),
        new("TL;DR", "179k", 5, 0.49, 0.27, 0.81, 0.87, null),
        new("Personal-LLM", "333k", 8, 0.87, 0.16, 0.33, 0.93, 1),
    ];
}
