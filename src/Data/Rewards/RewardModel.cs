using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PersonalLlm.Data.Rewards;

public enum RewardModelKind
{
    /// <summary>Its numbers came with a data set.</summary>
    Imported,

    /// <summary>A transparent formula over the text (Engine/Rewards).</summary>
    Attribute,
}

/// <summary>A scorer of text.</summary>
public sealed class RewardModel
{
    public int Id { get; init; }

    /// <summary>The alias that columns, weights and pages use.</summary>
    public required string Name { get; init; }

    public RewardModelKind Kind { get; init; }
    public string Description { get; set; } = "";
}

internal sealed class RewardModelConfiguration : IEntityTypeConfiguration<RewardModel>
{
    public void Configure(EntityTypeBuilder<RewardModel> entity)
    {
        entity.HasIndex(model => model.Name).IsUnique();
        entity.Property(model => model.Name).HasMaxLength(200);
        entity.Property(model => model.Kind).HasConversion<string>().HasMaxLength(20);
    }
}
