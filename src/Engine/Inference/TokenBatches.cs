namespace PersonalLlm.Engine.Inference;

/// <summary>Puts sequences of like length together, so that hardly anything is computed for padding.</summary>
internal static class TokenBatches
{
    /// <summary>
    /// Longest first, ties in input order, each batch as full as the budget allows when every sequence is padded to the batch's longest.
    /// The longest come first so that memory is asked for once, and so that parallel workers do not end on the largest batch.
    /// </summary>
    /// <param name="sequenceIndexes">Which sequences.</param>
    /// <param name="lengths">Of all sequences, by index.</param>
    /// <param name="tokenBudget">Tokens of a batch, padding included; a longer sequence is a batch of its own.</param>
    /// <returns>Indexes of sequences.</returns>
    public static IReadOnlyList<int[]> Plan(IEnumerable<int> sequenceIndexes, Func<int, int> lengths, int tokenBudget)
    {
        var longestFirst = sequenceIndexes.OrderByDescending(lengths).ToArray();
        var batches = new List<int[]>();
        for (var first = 0; first < longestFirst.Length;)
        {
            var rows = Math.Max(1, tokenBudget / Math.Max(1, lengths(longestFirst[first])));
            var next = Math.Min(longestFirst.Length, first + rows);
            batches.Add(longestFirst[first..next]);
            first = next;
        }
        return batches;
    }
}
