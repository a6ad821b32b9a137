using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data.Studies;

namespace PersonalLlm.Data.Postgres;

/// <summary>Rows that a transaction keeps for itself until it ends. Others may still read them and refer to them.</summary>
public static class RowLocks
{
    /// <summary>Makes those who want to join a study, or to come back to it, queue up: nobody counts the people while another is added.</summary>
    public static Task LockStudyAsync(this PersonalLlmDbContext data, int studyId, CancellationToken cancellationToken) =>
        data.Database.ExecuteSqlAsync($"""SELECT 1 FROM "Studies" WHERE "Id" = {studyId} FOR NO KEY UPDATE""", cancellationToken);

    /// <summary>Makes the tabs of one annotator queue up, so that two of them cannot take two prompts. False when the annotator has withdrawn.</summary>
    public static async Task<bool> LockAnnotatorAsync(this PersonalLlmDbContext data, Guid annotatorId, CancellationToken cancellationToken) =>
        (await data.Database.SqlQuery<bool>($"""SELECT "WithdrawnAt" IS NULL AS "Value" FROM "Annotators" WHERE "Id" = {annotatorId} FOR NO KEY UPDATE""")
            .ToListAsync(cancellationToken)) is [true];
}
