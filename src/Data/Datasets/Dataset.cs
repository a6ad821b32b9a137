using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PersonalLlm.Data.Datasets;

/// <summary>A named set of prompts, each with responses.</summary>
public sealed class Dataset
{
    public int Id { get; init; }
    public required string Name { get; set; }
    public string Description { get; set; } = "";

    /// <summary>SHA-256 of the file it came from, hexadecimal: importing the same content again finds this row.</summary>
    public required string ContentHash { get; init; }

    /// <summary>Licence as the importing person confirmed it.</summary>
    public string Licence { get; set; } = "";

    public bool IsDemo { get; init; }
    public int PromptCount { get; set; }
    public int ResponseCount { get; set; }
    public DateTimeOffset CreatedAt { get; init; }
    public List<Prompt> Prompts { get; } = [];
}

internal sealed class DatasetConfiguration : IEntityTypeConfiguration<Dataset>
{
    public void Configure(EntityTypeBuilder<Dataset> entity)
    {
        entity.HasIndex(dataset => dataset.Name).IsUnique();
        entity.HasIndex(dataset => dataset.ContentHash).IsUnique();
        entity.Property(dataset => dataset.Name).HasMaxLength(200);
        entity.Property(dataset => dataset.ContentHash).HasMaxLength(64);
    }
}
