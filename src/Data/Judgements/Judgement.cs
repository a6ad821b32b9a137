using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Judgements;

namespace PersonalLlm.Data.Judgements;

/// <summary>One submission: what an annotator said about a prompt, and what they had in front of them. A revision is a row of its own.</summary>
public sealed class Judgement
{
    /// <summary>Made by the annotator's page before the first submit, so that repeating a submit is harmless.</summary>
    public required Guid Id { get; init; }

    public Guid AssignmentId { get; init; }
    public Assignment? Assignment { get; init; }

    /// <summary>Letters and scores are response indexes within the prompt, whatever order they were shown in.</summary>
    public required Answer Answer { get; init; }

    public JudgementTiming Timing { get; init; } = new();

    /// <summary>1 for the first submission about the assignment, one more for each revision.</summary>
    public int Revision { get; init; } = 1;

    /// <summary>When a revision or an undo took its place; null for the judgement that counts.</summary>
    public DateTimeOffset? SupersededAt { get; set; }

    /// <summary>The version of the study's design under which it was made.</summary>
    public int StudyVersion { get; init; } = 1;

    public DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset SubmittedAt { get; init; }
}

/// <summary>A half-made answer, kept until it is submitted.</summary>
public sealed class JudgementDraft
{
    public Guid AssignmentId { get; init; }
    public Assignment? Assignment { get; init; }

    /// <summary>The id the judgement will have.</summary>
    public Guid JudgementId { get; set; }

    public required Answer Answer { get; set; }
    public JudgementTiming Timing { get; set; } = new();

    /// <summary>Counts changes in the browser; a draft that arrives late with a smaller number is ignored.</summary>
    public long Sequence { get; set; }

    public DateTimeOffset SavedAt { get; set; }
}

internal sealed class JudgementConfiguration : IEntityTypeConfiguration<Judgement>
{
    public void Configure(EntityTypeBuilder<Judgement> entity)
    {
        entity.Property(judgement => judgement.Id).ValueGeneratedNever();
        entity.HasIndex(judgement => new { judgement.AssignmentId, judgement.Revision }).IsUnique();
        entity.HasOne(judgement => judgement.Assignment).WithMany().OnDelete(DeleteBehavior.Cascade);
        entity.ComplexProperty(judgement => judgement.Answer, answer => answer.HasAnswerColumns());
        entity.ComplexProperty(judgement => judgement.Timing, timing => timing.HasTimingColumns());
        entity.Property(judgement => judgement.Revision).HasDefaultValue(1).ValueGeneratedNever();
        entity.Property(judgement => judgement.StudyVersion).HasDefaultValue(1).ValueGeneratedNever();
        entity.HasQueryFilter(JudgementQueries.Current, judgement => judgement.SupersededAt == null);
    }
}

internal sealed class JudgementDraftConfiguration : IEntityTypeConfiguration<JudgementDraft>
{
    public void Configure(EntityTypeBuilder<JudgementDraft> entity)
    {
        entity.HasKey(draft => draft.AssignmentId);
        entity.HasOne(draft => draft.Assignment).WithOne().HasForeignKey<JudgementDraft>(draft => draft.AssignmentId).OnDelete(DeleteBehavior.Cascade);
        entity.ComplexProperty(draft => draft.Answer, answer => answer.HasAnswerColumns());
        entity.ComplexProperty(draft => draft.Timing, timing => timing.HasTimingColumns());
        entity.Property(draft => draft.Sequence).IsConcurrencyToken();
    }
}

internal static class AnswerColumns
{
    public static void HasAnswerColumns(this ComplexPropertyBuilder<Answer> answer)
    {
        answer.Property(row => row.Ranking).HasColumnName("Ranking").HasMaxLength(60)
            .HasConversion(ranking => ranking.ToString(), text => Ranking.Parse(text, Ranking.MaximumResponses));
        answer.Property(row => row.Scores).HasColumnName("Scores");
        answer.Property(row => row.AllBad).HasColumnName("AllBad");
        answer.Property(row => row.Reasons).HasColumnName("Reasons");
        answer.Property(row => row.Confidence).HasColumnName("Confidence");
        answer.Property(row => row.Comment).HasColumnName("Comment").HasMaxLength(InstrumentSpec.CommentLength);
    }

    public static void HasTimingColumns(this ComplexPropertyBuilder<JudgementTiming> timing)
    {
        timing.Property(row => row.ActiveMs).HasColumnName("ActiveMs");
        timing.Property(row => row.IdleMs).HasColumnName("IdleMs");
        timing.Property(row => row.ExposureMs).HasColumnName("ExposureMs");
        timing.Property(row => row.Touched).HasColumnName("Touched");
        timing.Property(row => row.Input).HasColumnName("Input").HasMaxLength(40);
        timing.Property(row => row.Viewport).HasColumnName("Viewport").HasMaxLength(20);
    }
}
