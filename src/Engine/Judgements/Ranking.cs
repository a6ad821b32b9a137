using System.Diagnostics.CodeAnalysis;

namespace PersonalLlm.Engine.Judgements;

/// <summary>
/// A weak order over the responses of one prompt: best first, ties share a rank, unranked responses are simply absent.
/// </summary>
/// <remarks>
/// Responses are named by their 0-based index in the prompt and written as letters (0 = A … 25 = Z), so that
/// <c>"B,D=A,C"</c> means: B is best, D and A share rank 2, C has rank 4. Ranks are competition ranks (1, 2, 2, 4).
/// </remarks>
public sealed class Ranking : IEquatable<Ranking>
{
    /// <summary>The most responses a prompt may have: one letter each.</summary>
    public const int MaximumResponses = 26;

    private readonly int[][] tiers;

    private Ranking(int[][] tiers) => this.tiers = tiers;

    /// <summary>Nobody is ranked.</summary>
    public static Ranking Empty { get; } = new([]);

    /// <summary>Groups of tied response indexes, best first; indexes ascend within a group.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Tiers => tiers;

    /// <summary>How many responses have a rank.</summary>
    public int RankedCount => tiers.Sum(tier => tier.Length);

    public bool HasTies => tiers.Any(tier => tier.Length > 1);

    /// <summary>The responses that share rank 1; empty when nothing is ranked.</summary>
    public IReadOnlyList<int> FirstChoices => tiers.Length == 0 ? [] : tiers[0];

    /// <summary>The rank of a response: 1 is best, ties share, null when unranked.</summary>
    public int? RankOf(int responseIndex)
    {
        var better = 0;
        foreach (var tier in tiers)
        {
            if (Array.IndexOf(tier, responseIndex) >= 0)
                return better + 1;
            better += tier.Length;
        }
        return null;
    }

    /// <summary>Ranks of responses 0 … <paramref name="responseCount"/>−1; null where unranked.</summary>
    public int?[] Ranks(int responseCount)
    {
        var ranks = new int?[responseCount];
        for (var responseIndex = 0; responseIndex < responseCount; responseIndex++)
            ranks[responseIndex] = RankOf(responseIndex);
        return ranks;
    }

    /// <summary>True when every one of <paramref name="responseCount"/> responses has a rank.</summary>
    public bool IsComplete(int responseCount) => RankedCount == responseCount;

    /// <summary>Makes a ranking of tiers of response indexes, best first. Empty tiers are dropped.</summary>
    /// <exception cref="ArgumentException">An index is negative, above 25, or appears twice.</exception>
    public static Ranking Of(IEnumerable<IEnumerable<int>> tiers)
    {
        var made = tiers.Select(tier => tier.Order().ToArray()).Where(tier => tier.Length > 0).ToArray();
        var seen = new HashSet<int>();
        foreach (var responseIndex in made.SelectMany(tier => tier))
        {
            if (responseIndex is < 0 or >= MaximumResponses)
                throw new ArgumentException($"Response index {responseIndex} is outside 0 … {MaximumResponses - 1}.");
            if (!seen.Add(responseIndex))
                throw new ArgumentException($"Response {Letter(responseIndex)} is ranked twice.");
        }
        return new Ranking(made);
    }

    /// <summary>A strict ranking: the indexes given, best first.</summary>
    public static Ranking Strict(params ReadOnlySpan<int> bestFirst)
    {
        var made = new int[bestFirst.Length][];
        for (var position = 0; position < bestFirst.Length; position++)
            made[position] = [bestFirst[position]];
        return Of(made);
    }

    /// <summary>The ranking that utilities imply: larger is better, equal utilities tie.</summary>
    public static Ranking OfUtilities(ReadOnlySpan<float> utilities)
    {
        Span<double> wide = stackalloc double[MaximumResponses];
        wide = wide[..utilities.Length];
        for (var responseIndex = 0; responseIndex < utilities.Length; responseIndex++)
            wide[responseIndex] = utilities[responseIndex];
        return OfUtilities(wide);
    }

    /// <inheritdoc cref="OfUtilities(ReadOnlySpan{float})"/>
    public static Ranking OfUtilities(ReadOnlySpan<double> utilities)
    {
        // By hand: simulations make hundreds of thousands of these.
        Span<int> bestFirst = stackalloc int[MaximumResponses];
        bestFirst = bestFirst[..utilities.Length];
        for (var responseIndex = 0; responseIndex < utilities.Length; responseIndex++)
        {
            var place = responseIndex;
            for (; place > 0 && utilities[responseIndex] > utilities[bestFirst[place - 1]]; place--)
                bestFirst[place] = bestFirst[place - 1];
            bestFirst[place] = responseIndex;
        }
        var made = new List<int[]>(utilities.Length);
        for (var from = 0; from < bestFirst.Length;)
        {
            var to = from + 1;
            while (to < bestFirst.Length && utilities[bestFirst[to]] == utilities[bestFirst[from]])
                to++;
            made.Add(bestFirst[from..to].ToArray());
            from = to;
        }
        return new Ranking([.. made]);
    }

    /// <summary>Reads <c>"B,D=A,C"</c>. Unranked responses are left out; an empty text is the empty ranking.</summary>
    /// <param name="text">Letters joined by <c>,</c> (worse than) or <c>=</c> (tied).</param>
    /// <param name="responseCount">How many responses were shown; letters beyond are refused.</param>
    /// <param name="ranking">The ranking, when the method returns true.</param>
    /// <param name="problem">One sentence saying what is wrong, when it returns false.</param>
    public static bool TryParse(
        string? text, int responseCount, [NotNullWhen(true)] out Ranking? ranking, [NotNullWhen(false)] out string? problem)
    {
        ranking = null;
        problem = null;
        if (string.IsNullOrWhiteSpace(text))
        {
            ranking = Empty;
            return true;
        }

        var seen = new HashSet<int>();
        var made = new List<int[]>();
        foreach (var tierText in text.Split(','))
        {
            var tier = new List<int>();
            foreach (var name in tierText.Split('='))
            {
                var letter = name.Trim();
                if (letter.Length != 1 || letter[0] is < 'A' or > 'Z')
                {
                    problem = $"Expected letters joined by ',' or '=', for example \"B,D=A,C\", but found \"{letter}\".";
                    return false;
                }
                var responseIndex = letter[0] - 'A';
                if (responseIndex >= responseCount)
                {
                    problem = $"Response {letter} was not shown: there are {responseCount} responses, A to {Letter(responseCount - 1)}.";
                    return false;
                }
                if (!seen.Add(responseIndex))
                {
                    problem = $"Response {letter} is ranked twice.";
                    return false;
                }
                tier.Add(responseIndex);
            }
            tier.Sort();
            made.Add([.. tier]);
        }
        ranking = new Ranking([.. made]);
        return true;
    }

    /// <summary>As <see cref="TryParse"/>, for text that was already checked (a stored column).</summary>
    /// <exception cref="FormatException">The text is not a ranking.</exception>
    public static Ranking Parse(string? text, int responseCount = MaximumResponses) =>
        TryParse(text, responseCount, out var ranking, out var problem) ? ranking : throw new FormatException(problem);

    /// <summary>The letter of a response index: 0 is A.</summary>
    public static char Letter(int responseIndex) => (char)('A' + responseIndex);

    public override string ToString() =>
        string.Join(',', tiers.Select(tier => string.Join('=', tier.Select(Letter))));

    public bool Equals(Ranking? other) => other is not null && ToString() == other.ToString();

    public override bool Equals(object? obj) => Equals(obj as Ranking);

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);
}
