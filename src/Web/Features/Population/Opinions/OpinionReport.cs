using PersonalLlm.Engine.Datasets;
using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Web.Features.Population.Opinions;

/// <summary>What <c>opinionqa</c> writes; each field is documented in docs/opinionqa.md.</summary>
internal sealed record OpinionReport(
    string Format,
    ReportTool Tool,
    ReportOpinionInputs Inputs,
    ReportPopulation Population,
    ReportIntervals Intervals,
    ReportRepresentativeness Overall,
    IReadOnlyList<ReportRepresentativeness> Groups,
    IReadOnlyList<PublishedRepresentativeness> Published,
    IReadOnlyList<ReportOpinionVotes> Votes)
{
    private const string FormatName = "personal-llm-opinionqa/2";

    /// <summary>Reads the three tables, draws the population, lets it vote and compares.</summary>
    /// <param name="paths">Of questions, choices and humans.</param>
    /// <param name="asked">Its reward models are replaced by those of the choices.</param>
    /// <returns>The report, or one sentence saying why there is none.</returns>
    public static async Task<(OpinionReport? Report, string? Refusal)> MakeAsync(
        (string Questions, string Choices, string Humans) paths, PopulationSpec asked, CancellationToken cancellationToken)
    {
        if (new[] { paths.Questions, paths.Choices, paths.Humans }.FirstOrDefault(path => !File.Exists(path)) is { } absent)
            return (null, $"There is no file {absent}.");
        try
        {
            await using FileStream questions = File.OpenRead(paths.Questions), choices = File.OpenRead(paths.Choices), humans = File.OpenRead(paths.Humans);
            var inputs = new ReportOpinionInputs(
                await InputAsync(questions, cancellationToken), await InputAsync(choices, cancellationToken), await InputAsync(humans, cancellationToken));
            var (tables, problem) = await OpinionTables.ReadAsync(questions, choices, humans, cancellationToken);
            if (tables is null)
                return (null, problem);
            var spec = asked with { RewardModels = tables.RewardModels };
            return spec.FindProblem() is { } impossible ? (null, impossible) : (Of(inputs, tables, spec, cancellationToken), null);
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return (null, unusable.Message);
        }
    }

    public Task WriteAsync(Stream stream, CancellationToken cancellationToken) => ReportJson.WriteAsync(this, stream, cancellationToken);

    /// <exception cref="ArgumentException">The population cannot be drawn.</exception>
    public static OpinionReport Of(ReportOpinionInputs inputs, OpinionTables tables, PopulationSpec spec, CancellationToken cancellationToken)
    {
        var users = PopulationSampler.Sample(spec, cancellationToken);
        var votes = Representativeness.Votes(tables, users, cancellationToken);
        var range = Representativeness.ByGroup(tables, votes, OrdinalNormalizer.Range, spec.Seed, cancellationToken);
        var paper = Representativeness.ByGroup(tables, votes, OrdinalNormalizer.Paper, spec.Seed, cancellationToken);
        var groups = range.Zip(paper, (one, other) => new ReportRepresentativeness(one.Name, ReportEstimate.Of(one.Estimate), ReportEstimate.Of(other.Estimate))).ToArray();
        var none = ReportEstimate.Of(Estimate.Undefined($"the humans' table has no group {OpinionTables.Everybody}"));
        return new OpinionReport(
            FormatName,
            ReportTool.This,
            inputs,
            ReportPopulation.Of(users),
            new ReportIntervals("percentile bootstrap", 0.95, "questions, given these users", Bootstrap.DefaultResamples, spec.Seed),
            groups.FirstOrDefault(group => group.Group == OpinionTables.Everybody) ?? new ReportRepresentativeness(OpinionTables.Everybody, none, none),
            [.. groups.Where(group => group.Group != OpinionTables.Everybody)],
            PublishedRepresentativeness.Rows,
            [.. tables.Questions.Zip(votes, (question, counts) => new ReportOpinionVotes(question.Id, question.Options, question.Ordinals, counts))]);
    }

    private static async Task<ReportFile> InputAsync(FileStream stream, CancellationToken cancellationToken) =>
        new(Path.GetFileName(stream.Name), await ScoredFile.HashAsync(stream, cancellationToken));
}

internal sealed record ReportFile(string File, string Sha256);

internal sealed record ReportOpinionInputs(ReportFile Questions, ReportFile Choices, ReportFile Humans);

/// <param name="Range">Distances divided by the range of the ordinals.</param>
/// <param name="PaperNormalizer">Distances divided by options − 1.</param>
internal sealed record ReportRepresentativeness(string Group, ReportEstimate Range, ReportEstimate PaperNormalizer);

internal sealed record ReportOpinionVotes(string QuestionId, IReadOnlyList<string> Options, IReadOnlyList<double> Ordinals, double[] Counts);
