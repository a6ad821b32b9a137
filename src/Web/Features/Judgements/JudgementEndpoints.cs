using System.Globalization;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Mvc;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Web.Features.Account;

namespace PersonalLlm.Web.Features.Judgements;

/// <summary>Where the ranking page writes to: drafts as JSON, the submit as a form that works without any script.</summary>
internal static class JudgementEndpoints
{
    public static IEndpointRouteBuilder MapJudgementEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapPut("/api/judgements/{judgementId:guid}/draft", SaveDraftAsync).RequireAuthorization(Policies.Annotate);
        routes.MapPost("/s/{code}/rank/{judgementId:guid}", SubmitAsync).RequireAuthorization(Policies.Annotate);
        // Signing in again on the way to a submit comes back here with a GET.
        routes.MapGet("/s/{code}/rank/{judgementId:guid}", (string code) => Results.LocalRedirect(RankPage(code))).RequireAuthorization(Policies.Annotate);
        return routes;
    }

    /// <param name="Ranking">In positions, for example "B,D=A".</param>
    internal sealed record DraftBody(Guid AssignmentId, string? Ranking, bool AllBad, long Sequence);

    /// <param name="Outcome">saved, older, submitted, leaseExpired, studyClosed or invalid.</param>
    internal sealed record DraftReply(
        string Outcome, string? Message = null, DateTimeOffset? SavedAt = null, string? Ranking = null, bool? AllBad = null, long? Sequence = null);

    /// <param name="Outcome">recorded, alreadyRecorded, conflict, leaseExpired, studyClosed or invalid.</param>
    /// <param name="Next">Where to go on; null to stay.</param>
    internal sealed record SubmitReply(string Outcome, string? Message, string? Next, IReadOnlyList<int> Missing);

    private static async Task<IResult> SaveDraftAsync(
        Guid judgementId, DraftBody body, HttpContext http, IAntiforgery antiforgery, JudgementRecorder recorder, CancellationToken cancellation)
    {
        if (!await antiforgery.IsRequestValidAsync(http))
            return Results.BadRequest(new DraftReply("invalid", "This page is out of date. Load it again; your ranking is kept."));
        if (!Ranking.TryParse(body.Ranking, Ranking.MaximumResponses, out var positions, out var problem))
            return Results.BadRequest(new DraftReply("invalid", problem));
        var outcome = await recorder.SaveDraftAsync(
            new(http.User.AsVisitor(), body.AssignmentId, judgementId, new() { Ranking = positions, AllBad = body.AllBad }, body.Sequence), cancellation);
        return outcome switch
        {
            DraftOutcome.Saved saved => Results.Ok(new DraftReply("saved", SavedAt: saved.SavedAt)),
            DraftOutcome.Older newer => Results.Ok(new DraftReply(
                "older", "A newer version from another tab or device was loaded.", null, newer.Answer.Ranking.ToString(), newer.Answer.AllBad, newer.Sequence)),
            DraftOutcome.AlreadySubmitted => Results.Ok(new DraftReply("submitted", "This ranking was already submitted.")),
            DraftOutcome.LeaseExpired => Results.Ok(new DraftReply("leaseExpired", LeaseExpired)),
            DraftOutcome.StudyClosed => Results.Ok(new DraftReply("studyClosed", StudyClosed)),
            DraftOutcome.Invalid invalid => Results.BadRequest(new DraftReply("invalid", invalid.Reason)),
            _ => Results.NotFound(),
        };
    }

    private static async Task<IResult> SubmitAsync(
        string code, Guid judgementId, [FromForm] IFormCollection form, HttpContext http, JudgementRecorder recorder, CancellationToken cancellation)
    {
        if (!Guid.TryParse(form["AssignmentId"], out var assignmentId) || WeakOrder(form["Rank"]) is not { } positions)
            return Results.BadRequest();
        var answer = new Answer { Ranking = positions, AllBad = form["AllBad"] == "true" };
        var outcome = await recorder.SubmitAsync(new(http.User.AsVisitor(), assignmentId, judgementId, answer), cancellation);
        if (outcome is SubmitOutcome.NotYours)
            return Results.NotFound();
        var isScript = http.Request.Headers.Accept.ToString().Contains("application/json", StringComparison.Ordinal);
        if (outcome is SubmitOutcome.Invalid or SubmitOutcome.LeaseExpired or SubmitOutcome.StudyClosed)
        {
            // Without a script nobody else keeps what was filled in, and nobody counted the change.
            _ = long.TryParse(form["Sequence"], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence);
            await recorder.SaveDraftAsync(
                new(http.User.AsVisitor(), assignmentId, judgementId, answer, isScript ? sequence : sequence + 1), cancellation);
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

    private static SubmitReply Reply(SubmitOutcome outcome, string code) => outcome switch
    {
        SubmitOutcome.Recorded => new("recorded", "Recorded. Thank you.", RankPage(code), []),
        SubmitOutcome.AlreadyRecorded => new("alreadyRecorded", "This ranking was already recorded.", RankPage(code), []),
        SubmitOutcome.Conflict => new("conflict", Conflict, RankPage(code), []),
        SubmitOutcome.LeaseExpired => new("leaseExpired", LeaseExpired, RankPage(code), []),
        SubmitOutcome.StudyClosed => new("studyClosed", StudyClosed, null, []),
        SubmitOutcome.Invalid invalid => new("invalid", string.Join(' ', invalid.Reasons), null, invalid.MissingPositions),
        _ => throw new InvalidOperationException($"No reply is known for {outcome}."),
    };

    internal const string Conflict = "You submitted another ranking of this prompt before, from another tab or device. That one is kept; this one was not recorded.";
    internal const string LeaseExpired = "The time for this prompt ran out and others have taken its places meanwhile. Your ranking is kept with your draft, but it cannot be counted.";
    internal const string StudyClosed = "The study takes no judgements at the moment. Your ranking is kept, and you can submit it when the study is open again.";

    /// <summary>Groups positions by the rank they were given; equal ranks tie and gaps mean nothing. Null when a rank is no number.</summary>
    internal static Ranking? WeakOrder(IReadOnlyList<string?> ranks)
    {
        var given = new List<(int Position, int Rank)>();
        for (var position = 0; position < ranks.Count && position < Ranking.MaximumResponses; position++)
        {
            if (string.IsNullOrWhiteSpace(ranks[position]))
                continue;
            if (!int.TryParse(ranks[position], NumberStyles.None, CultureInfo.InvariantCulture, out var rank))
                return null;
            given.Add((position, rank));
        }
        return Ranking.Of(given.GroupBy(item => item.Rank).OrderBy(group => group.Key).Select(group => group.Select(item => item.Position)));
    }

    private static string RankPage(string code) => $"/s/{Uri.EscapeDataString(code)}/rank";
}
