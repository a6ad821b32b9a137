namespace PersonalLlm.Engine.Rewards;

/// <summary>
/// Rewards of every response of a data set under every reward model: [responses × reward models], row-major, float32.
/// </summary>
/// <remarks>
/// Responses lie in prompt order; those of prompt p are rows <see cref="FirstResponseOf"/>(p) up to, not including,
/// <see cref="FirstResponseOf"/>(p + 1). The number of responses may differ per prompt.
/// </remarks>
public sealed class RewardMatrix
{
    private readonly float[] values;
    private readonly int[] promptStarts;

    /// <param name="rewardModels">Names of the columns, in the order that weights use.</param>
    /// <param name="promptStarts">Length P + 1, ascending, from 0 to the number of responses.</param>
    /// <param name="values">[responses × reward models], row-major, finite.</param>
    /// <exception cref="ArgumentException">The shapes do not fit together, or a value is not finite.</exception>
    public RewardMatrix(IReadOnlyList<string> rewardModels, int[] promptStarts, float[] values)
    {
        if (promptStarts.Length == 0 || promptStarts[0] != 0)
            throw new ArgumentException("Prompt starts must begin with 0.");
        for (var promptIndex = 1; promptIndex < promptStarts.Length; promptIndex++)
            if (promptStarts[promptIndex] <= promptStarts[promptIndex - 1])
                throw new ArgumentException($"Prompt {promptIndex - 1} has no responses.");
        var expected = (long)promptStarts[^1] * rewardModels.Count;
        if (values.Length != expected)
            throw new ArgumentException(
                $"Expected {expected} rewards ({promptStarts[^1]} responses × {rewardModels.Count} reward models) but got {values.Length}.");
        var bad = Array.FindIndex(values, value => !float.IsFinite(value));
        if (bad >= 0)
            throw new ArgumentException(
                $"The reward of response {bad / rewardModels.Count} under {rewardModels[bad % rewardModels.Count]} is {values[bad]}; rewards must be finite.");
        RewardModels = rewardModels;
        this.promptStarts = promptStarts;
        this.values = values;
    }

    /// <summary>Names of the reward models, in column order.</summary>
    public IReadOnlyList<string> RewardModels { get; }

    public int PromptCount => promptStarts.Length - 1;

    public int ResponseCount => promptStarts[^1];

    public int RewardModelCount => RewardModels.Count;

    /// <summary>All rewards, row-major.</summary>
    public ReadOnlySpan<float> Values => values;

    /// <summary>Row index of every prompt's first response, and the number of responses at the end: length P + 1.</summary>
    public ReadOnlySpan<int> PromptStarts => promptStarts;

    /// <summary>Row index of a prompt's first response; <paramref name="promptIndex"/> may equal <see cref="PromptCount"/>.</summary>
    public int FirstResponseOf(int promptIndex) => promptStarts[promptIndex];

    /// <summary>How many responses a prompt has.</summary>
    public int ResponseCountOf(int promptIndex) => promptStarts[promptIndex + 1] - promptStarts[promptIndex];

    /// <summary>Rewards of one response: [reward models].</summary>
    public ReadOnlySpan<float> Row(int responseIndex) => values.AsSpan(responseIndex * RewardModelCount, RewardModelCount);

    /// <summary>The rows of one prompt: [responses of the prompt × reward models].</summary>
    public ReadOnlySpan<float> RowsOf(int promptIndex) =>
        values.AsSpan(promptStarts[promptIndex] * RewardModelCount, ResponseCountOf(promptIndex) * RewardModelCount);

    /// <summary>The rewards of some prompts under some reward models, both in the order given.</summary>
    /// <param name="promptIndexes">In this matrix.</param>
    /// <param name="rewardModels">Names of columns.</param>
    /// <exception cref="ArgumentException">There is no such reward model.</exception>
    public RewardMatrix Select(IReadOnlyList<int> promptIndexes, IReadOnlyList<string> rewardModels)
    {
        var columns = rewardModels.Select(name => RewardModels.ToList().IndexOf(name)).ToArray();
        if (Array.IndexOf(columns, -1) is >= 0 and var missing)
            throw new ArgumentException($"There are no rewards under {rewardModels[missing]}, only under {string.Join(", ", RewardModels)}.");
        var starts = new int[promptIndexes.Count + 1];
        for (var place = 0; place < promptIndexes.Count; place++)
            starts[place + 1] = starts[place] + ResponseCountOf(promptIndexes[place]);
        var selected = new float[starts[^1] * columns.Length];
        var next = 0;
        foreach (var promptIndex in promptIndexes)
            for (var responseIndex = FirstResponseOf(promptIndex); responseIndex < FirstResponseOf(promptIndex + 1); responseIndex++)
                foreach (var column in columns)
                    selected[next++] = Row(responseIndex)[column];
        return new RewardMatrix(rewardModels, starts, selected);
    }
}
