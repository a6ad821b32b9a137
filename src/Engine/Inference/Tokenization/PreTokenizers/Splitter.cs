using System.Runtime.InteropServices;
using System.Text;

namespace PersonalLlm.Engine.Inference.Tokenization.PreTokenizers;

/// <summary>What becomes of the matches by which a text is split. Names as in the file.</summary>
internal enum SplitBehavior
{
    Removed,
    Isolated,
    MergedWithPrevious,
    MergedWithNext,
    Contiguous,
}

/// <summary>Splits by matches of something.</summary>
internal abstract class Splitter(SplitBehavior behavior, bool isInverted = false) : PreTokenizer
{
    /// <summary>Replaces the list by the matches and what lies between them, end to end.</summary>
    protected abstract void Find(ReadOnlySpan<char> text, List<Part> parts);

    public sealed override void Split(ReadOnlySpan<char> piece, bool beginsText, Pieces target)
    {
        Find(piece, target.Parts);
        var parts = CollectionsMarshal.AsSpan(target.Parts);
        for (var first = 0; first < parts.Length;)
        {
            var last = first;
            while (last + 1 < parts.Length && AreOne(parts[last], parts[last + 1]))
                last++;
            if (behavior != SplitBehavior.Removed || !IsMatch(parts[first]))
                target.Append(piece[parts[first].Start..parts[last].End], beginsText && parts[first].Start == 0);
            first = last + 1;
        }
    }

    /// <summary>Whether a part and the one after it belong to one piece.</summary>
    private bool AreOne(in Part part, in Part next) => behavior switch
    {
        SplitBehavior.Contiguous => IsMatch(next) == IsMatch(part),
        SplitBehavior.MergedWithPrevious => IsMatch(next) && !IsMatch(part),
        SplitBehavior.MergedWithNext => !IsMatch(next) && IsMatch(part),
        _ => false,
    };

    private bool IsMatch(in Part part) => part.IsMatch != isInverted;
}

internal sealed class RegexSplitter(CodePointRegex regex, SplitBehavior behavior, bool isInverted) : Splitter(behavior, isInverted)
{
    protected override void Find(ReadOnlySpan<char> text, List<Part> parts) => regex.Find(text, parts);
}

internal sealed class LiteralSplitter(string literal, SplitBehavior behavior, bool isInverted) : Splitter(behavior, isInverted)
{
    protected override void Find(ReadOnlySpan<char> text, List<Part> parts)
    {
        parts.Clear();
        for (var end = 0; end < text.Length;)
        {
            var found = text[end..].IndexOf(literal, StringComparison.Ordinal);
            if (found != 0)
                parts.Add(new(end, found < 0 ? text.Length : end + found, false));
            if (found < 0)
                return;
            parts.Add(new(end + found, end + found + literal.Length, true));
            end += found + literal.Length;
        }
    }
}

/// <summary>Every code point of a kind is a match.</summary>
internal sealed class RuneSplitter(Func<Rune, bool> isMatch, SplitBehavior behavior) : Splitter(behavior)
{
    protected override void Find(ReadOnlySpan<char> text, List<Part> parts)
    {
        parts.Clear();
        var end = 0;
        for (var at = 0; at < text.Length;)
        {
            Rune.DecodeFromUtf16(text[at..], out var rune, out var units);
            if (isMatch(rune))
            {
                if (at > end)
                    parts.Add(new(end, at, false));
                end = at + units;
                parts.Add(new(at, end, true));
            }
            at += units;
        }
        if (end < text.Length)
            parts.Add(new(end, text.Length, false));
    }
}

/// <summary>Runs of word characters, runs of what is neither word nor space; spaces vanish.</summary>
internal sealed class WordSplitter : PreTokenizer
{
    public override void Split(ReadOnlySpan<char> piece, bool beginsText, Pieces target)
    {
        var start = 0;
        var current = Kind.Space;
        for (var at = 0; at < piece.Length;)
        {
            Rune.DecodeFromUtf16(piece[at..], out var rune, out var units);
            var kind = Characters.IsWord(rune) ? Kind.Word : Rune.IsWhiteSpace(rune) ? Kind.Space : Kind.Other;
            if (kind != current)
            {
                if (current != Kind.Space)
                    target.Append(piece[start..at], beginsText && start == 0);
                start = at;
                current = kind;
            }
            at += units;
        }
        if (current != Kind.Space)
            target.Append(piece[start..], beginsText && start == 0);
    }

    private enum Kind
    {
        Space,
        Word,
        Other,
    }
}

/// <summary>Spaces vanish, every punctuation mark stands alone.</summary>
internal sealed class BertPreTokenizer : PreTokenizer
{
    public override void Split(ReadOnlySpan<char> piece, bool beginsText, Pieces target)
    {
        var start = 0;
        for (var at = 0; at < piece.Length;)
        {
            if (char.IsAsciiLetterOrDigit(piece[at]))
            {
                at++;
                continue;
            }
            Rune.DecodeFromUtf16(piece[at..], out var rune, out var units);
            var isPunctuation = Characters.IsPunctuation(rune);
            if (isPunctuation || Rune.IsWhiteSpace(rune))
            {
                target.Append(piece[start..at], beginsText && start == 0);
                if (isPunctuation)
                    target.Append(piece.Slice(at, units), beginsText && at == 0);
                start = at + units;
            }
            at += units;
        }
        target.Append(piece[start..], beginsText && start == 0);
    }
}
