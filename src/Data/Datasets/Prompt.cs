using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PersonalLlm.Data.Datasets;

public sealed class Prompt
{
    public long Id { get; init; }
    public int DatasetId { get; init; }
    public Dataset? Dataset { get; init; }

    /// <summary>0-based position in the data set; reward matrices follow this order.</summary>
    public int Index { get; init; }

    /// <summary>The file's own id.</summary>
    public required string Key { get; init; }

    public required string Text { get; init; }
    public string? Subset { get; init; }
    public List<Response> Responses { get; } = [];
}

internal sealed class PromptConfiguration : IEntityTypeConfiguration<Prompt>
{
    public void Configure(EntityTypeBuilder<Prompt> entity)
    {
        entity.HasIndex(prompt => new { prompt.DatasetId, prompt.Index }).IsUnique();
        entity.HasIndex(prompt => new { prompt.DatasetId, prompt.Key }).IsUnique();
        entity.Property(prompt => prompt.Key).HasMaxLength(200);
        entity.Property(prompt => prompt.Subset).HasMaxLength(200);
        entity.HasOne(prompt => prompt.Dataset).WithMany(dataset => dataset.Prompts).OnDelete(DeleteBehavior.Cascade);
    }
}
