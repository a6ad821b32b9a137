using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Studies;

namespace PersonalLlm.Web.Features.Judgements;

/// <summary>The places of a study: taken and given back by single conditional updates, so that no race can exceed the overlap.</summary>
internal static class StudyPlaces
{
    /// <summary>Takes a place of one prompt; false when its overlap is full.</summary>
    public static async Task<bool> TryTakePlaceAsync(this PersonalLlmDbContext data, int studyId, long? promptId, CancellationToken cancellation) =>
        await data.StudyPrompts
            .Where(item => item.StudyId == studyId && item.PromptId == promptId && item.Taken < item.Study!.Overlap)
            .ExecuteUpdateAsync(set => set.SetProperty(item => item.Taken, item => item.Taken + 1), cancellation) == 1;

    /// <summary>Returns the places of a study whose leases ran out. Each return is one transaction: both rows change or neither.</summary>
    public static async Task ReturnExpiredPlacesAsync(this PersonalLlmDbContext data, int studyId, DateTimeOffset now, CancellationToken cancellation)
    {
        var expired = await data.Assignments.AsNoTracking()
            .Where(assignment => assignment.StudyId == studyId && assignment.State == AssignmentState.Leased && assignment.LeasedUntil < now)
            .Select(assignment => new { assignment.Id, assignment.PromptId })
            .ToListAsync(cancellation);
        foreach (var lease in expired)
        {
            await data.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
            {
                await using var transaction = await data.Database.BeginTransactionAsync(cancellation);
                // Asked again in the update: a draft may have renewed the lease, or somebody else may have returned the place.
                var returned = await data.Assignments
                    .Where(assignment => assignment.Id == lease.Id && assignment.State == AssignmentState.Leased && assignment.LeasedUntil < now)
                    .ExecuteUpdateAsync(set => set.SetProperty(assignment => assignment.State, AssignmentState.Expired), cancellation);
                if (returned == 1)
                    await data.StudyPrompts.Where(item => item.StudyId == studyId && item.PromptId == lease.PromptId)
                        .ExecuteUpdateAsync(set => set.SetProperty(item => item.Taken, item => item.Taken - 1), cancellation);
                await transaction.CommitAsync(cancellation);
            });
        }
    }

    /// <summary>
    /// Takes an expired assignment back into <paramref name="state"/> if a place is left; false, with nothing changed, when not.
    /// Runs inside the caller's transaction, which hides the step in between.
    /// </summary>
    public static async Task<bool> TryTakeBackAsync(
        this PersonalLlmDbContext data, Assignment assignment, AssignmentState state, DateTimeOffset until, CancellationToken cancellation)
    {
        var own = data.Assignments.Where(row => row.Id == assignment.Id);
        if (await own.Where(row => row.State == AssignmentState.Expired)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.State, state), cancellation) == 0)
            return false;
        var taken = await data.TryTakePlaceAsync(assignment.StudyId, assignment.PromptId, cancellation);
        if (taken)
            await own.ExecuteUpdateAsync(set => set.SetProperty(row => row.LeasedUntil, until), cancellation);
        else
            await own.ExecuteUpdateAsync(set => set.SetProperty(row => row.State, AssignmentState.Expired), cancellation);
        return taken;
    }
}
