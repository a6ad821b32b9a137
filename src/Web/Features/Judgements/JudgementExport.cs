using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Web.Features.Account;

namespace PersonalLlm.Web.Features.Judgements;

/// <summary>The judgements of a study as a stream of JSON lines: pseudonyms only, at constant memory.</summary>
internal static class JudgementExport
{
    // EF Core buffers whole results when it may have to retry them; pages of this size keep the memory constant all the same.
    private const int PageSize = 500;

    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    private static readonly byte[] s_newLine = "\n"u8.ToArray();

    public static IEndpointRouteBuilder MapJudgementExport(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/studies/{studyId:int}/judgements.jsonl", ExportAsync).RequireAuthorization(Policies.Research);
        return routes;
    }

    /// <summary>One line. Instants are UTC, ISO 8601; ranks are competition ranks, 1 is best, null is unranked.</summary>
    /// <param name="AnnotatorId">A pseudonym, different in each study.</param>
    /// <param name="Ranking">Compact form over response ids, for example "B,D=A,C".</param>
    internal sealed record Line(
        Guid JudgementId, int StudyId, string StudyCode, Guid AnnotatorId, string AnnotatorKind, string PromptId, string Ranking, bool AllBad,
        IReadOnlyList<ResponseLine> Responses, DateTime StartedAt, DateTime SubmittedAt);

    /// <param name="ResponseId">Letter of the response within its prompt, in the order of the data set.</param>
    /// <param name="PresentedPosition">0-based position on the annotator's page.</param>
    internal sealed record ResponseLine(string ResponseId, string ResponseModel, int? Rank, int PresentedPosition);

    private static async Task<IResult> ExportAsync(int studyId, IDbContextFactory<PersonalLlmDbContext> contexts, CancellationToken cancellation)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        var code = await data.Studies.Where(study => study.Id == studyId).Select(study => study.Code).SingleOrDefaultAsync(cancellation);
        return code is null
            ? Results.NotFound()
            : Results.Stream(stream => WriteAsync(stream, contexts, studyId, cancellation), "application/x-ndjson", $"judgements-{code}.jsonl");
    }

    private static async Task WriteAsync(Stream stream, IDbContextFactory<PersonalLlmDbContext> contexts, int studyId, CancellationToken cancellation)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        for (var last = Guid.Empty; ;)
        {
            var page = await PageAsync(data, studyId, last, cancellation);
            foreach (var line in page)
            {
                await JsonSerializer.SerializeAsync(stream, line, s_json, cancellation);
                await stream.WriteAsync(s_newLine, cancellation);
            }
            await stream.FlushAsync(cancellation);
            if (page.Count < PageSize)
                return;
            last = page[^1].JudgementId;
        }
    }

    private static async Task<List<Line>> PageAsync(PersonalLlmDbContext data, int studyId, Guid last, CancellationToken cancellation)
    {
        var rows = await data.Judgements.AsNoTracking()
            .Where(row => row.Assignment!.StudyId == studyId && row.Id > last)
            .OrderBy(row => row.Id).Take(PageSize)
            .Select(row => new
            {
                Judgement = row,
                Order = row.Assignment!.PresentedOrder,
                row.Assignment.AnnotatorId,
                row.Assignment.Annotator!.Kind,
                row.Assignment.Study!.Code,
                row.Assignment.Prompt!.Key,
                Models = row.Assignment.Prompt.Responses.OrderBy(response => response.Index).Select(response => response.ResponseModel!.Name).ToList(),
            })
            .ToListAsync(cancellation);
        return [.. rows.Select(row => new Line(
            row.Judgement.Id, studyId, row.Code, row.AnnotatorId, JsonNamingPolicy.SnakeCaseLower.ConvertName(row.Kind.ToString()), row.Key,
            row.Judgement.Answer.Ranking.ToString(), row.Judgement.Answer.AllBad,
            [.. row.Models.Select((model, responseIndex) => new ResponseLine(
                Ranking.Letter(responseIndex).ToString(), model, row.Judgement.Answer.Ranking.RankOf(responseIndex), Array.IndexOf(row.Order, responseIndex)))],
            row.Judgement.StartedAt.UtcDateTime, row.Judgement.SubmittedAt.UtcDateTime))];
    }
}
