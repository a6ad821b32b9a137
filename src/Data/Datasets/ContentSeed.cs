using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PersonalLlm.Data.Datasets;

/// <summary>
/// Says that a piece of built-in content was put in once, so that it does not come back after somebody removed it. Written in the
/// transaction that brings the content: of two processes that start at once, the second waits here and finds it done.
/// </summary>
public sealed class ContentSeed
{
    public required string Name { get; init; }
    public DateTimeOffset SeededAt { get; init; }
}

public static class ContentSeedClaim
{
    /// <summary>Claims a seed in the context's open transaction; false when it was put in already.</summary>
    public static async Task<bool> ClaimSeedAsync(this PersonalLlmDbContext context, string name, DateTimeOffset now, CancellationToken cancellation) =>
        // Of two processes, the second waits on this row until the first has committed, and then finds it taken.
        await context.Database.ExecuteSqlAsync(
            $"""INSERT INTO "ContentSeeds" ("Name", "SeededAt") VALUES ({name}, {now}) ON CONFLICT DO NOTHING""", cancellation) > 0;
}

internal sealed class ContentSeedConfiguration : IEntityTypeConfiguration<ContentSeed>
{
    public void Configure(EntityTypeBuilder<ContentSeed> entity)
    {
        entity.HasKey(seed => seed.Name);
        entity.Property(seed => seed.Name).HasMaxLength(100);
    }
}
