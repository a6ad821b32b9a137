using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Web.Features.Account;

namespace PersonalLlm.Web.Features.Judgements.Participants;

/// <summary>Where the form of consent goes, and the text to take home.</summary>
internal static class ParticipantEndpoints
{
    public static IEndpointRouteBuilder MapParticipants(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/s/{code}/join", AnswerAsync).AllowAnonymous();
        // Loading the page again after an answer that was refused comes back here with a GET.
        routes.MapGet("/s/{code}/join", (string code) => Results.LocalRedirect(Landing(code))).AllowAnonymous();
        // Before the page of the same address, which would look for a form of its own.
        routes.MapPost("/s/{code}/practice", PractiseAsync).RequireAuthorization(Policies.Annotate).WithOrder(-1);
        routes.MapGet("/s/{code}/consent", DownloadConsentAsync).AllowAnonymous();
        return routes;
    }

    private static async Task<IResult> AnswerAsync(
        string code, [FromForm] IFormCollection form, HttpContext http, ArrivalReader arrivals, ParticipantRegistrar registrar, StudySteps steps,
        CancellationToken cancellation)
    {
        int? version = int.TryParse(form["Version"], NumberStyles.None, CultureInfo.InvariantCulture, out var shown) ? shown : null;
        var carried = form["Arrival"].ToString();
        var landing = $"{Landing(code)}?{ArrivalReader.Parameter}={Uri.EscapeDataString(carried)}";
        switch (form["Answer"])
        {
            case "decline":
                if (version is { } refused)
                    await registrar.DeclineAsync(code, refused, cancellation);
                return Results.LocalRedirect($"{landing}&after=declined");
            case not "agree":
                return Results.LocalRedirect(landing);
        }
        var visitor = await http.VisitorAsync();
        switch (await registrar.JoinAsync(code, visitor, arrivals.Open(code, carried), version, cancellation))
        {
            case JoinOutcome.Joined joined:
                if (!joined.HasAccount)
                    await http.SignInAnnotatorAsync(joined.StudyId, joined.AnnotatorId);
                var step = await steps.NextAsync(code, visitor with { AnnotatorIds = [joined.AnnotatorId] }, cancellation: cancellation);
                return Results.LocalRedirect(StudySteps.Address(code, step ?? StudyStep.Join));
            case JoinOutcome.ConsentChanged:
                return Results.LocalRedirect($"{landing}&after=changed");
            case JoinOutcome.Refused:
                return Results.LocalRedirect(landing);
            default:
                return Results.NotFound();
        }
    }

    /// <summary>Nothing of the practice item is kept, only that it was done or waved away.</summary>
    private static async Task<IResult> PractiseAsync(
        string code, [FromForm] IFormCollection form, HttpContext http, IDbContextFactory<PersonalLlmDbContext> contexts, StepKeeper keeper, StudySteps steps,
        CancellationToken cancellation)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        var study = await data.Studies.AsNoTracking().SingleOrDefaultAsync(row => row.Code == code, cancellation);
        if (study is null)
            return Results.NotFound();
        if (form["Skip"] != "true" && !PracticeItem.IsFinished(form, study.Instrument))
            return Results.LocalRedirect($"{StudySteps.Address(code, StudyStep.Practice)}?after=incomplete");
        await keeper.KeepPracticeAsync(code, http.User.AsVisitor(), cancellation);
        var step = await steps.NextAsync(code, http.User.AsVisitor(), cancellation: cancellation);
        return Results.LocalRedirect(StudySteps.Address(code, step ?? StudyStep.Join));
    }

    /// <summary>The text as a file that says which version it is of what, with a hash of the text alone.</summary>
    private static async Task<IResult> DownloadConsentAsync(
        string code, string? version, IDbContextFactory<PersonalLlmDbContext> contexts, CancellationToken cancellation)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        var texts = data.ConsentTexts.AsNoTracking().Include(row => row.Study).Where(row => row.Study!.Code == code);
        if (int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var wanted))
            texts = texts.Where(row => row.Version == wanted);
        var text = await texts.OrderByDescending(row => row.Version).FirstOrDefaultAsync(cancellation);
        if (text is null)
            return Results.NotFound();
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.Text)));
        var file = string.Create(CultureInfo.InvariantCulture, $"{text.Study!.Name}\nConsent, version {text.Version}, {text.CreatedAt.UtcDateTime:yyyy-MM-dd}\nSHA-256 of the text below: {hash}\n\n{text.Text}");
        return Results.File(Encoding.UTF8.GetBytes(file), "text/plain; charset=utf-8", $"consent-{text.Study.Code}-version-{text.Version}.txt");
    }

    private static string Landing(string code) => $"/s/{Uri.EscapeDataString(code)}";
}
