using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PersonalLlm.Data.Datasets;
using PersonalLlm.Engine.Population;

namespace PersonalLlm.Data.Population;

/// <summary>A named population of simulated users over a data set. Only its specification is kept: the users follow from it.</summary>
public sealed class Cohort
{
    public int Id { get; init; }
    public required string Name { get; set; }
    public int DatasetId { get; init; }
    public Dataset? Dataset { get; init; }
    public required PopulationSpec Spec { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A specification as it stands in a row.</summary>
internal static class PopulationSpecText
{
    private static readonly JsonSerializerOptions Json = new()
    {
        // β = ∞ is the default user; JSON has no infinity of its own.
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter() },
    };

    public static string Write(PopulationSpec spec) => JsonSerializer.Serialize(spec, Json);

    public static PopulationSpec Read(string text) => JsonSerializer.Deserialize<PopulationSpec>(text, Json)!;
}

internal sealed class CohortConfiguration : IEntityTypeConfiguration<Cohort>
{
    public void Configure(EntityTypeBuilder<Cohort> entity)
    {
        entity.HasIndex(cohort => new { cohort.DatasetId, cohort.Name }).IsUnique();
        entity.Property(cohort => cohort.Name).HasMaxLength(200);
        entity.Property(cohort => cohort.Spec).HasConversion(spec => PopulationSpecText.Write(spec), text => PopulationSpecText.Read(text));
        entity.HasOne(cohort => cohort.Dataset).WithMany().OnDelete(DeleteBehavior.Cascade);
    }
}
