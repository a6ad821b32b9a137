namespace PersonalLlm.Engine.Inference;

/// <summary>How texts are put together for a model.</summary>
public sealed record BatchOptions
{
    /// <summary>
    /// Tokens of a batch, padding included, at least one sequence each. Around 1,000 keeps the working set of a small encoder in the cache of a
    /// processor; a GPU wants tens of thousands.
    /// </summary>
    public int TokenBudget { get; init; } = 1_000;

    /// <summary>Batches that are computed side by side; 1 or more. On a processor one thread for each batch beats many threads on one.</summary>
    public int ParallelBatches { get; init; } = 1;

    /// <summary>Tokens that the model takes; a longer sequence gets a problem in place of a result. Cutting is the tokenizer's business.</summary>
    public int MaximumLength { get; init; } = int.MaxValue;

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(TokenBudget, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ParallelBatches, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumLength, 1);
    }
}
