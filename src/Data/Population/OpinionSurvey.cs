using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PersonalLlm.Engine.Datasets;

namespace PersonalLlm.Data.Population;

/// <summary>Questions with ordinal options, the reward models' choices, and how groups of people answered: one import of three tables.</summary>
public sealed class OpinionSurvey
{
    public int Id { get; init; }
    public required string Name { get; set; }
    public required OpinionTables Tables { get; init; }

    /// <summary>SHA-256 of the three files, each, in the order questions, choices, people; joined by spaces.</summary>
    public required string Sha256 { get; init; }

    public DateTimeOffset ImportedAt { get; init; }
}

internal sealed class OpinionSurveyConfiguration : IEntityTypeConfiguration<OpinionSurvey>
{
    public void Configure(EntityTypeBuilder<OpinionSurvey> entity)
    {
        entity.HasIndex(survey => survey.Name).IsUnique();
        entity.Property(survey => survey.Name).HasMaxLength(200);
        entity.Property(survey => survey.Sha256).HasMaxLength(200);
        entity.Property(survey => survey.Tables).HasConversion(
            tables => JsonSerializer.Serialize(tables, JsonSerializerOptions.Default),
            text => JsonSerializer.Deserialize<OpinionTables>(text, JsonSerializerOptions.Default)!);
    }
}
