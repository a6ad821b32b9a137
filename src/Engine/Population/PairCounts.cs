using PersonalLlm.Engine.Judgements;

namespace PersonalLlm.Engine.Population;

/// <summary>
/// For every two responses of a prompt, how many put the one above the other, and how many compared them at all: enough for the mean
/// agreement of a group, or of two groups, without looking at pairs of people.
/// </summary>
public sealed class PairCounts
{
    private readonly int[] promptStarts;
    private readonly int[] matrixStarts;
    private readonly int[] above;
    private readonly int[] compared;

    internal PairCounts(ReadOnlySpan<int> promptStarts)
    {
        this.promptStarts = promptStarts.ToArray();
        matrixStarts = new int[promptStarts.Length];
        for (var promptIndex = 0; promptIndex < PromptCount; promptIndex++)
            matrixStarts[promptIndex + 1] = matrixStarts[promptIndex] + (ResponseCountOf(promptIndex) * ResponseCountOf(promptIndex));
        above = new int[matrixStarts[^1]];
        compared = new int[matrixStarts[^1]];
    }

    public int PromptCount => promptStarts.Length - 1;

    public int ResponseCountOf(int promptIndex) => promptStarts[promptIndex + 1] - promptStarts[promptIndex];

    /// <summary>How many ranked response <paramref name="a"/> of a prompt strictly above response <paramref name="b"/>.</summary>
    public int Above(int promptIndex, int a, int b) => above[IndexOf(promptIndex, a, b)];

    /// <summary>How many ranked both, tied or not.</summary>
    public int Compared(int promptIndex, int a, int b) => compared[IndexOf(promptIndex, a, b)];

    /// <summary>Pairs of rankings; two responses are compared by a ranking that ranks both.</summary>
    /// <param name="promptStarts">Length P + 1, as in a reward matrix.</param>
    /// <param name="rankings">Each over the responses of its prompt.</param>
    public static PairCounts OfRankings(ReadOnlySpan<int> promptStarts, IEnumerable<(int PromptIndex, Ranking Ranking)> rankings)
    {
        var counts = new PairCounts(promptStarts);
        foreach (var (promptIndex, ranking) in rankings)
        {
            var ranks = ranking.Ranks(counts.ResponseCountOf(promptIndex));
            for (var a = 0; a < ranks.Length; a++)
                for (var b = 0; b < ranks.Length; b++)
                    if (a != b && ranks[a] is { } rankOfA && ranks[b] is { } rankOfB)
                    {
                        counts.compared[counts.IndexOf(promptIndex, a, b)]++;
                        if (rankOfA < rankOfB)
                            counts.above[counts.IndexOf(promptIndex, a, b)]++;
                    }
        }
        return counts;
    }

    /// <summary>Above-counts of one prompt, [responses × responses], for the one worker that owns the prompt.</summary>
    internal Span<int> AboveOf(int promptIndex) => above.AsSpan(matrixStarts[promptIndex]..matrixStarts[promptIndex + 1]);

    /// <summary>Says that everybody compared every two responses of a prompt.</summary>
    internal void SetCompared(int promptIndex, int users)
    {
        var responses = ResponseCountOf(promptIndex);
        for (var a = 0; a < responses; a++)
            for (var b = 0; b < responses; b++)
                compared[IndexOf(promptIndex, a, b)] = a == b ? 0 : users;
    }

    private int IndexOf(int promptIndex, int a, int b) => matrixStarts[promptIndex] + (a * ResponseCountOf(promptIndex)) + b;
}
