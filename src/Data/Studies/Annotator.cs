using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PersonalLlm.Data.Studies;

public enum AnnotatorKind
{
    Human,
    Simulated,
}

/// <summary>
/// A person in one study, under a pseudonym. The account or the recruitment platform's id behind it is known here and never exported.
/// </summary>
public sealed class Annotator
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public int StudyId { get; init; }
    public Study? Study { get; init; }
    public AnnotatorKind Kind { get; init; }

    /// <summary>The account of an invited annotator; null for participants without one.</summary>
    public Guid? UserId { get; init; }

    /// <summary>The recruitment platform's id for the person (Prolific: PROLIFIC_PID); null for others.</summary>
    public string? ParticipantId { get; init; }

    /// <summary>The recruitment platform's id for this visit (Prolific: SESSION_ID).</summary>
    public string? SessionId { get; init; }

    /// <summary>1-based order of arrival; pages say "Annotator 3".</summary>
    public int Number { get; init; }

    /// <summary>When they agreed to take part, or began where a study asks for no consent.</summary>
    public DateTimeOffset JoinedAt { get; init; }

    /// <summary>The version of the consent text they agreed to; null when the study has none.</summary>
    public int? ConsentVersion { get; init; }

    /// <summary>When the questions before the ranking were answered.</summary>
    public DateTimeOffset? SurveyedAt { get; set; }

    /// <summary>When the practice item was done.</summary>
    public DateTimeOffset? PracticedAt { get; set; }

    /// <summary>When the questions after the ranking were answered.</summary>
    public DateTimeOffset? ClosingSurveyAt { get; set; }

    /// <summary>When everything was done and confirmed to be stored.</summary>
    public DateTimeOffset? CompletedAt { get; set; }

    /// <summary>What the person hands to the recruitment platform; only ever set together with <see cref="CompletedAt"/>.</summary>
    public string? CompletionCode { get; set; }

    /// <summary>When the person took back their consent; their judgements and answers are deleted with it.</summary>
    public DateTimeOffset? WithdrawnAt { get; set; }

    /// <summary>Why a researcher leaves this annotator out of analyses; null when they are in. The judgements stay.</summary>
    public string? ExclusionReason { get; set; }
}

internal sealed class AnnotatorConfiguration : IEntityTypeConfiguration<Annotator>
{
    public void Configure(EntityTypeBuilder<Annotator> entity)
    {
        entity.HasIndex(annotator => new { annotator.StudyId, annotator.UserId }).IsUnique();
        entity.HasIndex(annotator => new { annotator.StudyId, annotator.ParticipantId }).IsUnique();
        entity.HasIndex(annotator => new { annotator.StudyId, annotator.Number }).IsUnique();
        entity.Property(annotator => annotator.Kind).HasConversion<string>().HasMaxLength(20);
        entity.Property(annotator => annotator.ParticipantId).HasMaxLength(200);
        entity.Property(annotator => annotator.SessionId).HasMaxLength(200);
        entity.Property(annotator => annotator.CompletionCode).HasMaxLength(40);
        entity.Property(annotator => annotator.ExclusionReason).HasMaxLength(500);
        entity.HasOne(annotator => annotator.Study).WithMany().OnDelete(DeleteBehavior.Cascade);
    }
}
