using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PersonalLlm.Data.Datasets;

/// <summary>How a data set came in: which file, how many, and what was wrong with it.</summary>
public sealed class DatasetImport
{
    public int Id { get; init; }
    public int DatasetId { get; init; }
    public Dataset? Dataset { get; init; }
    public required string FileName { get; init; }
    public required string Format { get; init; }
    public DateTimeOffset ImportedAt { get; init; }
    public Guid? ImportedById { get; init; }
    public List<ImportProblem> Problems { get; init; } = [];
}

/// <summary>One thing worth knowing about a line of the file; stored as JSON inside the import.</summary>
public sealed class ImportProblem
{
    /// <summary>1-based; 0 when it concerns the whole file.</summary>
    public int LineNumber { get; init; }
    public required string Message { get; init; }
}

internal sealed class DatasetImportConfiguration : IEntityTypeConfiguration<DatasetImport>
{
    public void Configure(EntityTypeBuilder<DatasetImport> entity)
    {
        entity.Property(import => import.FileName).HasMaxLength(400);
        entity.Property(import => import.Format).HasMaxLength(50);
        entity.HasOne(import => import.Dataset).WithMany().OnDelete(DeleteBehavior.Cascade);
        entity.OwnsMany(import => import.Problems, problem => problem.ToJson());
    }
}
