using System.Text;
using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;

namespace PersonalLlm.Web.Features.Studies;

/// <summary>The download of a locked design: byte for byte the text that its hash is of.</summary>
internal static class LockedDesign
{
    /// <param name="version">The latest when missing.</param>
    public static async Task<IResult> DownloadAsync(
        int studyId, int? version, IDbContextFactory<PersonalLlmDbContext> contexts, CancellationToken cancellation)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        var locked = await data.StudyVersions.AsNoTracking().Where(row => row.StudyId == studyId && (version == null || row.Version == version))
            .OrderByDescending(row => row.Version).FirstOrDefaultAsync(cancellation);
        return locked is null
            ? Results.NotFound()
            : Results.File(Encoding.UTF8.GetBytes(locked.Design), "application/json", $"study-{studyId}-design-{locked.Version}.json");
    }
}
