using PersonalLlm.Engine.Evaluation;

namespace PersonalLlm.Web.Features.Population;

/// <summary>What <c>characterise</c> writes; each field is documented in docs/characterise-json.md.</summary>
/// <param name="PairsPerPrompt">How many pairs of each prompt were drawn for simulated users; null when they labelled all.</param>
/// <param name="Population">Null unless simulated users were drawn from a Dirichlet distribution.</param>
internal sealed record CharacterisationReport(
    string Format,
    ReportTool Tool,
    ReportInput Input,
    string AnnotatorsAre,
    ReportPopulation? Population,
    int? PairsPerPrompt,
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
