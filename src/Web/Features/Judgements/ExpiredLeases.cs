using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Studies;

namespace PersonalLlm.Web.Features.Judgements;

/// <summary>Returns to a study the places whose leases ran out.</summary>
internal sealed class ExpiredLeases
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<int, DateTimeOffset> _looked = [];

    /// <summary>At most once a second for each study: leases last for minutes, and every annotator who asks comes by here.</summary>
    public async Task ReturnNowAndThenAsync(PersonalLlmDbContext data, int studyId, DateTimeOffset now, CancellationToken cancellation)
    {
        var last = _looked.GetOrAdd(studyId, DateTimeOffset.MinValue);
        if (now - last >= s_pause && _looked.TryUpdate(studyId, now, last))
            await ReturnAsync(data, studyId, now, cancellation);
    }

    /// <summary>How many were returned. Each return is one transaction: both rows change or neither.</summary>
    public static async Task<int> ReturnAsync(PersonalLlmDbContext data, int studyId, DateTimeOffset now, CancellationToken cancellation)
    {
        var expired = await data.Assignments.AsNoTracking()
            .Where(assignment => assignment.StudyId == studyId && assignment.State == AssignmentState.Leased && assignment.LeasedUntil < now)
            .ToListAsync(cancellation);
        var returned = 0;
        foreach (var lease in expired)
        {
            // Asked again in the update: a draft may have renewed the lease, or somebody else may have returned the place.
            if (await data.TryGiveUpAsync(lease, AssignmentState.Expired, row => row.LeasedUntil < now, reason: null, cancellation))
                returned++;
        }
        return returned;
    }
}
