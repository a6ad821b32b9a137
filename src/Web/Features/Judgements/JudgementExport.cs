using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Judgements;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Web.Features.Account;

namespace PersonalLlm.Web.Features.Judgements;

/// <summary>
/// What a study has gathered, as streams of JSON lines: judgements with every revision, preference pairs, skips, survey answers.
/// Annotators appear under their pseudonym only; those who withdrew do not appear. docs/judgement-export.md names every field.
/// </summary>
internal static class JudgementExport
{
    private const int PageSize = 500;

    // Texts are long, and a row brings all of its prompt's.
    private const int TextPageSize = 50;

    public static IEndpointRouteBuilder MapJudgementExport(this IEndpointRouteBuilder routes)
    {
        var study = routes.MapGroup("/studies/{studyId:int}").RequireAuthorization(Policies.Research);
        study.MapGet("/judgements.jsonl", JudgementsAsync);
        study.MapGet("/pairs.jsonl", PairsAsync);
        study.MapGet("/skips.jsonl", SkipsAsync);
        study.MapGet("/survey.jsonl", SurveyAsync);
        return routes;
    }

    /// <summary>One judgement, as it comes in both forms of the file.</summary>
    internal record Record
    {
        public required Guid JudgementId { get; init; }
        public required Guid AssignmentId { get; init; }
        public required int StudyId { get; init; }
        public required string StudyCode { get; init; }
        public required int StudyVersion { get; init; }
        public required Guid AnnotatorId { get; init; }
        public required AnnotatorKind AnnotatorKind { get; init; }
        public required string? PromptId { get; init; }
        public required Instrument Instrument { get; init; }
        public required bool AllBad { get; init; }
        public required Guid? IsRepeatOf { get; init; }
        public required CheckLine? AttentionCheck { get; init; }
        public required int? Confidence { get; init; }
        public required string[] Reasons { get; init; }
        public required string? Comment { get; init; }
        public required int? ActiveMs { get; init; }
        public required int? IdleMs { get; init; }
        public required int Revision { get; init; }
        public required DateTime? SupersededAt { get; init; }
        public required DateTime StartedAt { get; init; }
        public required DateTime SubmittedAt { get; init; }
        public required ClientLine Client { get; init; }
        public required int? ConsentVersion { get; init; }
        public required string? ExclusionReason { get; init; }
    }

    internal sealed record JudgementLine : Record
    {
        [JsonPropertyOrder(1)] public required string Ranking { get; init; }
        [JsonPropertyOrder(2)] public required IReadOnlyList<ResponseLine> Responses { get; init; }
    }

    [method: SetsRequiredMembers]
    internal sealed record LongLine(Record Judgement, ResponseLine Response) : Record(Judgement)
    {
        [JsonIgnore] public Record Judgement { get; } = Judgement;
        [JsonIgnore] public ResponseLine Response { get; } = Response;
        [JsonPropertyOrder(1)] public string ResponseId => Response.ResponseId;
        [JsonPropertyOrder(1)] public string? ResponseModel => Response.ResponseModel;
        [JsonPropertyOrder(1)] public int? Rank => Response.Rank;
        [JsonPropertyOrder(1)] public int? Score => Response.Score;
        [JsonPropertyOrder(1)] public int PresentedPosition => Response.PresentedPosition;
        [JsonPropertyOrder(1)] public int? ExposureMs => Response.ExposureMs;
        [JsonPropertyOrder(1)] public bool? Touched => Response.Touched;
    }

    /// <param name="ResponseId">Letter of the response within its prompt, in the order of the data set.</param>
    /// <param name="PresentedPosition">0-based position on the annotator's page.</param>
    internal sealed record ResponseLine(string ResponseId, string? ResponseModel, int? Rank, int? Score, int PresentedPosition, int? ExposureMs, bool? Touched);

    internal sealed record CheckLine(int Index, bool Passed);

    internal sealed record ClientLine(string? Viewport, string? Input);

    internal sealed record PairLine(
        string Prompt, string Chosen, string Rejected, int Margin, double Weight, Guid AnnotatorId, AnnotatorKind AnnotatorKind, Guid JudgementId,
        string PromptId, string ChosenId, string RejectedId, string? ChosenModel, string? RejectedModel, Instrument Instrument);

    internal sealed record SkipLine(
        Guid AssignmentId, int StudyId, string StudyCode, Guid AnnotatorId, AnnotatorKind AnnotatorKind, string? PromptId, int? AttentionCheck, Guid? IsRepeatOf,
        string[] PresentedResponses, DateTime LeasedAt, string? Reason, int? ConsentVersion, string? ExclusionReason);

