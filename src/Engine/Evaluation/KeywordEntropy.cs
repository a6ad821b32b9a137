using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Evaluation;

/// <summary>
/// Entropy of the first choices by what a prompt says (Zollo et al. 2024, §3): prompts that contain a word of taste, and prompts that begin
/// with a question for a fact. Upper and lower case are the same; a prompt may be in several groups or in none.
/// </summary>
public static class KeywordEntropy
{
    /// <summary>Anywhere in the prompt, inside longer words too.</summary>
    public static IReadOnlyList<string> Subjective { get; } = ["imagine", "opinion", "poem", "taste"];

    /// <summary>The first word of the prompt.</summary>
    public static IReadOnlyList<string> QuestionWords { get; } = ["who", "what", "when", "where"];

    /// <summary>Mean entropy of each group: "contains …" and "begins with …" in the order above, each kind followed by all of its prompts together.</summary>
    /// <param name="votes">First choices; prompts without votes do not count.</param>
    /// <param name="promptTexts">[prompts]</param>
    /// <param name="seed">Of the bootstrap over prompts.</param>
    /// <param name="resamples">Of the bootstrap.</param>
    /// <param name="cancellationToken">Checked between resamples.</param>
    /// <returns>n is the number of prompts in the group; undefined where it is empty.</returns>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    public static IReadOnlyList<NamedEstimate> Of(
        VoteCounts votes, IReadOnlyList<string> promptTexts, uint seed, int resamples = Bootstrap.DefaultResamples, CancellationToken cancellationToken = default)
    {
        if (promptTexts.Count != votes.PromptCount)
            throw new ArgumentException($"Expected {votes.PromptCount} prompts but got {promptTexts.Count}.");
        var prompts = Enumerable.Range(0, votes.PromptCount).Where(promptIndex => votes.TotalOf(promptIndex) > 0).ToArray();
        var texts = Array.ConvertAll(prompts, promptIndex => promptTexts[promptIndex]);
        var entropies = Array.ConvertAll(prompts, promptIndex => VoteEntropy.Of(votes.Of(promptIndex)));
        (string Name, Predicate<string> IsInside)[] groups =
        [
            .. Subjective.Select(word => ($"contains {word}", (Predicate<string>)(text => Contains(text, word)))),
            ("contains any of them", text => Subjective.Any(word => Contains(text, word))),
            .. QuestionWords.Select(word => ($"begins with {word}", (Predicate<string>)(text => BeginsWith(text, word)))),
            ("begins with any of them", text => QuestionWords.Any(word => BeginsWith(text, word))),
        ];
        var estimates = Bootstrap.Estimates(
            prompts.Length, "prompts", [.. groups.Select(group => Within(texts, entropies, group.IsInside))], seed, resamples, cancellationToken);
        return [.. groups.Zip(estimates, (group, estimate) => new NamedEstimate(
            group.Name, estimate.IsDefined ? estimate : Estimate.Undefined($"no prompt {group.Name}")))];
    }

    private static bool Contains(string text, string word) => text.Contains(word, StringComparison.OrdinalIgnoreCase);

    /// <summary>The first run of letters is the word: "What's" begins with what, "Whatever" does not.</summary>
    private static bool BeginsWith(string text, string word)
    {
        var start = text.AsSpan();
        while (!start.IsEmpty && !char.IsLetterOrDigit(start[0]))
            start = start[1..];
        return start.StartsWith(word, StringComparison.OrdinalIgnoreCase) && (start.Length == word.Length || !char.IsLetterOrDigit(start[word.Length]));
    }

    private static Bootstrap.UnitStatistic Within(string[] texts, double[] entropies, Predicate<string> isInside)
    {
        var inside = Array.ConvertAll(texts, text => isInside(text) ? 1.0 : 0.0);
        return Bootstrap.Ratio([.. entropies.Zip(inside, (entropy, counts) => entropy * counts)], inside);
    }
}
