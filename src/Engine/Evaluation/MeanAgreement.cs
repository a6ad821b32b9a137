using PersonalLlm.Engine.Population;

namespace PersonalLlm.Engine.Evaluation;

/// <summary>
/// Mean Kendall τ-a between rankings of the same prompt, from pair counts alone: O(users × prompts) where looking at pairs of users
/// would take O(users² × prompts). A tie between two responses agrees with nobody and disagrees with nobody.
/// </summary>
public static class MeanAgreement
{
    /// <summary>
    /// Sum of concordances minus discordances over all pairs of rankings of one group, and how many comparisons that are; their quotient
    /// is the mean τ-a on the prompt. With x putting a above b and y the other way round, C(x,2) + C(y,2) pairs agree and x·y disagree.
    /// </summary>
    public static (double Sum, double Comparisons) Within(PairCounts counts, int promptIndex) =>
        OverPairs(counts, promptIndex, (a, b) =>
        {
            double x = counts.Above(promptIndex, a, b), y = counts.Above(promptIndex, b, a), n = counts.Compared(promptIndex, a, b);
            return (((x * (x - 1)) + (y * (y - 1))) / 2 - (x * y), n * (n - 1) / 2);
        });

    /// <summary>The same over all pairs of a ranking of the one group and a ranking of the other.</summary>
    /// <exception cref="ArgumentException">The groups saw different responses.</exception>
    public static (double Sum, double Comparisons) Between(PairCounts first, PairCounts second, int promptIndex)
    {
        if (first.ResponseCountOf(promptIndex) != second.ResponseCountOf(promptIndex))
            throw new ArgumentException($"Prompt {promptIndex} has {first.ResponseCountOf(promptIndex)} responses in the one group and {second.ResponseCountOf(promptIndex)} in the other.");
        return OverPairs(first, promptIndex, (a, b) =>
        {
            double margin = first.Above(promptIndex, a, b) - first.Above(promptIndex, b, a);
            double otherMargin = second.Above(promptIndex, a, b) - second.Above(promptIndex, b, a);
            return (margin * otherMargin, (double)first.Compared(promptIndex, a, b) * second.Compared(promptIndex, a, b));
        });
    }

    private static (double Sum, double Comparisons) OverPairs(PairCounts counts, int promptIndex, Func<int, int, (double Sum, double Comparisons)> ofPair)
    {
        double sum = 0, comparisons = 0;
        for (var a = 0; a < counts.ResponseCountOf(promptIndex); a++)
            for (var b = a + 1; b < counts.ResponseCountOf(promptIndex); b++)
            {
                var pair = ofPair(a, b);
                sum += pair.Sum;
                comparisons += pair.Comparisons;
            }
        return (sum, comparisons);
    }
}
