using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PersonalLlm.Data.Studies;

/// <summary>One version of what people agree to. Never changed: a new wording is a new version.</summary>
public sealed class ConsentText
{
    public int StudyId { get; init; }
    public Study? Study { get; init; }

    /// <summary>1, 2, …; the highest is shown.</summary>
    public int Version { get; init; }

    /// <summary>Markdown.</summary>
    public required string Text { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A yes or a no to a consent text. A no names nobody.</summary>
public sealed class Consent
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public int StudyId { get; init; }
    public Study? Study { get; init; }
    public int Version { get; init; }

    /// <summary>Who agreed; null for a refusal.</summary>
    public Guid? AnnotatorId { get; init; }

    public Annotator? Annotator { get; init; }
    public bool IsGiven { get; init; }
    public DateTimeOffset AnsweredAt { get; init; }
}

internal sealed class ConsentTextConfiguration : IEntityTypeConfiguration<ConsentText>
{
    public void Configure(EntityTypeBuilder<ConsentText> entity)
    {
        entity.HasKey(text => new { text.StudyId, text.Version });
        entity.HasOne(text => text.Study).WithMany(study => study.ConsentTexts).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class ConsentConfiguration : IEntityTypeConfiguration<Consent>
{
    public void Configure(EntityTypeBuilder<Consent> entity)
    {
        entity.HasOne(consent => consent.Study).WithMany().OnDelete(DeleteBehavior.Cascade);
        // The study already cascades here; a second path would be refused by SQL Server (error 1785).
        entity.HasOne(consent => consent.Annotator).WithMany().OnDelete(DeleteBehavior.Restrict);
    }
}
