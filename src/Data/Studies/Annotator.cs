using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PersonalLlm.Data.Studies;

public enum AnnotatorKind
{
    Human,
    Simulated,
}

/// <summary>A person in one study, under a pseudonym. The account behind it is known here and never exported.</summary>
public sealed class Annotator
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public int StudyId { get; init; }
    public Study? Study { get; init; }
    public AnnotatorKind Kind { get; init; }
    public Guid? UserId { get; init; }

    /// <summary>1-based order of arrival; pages say "Annotator 3".</summary>
    public int Number { get; init; }

    public DateTimeOffset JoinedAt { get; init; }
}

internal sealed class AnnotatorConfiguration : IEntityTypeConfiguration<Annotator>
{
    public void Configure(EntityTypeBuilder<Annotator> entity)
    {
        entity.HasIndex(annotator => new { annotator.StudyId, annotator.UserId }).IsUnique();
        entity.HasIndex(annotator => new { annotator.StudyId, annotator.Number }).IsUnique();
        entity.Property(annotator => annotator.Kind).HasConversion<string>().HasMaxLength(20);
        entity.HasOne(annotator => annotator.Study).WithMany().OnDelete(DeleteBehavior.Cascade);
    }
}
