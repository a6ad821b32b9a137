using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Localization;
using PersonalLlm.Data.Studies;
using PersonalLlm.Web.Features.Account;
using PersonalLlm.Web.Features.Judgements.Language;

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
        study.MapPost("/rank/{judgementId:guid}/undo", UndoAsync);
        study.MapPost("/skip", SkipAsync);
        study.MapPost("/heartbeat", RenewAsync);
        // Signing in again on the way to one of these comes back with a GET.
        study.MapGet("/rank/{judgementId:guid}", ToRankPage);
        study.MapGet("/rank/{judgementId:guid}/undo", ToRankPage);
        study.MapGet("/skip", ToRankPage);
        return routes;
    }

    internal sealed record DraftBody(Guid AssignmentId, AnswerBody? Answer, TimingBody? Timing, long Sequence);

    /// <param name="Outcome">saved, older, submitted, skipped, leaseExpired, studyClosed or invalid.</param>
    /// <param name="Answer">Newer work than was sent, when the outcome is older.</param>
    internal sealed record DraftReply(
        string Outcome, string? Message = null, DateTimeOffset? SavedAt = null, AnswerBody? Answer = null, long? Sequence = null);

    /// <param name="Outcome">recorded, alreadyRecorded, conflict, notRevisable, skipped, leaseExpired, studyClosed or invalid.</param>
    /// <param name="Next">Where to go on; null to stay.</param>
    /// <param name="Missing">0-based positions about which something must still be said.</param>
    /// <param name="JudgementId">What undoing names; null when nothing was recorded.</param>
    /// <param name="UndoUntil">Until when undoing is offered.</param>
    internal sealed record SubmitReply(
        string Outcome, string? Message, string? Next, IReadOnlyList<int> Missing, Guid? JudgementId = null, DateTimeOffset? UndoUntil = null);

    /// <param name="Outcome">undone, tooLate, revised or studyClosed; skipped, submitted or invalid; renewed, submitted, leaseExpired or studyClosed.</param>
    /// <param name="Next">Where to go on; null to stay.</param>
    internal sealed record Reply(string Outcome, string? Message = null, string? Next = null);

    private static async Task<IResult> SaveDraftAsync(
        Guid judgementId, HttpContext http, IAntiforgery antiforgery, JudgementRecorder recorder, IStringLocalizer<AnnotatorWords> words, CancellationToken cancellation)
    {
        if (!await antiforgery.IsRequestValidAsync(http))
            return Refused(words["This page is out of date. Load it again; your ranking is kept."]);
        if (await ReadAsync(http.Request, cancellation) is not { } body)
            return Refused(words["The draft could not be read: a part of it is missing or is not what it should be."]);
        if (body.Answer!.Read(out var problem) is not { } answer)
            return Refused(problem!);
        var outcome = await recorder.SaveDraftAsync(
            new(http.User.AsVisitor(), body.AssignmentId, judgementId, answer, body.Sequence) { Timing = body.Timing?.Read() ?? new() }, cancellation);
        return outcome switch
        {
            DraftOutcome.Saved saved => Results.Ok(new DraftReply("saved", SavedAt: saved.SavedAt)),
            DraftOutcome.Older newer => Results.Ok(new DraftReply(
                "older", words["A newer version from another tab or device was loaded."], Answer: AnswerBody.Of(newer.Answer), Sequence: newer.Sequence)),
            DraftOutcome.AlreadySubmitted => Results.Ok(new DraftReply("submitted", words["This ranking was already submitted."])),
            DraftOutcome.Skipped => Results.Ok(new DraftReply("skipped", OutcomeWords.Skipped(words))),
            DraftOutcome.LeaseExpired => Results.Ok(new DraftReply("leaseExpired", OutcomeWords.LeaseExpired(words))),
            DraftOutcome.StudyClosed => Results.Ok(new DraftReply("studyClosed", OutcomeWords.StudyClosed(words))),
            DraftOutcome.Invalid invalid => Refused(words.Say(invalid.Problem)),
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
        string code, Guid judgementId, [FromForm] IFormCollection form, HttpContext http, JudgementRecorder recorder, IStringLocalizer<AnnotatorWords> words,
        CancellationToken cancellation)
    {
        var visitor = http.User.AsVisitor();
        Guid? revises = Guid.TryParse(form["Revises"], out var revised) ? revised : null;
        if (!Guid.TryParse(form["AssignmentId"], out var assignmentId) || (revises is null && !string.IsNullOrEmpty(form["Revises"])))
            return Results.BadRequest(Unreadable(words["The form does not say which prompt it is about."]));
        if (await recorder.QuestionAsync(assignmentId, visitor, cancellation) is not var (instrument, shown))
            return Results.NotFound();
        if (PageFields.ReadAnswer(form, instrument, shown, out var problem) is not { } answer || PageFields.ReadTiming(form, out problem) is not { } timing)
            return Results.BadRequest(Unreadable(words.Say(problem!)));

        var outcome = await recorder.SubmitAsync(new(visitor, assignmentId, judgementId, answer) { Timing = timing, Revises = revises }, cancellation);
        if (outcome is SubmitOutcome.NotYours)
            return Results.NotFound();
        if (outcome is SubmitOutcome.Invalid or SubmitOutcome.LeaseExpired or SubmitOutcome.StudyClosed)
        {
            // Without a script nobody else keeps what was filled in, and nobody counted the change.
            _ = long.TryParse(form["Sequence"], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence);
            await recorder.SaveDraftAsync(
                new(visitor, assignmentId, judgementId, answer, IsScript(http) ? sequence : sequence + 1) { Timing = timing }, cancellation);
        }
        // Whoever revised came from the list of their items.
        var next = revises is null ? RankPage(code) : ItemsPage(code);
        if (IsScript(http))
            return Results.Ok(ReplyTo(outcome, next, words));
        return Results.LocalRedirect(outcome switch
        {
            // The page of a revision shows what was recorded, so it could not say what this one lacked.
            SubmitOutcome.Invalid when revises is not null => next + "?after=changeIncomplete",
            SubmitOutcome.Invalid => RankPage(code) + "?after=incomplete",
            SubmitOutcome.Conflict => next + "?after=conflict",
            SubmitOutcome.NotRevisable => next + "?after=refused",
            SubmitOutcome.Skipped => next + "?after=skipped",
            SubmitOutcome.LeaseExpired => next + "?after=late",
            SubmitOutcome.StudyClosed => StudyPage(code),
            _ => next,
        });
    }

    private static async Task<IResult> UndoAsync(
        string code, Guid judgementId, [FromForm] IFormCollection form, HttpContext http, JudgementUndoer undoer, IStringLocalizer<AnnotatorWords> words,
        CancellationToken cancellation)
    {
        var (outcome, sentence) = await undoer.UndoAsync(http.User.AsVisitor(), judgementId, cancellation) switch
        {
            UndoOutcome.Undone => ("undone", null),
            UndoOutcome.TooLate => ("tooLate", OutcomeWords.UndoTooLate(words)),
            UndoOutcome.Revised => ("revised", OutcomeWords.UndoRevised(words)),
            UndoOutcome.StudyClosed => ("studyClosed", OutcomeWords.StudyClosed(words)),
            _ => ("notYours", null),
        };
        return outcome switch
        {
            "notYours" => Results.NotFound(),
            "studyClosed" when !IsScript(http) => Results.LocalRedirect(StudyPage(code)),
            _ when IsScript(http) => Results.Ok(new Reply(outcome, sentence, RankPage(code))),
            "undone" => Results.LocalRedirect(RankPage(code)),
            _ => Results.LocalRedirect($"{RankPage(code)}?after={outcome}"),
        };
    }

    private static async Task<IResult> SkipAsync(
        string code, [FromForm] IFormCollection form, HttpContext http, AssignmentLeaser leaser, IStringLocalizer<AnnotatorWords> words, CancellationToken cancellation)
    {
        if (!Guid.TryParse(form["AssignmentId"], out var assignmentId))
            return Results.BadRequest(new Reply("invalid", words["The form does not say which prompt it is about."]));
        // What was ticked, and the person's own words beside it.
        var reason = string.Join(": ", form["Reason"].Where(part => !string.IsNullOrWhiteSpace(part)));
        if (string.IsNullOrWhiteSpace(reason) || reason.Length > Assignment.SkipReasonLength)
            return IsScript(http)
                ? Results.Ok(new Reply("invalid", OutcomeWords.SkipReason(words)))
                : Results.LocalRedirect(RankPage(code) + "?after=skipReason");
        return await leaser.SkipAsync(http.User.AsVisitor(), assignmentId, reason, cancellation) switch
        {
            SkipOutcome.NotYours => Results.NotFound(),
            _ when !IsScript(http) => Results.LocalRedirect(RankPage(code)),
            SkipOutcome.AlreadySubmitted => Results.Ok(new Reply("submitted", words["This ranking was already submitted."], RankPage(code))),
            _ => Results.Ok(new Reply("skipped", null, RankPage(code))),
        };
    }

    private static async Task<IResult> RenewAsync(
        [FromForm] IFormCollection form, HttpContext http, AssignmentLeaser leaser, IStringLocalizer<AnnotatorWords> words, CancellationToken cancellation)
    {
        if (!Guid.TryParse(form["AssignmentId"], out var assignmentId))
            return Results.BadRequest(new Reply("invalid", words["The form does not say which prompt it is about."]));
        return await leaser.RenewAsync(http.User.AsVisitor(), assignmentId, cancellation) switch
        {
            RenewOutcome.Renewed => Results.Ok(new Reply("renewed")),
            RenewOutcome.AlreadyDone => Results.Ok(new Reply("submitted", words["This ranking was already submitted."])),
            RenewOutcome.LeaseExpired => Results.Ok(new Reply("leaseExpired", OutcomeWords.LeaseExpired(words))),
            RenewOutcome.StudyClosed => Results.Ok(new Reply("studyClosed", OutcomeWords.StudyClosed(words))),
            _ => Results.NotFound(),
        };
    }

    private static SubmitReply ReplyTo(SubmitOutcome outcome, string next, IStringLocalizer<AnnotatorWords> words) => outcome switch
    {
        SubmitOutcome.Recorded recorded => new("recorded", words["Recorded. Thank you."], next, [], recorded.JudgementId, recorded.UndoUntil),
        SubmitOutcome.AlreadyRecorded => new("alreadyRecorded", words["This ranking was already recorded."], next, []),
        SubmitOutcome.Conflict => new("conflict", OutcomeWords.Conflict(words), next, []),
        SubmitOutcome.NotRevisable => new("notRevisable", OutcomeWords.NotRevisable(words), next, []),
        SubmitOutcome.Skipped => new("skipped", OutcomeWords.Skipped(words), next, []),
        SubmitOutcome.LeaseExpired => new("leaseExpired", OutcomeWords.LeaseExpired(words), next, []),
        SubmitOutcome.StudyClosed => new("studyClosed", OutcomeWords.StudyClosed(words), null, []),
        SubmitOutcome.Invalid invalid => new("invalid", string.Join(' ', invalid.Problems.Select(words.Say)), null, invalid.MissingPositions),
        _ => throw new InvalidOperationException($"No reply is known for {outcome}."),
    };

    private static SubmitReply Unreadable(string sentence) => new("invalid", sentence, null, []);

    private static bool IsScript(HttpContext http) => http.Request.Headers.Accept.ToString().Contains("application/json", StringComparison.Ordinal);

    private static IResult ToRankPage(string code) => Results.LocalRedirect(RankPage(code));

    private static string StudyPage(string code) => $"/s/{Uri.EscapeDataString(code)}";

    private static string RankPage(string code) => StudyPage(code) + "/rank";

    private static string ItemsPage(string code) => StudyPage(code) + "/items";
}
