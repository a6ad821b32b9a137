using PersonalLlm.Engine.Datasets;

namespace PersonalLlm.Engine.Rewards;

/// <summary>Gathers the rewards of records as they are read and hands them over as one matrix. Keeps numbers, not texts.</summary>
public sealed class RewardCollector
{
    private readonly List<int> promptStarts = [0];
    private readonly List<float> values = [];
    private string[]? rewardModels;

    /// <summary>
    /// Adds the responses of one prompt. The first record decides which reward models there are; without any in the file, the rewards
    /// are those of <see cref="AttributeRewardModels"/>.
    /// </summary>
    /// <exception cref="ArgumentException">The record lacks a reward of an earlier one; reading through <see cref="DatasetFile"/> reports that first.</exception>
    public void Add(PromptRecord record)
    {
        rewardModels ??= record.Responses[0].Rewards.Count > 0 ? [.. record.Responses[0].Rewards.Keys.Order(StringComparer.Ordinal)] : [];
        foreach (var response in record.Responses)
            Add(record, response);
        promptStarts.Add(promptStarts[^1] + record.Responses.Count);
    }

    /// <summary>True when the file had no rewards, so that the matrix holds those of the attribute reward models.</summary>
    public bool AreAttributes => rewardModels is { Length: 0 };

    /// <summary>Raw rewards, [responses × reward models], columns in ordinal order of their names.</summary>
    public RewardMatrix ToMatrix() =>
        new(AreAttributes ? AttributeRewardModels.Names : rewardModels ?? [], [.. promptStarts], [.. values]);

    private void Add(PromptRecord record, ResponseRecord response)
    {
        if (AreAttributes)
        {
            Span<float> scores = stackalloc float[AttributeRewardModels.Names.Count];
            AttributeRewardModels.Score(response.Text, scores);
            foreach (var score in scores)
                values.Add(score);
            return;
        }
        foreach (var alias in rewardModels!)
            values.Add(response.Rewards.TryGetValue(alias, out var reward)
                ? reward
                : throw new ArgumentException($"A response of prompt {record.Key} has no reward under {alias}."));
    }
}
