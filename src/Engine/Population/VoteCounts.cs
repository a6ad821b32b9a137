using PersonalLlm.Engine.Judgements;

namespace PersonalLlm.Engine.Population;

/// <summary>How many first choices each response has, of people or of simulated users: [responses], in prompt order.</summary>
/// <remarks>A count may be a fraction: a person whose first choice is shared by n responses gives each of them 1/n.</remarks>
public sealed class VoteCounts
{
    private readonly int[] promptStarts;
    private readonly double[] counts;

    /// <param name="promptStarts">Length P + 1, as in a reward matrix.</param>
    /// <param name="counts">[responses], at least 0.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    public VoteCounts(ReadOnlySpan<int> promptStarts, double[] counts)
    {
        if (promptStarts.IsEmpty || promptStarts[^1] != counts.Length)
            throw new ArgumentException($"Expected one count per response but got {counts.Length}.");
        this.promptStarts = promptStarts.ToArray();
        this.counts = counts;
    }

    public int PromptCount => promptStarts.Length - 1;

    public int ResponseCount => counts.Length;

    /// <summary>Votes of every response.</summary>
    public ReadOnlySpan<double> Values => counts;

    /// <summary>Row of a prompt's first response; <paramref name="promptIndex"/> may equal <see cref="PromptCount"/>.</summary>
    public int FirstResponseOf(int promptIndex) => promptStarts[promptIndex];

    /// <summary>Votes of a prompt's responses.</summary>
    public ReadOnlySpan<double> Of(int promptIndex) => counts.AsSpan(promptStarts[promptIndex]..promptStarts[promptIndex + 1]);

    /// <summary>Votes given on a prompt; 0 when nobody judged it.</summary>
    public double TotalOf(int promptIndex)
    {
        var total = 0.0;
        foreach (var count in Of(promptIndex))
            total += count;
        return total;
    }

    /// <summary>First choices of rankings; a ranking that ranks nothing gives no vote.</summary>
    /// <param name="promptStarts">Length P + 1, as in a reward matrix.</param>
    /// <param name="rankings">Each over the responses of its prompt.</param>
    public static VoteCounts OfRankings(ReadOnlySpan<int> promptStarts, IEnumerable<(int PromptIndex, Ranking Ranking)> rankings)
    {
        var counts = new double[promptStarts[^1]];
        foreach (var (promptIndex, ranking) in rankings)
            foreach (var response in ranking.FirstChoices)
                counts[promptStarts[promptIndex] + response] += 1.0 / ranking.FirstChoices.Count;
        return new VoteCounts(promptStarts, counts);
    }
}
