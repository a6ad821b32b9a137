using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PersonalLlm.Data.Datasets;

namespace PersonalLlm.Data.Studies;

public enum AssignmentState
{
    /// <summary>Being ranked; the prompt is kept for this annotator until the lease ends.</summary>
    Leased,

    Submitted,

    /// <summary>The lease ran out and the place went back to the study. Returning takes a new lease on the same row.</summary>
    Expired,

    /// <summary>The annotator passed it over and said why. The place went back, and it is not offered to them again.</summary>
    Skipped,
}

/// <summary>One item handed to one annotator: a prompt of the study, the same prompt a second time, or an attention check.</summary>
public sealed class Assignment
{
    /// <summary>Characters of a reason for skipping that are kept.</summary>
    public const int SkipReasonLength = 500;

    public Guid Id { get; init; } = Guid.CreateVersion7();
    public int StudyId { get; init; }
    public Study? Study { get; init; }

    /// <summary>Null for an attention check.</summary>
    public long? PromptId { get; init; }

    public Prompt? Prompt { get; init; }

    /// <summary>Position among the study's attention checks; null for a prompt.</summary>
    public int? CheckIndex { get; init; }

    /// <summary>The first showing, when this is a silent repeat. Repeats take no place of the overlap.</summary>
    public Guid? RepeatOfId { get; init; }

    public Assignment? RepeatOf { get; init; }

    /// <summary>0-based place in the annotator's session.</summary>
    public int Slot { get; init; }

    public Guid AnnotatorId { get; init; }
    public Annotator? Annotator { get; init; }

    /// <summary>Response indexes (0-based within the prompt) in the order the annotator saw them; only those that were shown.</summary>
    public required int[] PresentedOrder { get; init; }

    public AssignmentState State { get; set; }
    public DateTimeOffset LeasedAt { get; set; }
    public DateTimeOffset LeasedUntil { get; set; }

    /// <summary>True for the first showing of a prompt: repeats and attention checks take no place of the overlap.</summary>
    public bool TakesPlace => PromptId is not null && RepeatOfId is null;

    /// <summary>Why it was skipped, in the annotator's words or those offered; null when it was not.</summary>
    public string? SkipReason { get; set; }
}

internal sealed class AssignmentConfiguration : IEntityTypeConfiguration<Assignment>
{
    public void Configure(EntityTypeBuilder<Assignment> entity)
    {
        // Nulls count as equal: each prompt once, each check once, and one repeat of each first showing.
        entity.HasIndex(assignment => new { assignment.AnnotatorId, assignment.PromptId, assignment.CheckIndex, assignment.RepeatOfId })
            .IsUnique().AreNullsDistinct(false);
        entity.HasIndex(assignment => new { assignment.StudyId, assignment.State, assignment.LeasedUntil });
        entity.Property(assignment => assignment.State).HasConversion<string>().HasMaxLength(20);
        entity.HasOne(assignment => assignment.Study).WithMany().OnDelete(DeleteBehavior.Cascade);
        entity.HasOne(assignment => assignment.Prompt).WithMany().OnDelete(DeleteBehavior.Restrict);
        entity.Property(assignment => assignment.SkipReason).HasMaxLength(Assignment.SkipReasonLength);
        // The study already cascades here; a second path would be refused by SQL Server (error 1785).
        entity.HasOne(assignment => assignment.RepeatOf).WithMany().OnDelete(DeleteBehavior.Restrict);
        entity.HasOne(assignment => assignment.Annotator).WithMany().OnDelete(DeleteBehavior.Restrict);
    }
}
