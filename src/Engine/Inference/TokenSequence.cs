namespace PersonalLlm.Engine.Inference;

/// <summary>What a model reads of one text, or of a pair of texts.</summary>
/// <param name="Ids">Token ids, special ones included and without padding.</param>
/// <param name="TypeIds">Of each token, which text it belongs to; empty when all belong to the first.</param>
public readonly record struct TokenSequence(ReadOnlyMemory<int> Ids, ReadOnlyMemory<int> TypeIds = default)
{
    public int Length => Ids.Length;
}

/// <summary>Why one sequence has no result.</summary>
/// <param name="SequenceIndex">Its place in the input, from 0.</param>
/// <param name="Message">One sentence.</param>
public sealed record SequenceProblem(int SequenceIndex, string Message);
