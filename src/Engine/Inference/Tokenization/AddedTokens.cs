using System.Buffers;
using System.Text;

namespace PersonalLlm.Engine.Inference.Tokenization;

/// <summary>A token that is found in the text before the model sees it.</summary>
/// <param name="Pattern">What is looked for.</param>
/// <param name="Id">What the model reads for it.</param>
/// <param name="IsSingleWord">Only where no word character touches it.</param>
/// <param name="StripsLeft">The spaces before it go with it.</param>
/// <param name="StripsRight">The spaces after it go with it.</param>
internal sealed record AddedToken(string Pattern, int Id, bool IsSingleWord, bool StripsLeft, bool StripsRight);

/// <summary>Finds added tokens: at the leftmost place where one begins, the longest that begins there.</summary>
internal sealed class AddedTokens
{
    private readonly Dictionary<char, AddedToken[]> byFirstCharacter;
    private readonly SearchValues<string> patterns;
    private readonly bool isEmpty;

    public AddedTokens(IEnumerable<AddedToken> tokens)
    {
        byFirstCharacter = tokens.Where(token => token.Pattern.Length > 0).GroupBy(token => token.Pattern[0])
            .ToDictionary(group => group.Key, group => group.OrderByDescending(token => token.Pattern.Length).ToArray());
        patterns = SearchValues.Create(
            [.. byFirstCharacter.Values.SelectMany(group => group).Select(token => token.Pattern)], StringComparison.Ordinal);
        isEmpty = byFirstCharacter.Count == 0;
    }

    /// <summary>Cuts a text into added tokens and what lies between them, in order.</summary>
    /// <returns>Ranges; the id is −1 for text. The range of a token holds the spaces that it strips.</returns>
    public IEnumerable<(Range Range, int Id)> Split(string text)
    {
        if (isEmpty)
        {
            yield return (.., -1);
            yield break;
        }
        var done = 0;
        for (var at = 0; Next(text, at) is var (position, token); at = position + token.Pattern.Length)
        {
            var (start, end) = (position, position + token.Pattern.Length);
            if (token.IsSingleWord && (EndsWithWord(text.AsSpan(0, start)) || BeginsWithWord(text.AsSpan(end))))
                continue;
            while (token.StripsLeft && start > done && char.IsWhiteSpace(text[start - 1]))
                start--;
            while (token.StripsRight && end < text.Length && char.IsWhiteSpace(text[end]))
                end++;
            if (done < start)
                yield return (done..start, -1);
            yield return (start..end, token.Id);
            done = end;
        }
        if (done < text.Length)
            yield return (done.., -1);
    }

    private (int Position, AddedToken Token)? Next(string text, int from)
    {
        var found = text.AsSpan(from).IndexOfAny(patterns);
        if (found < 0)
            return null;
        var position = from + found;
        return (position, byFirstCharacter[text[position]].First(
            token => string.CompareOrdinal(text, position, token.Pattern, 0, token.Pattern.Length) == 0));
    }

    private static bool EndsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeLastFromUtf16(text, out var rune, out _) == OperationStatus.Done && Characters.IsWord(rune);

    private static bool BeginsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeFromUtf16(text, out var rune, out _) == OperationStatus.Done && Characters.IsWord(rune);
}