    internal sealed record SurveyLine(
        int StudyId, string StudyCode, Guid AnnotatorId, AnnotatorKind AnnotatorKind, string Question, string? Asked, string[] Values, bool PreferNotToSay,
        DateTime AnsweredAt, int? ConsentVersion, string? ExclusionReason);

    private sealed record JudgementRow(Judgement Judgement, Assignment Assignment, Annotator Annotator, string? PromptKey, List<string?> Models);

    private sealed record PairRow(Judgement Judgement, Assignment Assignment, Annotator Annotator, string PromptKey, string Prompt, List<PairResponse> Responses);

    private sealed record PairResponse(string Text, string? Model);

    private sealed record SurveyRow(Annotator Annotator, List<SurveyAnswer> Answers);

    private static async Task<IResult> JudgementsAsync(int studyId, string? form, IDbContextFactory<PersonalLlmDbContext> contexts, CancellationToken cancellation)
    {
        if (form is not (null or "judgements" or "responses"))
            return Results.BadRequest("The form is judgements, one line for each, or responses, one line for each response of each.");
        if (await StudyAsync(contexts, studyId, cancellation) is not { } study)
            return Results.NotFound();
        return LineStream.Of<JudgementRow>(
            contexts, form == "responses" ? $"judgements-{study.Code}-by-response.jsonl" : $"judgements-{study.Code}.jsonl", PageSize,
            (data, last) => data.Judgements.WithSuperseded().AsNoTracking()
                .Where(row => row.Assignment!.StudyId == studyId && row.Assignment.Annotator!.WithdrawnAt == null && (last == null || row.Id > last.Judgement.Id))
                .OrderBy(row => row.Id)
                .Select(row => new JudgementRow(
                    row, row.Assignment!, row.Assignment!.Annotator!, row.Assignment.Prompt!.Key,
                    row.Assignment.Prompt.Responses.OrderBy(response => response.Index).Select(response => (string?)response.ResponseModel!.Name).ToList())),
            row => form == "responses" ? LongLines(study, row) : [Line(study, row)]);
    }

    private static async Task<IResult> PairsAsync(int studyId, IDbContextFactory<PersonalLlmDbContext> contexts, CancellationToken cancellation)
    {
        if (await StudyAsync(contexts, studyId, cancellation) is not { } study)
            return Results.NotFound();
        return LineStream.Of<PairRow>(
            contexts, $"pairs-{study.Code}.jsonl", TextPageSize,
            (data, last) => data.Judgements.AsNoTracking().OfPrompts()
                .Where(row => row.Assignment!.StudyId == studyId && row.Assignment.Annotator!.WithdrawnAt == null
                    && row.Assignment.Annotator.ExclusionReason == null && (last == null || row.Id > last.Judgement.Id))
                .OrderBy(row => row.Id)
                .Select(row => new PairRow(
                    row, row.Assignment!, row.Assignment!.Annotator!, row.Assignment.Prompt!.Key, row.Assignment.Prompt.Text,
                    row.Assignment.Prompt.Responses.OrderBy(response => response.Index).Select(response => new PairResponse(response.Text, response.ResponseModel!.Name)).ToList())),
            row => PreferencePairs.Of(row.Judgement.Answer, study.Instrument.Kind, row.Assignment.PresentedOrder).Select(pair => new PairLine(
                row.Prompt, row.Responses[pair.Chosen].Text, row.Responses[pair.Rejected].Text, pair.Margin, pair.Weight, row.Annotator.Id, row.Annotator.Kind,
                row.Judgement.Id, row.PromptKey, Letter(pair.Chosen), Letter(pair.Rejected), row.Responses[pair.Chosen].Model, row.Responses[pair.Rejected].Model,
                study.Instrument.Kind)));
    }

    private static async Task<IResult> SkipsAsync(int studyId, IDbContextFactory<PersonalLlmDbContext> contexts, CancellationToken cancellation)
    {
        if (await StudyAsync(contexts, studyId, cancellation) is not { } study)
            return Results.NotFound();
        return LineStream.Of<Assignment>(
            contexts, $"skips-{study.Code}.jsonl", PageSize,
            (data, last) => data.Assignments.AsNoTracking().Include(row => row.Annotator).Include(row => row.Prompt)
                .Where(row => row.StudyId == studyId && row.State == AssignmentState.Skipped && row.Annotator!.WithdrawnAt == null && (last == null || row.Id > last.Id))
                .OrderBy(row => row.Id),
            row => [new SkipLine(
                row.Id, studyId, study.Code, row.AnnotatorId, row.Annotator!.Kind, row.Prompt?.Key, row.CheckIndex, row.RepeatOfId,
                [.. row.PresentedOrder.Select(Letter)], row.LeasedAt.UtcDateTime, row.SkipReason, row.Annotator.ConsentVersion, row.Annotator.ExclusionReason)]);
    }

