using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PersonalLlm.Data.Datasets;

namespace PersonalLlm.Data.Rewards;

/// <summary>One reward model applied to one data set: where the numbers came from and the constants that standardise them.</summary>
public sealed class DatasetReward
{
    public int DatasetId { get; init; }
    public Dataset? Dataset { get; init; }
    public int RewardModelId { get; init; }
    public RewardModel? RewardModel { get; init; }

    /// <summary>z = (raw − Mean) / StandardDeviation.</summary>
    public double Mean { get; init; }

    /// <summary>Above 0.</summary>
    public double StandardDeviation { get; init; }

    /// <summary>Where the constants came from, in words: "published", or "estimated on 5,752 responses of this data set".</summary>
    public string NormalizationSource { get; init; } = "";

    public List<RewardChunk> Chunks { get; } = [];
}

/// <summary>Raw rewards of one model over consecutive responses of a data set, packed.</summary>
public sealed class RewardChunk
{
    public int DatasetId { get; init; }
    public int RewardModelId { get; init; }

    /// <summary>0-based; chunks lie end to end in response order.</summary>
    public int ChunkIndex { get; init; }

    /// <summary>Data set index of the first response in the chunk.</summary>
    public int FirstResponseIndex { get; init; }

    /// <summary>Little-endian float32, one per response.</summary>
    public required byte[] Values { get; init; }

    /// <summary>Revision of the reward model that made the numbers; null when imported without one.</summary>
    public string? Revision { get; init; }

    public string? Dtype { get; init; }
    public int? BatchSize { get; init; }

    /// <summary>Maximum length in tokens.</summary>
    public int? MaximumLength { get; init; }

    /// <summary>How many responses of the chunk were truncated; null when unknown.</summary>
    public int? TruncatedCount { get; init; }
}

internal sealed class DatasetRewardConfiguration : IEntityTypeConfiguration<DatasetReward>
{
    public void Configure(EntityTypeBuilder<DatasetReward> entity)
    {
        entity.HasKey(reward => new { reward.DatasetId, reward.RewardModelId });
        entity.Property(reward => reward.NormalizationSource).HasMaxLength(400);
        entity.HasOne(reward => reward.Dataset).WithMany().HasForeignKey(reward => reward.DatasetId).OnDelete(DeleteBehavior.Cascade);
        entity.HasOne(reward => reward.RewardModel).WithMany().HasForeignKey(reward => reward.RewardModelId).OnDelete(DeleteBehavior.Restrict);
        entity.HasMany(reward => reward.Chunks).WithOne()
            .HasForeignKey(chunk => new { chunk.DatasetId, chunk.RewardModelId }).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class RewardChunkConfiguration : IEntityTypeConfiguration<RewardChunk>
{
    public void Configure(EntityTypeBuilder<RewardChunk> entity)
    {
        entity.HasKey(chunk => new { chunk.DatasetId, chunk.RewardModelId, chunk.ChunkIndex });
        entity.Property(chunk => chunk.Revision).HasMaxLength(200);
        entity.Property(chunk => chunk.Dtype).HasMaxLength(20);
    }
}
