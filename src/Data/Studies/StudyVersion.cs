using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PersonalLlm.Data.Studies;

/// <summary>A study's design as it was locked. What may change later makes a further version; judgements say under which they were made.</summary>
public sealed class StudyVersion
{
    public int StudyId { get; init; }
    public Study? Study { get; init; }

    /// <summary>1, 2, …</summary>
    public int Version { get; init; }

    /// <summary>The whole design as canonical JSON: the text that <see cref="Hash"/> is of.</summary>
    public required string Design { get; init; }

    /// <summary>SHA-256 in hexadecimal.</summary>
    public required string Hash { get; init; }

    public DateTimeOffset LockedAt { get; init; }
}

internal sealed class StudyVersionConfiguration : IEntityTypeConfiguration<StudyVersion>
{
    public void Configure(EntityTypeBuilder<StudyVersion> entity)
    {
        entity.HasKey(version => new { version.StudyId, version.Version });
        entity.Property(version => version.Hash).HasMaxLength(64);
        entity.HasOne(version => version.Study).WithMany().OnDelete(DeleteBehavior.Cascade);
    }
}