    private static async Task<IResult> SurveyAsync(int studyId, IDbContextFactory<PersonalLlmDbContext> contexts, CancellationToken cancellation)
    {
        if (await StudyAsync(contexts, studyId, cancellation) is not { } study)
            return Results.NotFound();
        var questions = study.Survey.ToDictionary(question => question.Key);
        return LineStream.Of<SurveyRow>(
            contexts, $"survey-{study.Code}.jsonl", PageSize,
            (data, last) => data.Annotators.AsNoTracking()
                .Where(row => row.StudyId == studyId && row.WithdrawnAt == null && (last == null || row.Id > last.Annotator.Id))
                .OrderBy(row => row.Id)
                .Select(row => new SurveyRow(row, data.SurveyAnswers.Where(answer => answer.AnnotatorId == row.Id).OrderBy(answer => answer.QuestionKey).ToList())),
            row => row.Answers.Select(answer => new SurveyLine(
                studyId, study.Code, row.Annotator.Id, row.Annotator.Kind, answer.QuestionKey,
                questions.TryGetValue(answer.QuestionKey, out var question) ? question.IsAfter ? "after" : "before" : null,
                answer.Values, answer.Values.Length == 0, answer.AnsweredAt.UtcDateTime, row.Annotator.ConsentVersion, row.Annotator.ExclusionReason)));
    }

    private static JudgementLine Line(Study study, JudgementRow row) => new()
    {
        JudgementId = row.Judgement.Id,
        AssignmentId = row.Assignment.Id,
        StudyId = study.Id,
        StudyCode = study.Code,
        StudyVersion = row.Judgement.StudyVersion,
        AnnotatorId = row.Annotator.Id,
        AnnotatorKind = row.Annotator.Kind,
        PromptId = row.PromptKey,
        Instrument = study.Instrument.Kind,
        AllBad = row.Judgement.Answer.AllBad,
        IsRepeatOf = row.Assignment.RepeatOfId,
        AttentionCheck = row.Assignment.CheckIndex is { } index
            ? new(index, row.Judgement.Answer.Ranking.FirstChoices is [var first] && first == study.AttentionChecks[index].ExpectedIndex)
            : null,
        Confidence = row.Judgement.Answer.Confidence,
        Reasons = row.Judgement.Answer.Reasons,
        Comment = row.Judgement.Answer.Comment,
        ActiveMs = row.Judgement.Timing.ActiveMs,
        IdleMs = row.Judgement.Timing.IdleMs,
        Revision = row.Judgement.Revision,
        SupersededAt = row.Judgement.SupersededAt?.UtcDateTime,
        StartedAt = row.Judgement.StartedAt.UtcDateTime,
        SubmittedAt = row.Judgement.SubmittedAt.UtcDateTime,
        Client = new(NullIfEmpty(row.Judgement.Timing.Viewport), NullIfEmpty(row.Judgement.Timing.Input)),
        ConsentVersion = row.Annotator.ConsentVersion,
        ExclusionReason = row.Annotator.ExclusionReason,
        Ranking = row.Judgement.Answer.Ranking.ToString(),
        Responses = [.. row.Assignment.PresentedOrder.Index().OrderBy(shown => shown.Item).Select(shown => ResponseOf(study, row, shown.Item, shown.Index))],
    };

    private static ResponseLine ResponseOf(Study study, JudgementRow row, int responseIndex, int position)
    {
        var (answer, timing) = (row.Judgement.Answer, row.Judgement.Timing);
        return new(
            Letter(responseIndex), row.Models.ElementAtOrDefault(responseIndex), PreferencePairs.SaidRank(answer, study.Instrument.Kind, responseIndex),
            answer.Scores.ElementAtOrDefault(responseIndex), position,
            timing.ExposureMs.Length == 0 ? null : timing.ExposureMs[position], timing.Touched.Length == 0 ? null : timing.Touched[position]);
    }

    private static IEnumerable<LongLine> LongLines(Study study, JudgementRow row)
    {
        var line = Line(study, row);
        return line.Responses.Select(response => new LongLine(line, response));
    }

    private static async Task<Study?> StudyAsync(IDbContextFactory<PersonalLlmDbContext> contexts, int studyId, CancellationToken cancellation)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        return await data.Studies.AsNoTracking().SingleOrDefaultAsync(study => study.Id == studyId, cancellation);
    }

    private static string Letter(int responseIndex) => Ranking.Letter(responseIndex).ToString();

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
