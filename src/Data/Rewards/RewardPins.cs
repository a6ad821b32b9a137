using Microsoft.EntityFrameworkCore;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Data.Rewards;

/// <summary>Which numbers of a reward model a data set holds, and where they come from.</summary>
/// <param name="Source">Of the constants, in words; empty when unknown.</param>
public sealed record PinnedReward(string RewardModel, RewardPin Pin, string Source);

public static class RewardPins
{
    /// <summary>Revision and constants of every reward model of a data set, by name in ordinal order.</summary>
    public static async Task<IReadOnlyList<PinnedReward>> RewardPinsAsync(this PersonalLlmDbContext context, int datasetId, CancellationToken cancellation = default)
    {
        var rewards = await context.DatasetRewards.AsNoTracking().Where(reward => reward.DatasetId == datasetId)
            .Select(reward => new
            {
                reward.RewardModel!.Name,
                reward.Mean,
                reward.StandardDeviation,
                reward.NormalizationSource,
                Revisions = reward.Chunks.Select(chunk => chunk.Revision).Distinct().ToList(),
            }).ToListAsync(cancellation);
        return
        [
            .. rewards.OrderBy(reward => reward.Name, StringComparer.Ordinal).Select(reward => new PinnedReward(
                reward.Name,
                new RewardPin(OneOf(reward.Revisions), new RewardConstants(reward.Mean, reward.StandardDeviation)),
                reward.NormalizationSource)),
        ];
    }

    /// <summary>The specification with the numbers that the data set holds now.</summary>
    /// <returns>Null when the data set has no rewards under one of its reward models.</returns>
    public static PopulationSpec? Pinned(this PopulationSpec spec, IReadOnlyList<PinnedReward> pins)
    {
        var own = spec.RewardModels.Select(name => pins.FirstOrDefault(pin => pin.RewardModel == name)?.Pin).ToArray();
        return own.Contains(null) ? null : spec with { Pins = own! };
    }

    // Chunks may have been scored at different times; a mixture is a revision of its own.
    private static string? OneOf(List<string?> revisions) =>
        revisions.All(revision => revision is null) ? null : string.Join(" + ", revisions.Select(revision => revision ?? "unknown").Order(StringComparer.Ordinal));
}
