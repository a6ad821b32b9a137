using System.Collections.Frozen;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Engine.Evaluation;

/// <summary>
/// What can be counted in a response for the attribute regressions. A token is a run of letters, digits and apostrophes, wherever it stands; upper and
/// lower case are the same. Adjectives and adverbs are not counted: telling them from other words honestly takes a tagger, which we do not have.
/// </summary>
public static class ResponseAttributes
{
    /// <summary>In the order of the values; list lines as the attribute reward models see them, outside code.</summary>
    public static IReadOnlyList<string> Names { get; } = ["tokens", "unique tokens", "mean token length", "stop words", "punctuation marks", "list lines"];

    /// <summary>Counts one response.</summary>
    /// <param name="text">May be empty.</param>
    /// <param name="values">As long as <see cref="Names"/>; overwritten.</param>
    public static void Count(string text, Span<double> values)
    {
        var unique = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var isKnown = unique.GetAlternateLookup<ReadOnlySpan<char>>();
        int tokens = 0, characters = 0, stopWords = 0, marks = 0;
        for (var position = 0; position < text.Length;)
        {
            if (!char.IsLetterOrDigit(text[position]))
            {
                marks += char.IsPunctuation(text[position]) ? 1 : 0;
                position++;
                continue;
            }
            var end = position + 1;
            while (end < text.Length && (char.IsLetterOrDigit(text[end]) || (text[end] is '\'' or '’' && end + 1 < text.Length && char.IsLetterOrDigit(text[end + 1]))))
                end++;
            var token = text.AsSpan(position..end);
            tokens++;
            characters += token.Length;
            stopWords += StopWords.Contains(token) ? 1 : 0;
            isKnown.Add(token);
            position = end;
        }
        values[0] = tokens;
        values[1] = unique.Count;
        values[2] = tokens == 0 ? 0 : (double)characters / tokens;
        values[3] = stopWords;
        values[4] = marks;
        values[5] = TextFeatures.Of(text).ListLines;
    }

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> StopWords =
        ("a about above after again against all am an and any are as at be because been before being below between both but by can could did do does doing down "
        + "during each few for from further had has have having he her here hers herself him himself his how i if in into is it its itself just me more most my myself "
        + "no nor not now of off on once only or other our ours ourselves out over own same she should so some such than that the their theirs them themselves then "
        + "there these they this those through to too under until up very was we were what when where which while who whom why will with would you your yours yourself yourselves")
        .Split(' ').ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
}
