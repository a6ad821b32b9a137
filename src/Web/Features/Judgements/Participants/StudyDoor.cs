using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PersonalLlm.Data;
using PersonalLlm.Data.Studies;

namespace PersonalLlm.Web.Features.Judgements.Participants;

/// <summary>What there is to know about a visitor and a study when they open its link.</summary>
/// <param name="Consent">What people agree to now; null when the study asks for no consent.</param>
/// <param name="Annotator">Who they are in the study already; null when they have not joined.</param>
/// <param name="Arrival">What their link says.</param>
/// <param name="IsElsewhere">True when this browser is not known to be that annotator, but the link's id is theirs.</param>
/// <param name="IsAnotherSession">True when that id took part before, in another session.</param>
/// <param name="HasReachedQuota">True when nobody else may join.</param>
/// <param name="HasWithdrawn">True when their account took part and withdrew.</param>
internal sealed record StudyDoor(
    Study Study, StudyWelcome Welcome, ConsentText? Consent, Annotator? Annotator, ArrivalOutcome Arrival,
    bool IsElsewhere, bool IsAnotherSession, bool HasReachedQuota, bool HasWithdrawn)
{
    public StudyStep Next => StudySteps.Next(Study, Consent is not null, Annotator, IsRankingOver);

    /// <summary>
    /// True when there is nothing left for them. People with an account may come back for places that others give up; those whom
    /// a platform waits for have done what could be done.
    /// </summary>
    public bool IsRankingOver => Annotator is not null && Welcome.Progress.Total > 0
        && (Annotator.ClosingSurveyAt is not null
            || Welcome.Progress.Done >= Welcome.Progress.Total
            || (Welcome.IsFull && Welcome.Progress.Done > 0 && Study.Access != StudyAccess.Accounts));
}

/// <summary>Looks who is at the door of a study; it writes nothing.</summary>
internal sealed class StudyDoorkeeper(
    IDbContextFactory<PersonalLlmDbContext> contexts, RankingTaskReader tasks, ArrivalReader arrivals, TimeProvider clock, IOptions<JudgementOptions> options)
{
    /// <summary>Null when there is no such study.</summary>
    public async Task<StudyDoor?> LookAsync(string studyCode, Visitor visitor, HttpRequest request, CancellationToken cancellation = default)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        var study = await data.Studies.AsNoTracking().SingleOrDefaultAsync(row => row.Code == studyCode, cancellation);
        if (study is null)
            return null;
        var own = await data.Annotators.AsNoTracking().Of(visitor).SingleOrDefaultAsync(row => row.StudyId == study.Id, cancellation);
        var arrival = arrivals.Read(study, request);
        var (annotator, sessionId) = arrival is ArrivalOutcome.Known { Arrival: { ParticipantId: { } participantId } sent }
            // Another person at the same computer: the link says who, not the cookie of the one before.
            ? (await data.Annotators.AsNoTracking().SingleOrDefaultAsync(
                row => row.StudyId == study.Id && row.ParticipantId == participantId && row.WithdrawnAt == null, cancellation), sent.SessionId)
            : (own, own?.SessionId);
        var isHere = annotator is null || annotator.Id == own?.Id;
        // What a stranger's link must not tell: how far the person has come.
        var welcome = await tasks.WelcomeAsync(studyCode, isHere && annotator is not null ? visitor : new(Guid.Empty), cancellation);
        return welcome is null ? null : new(
            study, welcome, await data.ConsentTextAsync(study.Id, cancellation), annotator, arrival,
            IsElsewhere: !isHere, IsAnotherSession: annotator is not null && annotator.SessionId != sessionId,
            await data.HasReachedQuotaAsync(study, clock.GetUtcNow(), options.Value.Lease, cancellation),
            await data.Annotators.AnyAsync(row => row.StudyId == study.Id && row.UserId == visitor.UserId && row.WithdrawnAt != null, cancellation));
    }
}
