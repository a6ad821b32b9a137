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
    /// <summary>What a page of this visitor's asks: the instrument, and how many responses are shown. Null when it is not theirs.</summary>
    public async Task<(InstrumentSpec Instrument, int Shown)?> QuestionAsync(Guid assignmentId, Visitor visitor, CancellationToken cancellation = default)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        var row = await data.Assignments.Of(visitor).Where(row => row.Id == assignmentId)
            .Select(row => new { row.Study!.Instrument, row.PresentedOrder }).SingleOrDefaultAsync(cancellation);
        return row is null ? null : (row.Instrument, row.PresentedOrder.Length);
    }

    public async Task<SubmitOutcome> SubmitAsync(Submission submission, CancellationToken cancellation = default)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        var strategy = data.Database.CreateExecutionStrategy();
        var (outcome, studyId) = await strategy.ExecuteAsync(() => TrySubmitAsync(data, submission, cancellation));
        // A second submit won the race: now its row can be read and compared. Or the id belongs to another judgement, so take a fresh one.
        if (outcome is null)
            (outcome, studyId) = await strategy.ExecuteAsync(() => TrySubmitAsync(data, submission with { JudgementId = Guid.CreateVersion7() }, cancellation));
        if (outcome is SubmitOutcome.Recorded)
            feed.Publish(studyId);
        return outcome ?? throw new InvalidOperationException($"Assignment {submission.AssignmentId} changed twice while its judgement was recorded.");
    }

    /// <summary>No outcome when the assignment was submitted between the look and the write.</summary>
    private async Task<(SubmitOutcome? Outcome, int StudyId)> TrySubmitAsync(PersonalLlmDbContext data, Submission submission, CancellationToken cancellation)
    {
        data.ChangeTracker.Clear();
        await using var transaction = await data.Database.BeginTransactionAsync(cancellation);
        var assignment = await OwnAsync(data, submission.AssignmentId, submission.Visitor, cancellation);
        return assignment is null ? (new SubmitOutcome.NotYours(), 0) : (await TryRecordAsync(data, assignment, submission, transaction, cancellation), assignment.StudyId);
    }

    private async Task<SubmitOutcome?> TryRecordAsync(
        PersonalLlmDbContext data, Assignment assignment, Submission submission, IDbContextTransaction transaction, CancellationToken cancellation)
    {
        if (PageFields.Misfit(submission.Timing, assignment.PresentedOrder.Length) is { } misfit)
            return new SubmitOutcome.Invalid([misfit], []);
        var completion = assignment.Study!.Instrument.Complete(submission.Answer, assignment.PresentedOrder.Length);
        if (completion.Answer is null)
            return new SubmitOutcome.Invalid(completion.Problems, completion.MissingPositions);

        var answer = PresentationOrder.ToResponses(completion.Answer, assignment.PresentedOrder);
        if (assignment.State == AssignmentState.Submitted
            && await data.Judgements.AsNoTracking().SingleOrDefaultAsync(row => row.AssignmentId == assignment.Id, cancellation) is { } stored)
            return stored.Answer.Equals(answer) ? new SubmitOutcome.AlreadyRecorded() : new SubmitOutcome.Conflict();
        if (assignment.Study.Status != StudyStatus.Open)
            return new SubmitOutcome.StudyClosed();

        switch (await HoldForSubmitAsync(data, assignment, cancellation))
        {
            case Hold.PlaceGone: return new SubmitOutcome.LeaseExpired();
            case Hold.Submitted: return null;
        }
        data.Judgements.Add(new Judgement
        {
            Id = submission.JudgementId,
            AssignmentId = assignment.Id,
            Answer = answer,
            Timing = submission.Timing,
            StudyVersion = Math.Max(1, assignment.Study.Version),
            StartedAt = assignment.LeasedAt,
            SubmittedAt = clock.GetUtcNow(),
        });
        try
        {
            await data.SaveChangesAsync(cancellation);
        }
        catch (DbUpdateException exception) when (exception.IsUniqueViolation())
        {
            return null;
        }
        await data.JudgementDrafts.Where(draft => draft.AssignmentId == assignment.Id).ExecuteDeleteAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return new SubmitOutcome.Recorded();
    }

    private enum Hold
    {
        Held,
        PlaceGone,
        Submitted,
    }

    /// <summary>Turns the lease into a submission. A lease that ran out is taken back silently while a place is free.</summary>
    private static async Task<Hold> HoldForSubmitAsync(PersonalLlmDbContext data, Assignment assignment, CancellationToken cancellation)
    {
        if (await data.Assignments.Where(row => row.Id == assignment.Id && row.State == AssignmentState.Leased)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.State, AssignmentState.Submitted), cancellation) == 1)
            return Hold.Held;
        if (await data.TryTakeBackAsync(assignment, AssignmentState.Submitted, assignment.LeasedUntil, cancellation))
            return Hold.Held;
        return await data.Assignments.AnyAsync(row => row.Id == assignment.Id && row.State == AssignmentState.Submitted, cancellation)
            ? Hold.Submitted
            : Hold.PlaceGone;
    }

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

        var answer = PresentationOrder.ToResponses(draft.Answer, assignment.PresentedOrder);
        if (await KeepAsync(data, draft, answer, cancellation) is { } newer && !(newer.Sequence == draft.Sequence && newer.Answer.Equals(answer)))
            return new DraftOutcome.Older(PresentationOrder.ToPositions(newer.Answer, assignment.PresentedOrder), newer.Sequence);
        if (assignment.Study.Status != StudyStatus.Open)
            return new DraftOutcome.StudyClosed();
        return await RenewAsync(data, assignment, cancellation) switch
        {
            Hold.Held => new DraftOutcome.Saved(clock.GetUtcNow()),
            Hold.PlaceGone => new DraftOutcome.LeaseExpired(),
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

    private async Task<Hold> RenewAsync(PersonalLlmDbContext data, Assignment assignment, CancellationToken cancellation)
    {
        var until = clock.GetUtcNow() + options.Value.Lease;
        if (await data.Assignments.Where(row => row.Id == assignment.Id && row.State == AssignmentState.Leased)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.LeasedUntil, until), cancellation) == 1)
            return Hold.Held;
        return await data.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            await using var transaction = await data.Database.BeginTransactionAsync(cancellation);
            if (await data.TryTakeBackAsync(assignment, AssignmentState.Leased, until, cancellation))
            {
                await transaction.CommitAsync(cancellation);
                return Hold.Held;
            }
            return await data.Assignments.AnyAsync(row => row.Id == assignment.Id && row.State == AssignmentState.Submitted, cancellation)
                ? Hold.Submitted
                : Hold.PlaceGone;
        });
    }

    private static Task<Assignment?> OwnAsync(PersonalLlmDbContext data, Guid assignmentId, Visitor visitor, CancellationToken cancellation) =>
        data.Assignments.AsNoTracking().Of(visitor).Include(row => row.Study)
            .SingleOrDefaultAsync(row => row.Id == assignmentId, cancellation);
}
