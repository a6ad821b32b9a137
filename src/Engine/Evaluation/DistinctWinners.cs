using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Evaluation;

/// <summary>How many responses of a prompt are somebody's first choice: d_p = #{r : v_p(r) > 0}, as a histogram over prompts.</summary>
internal static class DistinctWinners
{
    /// <summary>
    /// The bars of PersonalLLM's figure: what its labels say, and which numbers of distinct winners they really hold. A single winner is in none.
    /// </summary>
    public static IReadOnlyList<(string Label, int Fewest, int Most)> PaperBins { get; } =
        [("≤2", 2, 3), ("3", 4, 4), ("4", 5, 5), ("5", 6, 6), ("≥6", 7, 8)];

    /// <param name="votes">Of one prompt.</param>
    public static int CountOf(ReadOnlySpan<double> votes)
    {
        var winners = 0;
        foreach (var count in votes)
            winners += count > 0 ? 1 : 0;
        return winners;
    }

    /// <summary>Share of prompts with <paramref name="fewest"/> to <paramref name="most"/> distinct winners, both included.</summary>
    public static Bootstrap.UnitStatistic Share(int[] winners, int fewest, int most) =>
        Bootstrap.Mean(Array.ConvertAll(winners, count => count >= fewest && count <= most ? 1.0 : 0.0));
}
