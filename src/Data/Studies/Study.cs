using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PersonalLlm.Data.Datasets;

namespace PersonalLlm.Data.Studies;

public enum StudyStatus
{
    Draft,
    Open,
    Paused,
    Closed,
}

/// <summary>Which prompts of a data set are ranked, by how many people each.</summary>
public sealed class Study
{
    public int Id { get; init; }

    /// <summary>The short code in the annotators' link, <c>/s/{code}</c>.</summary>
    public required string Code { get; init; }

    public required string Name { get; set; }
    public int DatasetId { get; init; }
    public Dataset? Dataset { get; init; }
    public StudyStatus Status { get; set; }

    /// <summary>How many different annotators rank each prompt; at least 1.</summary>
    public int Overlap { get; set; } = 3;

    /// <summary>What the annotator reads before the first prompt. Markdown.</summary>
    public string Instructions { get; set; } = "";

    /// <summary>Seeds the order in which responses are presented.</summary>
    public uint Seed { get; init; }

    public bool IsDemo { get; init; }
    public Guid? CreatedById { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public List<StudyPrompt> Prompts { get; } = [];
}

/// <summary>A prompt's place in a study, and how much of its overlap is taken.</summary>
public sealed class StudyPrompt
{
    public int StudyId { get; init; }
    public Study? Study { get; init; }
    public long PromptId { get; init; }
    public Prompt? Prompt { get; init; }

    /// <summary>0-based position in the study.</summary>
    public int Index { get; init; }

    /// <summary>
    /// Assignments that are submitted or on lease. Only ever raised by one conditional update (Taken &lt; Overlap), which is what
    /// keeps two annotators from exceeding the overlap by a race.
    /// </summary>
    public int Taken { get; set; }
}

internal sealed class StudyConfiguration : IEntityTypeConfiguration<Study>
{
    public void Configure(EntityTypeBuilder<Study> entity)
    {
        entity.HasIndex(study => study.Code).IsUnique();
        entity.Property(study => study.Code).HasMaxLength(32);
        entity.Property(study => study.Name).HasMaxLength(200);
        entity.Property(study => study.Status).HasConversion<string>().HasMaxLength(20);
        entity.HasOne(study => study.Dataset).WithMany().OnDelete(DeleteBehavior.Restrict);
    }
}

internal sealed class StudyPromptConfiguration : IEntityTypeConfiguration<StudyPrompt>
{
    public void Configure(EntityTypeBuilder<StudyPrompt> entity)
    {
        entity.HasKey(item => new { item.StudyId, item.PromptId });
        entity.HasIndex(item => new { item.StudyId, item.Index }).IsUnique();
        entity.HasOne(item => item.Study).WithMany(study => study.Prompts).OnDelete(DeleteBehavior.Cascade);
        entity.HasOne(item => item.Prompt).WithMany().OnDelete(DeleteBehavior.Restrict);
    }
}
