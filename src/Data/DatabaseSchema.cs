using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using PersonalLlm.Data.Postgres;

namespace PersonalLlm.Data;

public static class DatabaseSchema
{
    /// <summary>Brings the tables to the shape that this program expects.</summary>
    /// <exception cref="DatabaseUnavailableException">The database was shaped by a program that knows more than this one.</exception>
    public static async Task UpdateSchemaAsync(this PersonalLlmDbContext context, CancellationToken cancellationToken)
    {
        // EF asks this table even when it cannot exist yet, and logs the answer as an error.
        await context.GetService<IHistoryRepository>().CreateIfNotExistsAsync(cancellationToken);
        var applied = await context.Database.GetAppliedMigrationsAsync(cancellationToken);
        if (applied.Except(context.Database.GetMigrations()).FirstOrDefault() is { } unknown)
            throw new DatabaseUnavailableException(
                $"The database was made by another version of this program (it holds the migration {unknown}); start that version or a newer one, or choose another Database:DataFolder.");
        await context.Database.MigrateAsync(cancellationToken);
    }
}
