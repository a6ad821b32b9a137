namespace PersonalLlm.Engine.Population;

/// <summary>
/// For every two responses of a prompt, how many users put the one above the other: enough for the mean agreement of a population,
/// within itself or with a person, without looking at pairs of users.
/// </summary>
public sealed class PairCounts
{
    private readonly int[] responseCounts;
    private readonly int[] matrixStarts;
    private readonly int[] above;

    internal PairCounts(ReadOnlySpan<int> promptStarts, int users)
    {
        Users = users;
        responseCounts = new int[promptStarts.Length - 1];
        matrixStarts = new int[promptStarts.Length];
        for (var promptIndex = 0; promptIndex < PromptCount; promptIndex++)
        {
            responseCounts[promptIndex] = promptStarts[promptIndex + 1] - promptStarts[promptIndex];
            matrixStarts[promptIndex + 1] = matrixStarts[promptIndex] + (responseCounts[promptIndex] * responseCounts[promptIndex]);
        }
        above = new int[matrixStarts[^1]];
    }

    /// <summary>How many users compared every two responses of every prompt.</summary>
    public int Users { get; }

    public int PromptCount => responseCounts.Length;

    public int ResponseCountOf(int promptIndex) => responseCounts[promptIndex];

    /// <summary>
    /// How many users put response <paramref name="a"/> of a prompt strictly above response <paramref name="b"/>; the users that are in
    /// neither this count nor the one the other way round tie the two.
    /// </summary>
    public int Above(int promptIndex, int a, int b) => above[matrixStarts[promptIndex] + (a * responseCounts[promptIndex]) + b];

    /// <summary>Counts of one prompt, [responses × responses], for the one worker that owns the prompt.</summary>
    internal Span<int> AboveOf(int promptIndex) => above.AsSpan(matrixStarts[promptIndex]..matrixStarts[promptIndex + 1]);
}
