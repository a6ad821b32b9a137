using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Mvc;
using PersonalLlm.Web.Features.Account;

namespace PersonalLlm.Web.Features.Judgements;

/// <summary>Where the ranking page writes to: drafts as JSON, the submit as a form that works without any script.</summary>
internal static class JudgementEndpoints
{
    // The longest comment in the widest letters, and room for everything else.
    private const int LongestBody = 64 * 1024;

    public static IEndpointRouteBuilder MapJudgementEndpoints(this IEndpointRouteBuilder routes)
    {
        var study = routes.MapGroup("/s/{code}").RequireAuthorization(Policies.Annotate)
            .WithMetadata(new RequestSizeLimitAttribute(LongestBody));
        study.MapPut("/rank/{judgementId:guid}/draft", SaveDraftAsync);
        study.MapPost("/rank/{judgementId:guid}", SubmitAsync);
        // Signing in again on the way to a submit comes back here with a GET.
        study.MapGet("/rank/{judgementId:guid}", (string code) => Results.LocalRedirect(RankPage(code)));
        return routes;
    }

    internal sealed record DraftBody(Guid AssignmentId, AnswerBody? Answer, TimingBody? Timing, long Sequence);

    /// <param name="Outcome">saved, older, submitted, leaseExpired, studyClosed or invalid.</param>
    /// <param name="Answer">Newer work than was sent, when the outcome is older.</param>
    internal sealed record DraftReply(
        string Outcome, string? Message = null, DateTimeOffset? SavedAt = null, AnswerBody? Answer = null, long? Sequence = null);

    /// <param name="Outcome">recorded, alreadyRecorded, conflict, leaseExpired, studyClosed or invalid.</param>
    /// <param name="Next">Where to go on; null to stay.</param>
    internal sealed record SubmitReply(string Outcome, string? Message, string? Next, IReadOnlyList<int> Missing);

    private static async Task<IResult> SaveDraftAsync(
        Guid judgementId, HttpContext http, IAntiforgery antiforgery, JudgementRecorder recorder, CancellationToken cancellation)
    {
        if (!await antiforgery.IsRequestValidAsync(http))
            return Refused("This page is out of date. Load it again; your ranking is kept.");
        if (await ReadAsync(http.Request, cancellation) is not { } body)
            return Refused("The draft could not be read: a part of it is missing or is not what it should be.");
        if (body.Answer!.Read(out var problem) is not { } answer)
            return Refused(problem!);
        var outcome = await recorder.SaveDraftAsync(
            new(http.User.AsVisitor(), body.AssignmentId, judgementId, answer, body.Sequence) { Timing = body.Timing?.Read() ?? new() }, cancellation);
        return outcome switch
        {
            DraftOutcome.Saved saved => Results.Ok(new DraftReply("saved", SavedAt: saved.SavedAt)),
            DraftOutcome.Older newer => Results.Ok(new DraftReply(
                "older", "A newer version from another tab or device was loaded.", Answer: AnswerBody.Of(newer.Answer), Sequence: newer.Sequence)),
            DraftOutcome.AlreadySubmitted => Results.Ok(new DraftReply("submitted", "This ranking was already submitted.")),
            DraftOutcome.LeaseExpired => Results.Ok(new DraftReply("leaseExpired", LeaseExpired)),
            DraftOutcome.StudyClosed => Results.Ok(new DraftReply("studyClosed", StudyClosed)),
            DraftOutcome.Invalid invalid => Refused(invalid.Problem.ToString()),
            _ => Results.NotFound(),
        };
    }

    /// <summary>Null when the body is no draft.</summary>
    private static async Task<DraftBody?> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        try
        {
            return await request.ReadFromJsonAsync<DraftBody>(cancellation) is { Answer: not null, Sequence: >= 0 } body ? body : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or BadHttpRequestException)
        {
            return null;
        }
    }

    private static IResult Refused(string sentence) => Results.BadRequest(new DraftReply("invalid", sentence));

    private static async Task<IResult> SubmitAsync(
        string code, Guid judgementId, [FromForm] IFormCollection form, HttpContext http, JudgementRecorder recorder, CancellationToken cancellation)
    {
        var visitor = http.User.AsVisitor();
        if (!Guid.TryParse(form["AssignmentId"], out var assignmentId))
            return Results.BadRequest(Unreadable("The form does not say which prompt it is about."));
        if (await recorder.QuestionAsync(assignmentId, visitor, cancellation) is not var (instrument, shown))
            return Results.NotFound();
        if (PageFields.ReadAnswer(form, instrument, shown, out var problem) is not { } answer || PageFields.ReadTiming(form, out problem) is not { } timing)
            return Results.BadRequest(Unreadable(problem!.ToString()));

        var outcome = await recorder.SubmitAsync(new(visitor, assignmentId, judgementId, answer) { Timing = timing }, cancellation);
        if (outcome is SubmitOutcome.NotYours)
            return Results.NotFound();
        var isScript = http.Request.Headers.Accept.ToString().Contains("application/json", StringComparison.Ordinal);
        if (outcome is SubmitOutcome.Invalid or SubmitOutcome.LeaseExpired or SubmitOutcome.StudyClosed)
        {
            // Without a script nobody else keeps what was filled in, and nobody counted the change.
            _ = long.TryParse(form["Sequence"], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence);
            await recorder.SaveDraftAsync(
                new(visitor, assignmentId, judgementId, answer, isScript ? sequence : sequence + 1) { Timing = timing }, cancellation);
        }
        if (isScript)
            return Results.Ok(Reply(outcome, code));
        return Results.LocalRedirect(outcome switch
        {
            SubmitOutcome.Invalid => RankPage(code) + "?after=incomplete",
            SubmitOutcome.Conflict => RankPage(code) + "?after=conflict",
            SubmitOutcome.LeaseExpired => RankPage(code) + "?after=late",
            SubmitOutcome.StudyClosed => $"/s/{Uri.EscapeDataString(code)}",
            _ => RankPage(code),
        });
    }

    private static SubmitReply Unreadable(string sentence) => new("invalid", sentence, null, []);

    private static SubmitReply Reply(SubmitOutcome outcome, string code) => outcome switch
    {
        SubmitOutcome.Recorded => new("recorded", "Recorded. Thank you.", RankPage(code), []),
        SubmitOutcome.AlreadyRecorded => new("alreadyRecorded", "This ranking was already recorded.", RankPage(code), []),
        SubmitOutcome.Conflict => new("conflict", Conflict, RankPage(code), []),
        SubmitOutcome.LeaseExpired => new("leaseExpired", LeaseExpired, RankPage(code), []),
        SubmitOutcome.StudyClosed => new("studyClosed", StudyClosed, null, []),
        SubmitOutcome.Invalid invalid => new("invalid", string.Join(' ', invalid.Problems), null, invalid.MissingPositions),
        _ => throw new InvalidOperationException($"No reply is known for {outcome}."),
    };

    internal const string Conflict = "You submitted another ranking of this prompt before, from another tab or device. That one is kept; this one was not recorded.";
    internal const string LeaseExpired = "The time for this prompt ran out and others have taken its places meanwhile. Your ranking is kept with your draft, but it cannot be counted.";
    internal const string StudyClosed = "The study takes no judgements at the moment. Your ranking is kept, and you can submit it when the study is open again.";

    private static string RankPage(string code) => $"/s/{Uri.EscapeDataString(code)}/rank";
}
