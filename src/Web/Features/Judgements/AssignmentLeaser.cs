using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PersonalLlm.Data;
using PersonalLlm.Data.Postgres;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Studies;

namespace PersonalLlm.Web.Features.Judgements;

/// <summary>Hands items to annotators, one at a time, along the plan of their session and never beyond the study's overlap.</summary>
internal sealed class AssignmentLeaser(
    IDbContextFactory<PersonalLlmDbContext> contexts, TimeProvider clock, IOptions<JudgementOptions> options, ExpiredLeases expiredLeases)
{
    /// <summary>The item in hand, or the next one. Accounts join a study without consent text by asking; everybody else joins before.</summary>
    public async Task<LeaseOutcome> NextAsync(string studyCode, Visitor visitor, CancellationToken cancellation = default)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        var found = await data.Studies.AsNoTracking().Where(row => row.Code == studyCode)
            .Select(row => new
            {
                Study = row,
                Prompts = row.Prompts.Count,
                AsksConsent = row.ConsentTexts.Count > 0,
                Annotator = data.Annotators.Of(visitor).SingleOrDefault(own => own.StudyId == row.Id),
            })
            .SingleOrDefaultAsync(cancellation);
        if (found is null)
            return new LeaseOutcome.NoSuchStudy();
        var study = found.Study;
        var now = clock.GetUtcNow();
        if (study.StatusAt(now) is var status and not StudyStatus.Open)
            return new LeaseOutcome.StudyNotOpen(status);

        var annotator = found.Annotator;
        if (annotator is null)
        {
            if (visitor.UserId == Guid.Empty || study.Access != StudyAccess.Accounts || found.AsksConsent)
                return new LeaseOutcome.NotJoined();
            annotator = await JoinAsync(data, study, visitor.UserId, now, cancellation);
            if (annotator is null)
                return new LeaseOutcome.StudyFull();
            if (annotator.WithdrawnAt is not null)
                return new LeaseOutcome.NotJoined();
        }
        else if (await RenewOwnAsync(data, annotator.Id, now, cancellation) is { } kept)
        {
            return new LeaseOutcome.Leased(kept, LostDraft: false);
        }

        await expiredLeases.ReturnNowAndThenAsync(data, study.Id, now, cancellation);
        var session = SessionPlan.Of(study.Assignment, found.Prompts, study.AttentionChecks.Count, annotator.Number, study.Seed);
        var outcome = await LeaseAsync(data, study, annotator, session, cancellation);
        // Before saying that a study is full, whatever ran out in the last moment is returned too.
        return outcome is LeaseOutcome.StudyFull && await ExpiredLeases.ReturnAsync(data, study.Id, now, cancellation) > 0
            ? await LeaseAsync(data, study, annotator, session, cancellation)
            : outcome;
    }

    /// <summary>Keeps an item for its annotator for another while. An item that ran out is taken back while a place is free.</summary>
    public async Task<RenewOutcome> RenewAsync(Visitor visitor, Guid assignmentId, CancellationToken cancellation = default)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        var assignment = await data.Assignments.AsNoTracking().Of(visitor).Include(row => row.Study).SingleOrDefaultAsync(row => row.Id == assignmentId, cancellation);
        if (assignment is null)
            return new RenewOutcome.NotYours();
        var now = clock.GetUtcNow();
        if (assignment.State is AssignmentState.Submitted or AssignmentState.Skipped)
            return new RenewOutcome.AlreadyDone();
        if (assignment.Study!.StatusAt(now) != StudyStatus.Open)
            return new RenewOutcome.StudyClosed();
        return await data.TryHoldAsync(assignment, now + options.Value.Lease, cancellation) switch
        {
            true => new RenewOutcome.Renewed(now + options.Value.Lease),
            false when await data.Assignments.AnyAsync(row => row.Id == assignmentId && row.State == AssignmentState.Submitted, cancellation) => new RenewOutcome.AlreadyDone(),
            false => new RenewOutcome.LeaseExpired(),
        };
    }

    /// <summary>Passes an item over: its place returns to the study, and it is not offered to this annotator again.</summary>
    /// <param name="reason">In the annotator's words or those offered; may be empty.</param>
    public async Task<SkipOutcome> SkipAsync(Visitor visitor, Guid assignmentId, string? reason, CancellationToken cancellation = default)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        var assignment = await data.Assignments.AsNoTracking().Of(visitor).SingleOrDefaultAsync(row => row.Id == assignmentId, cancellation);
        if (assignment is null)
            return new SkipOutcome.NotYours();
        var words = string.IsNullOrWhiteSpace(reason) ? null : reason.Trim();
        return await data.TrySkipAsync(assignment, words?[..Math.Min(words.Length, Assignment.SkipReasonLength)], cancellation)
            ? new SkipOutcome.Skipped()
            : new SkipOutcome.AlreadySubmitted();
    }

    private Task<LeaseOutcome> LeaseAsync(
        PersonalLlmDbContext data, Study study, Annotator annotator, SessionPlan session, CancellationToken cancellation)
    {
        // One row is added; what a failure would roll back to is the beginning.
        data.Database.AutoSavepointsEnabled = false;
        return data.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            data.ChangeTracker.Clear();
            await using var transaction = await data.Database.BeginTransactionAsync(cancellation);
            if (!await data.LockAnnotatorAsync(annotator.Id, cancellation))
                return new LeaseOutcome.NotJoined();
            var items = await data.Assignments.AsNoTracking().Where(row => row.AnnotatorId == annotator.Id).InSessionOrder().ToListAsync(cancellation);
            var history = new SessionHistory(items);
            var leased = await TakeNextAsync(data, new(study, annotator, session, history, clock.GetUtcNow(), LeaseEnd), cancellation);
            if (leased is null)
                return history.HasDone(session) ? new LeaseOutcome.NothingLeft() : await EndAsync(data, study, history, cancellation);

            var lostDraft = items.Exists(row => row.State == AssignmentState.Expired) && await HasLostDraftAsync(data, annotator, leased.Value, cancellation);
            await transaction.CommitAsync(cancellation);
            return new LeaseOutcome.Leased(leased.Value, lostDraft);
        });
    }

    private sealed record Turn(Study Study, Annotator Annotator, SessionPlan Session, SessionHistory History, DateTimeOffset Now, DateTimeOffset Until);

    private async Task<Guid?> TakeNextAsync(PersonalLlmDbContext data, Turn turn, CancellationToken cancellation)
    {
        if (turn.History.InHand is null && turn.Session.Next(turn.History.Shown, hasFresh: true) is null)
            return null;
        if (!await MayGoOnAsync(data, turn, cancellation))
            return null;
        if (turn.History.InHand is { } own)
            return await data.TryHoldAsync(own, turn.Until, cancellation) ? own.Id : null;

        if (turn.Session.Next(turn.History.Shown, hasFresh: true) is SessionSlot.Fresh)
        {
            if (await TakeBackFreshAsync(data, turn, cancellation) is { } back)
                return back;
            if (await data.TakePlaceAsync(turn.Study, turn.Annotator.Id, cancellation) is { } place)
                return await AddAsync(data, turn, Fresh(turn, place), cancellation);
        }
        return turn.Session.Next(turn.History.Shown, hasFresh: false) switch
        {
            SessionSlot.Check check => await HandAsync(data, turn, turn.History.Check(check.Index), () => Task.FromResult(Check(turn, check.Index)), cancellation),
            SessionSlot.RepeatOf repeat => await HandAsync(
                data, turn, turn.History.RepeatOf(repeat.Slot), () => RepeatAsync(data, turn, turn.History.ShownItem(repeat.Slot), cancellation), cancellation),
            _ => null,
        };
    }

    /// <summary>Somebody whose time ran out has given their place in the quota back; they go on if there is one for them.</summary>
    private async Task<bool> MayGoOnAsync(PersonalLlmDbContext data, Turn turn, CancellationToken cancellation)
    {
        if (turn.Study.Quota is not { } quota || turn.Annotator.CompletedAt is not null
            || turn.Annotator.JoinedAt > turn.Now - options.Value.Lease || turn.History.LastLeaseEnd >= turn.Now)
            return true;
        await data.LockStudyAsync(turn.Study.Id, cancellation);
        return await data.TakingPart(turn.Study.Id, turn.Now, options.Value.Lease).CountAsync(cancellation) < quota;
    }

    private static async Task<Guid?> TakeBackFreshAsync(PersonalLlmDbContext data, Turn turn, CancellationToken cancellation)
    {
        foreach (var assignment in turn.History.ExpiredPrompts)
        {
            if (await data.TryTakeBackAsync(assignment, AssignmentState.Leased, turn.Until, cancellation))
                return assignment.Id;
        }
        return null;
    }

    /// <summary>A check or a repeat takes no place: the row that ran out is taken up again, or a new one is added.</summary>
    private static async Task<Guid?> HandAsync(
        PersonalLlmDbContext data, Turn turn, Assignment? before, Func<Task<Assignment>> make, CancellationToken cancellation) =>
        before is null ? await AddAsync(data, turn, await make(), cancellation)
        : await data.TryTakeBackAsync(before, AssignmentState.Leased, turn.Until, cancellation) ? before.Id
        : null;

    private static async Task<Guid?> AddAsync(PersonalLlmDbContext data, Turn turn, Assignment assignment, CancellationToken cancellation)
    {
        assignment.State = AssignmentState.Leased;
        assignment.LeasedAt = turn.Now;
        assignment.LeasedUntil = turn.Until;
        data.Assignments.Add(assignment);
        await data.SaveChangesAsync(cancellation);
        return assignment.Id;
    }

    private static Assignment Fresh(Turn turn, TakenPlace place) => new()
    {
        StudyId = turn.Study.Id,
        AnnotatorId = turn.Annotator.Id,
        Slot = turn.History.Shown.Count,
        PromptId = place.PromptId,
        PresentedOrder = PresentationOrder.Of(turn.Study.Assignment, place.ResponseCount, turn.Annotator.Number, place.Index, turn.Study.Seed),
    };

    private static Assignment Check(Turn turn, int index) => new()
    {
        StudyId = turn.Study.Id,
        AnnotatorId = turn.Annotator.Id,
        Slot = turn.History.Shown.Count,
        CheckIndex = index,
        PresentedOrder = PresentationOrder.Of(turn.Study.AttentionChecks[index].Responses.Count, turn.Annotator.Number, index, turn.Study.Seed),
    };

    private static async Task<Assignment> RepeatAsync(PersonalLlmDbContext data, Turn turn, Assignment first, CancellationToken cancellation)
    {
        var promptIndex = await data.StudyPrompts.Where(item => item.StudyId == turn.Study.Id && item.PromptId == first.PromptId)
            .Select(item => item.Index).SingleAsync(cancellation);
        return new()
        {
            StudyId = turn.Study.Id,
            AnnotatorId = turn.Annotator.Id,
            Slot = turn.History.Shown.Count,
            PromptId = first.PromptId,
            RepeatOfId = first.Id,
            PresentedOrder = PresentationOrder.Again(turn.Study.Assignment, first.PresentedOrder, turn.Annotator.Number, promptIndex, turn.Study.Seed),
        };
    }

    /// <summary>The prompt in hand. A lease that ran out but was not yet returned still holds its place, so it is simply renewed.</summary>
    private async Task<Guid?> RenewOwnAsync(PersonalLlmDbContext data, Guid annotatorId, DateTimeOffset now, CancellationToken cancellation)
    {
        var own = await data.Assignments.AsNoTracking()
            .Where(row => row.AnnotatorId == annotatorId && row.State == AssignmentState.Leased && row.LeasedUntil >= now)
            .OrderBy(row => row.Slot).ThenBy(row => row.LeasedAt)
            .Select(row => (Guid?)row.Id).FirstOrDefaultAsync(cancellation);
        var until = LeaseEnd;
        return own is not null && await data.Assignments.Where(row => row.Id == own && row.State == AssignmentState.Leased)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.LeasedUntil, until), cancellation) == 1 ? own : null;
    }

    /// <summary>Nothing can be had: because others have the places, or because the annotator has had, or passed over, all there is.</summary>
    private static async Task<LeaseOutcome> EndAsync(PersonalLlmDbContext data, Study study, SessionHistory history, CancellationToken cancellation)
    {
        var done = history.PromptsDone;
        return await data.StudyPrompts.AnyAsync(item => item.StudyId == study.Id && !done.Contains(item.PromptId), cancellation)
            ? new LeaseOutcome.StudyFull()
            : new LeaseOutcome.NothingLeft();
    }

    /// <summary>True until the annotator has submitted something after the loss, so that they are told once and not for ever.</summary>
    private static Task<bool> HasLostDraftAsync(PersonalLlmDbContext data, Annotator annotator, Guid leased, CancellationToken cancellation) =>
        data.JudgementDrafts.AnyAsync(
            draft => draft.AssignmentId != leased && draft.Assignment!.AnnotatorId == annotator.Id && draft.Assignment.State == AssignmentState.Expired
                && !data.Judgements.Any(later => later.Assignment!.AnnotatorId == annotator.Id && later.SubmittedAt > draft.SavedAt),
            cancellation);

    private Task<Annotator?> JoinAsync(PersonalLlmDbContext data, Study study, Guid userId, DateTimeOffset now, CancellationToken cancellation) => data.TryJoinAsync(
        study, row => row.UserId == userId,
        number => new() { StudyId = study.Id, UserId = userId, Kind = AnnotatorKind.Human, Number = number, JoinedAt = now },
        now, options.Value.Lease, cancellation);

    private DateTimeOffset LeaseEnd => clock.GetUtcNow() + options.Value.Lease;
}
