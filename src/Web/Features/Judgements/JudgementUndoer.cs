using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PersonalLlm.Data;
using PersonalLlm.Data.Judgements;
using PersonalLlm.Data.Postgres;
using PersonalLlm.Data.Studies;
using PersonalLlm.Web.Live;

namespace PersonalLlm.Web.Features.Judgements;

/// <summary>Takes a submit back for a moment after it: the row stays, superseded, and its answer is a draft again.</summary>
internal sealed class JudgementUndoer(
    IDbContextFactory<PersonalLlmDbContext> contexts, TimeProvider clock, IOptions<JudgementOptions> options, JudgementFeed feed)
{
    /// <summary>How long a page offers it.</summary>
    public static readonly TimeSpan Offered = TimeSpan.FromSeconds(10);

    // Whoever clicks in the last second is still heard, over a slow network too.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    public async Task<UndoOutcome> UndoAsync(Visitor visitor, Guid judgementId, CancellationToken cancellation = default)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        while (true)
        {
            try
            {
                var (outcome, studyId) = await data.Database.CreateExecutionStrategy().ExecuteAsync(() => TryUndoAsync(data, visitor, judgementId, cancellation));
                if (outcome is UndoOutcome.Undone)
                    feed.Publish(studyId);
                return outcome;
            }
            catch (DbUpdateException exception) when (exception.IsUniqueViolation())
            {
                // A draft of before the submit arrived in this very moment; it is older than what is put back.
            }
        }
    }

    private async Task<(UndoOutcome Outcome, int StudyId)> TryUndoAsync(PersonalLlmDbContext data, Visitor visitor, Guid judgementId, CancellationToken cancellation)
    {
        data.ChangeTracker.Clear();
        var annotatorId = await data.Assignments.IgnoreQueryFilters([JudgementQueries.Current]).Of(visitor)
            .Where(row => data.Judgements.Any(judgement => judgement.Id == judgementId && judgement.AssignmentId == row.Id))
            .Select(row => (Guid?)row.AnnotatorId).SingleOrDefaultAsync(cancellation);
        if (annotatorId is null)
            return (new UndoOutcome.NotYours(), 0);

        await using var transaction = await data.Database.BeginTransactionAsync(cancellation);
        // Before anything is read: neither a second click nor the confirmation that everything is done can come in between.
        await data.LockAnnotatorAsync(annotatorId.Value, cancellation);
        var judgement = await data.Judgements.WithSuperseded().AsNoTracking()
            .Include(row => row.Assignment!.Study).Include(row => row.Assignment!.Annotator).SingleAsync(row => row.Id == judgementId, cancellation);
        var (assignment, now) = (judgement.Assignment!, clock.GetUtcNow());
        var studyId = assignment.StudyId;
        var former = await FormerAsync(data, judgement, cancellation);
        if (judgement.SupersededAt is not null)
            return (IsBack(assignment, former) ? new UndoOutcome.Undone() : new UndoOutcome.Revised(), studyId);
        if (assignment.Study!.StatusAt(now) != StudyStatus.Open)
            return (new UndoOutcome.StudyClosed(), studyId);
        if (assignment.Annotator!.CompletedAt is not null || now > judgement.SubmittedAt + Offered + Grace)
            return (new UndoOutcome.TooLate(), studyId);

        if (await data.Judgements.Where(row => row.Id == judgementId).ExecuteUpdateAsync(set => set.SetProperty(row => row.SupersededAt, now), cancellation) == 0)
            return (new UndoOutcome.Revised(), studyId);
        if (former is not null)
            await data.Judgements.WithSuperseded().Where(row => row.Id == former.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.SupersededAt, (DateTimeOffset?)null), cancellation);
        else
            await PutBackAsync(data, judgement, now, cancellation);
        await transaction.CommitAsync(cancellation);
        return (new UndoOutcome.Undone(), studyId);
    }

    /// <summary>The judgement that this one revised: both were written in the same moment. Null when it was the answer to a lease.</summary>
    private static Task<Judgement?> FormerAsync(PersonalLlmDbContext data, Judgement judgement, CancellationToken cancellation) =>
        data.Judgements.WithSuperseded().AsNoTracking()
            .Where(row => row.AssignmentId == judgement.AssignmentId && row.Revision < judgement.Revision && (row.SupersededAt == judgement.SubmittedAt || row.SupersededAt == null))
            .OrderByDescending(row => row.Revision).FirstOrDefaultAsync(cancellation);

    /// <summary>A second click finds what the first one did.</summary>
    private static bool IsBack(Assignment assignment, Judgement? former) =>
        assignment.State == AssignmentState.Leased || former is { SupersededAt: null };

    /// <summary>On lease again, in the same place, with the answer as the draft.</summary>
    private async Task PutBackAsync(PersonalLlmDbContext data, Judgement judgement, DateTimeOffset now, CancellationToken cancellation)
    {
        await data.Assignments.Where(row => row.Id == judgement.AssignmentId)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.State, AssignmentState.Leased).SetProperty(row => row.LeasedUntil, now + options.Value.Lease), cancellation);
        // A draft that arrived during the submit may lie there still.
        await data.JudgementDrafts.Where(row => row.AssignmentId == judgement.AssignmentId).ExecuteDeleteAsync(cancellation);
        data.JudgementDrafts.Add(new()
        {
            AssignmentId = judgement.AssignmentId,
            JudgementId = Guid.CreateVersion7(),
            Answer = judgement.Answer,
            Timing = judgement.Timing,
            // Browsers count changes from 1, so that a clock is ahead of all of them.
            Sequence = now.ToUnixTimeMilliseconds(),
            SavedAt = now,
        });
        await data.SaveChangesAsync(cancellation);
    }
}
