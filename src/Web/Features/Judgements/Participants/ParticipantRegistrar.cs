using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PersonalLlm.Data;
using PersonalLlm.Data.Studies;

namespace PersonalLlm.Web.Features.Judgements.Participants;

/// <summary>Writes down who takes part in a study, and that somebody would rather not.</summary>
internal sealed class ParticipantRegistrar(
    IDbContextFactory<PersonalLlmDbContext> contexts, RankingTaskReader tasks, TimeProvider clock, IOptions<JudgementOptions> options)
{
    /// <summary>Makes the annotator, or finds them: never two for one account, one id of a platform, or one arrival.</summary>
    /// <param name="studyCode">The study's code.</param>
    /// <param name="visitor">Who asks.</param>
    /// <param name="arrival">How they came, for those without an account.</param>
    /// <param name="consentVersion">The version of the consent text that was shown to them; null when there was none.</param>
    /// <param name="cancellation">Stops the try.</param>
    public async Task<JoinOutcome> JoinAsync(
        string studyCode, Visitor visitor, Arrival? arrival, int? consentVersion, CancellationToken cancellation = default)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        var study = await data.Studies.AsNoTracking().SingleOrDefaultAsync(row => row.Code == studyCode, cancellation);
        if (study is null)
            return new JoinOutcome.NoSuchStudy();
        if (study.StatusAt(clock.GetUtcNow()) != StudyStatus.Open)
            return new JoinOutcome.Refused();
        if (await data.ConsentTextAsync(study.Id, cancellation) is var text && text?.Version != consentVersion)
            return new JoinOutcome.ConsentChanged();
        // Whoever withdrew and comes back with the form of that time is somebody new.
        if (arrival is not null && await data.Annotators.AnyAsync(row => row.Id == arrival.AnnotatorId && row.WithdrawnAt != null, cancellation))
            arrival = arrival with { AnnotatorId = Guid.CreateVersion7() };
        if (await FindOrAddAsync(data, study, visitor, arrival, consentVersion, cancellation) is not { WithdrawnAt: null } annotator
            || (annotator.ParticipantId is not null && annotator.SessionId != arrival?.SessionId))
            return new JoinOutcome.Refused();
        await AgreeAsync(data, annotator, consentVersion, cancellation);
        return new JoinOutcome.Joined(study.Id, annotator.Id, annotator.UserId is not null);
    }

    private async Task<Annotator?> FindOrAddAsync(
        PersonalLlmDbContext data, Study study, Visitor visitor, Arrival? arrival, int? consentVersion, CancellationToken cancellation)
    {
        if (WhoTheyAre(study, visitor, arrival) is not { } isThem)
            return null;
        var here = data.Annotators.AsNoTracking().Where(row => row.StudyId == study.Id);
        var known = await here.SingleOrDefaultAsync(isThem, cancellation)
            ?? (study.Access == StudyAccess.Anyone ? await here.Of(visitor).FirstOrDefaultAsync(cancellation) : null);
        if (known is not null)
            return known;
        if (await tasks.WelcomeAsync(study.Code, visitor, cancellation) is not { IsFull: false })
            return null;
        var now = clock.GetUtcNow();
        return await data.TryJoinAsync(study, isThem, Create, now, options.Value.Lease, cancellation);

        Annotator Create(int number)
        {
            var annotator = new Annotator
            {
                Id = arrival?.AnnotatorId ?? Guid.CreateVersion7(),
                StudyId = study.Id,
                Kind = arrival is { IsSimulated: true } ? AnnotatorKind.Simulated : AnnotatorKind.Human,
                UserId = study.Access == StudyAccess.Accounts && arrival is not { IsSimulated: true } ? visitor.UserId : null,
                ParticipantId = arrival?.ParticipantId,
                SessionId = arrival?.SessionId,
                Number = number,
                JoinedAt = now,
                ConsentVersion = consentVersion,
            };
            if (consentVersion is { } agreed)
                data.Consents.Add(Yes(annotator, agreed, now));
            return annotator;
        }
    }

    /// <summary>What finds them when they are an annotator already; null when this study is not for such people.</summary>
    private static Expression<Func<Annotator, bool>>? WhoTheyAre(Study study, Visitor visitor, Arrival? arrival) => (study.Access, arrival) switch
    {
        (_, { IsSimulated: true, ParticipantId: var simulated }) => row => row.ParticipantId == simulated,
        (StudyAccess.Accounts, _) when visitor.UserId != Guid.Empty => row => row.UserId == visitor.UserId,
        (StudyAccess.Platform, { ParticipantId: { } participantId }) => row => row.ParticipantId == participantId,
        (StudyAccess.Anyone, { AnnotatorId: var annotatorId }) => row => row.Id == annotatorId,
        _ => null,
    };

    /// <summary>For those who joined before there was a text to agree to. Agreeing twice is harmless.</summary>
    private async Task AgreeAsync(PersonalLlmDbContext data, Annotator annotator, int? consentVersion, CancellationToken cancellation)
    {
        if (consentVersion is not { } agreed || annotator.ConsentVersion is not null)
            return;
        await data.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            data.ChangeTracker.Clear();
            await using var transaction = await data.Database.BeginTransactionAsync(cancellation);
            if (await data.Annotators.Where(row => row.Id == annotator.Id && row.ConsentVersion == null)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.ConsentVersion, agreed), cancellation) == 0)
                return;
            data.Consents.Add(Yes(annotator, agreed, clock.GetUtcNow()));
            await data.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
        });
    }

    private static Consent Yes(Annotator annotator, int version, DateTimeOffset now) =>
        new() { StudyId = annotator.StudyId, Version = version, AnnotatorId = annotator.Id, IsGiven = true, AnsweredAt = now };

    /// <summary>Counts a no, which names nobody. Nothing when the study does not ask that, or not now.</summary>
    public async Task DeclineAsync(string studyCode, int version, CancellationToken cancellation = default)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        var now = clock.GetUtcNow();
        var text = await data.ConsentTexts.AsNoTracking().Include(row => row.Study)
            .SingleOrDefaultAsync(row => row.Study!.Code == studyCode && row.Version == version, cancellation);
        if (text?.Study!.StatusAt(now) != StudyStatus.Open)
            return;
        data.Consents.Add(new() { StudyId = text.StudyId, Version = version, IsGiven = false, AnsweredAt = now });
        await data.SaveChangesAsync(cancellation);
    }
}
