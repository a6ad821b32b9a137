namespace PersonalLlm.Engine.Population;

/// <summary>For every response of every prompt, how many users put it at each rank.</summary>
/// <remarks>Rankings are strict, as <see cref="ChoiceModel.Rank"/> makes them: equal utilities keep the order of the responses.</remarks>
public sealed class RankCounts
{
    private readonly int[] responseCounts;
    private readonly int[] starts;
    private readonly int[] counts;

    internal RankCounts(ReadOnlySpan<int> promptStarts, int users)
    {
        Users = users;
        responseCounts = new int[promptStarts.Length - 1];
        starts = new int[promptStarts.Length];
        for (var promptIndex = 0; promptIndex < PromptCount; promptIndex++)
        {
            responseCounts[promptIndex] = promptStarts[promptIndex + 1] - promptStarts[promptIndex];
            starts[promptIndex + 1] = starts[promptIndex] + (responseCounts[promptIndex] * responseCounts[promptIndex]);
        }
        counts = new int[starts[^1]];
    }

    /// <summary>How many users ranked every prompt.</summary>
    public int Users { get; }

    public int PromptCount => responseCounts.Length;

    public int ResponseCountOf(int promptIndex) => responseCounts[promptIndex];

    /// <summary>How many users give a response the rank <paramref name="rank"/>, 1 for the best.</summary>
    public int At(int promptIndex, int response, int rank) => counts[starts[promptIndex] + (response * responseCounts[promptIndex]) + rank - 1];

    /// <summary>Counts of one prompt, [responses × ranks].</summary>
    public ReadOnlySpan<int> Of(int promptIndex) => counts.AsSpan(starts[promptIndex]..starts[promptIndex + 1]);

    /// <summary>The same, for the one worker that owns the prompt.</summary>
    internal Span<int> MutableOf(int promptIndex) => counts.AsSpan(starts[promptIndex]..starts[promptIndex + 1]);
}
