using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Options;
using PersonalLlm.Data;
using PersonalLlm.Data.Judgements;
using PersonalLlm.Data.Postgres;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Studies;
using PersonalLlm.Web.Live;

namespace PersonalLlm.Web.Features.Judgements;

/// <summary>Keeps drafts and records judgements: nothing lost, nothing twice.</summary>
internal sealed class JudgementRecorder(
    IDbContextFactory<PersonalLlmDbContext> contexts, TimeProvider clock, IOptions<JudgementOptions> options, JudgementFeed feed)
{
    private const int Attempts = 5;

    /// <summary>What a page of this visitor's asks: the instrument, and how many responses are shown. Null when it is not theirs.</summary>
    public async Task<(InstrumentSpec Instrument, int Shown)?> QuestionAsync(Guid assignmentId, Visitor visitor, CancellationToken cancellation = default)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        var row = await data.Assignments.Of(visitor).Where(row => row.Id == assignmentId)
            .Select(row => new { row.Study!.Instrument, row.PresentedOrder }).SingleOrDefaultAsync(cancellation);
        return row is null ? null : (row.Instrument, row.PresentedOrder.Length);
    }

    /// <summary>Records an answer, or the revision of one. It may be sent any number of times.</summary>
    public async Task<SubmitOutcome> SubmitAsync(Submission submission, CancellationToken cancellation = default)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        // A refused row ends the attempt, so there is nothing to go back to half way.
        data.Database.AutoSavepointsEnabled = false;
        var strategy = data.Database.CreateExecutionStrategy();
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var (outcome, studyId) = await strategy.ExecuteAsync(() => TrySubmitAsync(data, submission, cancellation));
            if (outcome is SubmitOutcome.Recorded)
                feed.Publish(studyId);
            if (outcome is not null)
                return outcome;
            // Another submit won the race: now its row can be read and compared. Or the id belongs to another judgement, so take a fresh one.
            submission = submission with { JudgementId = Guid.CreateVersion7() };
        }
        throw new InvalidOperationException($"Assignment {submission.AssignmentId} changed {Attempts} times while its judgement was recorded.");
    }

    /// <summary>No outcome when the assignment was submitted or revised between the look and the write.</summary>
    private async Task<(SubmitOutcome? Outcome, int StudyId)> TrySubmitAsync(PersonalLlmDbContext data, Submission submission, CancellationToken cancellation)
    {
        data.ChangeTracker.Clear();
        await using var transaction = await data.Database.BeginTransactionAsync(cancellation);
        if (await ItemAsync(data, submission, cancellation) is not { } item)
            return (new SubmitOutcome.NotYours(), 0);
        var outcome = await TryRecordAsync(data, item, submission, cancellation);
        // Nobody is told that a judgement is recorded before it is.
        if (outcome is SubmitOutcome.Recorded)
            await transaction.CommitAsync(cancellation);
        return (outcome, item.Study.Id);
    }

    /// <param name="Judgements">All that were made about the assignment, superseded ones included.</param>
    private sealed record Item(Assignment Assignment, Study Study, List<Judgement> Judgements)
    {
        public Judgement? Current => Judgements.SingleOrDefault(judgement => judgement.SupersededAt is null);
    }

    private static Task<Item?> ItemAsync(PersonalLlmDbContext data, Submission submission, CancellationToken cancellation) =>
        data.Assignments.AsNoTracking().IgnoreQueryFilters([JudgementQueries.Current]).Of(submission.Visitor).Where(row => row.Id == submission.AssignmentId)
            .Select(row => new Item(row, row.Study!, data.Judgements.Where(judgement => judgement.AssignmentId == row.Id).ToList()))
            .SingleOrDefaultAsync(cancellation);

    private async Task<SubmitOutcome?> TryRecordAsync(PersonalLlmDbContext data, Item item, Submission submission, CancellationToken cancellation)
    {
        var (assignment, study, judgements) = item;
        if (PageFields.Misfit(submission.Timing, assignment.PresentedOrder.Length) is { } misfit)
            return new SubmitOutcome.Invalid([misfit], []);
        var completion = study.Instrument.Complete(submission.Answer, assignment.PresentedOrder.Length);
        if (completion.Answer is null)
            return new SubmitOutcome.Invalid(completion.Problems, completion.MissingPositions);

        var answer = PresentationOrder.ToResponses(completion.Answer, assignment.PresentedOrder);
        // A late copy of a submit says nothing new, even when it was revised or undone since.
        if (judgements.Exists(judgement => judgement.Id == submission.JudgementId && judgement.Answer.Equals(answer)))
            return new SubmitOutcome.AlreadyRecorded();
        if (assignment.State == AssignmentState.Submitted && item.Current is { } current)
        {
            if (current.Id != submission.Revises)
                return current.Answer.Equals(answer) ? new SubmitOutcome.AlreadyRecorded() : new SubmitOutcome.Conflict();
            // What an attention check was answered shows whether the text was read then.
            if (!study.AllowsRevision || assignment.CheckIndex is not null)
                return new SubmitOutcome.NotRevisable();
        }
        var now = clock.GetUtcNow();
        if (study.StatusAt(now) != StudyStatus.Open)
            return new SubmitOutcome.StudyClosed();

        switch (await HoldForSubmitAsync(data, item, now, cancellation))
        {
            case Hold.PlaceGone: return new SubmitOutcome.LeaseExpired();
            case Hold.Skipped: return new SubmitOutcome.Skipped();
            case Hold.Submitted: return null;
        }
        var judgement = new Judgement
        {
            Id = submission.JudgementId,
            AssignmentId = assignment.Id,
            Answer = answer,
            Timing = submission.Timing,
            Revision = 1 + judgements.Select(before => before.Revision).DefaultIfEmpty().Max(),
            StudyVersion = Math.Max(1, study.Version),
            StartedAt = assignment.State == AssignmentState.Submitted ? now - Spent(submission.Timing) : assignment.LeasedAt,
            SubmittedAt = now,
        };
        data.Judgements.Add(judgement);
        try
        {
            await data.SaveChangesAsync(cancellation);
        }
        catch (DbUpdateException exception) when (exception.IsUniqueViolation())
        {
            return null;
        }
        await data.JudgementDrafts.Where(draft => draft.AssignmentId == assignment.Id).ExecuteDeleteAsync(cancellation);
        return new SubmitOutcome.Recorded(judgement.Id, now + JudgementUndoer.Offered);
    }

    private static TimeSpan Spent(JudgementTiming timing) => TimeSpan.FromMilliseconds((long)(timing.ActiveMs ?? 0) + (timing.IdleMs ?? 0));

    private enum Hold
    {
        Held,
        PlaceGone,
        Submitted,
        Skipped,
    }

    /// <summary>
    /// Turns the lease into a submission; a lease that ran out is taken back silently while a place is free. A revision supersedes the
    /// judgement that it was made from, which only one of several can do.
    /// </summary>
    private static async Task<Hold> HoldForSubmitAsync(PersonalLlmDbContext data, Item item, DateTimeOffset now, CancellationToken cancellation)
    {
        var assignment = item.Assignment;
        if (assignment.State == AssignmentState.Submitted)
            return item.Current is { } current && await data.Judgements.Where(row => row.Id == current.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.SupersededAt, now), cancellation) == 1 ? Hold.Held : Hold.Submitted;
        if (await data.Assignments.Where(row => row.Id == assignment.Id && row.State == AssignmentState.Leased)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.State, AssignmentState.Submitted), cancellation) == 1)
            return Hold.Held;
        return await data.TryTakeBackAsync(assignment, AssignmentState.Submitted, assignment.LeasedUntil, cancellation)
            ? Hold.Held
            : await NotHeldAsync(data, assignment.Id, cancellation);
    }

    private static async Task<Hold> NotHeldAsync(PersonalLlmDbContext data, Guid assignmentId, CancellationToken cancellation) =>
        await data.Assignments.Where(row => row.Id == assignmentId).Select(row => row.State).SingleAsync(cancellation) switch
        {
            AssignmentState.Submitted => Hold.Submitted,
            AssignmentState.Skipped => Hold.Skipped,
            _ => Hold.PlaceGone,
        };

    /// <summary>Keeps a half-made ranking unless newer work is kept already, and renews the lease.</summary>
    public async Task<DraftOutcome> SaveDraftAsync(DraftSubmission draft, CancellationToken cancellation = default)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        var assignment = await OwnAsync(data, draft.AssignmentId, draft.Visitor, cancellation);
        if (assignment is null)
            return new DraftOutcome.NotYours();
        if (assignment.Study!.Instrument.Misfits(draft.Answer, assignment.PresentedOrder.Length) is [var misfit, ..])
            return new DraftOutcome.Invalid(misfit);
        if (PageFields.Misfit(draft.Timing, assignment.PresentedOrder.Length) is { } mistimed)
            return new DraftOutcome.Invalid(mistimed);
        if (assignment.State == AssignmentState.Submitted)
            return new DraftOutcome.AlreadySubmitted();
        if (assignment.State == AssignmentState.Skipped)
            return new DraftOutcome.Skipped();

        var answer = PresentationOrder.ToResponses(draft.Answer, assignment.PresentedOrder);
        if (await KeepAsync(data, draft, answer, cancellation) is { } newer && !(newer.Sequence == draft.Sequence && newer.Answer.Equals(answer)))
            return new DraftOutcome.Older(PresentationOrder.ToPositions(newer.Answer, assignment.PresentedOrder), newer.Sequence);
        if (assignment.Study.StatusAt(clock.GetUtcNow()) != StudyStatus.Open)
            return new DraftOutcome.StudyClosed();
        var hold = await RenewAsync(data, assignment, cancellation);
        // It came while the answer was being submitted or the item passed over: nothing is half-made any more.
        if (hold is Hold.Submitted or Hold.Skipped)
            await data.JudgementDrafts.Where(row => row.AssignmentId == draft.AssignmentId && row.Sequence == draft.Sequence).ExecuteDeleteAsync(cancellation);
        return hold switch
        {
            Hold.Held => new DraftOutcome.Saved(clock.GetUtcNow()),
            Hold.PlaceGone => new DraftOutcome.LeaseExpired(),
            Hold.Skipped => new DraftOutcome.Skipped(),
            _ => new DraftOutcome.AlreadySubmitted(),
        };
    }

    /// <summary>Null when the draft was kept; otherwise the stored draft that is as new or newer.</summary>
    private async Task<JudgementDraft?> KeepAsync(PersonalLlmDbContext data, DraftSubmission draft, Answer answer, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        while (true)
        {
            if (await data.JudgementDrafts.Where(row => row.AssignmentId == draft.AssignmentId && row.Sequence < draft.Sequence)
                .ExecuteUpdateAsync(
                    set => set.SetProperty(row => row.Answer, answer).SetProperty(row => row.Timing, draft.Timing)
                        .SetProperty(row => row.JudgementId, draft.JudgementId)
                        .SetProperty(row => row.Sequence, draft.Sequence).SetProperty(row => row.SavedAt, now),
                    cancellation) == 1)
                return null;
            if (await data.JudgementDrafts.AsNoTracking().SingleOrDefaultAsync(row => row.AssignmentId == draft.AssignmentId, cancellation) is { } stored)
                return stored;
            data.JudgementDrafts.Add(new JudgementDraft
            {
                AssignmentId = draft.AssignmentId,
                JudgementId = draft.JudgementId,
                Answer = answer,
                Timing = draft.Timing,
                Sequence = draft.Sequence,
                SavedAt = now,
            });
            try
            {
                await data.SaveChangesAsync(cancellation);
                return null;
            }
            catch (DbUpdateException exception) when (exception.IsUniqueViolation())
            {
                data.ChangeTracker.Clear();
            }
        }
    }

    private async Task<Hold> RenewAsync(PersonalLlmDbContext data, Assignment assignment, CancellationToken cancellation) =>
        await data.TryHoldAsync(assignment, clock.GetUtcNow() + options.Value.Lease, cancellation)
            ? Hold.Held
            : await NotHeldAsync(data, assignment.Id, cancellation);

    private static Task<Assignment?> OwnAsync(PersonalLlmDbContext data, Guid assignmentId, Visitor visitor, CancellationToken cancellation) =>
        data.Assignments.AsNoTracking().Of(visitor).Include(row => row.Study)
            .SingleOrDefaultAsync(row => row.Id == assignmentId, cancellation);
}
