using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace PersonalLlm.Engine.Inference.Tokenization;

/// <summary>A regular expression of Oniguruma's, over code points.</summary>
/// <remarks>
/// .NET's sees UTF-16 units, so that no letter beyond the basic plane is a <c>\p{L}</c> to it. Where a text has such letters,
/// the match is made over its shadow: one unit per code point, with a stand-in of the same category.
/// </remarks>
internal sealed class CodePointRegex(string pattern)
{
    private readonly Regex regex = new(
        pattern, RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.Compiled);

    public static CodePointRegex Read(JsonPart part)
    {
        var pattern = OnigurumaPattern.ToDotNet(part);
        try
        {
            return new(pattern);
        }
        catch (RegexParseException)
        {
            throw part.Refused("is a regular expression that .NET cannot express");
        }
    }

    /// <summary>Matches and what lies between them, end to end. A match of nothing right after a match does not count.</summary>
    public void Find(ReadOnlySpan<char> text, List<Part> parts)
    {
        if (!Characters.HasSurrogates(text))
        {
            FindUnits(text, parts);
            return;
        }
        var (shadow, starts) = Shadow(text);
        FindUnits(shadow, parts);
        for (var index = 0; index < parts.Count; index++)
            parts[index] = new(starts[parts[index].Start], starts[parts[index].End], parts[index].IsMatch);
    }

    private void FindUnits(ReadOnlySpan<char> text, List<Part> parts)
    {
        parts.Clear();
        var end = 0;
        var last = -1;
        foreach (var match in regex.EnumerateMatches(text))
        {
            if (match.Length == 0 && match.Index == last)
                continue;
            if (match.Index > end)
                parts.Add(new(end, match.Index, false));
            last = end = match.Index + match.Length;
            parts.Add(new(match.Index, end, true));
        }
        if (end < text.Length)
            parts.Add(new(end, text.Length, false));
    }

    private static (string Shadow, int[] Starts) Shadow(ReadOnlySpan<char> text)
    {
        var shadow = new StringBuilder(text.Length);
        var starts = new int[text.Length + 1];
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            starts[shadow.Length] = at;
            shadow.Append(rune.IsBmp ? (char)rune.Value : StandIn(Rune.GetUnicodeCategory(rune)));
            at += rune.Utf16SequenceLength;
        }
        starts[shadow.Length] = at;
        return (shadow.ToString(), starts);
    }

    private static char StandIn(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter => '\u2c2f',
        UnicodeCategory.LowercaseLetter => '\u2c5f',
        UnicodeCategory.TitlecaseLetter => '\u1fbc',
        UnicodeCategory.ModifierLetter => '\u02b0',
        UnicodeCategory.OtherLetter => '\u2135',
        UnicodeCategory.NonSpacingMark => '\u0300',
        UnicodeCategory.EnclosingMark => '\u20dd',
        UnicodeCategory.SpacingCombiningMark => '\u0903',
        UnicodeCategory.DecimalDigitNumber => '\u0660',
        UnicodeCategory.LetterNumber => '\u2160',
        UnicodeCategory.OtherNumber => '\u2460',
        UnicodeCategory.DashPunctuation => '\u2010',
        UnicodeCategory.OtherPunctuation => '\u2020',
        UnicodeCategory.Format => '\u2061',
        UnicodeCategory.MathSymbol => '\u2200',
        UnicodeCategory.CurrencySymbol => '\u20a0',
        UnicodeCategory.ModifierSymbol => '\u02c2',
        UnicodeCategory.OtherSymbol => '\u2603',
        UnicodeCategory.PrivateUse => '\ue000',
        _ => '\u0378',
    };
}
