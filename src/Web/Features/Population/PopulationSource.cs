using PersonalLlm.Data.Rewards;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Web.Features.Population;

/// <summary>A data set as voters see it.</summary>
/// <param name="DatasetId">The data set.</param>
/// <param name="Name">Its name.</param>
/// <param name="Rewards">Standardised, all prompts, all reward models in ordinal order.</param>
/// <param name="ResponseModels">[responses]: which language model wrote it.</param>
/// <param name="Subsets">[prompts]: its subset, or null.</param>
/// <param name="Prompts">[prompts]: its text.</param>
public sealed record PopulationSource(
    int DatasetId, string Name, RewardMatrix Rewards, IReadOnlyList<string> ResponseModels, IReadOnlyList<string?> Subsets, IReadOnlyList<string> Prompts)
{
    private Selection? selected;

    /// <summary>Which numbers these are, by reward model in ordinal order.</summary>
    public IReadOnlyList<PinnedReward> Pins { get; init; } = [];

    /// <summary>[prompts]: where its page is.</summary>
    public IReadOnlyList<long> PromptIds { get; init; } = [];

    /// <summary>The rewards under some of the reward models, in the order given.</summary>
    /// <exception cref="ArgumentException">There is no such reward model.</exception>
    public RewardMatrix RewardsUnder(IReadOnlyList<string> rewardModels)
    {
        if (Rewards.RewardModels.SequenceEqual(rewardModels))
            return Rewards;
        // A slider asks for the same ones again and again, and what a matrix keeps for its kernels is made once per matrix.
        if (selected is { } last && ReferenceEquals(last.From, Rewards) && last.Rewards.RewardModels.SequenceEqual(rewardModels))
            return last.Rewards;
        var some = Rewards.Select([.. Enumerable.Range(0, Rewards.PromptCount)], rewardModels);
        selected = new Selection(Rewards, some);
        return some;
    }

    /// <summary>Some of the prompts, in the order given.</summary>
    public PopulationSource On(IReadOnlyList<int> promptIndexes) => this with
    {
        Rewards = Rewards.Select(promptIndexes, Rewards.RewardModels),
        ResponseModels = [.. promptIndexes.SelectMany(promptIndex => ResponseModels.Skip(Rewards.FirstResponseOf(promptIndex)).Take(Rewards.ResponseCountOf(promptIndex)))],
        Subsets = [.. promptIndexes.Select(promptIndex => Subsets[promptIndex])],
        Prompts = [.. promptIndexes.Select(promptIndex => Prompts[promptIndex])],
    };

    private sealed record Selection(RewardMatrix From, RewardMatrix Rewards);
}
