using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Postgres;
using PersonalLlm.Data.Studies;

namespace PersonalLlm.Web.Features.Judgements;

/// <summary>The places of a study: taken and given back by single conditional updates, so that no race can exceed the overlap.</summary>
internal static class StudyPlaces
{
    /// <summary>
    /// Those who count against a study's quota: who finished, and who is at it. Somebody whose time ran out without a sign of life gives
    /// the place back, and so does somebody who withdraws.
    /// </summary>
    public static IQueryable<Annotator> TakingPart(this PersonalLlmDbContext data, int studyId, DateTimeOffset now, TimeSpan lease)
    {
        var since = now - lease;
        return data.Annotators.Where(annotator => annotator.StudyId == studyId && annotator.WithdrawnAt == null
            && (annotator.CompletedAt != null || annotator.JoinedAt > since
                || data.Assignments.Any(row => row.AnnotatorId == annotator.Id && row.LeasedUntil >= now)));
    }

    /// <summary>Lets somebody into a study, one at a time; null when as many take part as its quota allows.</summary>
    /// <param name="study">The study; asking whether it is open is the caller's part.</param>
    /// <param name="isSame">Finds them when they joined before, perhaps in another tab just now: then they stay who they are.</param>
    /// <param name="create">Makes the annotator with this number. Rows that belong to it may be added to the context as well.</param>
    public static Task<Annotator?> TryJoinAsync(
        this PersonalLlmDbContext data, Study study, Expression<Func<Annotator, bool>> isSame, Func<int, Annotator> create,
        DateTimeOffset now, TimeSpan lease, CancellationToken cancellation)
    {
        data.Database.AutoSavepointsEnabled = false;
        return data.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            data.ChangeTracker.Clear();
            await using var transaction = await data.Database.BeginTransactionAsync(cancellation);
            await data.LockStudyAsync(study.Id, cancellation);
            // Everybody who arrives waits for this moment, so it is short: one question, one row.
            var annotators = data.Annotators.AsNoTracking().Where(row => row.StudyId == study.Id);
            var takingPart = data.TakingPart(study.Id, now, lease);
            var there = await data.Studies.Where(row => row.Id == study.Id).Select(row => new
            {
                Known = annotators.SingleOrDefault(isSame),
                Last = annotators.Max(own => (int?)own.Number) ?? 0,
                TakingPart = row.Quota == null ? 0 : takingPart.Count(),
            }).SingleAsync(cancellation);
            if (there.Known is not null)
                return there.Known;
            if (study.Quota is { } quota && there.TakingPart >= quota)
                return null;

            var annotator = create(there.Last + 1);
            data.Annotators.Add(annotator);
            await data.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
            return annotator;
        });
    }

    /// <summary>Takes a place of one prompt; false when its overlap is full.</summary>
    public static async Task<bool> TryTakePlaceAsync(this PersonalLlmDbContext data, int studyId, long? promptId, CancellationToken cancellation) =>
        await data.StudyPrompts
            .Where(item => item.StudyId == studyId && item.PromptId == promptId && item.Taken < item.Study!.Overlap)
            .ExecuteUpdateAsync(set => set.SetProperty(item => item.Taken, item => item.Taken + 1), cancellation) == 1;

    /// <summary>
    /// Takes a lease from its annotator and, in the same transaction, returns its place; false when it is no lease any more or
    /// <paramref name="unless"/> does not hold for it. Repeats and checks have no place to return.
    /// </summary>
    public static Task<bool> TryGiveUpAsync(
        this PersonalLlmDbContext data, Assignment lease, AssignmentState state, Expression<Func<Assignment, bool>> unless, string? reason, CancellationToken cancellation) =>
        data.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            await using var transaction = await data.Database.BeginTransactionAsync(cancellation);
            var given = await data.Assignments.Where(row => row.Id == lease.Id && row.State == AssignmentState.Leased).Where(unless)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.State, state).SetProperty(row => row.SkipReason, reason), cancellation) == 1;
            if (given && lease.TakesPlace)
                await data.StudyPrompts.Where(item => item.StudyId == lease.StudyId && item.PromptId == lease.PromptId)
                    .ExecuteUpdateAsync(set => set.SetProperty(item => item.Taken, item => item.Taken - 1), cancellation);
            await transaction.CommitAsync(cancellation);
            return given;
        });

    /// <summary>Marks an item as passed over, whether its lease still runs or not; false when it was submitted.</summary>
    public static async Task<bool> TrySkipAsync(this PersonalLlmDbContext data, Assignment assignment, string? reason, CancellationToken cancellation)
    {
        var own = data.Assignments.Where(row => row.Id == assignment.Id);
        // It may run out, or be taken back in another tab, between the questions; then they are asked again.
        while (!await data.TryGiveUpAsync(assignment, AssignmentState.Skipped, _ => true, reason, cancellation)
            && await own.Where(row => row.State == AssignmentState.Expired)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.State, AssignmentState.Skipped).SetProperty(row => row.SkipReason, reason), cancellation) == 0)
        {
            switch (await own.Select(row => row.State).SingleAsync(cancellation))
            {
                case AssignmentState.Submitted: return false;
                case AssignmentState.Skipped: return true;
            }
        }
        await data.JudgementDrafts.Where(draft => draft.AssignmentId == assignment.Id).ExecuteDeleteAsync(cancellation);
        return true;
    }

    /// <summary>Renews a lease, or takes back one that ran out while a place is left; false when neither is possible.</summary>
    public static async Task<bool> TryHoldAsync(this PersonalLlmDbContext data, Assignment assignment, DateTimeOffset until, CancellationToken cancellation)
    {
        if (await data.Assignments.Where(row => row.Id == assignment.Id && row.State == AssignmentState.Leased)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.LeasedUntil, until), cancellation) == 1)
            return true;
        if (data.Database.CurrentTransaction is not null)
            return await data.TryTakeBackAsync(assignment, AssignmentState.Leased, until, cancellation);
        return await data.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            await using var transaction = await data.Database.BeginTransactionAsync(cancellation);
            var held = await data.TryTakeBackAsync(assignment, AssignmentState.Leased, until, cancellation);
            await transaction.CommitAsync(cancellation);
            return held;
        });
    }

    /// <summary>
    /// Takes an expired assignment back into <paramref name="state"/>; false, with nothing changed, when it is not expired any more or
    /// needs a place and none is left. Runs inside the caller's transaction, which hides the step in between.
    /// </summary>
    public static async Task<bool> TryTakeBackAsync(
        this PersonalLlmDbContext data, Assignment assignment, AssignmentState state, DateTimeOffset until, CancellationToken cancellation)
    {
        var own = data.Assignments.Where(row => row.Id == assignment.Id);
        if (await own.Where(row => row.State == AssignmentState.Expired)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.State, state), cancellation) == 0)
            return false;
        var taken = !assignment.TakesPlace || await data.TryTakePlaceAsync(assignment.StudyId, assignment.PromptId, cancellation);
        if (taken)
            await own.ExecuteUpdateAsync(set => set.SetProperty(row => row.LeasedUntil, until), cancellation);
        else
            await own.ExecuteUpdateAsync(set => set.SetProperty(row => row.State, AssignmentState.Expired), cancellation);
        return taken;
    }
}
