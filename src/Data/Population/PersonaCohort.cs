using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PersonalLlm.Data.Datasets;

namespace PersonalLlm.Data.Population;

public enum PersonaSource
{
    /// <summary>Choices from a file.</summary>
    File,

    /// <summary>A chat model that was told to be each persona in turn.</summary>
    ChatModel,
}

public enum PersonaStatus
{
    /// <summary>Every persona has been asked about every prompt that it was to choose on.</summary>
    Complete,

    /// <summary>A chat model is being asked, or will be when the server is back.</summary>
    Running,

    /// <summary>Somebody paused it, or the chat model kept failing; it can go on.</summary>
    Paused,
}

/// <summary>A population of prompted personas over a data set: who they are, and which response each of them prefers.</summary>
public sealed class PersonaCohort
{
    public int Id { get; init; }
    public required string Name { get; set; }
    public int DatasetId { get; init; }
    public Dataset? Dataset { get; init; }
    public PersonaSource Source { get; init; }
    public PersonaStatus Status { get; set; }

    /// <summary>Where the choices come from: the file's name and SHA-256, or the chat model, its address, and how it was asked.</summary>
    public required PersonaProvenance Provenance { get; init; }

    /// <summary>Why it is paused, in one sentence; empty when it is not.</summary>
    public string Message { get; set; } = "";

    public DateTimeOffset CreatedAt { get; init; }
    public List<Persona> Personas { get; } = [];
}

/// <param name="File">Name of the file; null for a chat model.</param>
/// <param name="Sha256">Of the file; null for a chat model.</param>
/// <param name="Model">Name of the chat model; null for a file.</param>
/// <param name="Endpoint">Host of the chat model; null for a file.</param>
/// <param name="Instruction">What the chat model is told, with placeholders; null for a file.</param>
/// <param name="Seed">Orders the responses that the chat model is shown, and picks the prompts.</param>
/// <param name="Prompts">How many prompts of the data set each persona chooses on.</param>
public sealed record PersonaProvenance(
    string? File, string? Sha256, string? Model, string? Endpoint, string? Instruction, uint Seed, int Prompts);

/// <summary>One prompted persona and its first choices.</summary>
public sealed class Persona
{
    public int CohortId { get; init; }

    /// <summary>0-based.</summary>
    public int Index { get; init; }

    public required string Name { get; init; }

    /// <summary>Who the persona is, as the chat model reads it; empty when a file did not say.</summary>
    public string Text { get; init; } = "";

    /// <summary>[prompts of the data set], packed by <see cref="PersonaChoices"/>.</summary>
    public required byte[] Choices { get; set; }

    /// <summary>How many answers of the chat model named no response, and count as no choice.</summary>
    public int Unusable { get; set; }
}

internal sealed class PersonaCohortConfiguration : IEntityTypeConfiguration<PersonaCohort>
{
    public void Configure(EntityTypeBuilder<PersonaCohort> entity)
    {
        entity.HasIndex(cohort => new { cohort.DatasetId, cohort.Name }).IsUnique();
        entity.Property(cohort => cohort.Name).HasMaxLength(200);
        entity.Property(cohort => cohort.Source).HasConversion<string>().HasMaxLength(20);
        entity.Property(cohort => cohort.Status).HasConversion<string>().HasMaxLength(20);
        entity.Property(cohort => cohort.Message).HasMaxLength(1000);
        entity.Property(cohort => cohort.Provenance).HasJsonText(new PersonaProvenance(null, null, null, null, null, 0, 0));
        entity.HasOne(cohort => cohort.Dataset).WithMany().OnDelete(DeleteBehavior.Cascade);
        entity.HasMany(cohort => cohort.Personas).WithOne().HasForeignKey(persona => persona.CohortId).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class PersonaConfiguration : IEntityTypeConfiguration<Persona>
{
    public void Configure(EntityTypeBuilder<Persona> entity)
    {
        entity.HasKey(persona => new { persona.CohortId, persona.Index });
        entity.Property(persona => persona.Name).HasMaxLength(200);
    }
}
