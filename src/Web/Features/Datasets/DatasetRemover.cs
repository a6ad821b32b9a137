using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Postgres;
using PersonalLlm.Data.Studies;

namespace PersonalLlm.Web.Features.Datasets;

/// <summary>Removes a data set that no study uses; its cohorts go with it.</summary>
internal sealed class DatasetRemover(IDbContextFactory<PersonalLlmDbContext> contexts)
{
    /// <returns>Null when it is gone, or one sentence that says why it stays.</returns>
    public async Task<string?> RemoveAsync(int datasetId, CancellationToken cancellation = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var studies = await context.Studies.Real().Where(study => study.DatasetId == datasetId).OrderBy(study => study.Name).Select(study => study.Name).ToListAsync(cancellation);
        if (studies.Count > 0)
            return $"It stays, because {(studies.Count == 1 ? "the study" : "the studies")} {string.Join(", ", studies.Select(name => $"\u201c{name}\u201d"))} "
                + $"{(studies.Count == 1 ? "uses" : "use")} it; delete {(studies.Count == 1 ? "that study" : "those studies")} first.";
        try
        {
            await context.Datasets.Where(dataset => dataset.Id == datasetId).ExecuteDeleteAsync(cancellation);
            return null;
        }
        catch (DbException used) when (used.IsStillInUse())
        {
            return "It stays, because a study began to use it in this moment.";
        }
    }
}
