using System.Buffers;
using System.Text;

namespace PersonalLlm.Engine.Inference.Tokenization;

/// <summary>Writes a regular expression of Oniguruma's (Ruby's grammar) in .NET's.</summary>
/// <remarks>
/// What differs and occurs in tokenizers: possessive quantifiers, ſ as an s, <c>\w</c> and <c>\b</c> by UTS 18, classes within classes,
/// <c>{,n}</c>, and <c>^</c> and <c>$</c>, which always mean lines; <see cref="CodePointRegex"/> switches that on for <c>$</c>.
/// What would mean something else in .NET, and is rare, is refused.
/// </remarks>
internal ref struct OnigurumaPattern
{
    private const string Word = @"\p{L}\p{Nl}\p{M}\p{Nd}\p{Pc}\u00b2\u00b3\u00b9\u00bc-\u00be\u24b6-\u24e9";

    // Which Oniguruma takes for an s where case does not matter, and .NET does not.
    private const string LongS = @"\u017f";

    private static readonly HashSet<string> Categories = [
        "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po",
        "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "C", "Cc", "Cf", "Co", "Cn"];

    private static readonly SearchValues<char> Hexadecimal = SearchValues.Create("0123456789abcdefABCDEF");
    private static readonly SearchValues<char> IntervalCharacters = SearchValues.Create("0123456789,");

    private readonly JsonPart part;
    private readonly ReadOnlySpan<char> source;
    private readonly StringBuilder result = new();
    private readonly Stack<(int Start, bool IgnoredCase)> groups = [];
    private bool ignoresCase;
    private int at;

    private OnigurumaPattern(JsonPart part)
    {
        this.part = part;
        source = part.AsText();
    }

    /// <exception cref="TokenizerFormatException">It uses something that .NET would read differently.</exception>
    public static string ToDotNet(JsonPart part) => new OnigurumaPattern(part).Translate();

    private string Translate()
    {
        var atom = 0;
        while (at < source.Length)
        {
            var start = result.Length;
            switch (source[at])
            {
                case '\\':
                    Escape();
                    break;
                case '[':
                    result.Append('[');
                    Class(nested: false);
                    result.Append(']');
                    break;
                case '(':
                    groups.Push((start, ignoresCase));
                    Group();
                    break;
                case ')' when groups.Count > 0:
                    (start, ignoresCase) = groups.Pop();
                    Take(1);
                    break;
                case '*' or '+' or '?':
                    start = atom;
                    Quantifier(atom, 1);
                    break;
                case 's' or 'S' when ignoresCase:
                    result.Append('[').Append(source[at]).Append(LongS).Append(']');
                    at++;
                    break;
                case '^':
                    // The beginning of a line that has something in it, or of the text.
                    result.Append(@"(?:\A|(?<=\n)(?!\z))");
                    at++;
                    break;
                case '{' when Interval() is > 0 and var length:
                    start = atom;
                    Quantifier(atom, length);
                    break;
                case >= '\ud800' and <= '\udfff':
                    throw Unlike("characters beyond the basic plane");
                default:
                    Take(1);
                    break;
            }
            atom = start;
        }
        return result.ToString();
    }

    private void Take(int count)
    {
        result.Append(source.Slice(at, count));
        at += count;
    }

    private void Quantifier(int atom, int length)
    {
        var isInterval = source[at] == '{';
        if (isInterval && source[at + 1] == ',')
        {
            result.Append("{0");
            at++;
            length--;
        }
        Take(length);
        if (at == source.Length || source[at] is not ('+' or '?'))
            return;
        if (source[at] == '?')
        {
            Take(1);
            return;
        }
        // Ruby's {n,m}+ is not possessive: it repeats the repetition.
        result.Insert(atom, isInterval ? "(?:" : "(?>").Append(isInterval ? ")+" : ")");
        at++;
    }

    private readonly int Interval()
    {
        var end = source[at..].IndexOf('}');
        if (end < 2)
            return 0;
        var inside = source.Slice(at + 1, end - 1);
        return inside.ContainsAnyExcept(IntervalCharacters) || inside.Count(',') > 1 || inside is "," ? 0 : end + 1;
    }

    private void Group()
    {
        var rest = source[at..];
        foreach (var opening in (ReadOnlySpan<string>)["(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?i:", "(?i)", "(?-i:", "(?-i)"])
        {
            if (!rest.StartsWith(opening))
                continue;
            Take(opening.Length);
            if (opening.Contains('i', StringComparison.Ordinal))
                ignoresCase = !opening.Contains('-', StringComparison.Ordinal);
            if (opening[^1] == ')')
                groups.Pop();
            return;
        }
        if (rest.StartsWith("(?"))
            throw Unlike($"{rest[..Math.Min(4, rest.Length)]}…");
        result.Append("(?:");
        at++;
    }

    private void Escape()
    {
        if (at + 1 == source.Length)
            throw Unlike("a backslash at its end");
        switch (source[at + 1])
        {
            case 'w':
                Replace($"[{Word}]");
                break;
            case 'W':
                Replace($"[^{Word}]");
                break;
            case 'b':
                Replace($"(?:(?<=[{Word}])(?![{Word}])|(?<![{Word}])(?=[{Word}]))");
                break;
            case 'B':
                Replace($"(?:(?<=[{Word}])(?=[{Word}])|(?<![{Word}])(?![{Word}]))");
                break;
            case 'A' or 'z' or 'Z':
                Take(2);
                break;
            default:
                CommonEscape();
                break;
        }
    }

    private void Replace(string by)
    {
        result.Append(by);
        at += 2;
    }

    /// <summary>What means the same inside a class and outside.</summary>
    private void CommonEscape()
    {
        var escaped = source[at + 1];
        if (escaped is 'p' or 'P')
            Category();
        else if (escaped == 'u' && at + 6 <= source.Length && !source.Slice(at + 2, 4).ContainsAnyExcept(Hexadecimal))
            Take(6);
        else if (escaped == 'x' && at + 4 <= source.Length && !source.Slice(at + 2, 2).ContainsAnyExcept(Hexadecimal))
            Take(4);
        else if (escaped is 'd' or 'D' or 's' or 'S' or 'n' or 'r' or 't' or 'f' or 'v' or 'a' or 'e' || !char.IsAsciiLetterOrDigit(escaped))
            Take(2);
        else
            throw Unlike($"\\{escaped}");
    }

    private void Category()
    {
        var end = source[at..].IndexOf('}');
        if (at + 2 >= source.Length || source[at + 2] != '{' || end < 0)
            throw Unlike($"\\{source[at + 1]} without a category");
        var name = source[(at + 3)..(at + end)];
        var isNegated = source[at + 1] == 'P' ^ name.StartsWith('^');
        name = name.TrimStart('^');
        if (!Categories.Contains(name.ToString()))
            throw Unlike($"\\p{{{name}}}");
        result.Append(isNegated ? @"\P{" : @"\p{").Append(name).Append('}');
        at += end + 1;
    }

    /// <summary>From the opening bracket past the closing one, without writing either; a class within a class is a union.</summary>
    private void Class(bool nested)
    {
        at++;
        if (at < source.Length && source[at] == '^')
        {
            if (nested)
                throw Unlike("a negated class within a class");
            Take(1);
        }
        var start = result.Length;
        while (at < source.Length && source[at] != ']')
        {
            if (source[at..].StartsWith("[:") || source[at..].StartsWith("&&") || Characters.HasSurrogates(source.Slice(at, 1)))
                throw Unlike($"{source.Slice(at, 2)} within a class");
            if (source[at] == '[')
                Class(nested: true);
            else if (ignoresCase && source[at] is 's' or 'S')
            {
                // At the front, where it is no end of a range.
                result.Insert(start, LongS);
                Take(1);
            }
            else if (source[at..].StartsWith(@"\w"))
                Replace(Word);
            else if (source[at..].StartsWith(@"\W"))
                throw Unlike(@"\W within a class");
            else if (source[at] == '\\' && at + 1 < source.Length)
                CommonEscape();
            else
                Take(1);
        }
        if (at == source.Length)
            throw Unlike("a class without an end");
        at++;
    }

    private readonly TokenizerFormatException Unlike(string what) =>
        part.Refused($"is a regular expression with {what}, which is not supported");
}
