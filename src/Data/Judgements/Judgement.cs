using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Judgements;

namespace PersonalLlm.Data.Judgements;

/// <summary>One submission: who ranked which prompt, how, and what they had in front of them.</summary>
public sealed class Judgement
{
    /// <summary>Made by the annotator's page before the first submit, so that repeating a submit is harmless.</summary>
    public required Guid Id { get; init; }

    public Guid AssignmentId { get; init; }
    public Assignment? Assignment { get; init; }

    /// <summary>Best first; letters are response indexes within the prompt, whatever order they were shown in.</summary>
    public required Ranking Ranking { get; init; }

    /// <summary>"None is acceptable", said beside the ranking.</summary>
    public bool AllBad { get; init; }

    public DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset SubmittedAt { get; init; }
}

/// <summary>A half-made ranking, kept until it is submitted.</summary>
public sealed class JudgementDraft
{
    public Guid AssignmentId { get; init; }
    public Assignment? Assignment { get; init; }

    /// <summary>The id the judgement will have.</summary>
    public Guid JudgementId { get; set; }

    public required Ranking Ranking { get; set; }
    public bool AllBad { get; set; }

    /// <summary>Counts changes in the browser; a draft that arrives late with a smaller number is ignored.</summary>
    public long Sequence { get; set; }

    public DateTimeOffset SavedAt { get; set; }
}

internal sealed class JudgementConfiguration : IEntityTypeConfiguration<Judgement>
{
    public void Configure(EntityTypeBuilder<Judgement> entity)
    {
        entity.Property(judgement => judgement.Id).ValueGeneratedNever();
        entity.HasIndex(judgement => judgement.AssignmentId).IsUnique();
        entity.HasOne(judgement => judgement.Assignment).WithMany().OnDelete(DeleteBehavior.Cascade);
        entity.Property(judgement => judgement.Ranking).HasMaxLength(60)
            .HasConversion(ranking => ranking.ToString(), text => Ranking.Parse(text, Ranking.MaximumResponses));
    }
}

internal sealed class JudgementDraftConfiguration : IEntityTypeConfiguration<JudgementDraft>
{
    public void Configure(EntityTypeBuilder<JudgementDraft> entity)
    {
        entity.HasKey(draft => draft.AssignmentId);
        entity.HasOne(draft => draft.Assignment).WithOne().HasForeignKey<JudgementDraft>(draft => draft.AssignmentId).OnDelete(DeleteBehavior.Cascade);
        entity.Property(draft => draft.Ranking).HasMaxLength(60)
            .HasConversion(ranking => ranking.ToString(), text => Ranking.Parse(text, Ranking.MaximumResponses));
        entity.Property(draft => draft.Sequence).IsConcurrencyToken();
    }
}
