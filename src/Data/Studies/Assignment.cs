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
}

/// <summary>One prompt handed to one annotator.</summary>
public sealed class Assignment
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public int StudyId { get; init; }
    public Study? Study { get; init; }
    public long PromptId { get; init; }
    public Prompt? Prompt { get; init; }
    public Guid AnnotatorId { get; init; }
    public Annotator? Annotator { get; init; }

    /// <summary>Response indexes (0-based within the prompt) in the order the annotator saw them.</summary>
    public required int[] PresentedOrder { get; init; }

    public AssignmentState State { get; set; }
    public DateTimeOffset LeasedAt { get; set; }
    public DateTimeOffset LeasedUntil { get; set; }
}

internal sealed class AssignmentConfiguration : IEntityTypeConfiguration<Assignment>
{
    public void Configure(EntityTypeBuilder<Assignment> entity)
    {
        entity.HasIndex(assignment => new { assignment.AnnotatorId, assignment.PromptId }).IsUnique();
        entity.HasIndex(assignment => new { assignment.StudyId, assignment.State, assignment.LeasedUntil });
        entity.Property(assignment => assignment.State).HasConversion<string>().HasMaxLength(20);
        entity.HasOne(assignment => assignment.Study).WithMany().OnDelete(DeleteBehavior.Cascade);
        entity.HasOne(assignment => assignment.Prompt).WithMany().OnDelete(DeleteBehavior.Restrict);
        // The study already cascades here; a second path would be refused by SQL Server (error 1785).
        entity.HasOne(assignment => assignment.Annotator).WithMany().OnDelete(DeleteBehavior.Restrict);
    }
}
