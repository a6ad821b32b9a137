using System.Text;

namespace PersonalLlm.Engine.Inference.Tokenization.Normalizers;

/// <summary>Rewrites a text before it is cut into pieces. Without state, so that many threads may share it.</summary>
internal abstract class Normalizer
{
    /// <param name="text">Well-formed Unicode.</param>
    /// <param name="keepsStart">Set to false when the first character of the result stands for a later one than the text's first.</param>
    public abstract string Normalize(string text, ref bool keepsStart);

    public string Normalize(string text)
    {
        var keepsStart = true;
        return Normalize(text, ref keepsStart);
    }

    /// <summary>The normalizers of a file in order, sequences laid flat.</summary>
    public static Normalizer[] Read(JsonPart part)
    {
        if (part.IsAbsent)
            return [];
        var type = part["type"].AsText();
        switch (type)
        {
            case "Sequence":
                part.Knows("type", "normalizers");
                return [.. part["normalizers"].Items().SelectMany(Read)];
            case "BertNormalizer":
                return [BertNormalizer.From(part)];
            case "Precompiled":
                return [PrecompiledCharsmap.From(part)];
            case "Replace":
                return [Replacement.From(part)];
            case "Strip":
                part.Knows("type", "strip_left", "strip_right");
                return [new Strip(part.Flag("strip_left"), part.Flag("strip_right"))];
            case "Prepend":
                part.Knows("type", "prepend");
                return [new Prepend(part["prepend"].AsText())];
        }
        part.Knows("type");
        return type switch
        {
            "NFC" => [new UnicodeForm(NormalizationForm.FormC)],
            "NFD" => [new UnicodeForm(NormalizationForm.FormD)],
            "NFKC" => [new UnicodeForm(NormalizationForm.FormKC)],
            "NFKD" => [new UnicodeForm(NormalizationForm.FormKD)],
            "Lowercase" => [new Lowercase()],
            "StripAccents" => [new Filter(rune => Characters.IsMark(rune) ? null : rune, leavesAscii: true)],
            "Nmt" => [new Filter(Nmt, leavesAscii: false)],
            "ByteLevel" => [new ByteLevelNormalizer()],
            _ => throw part["type"].Unsupported(type),
        };
    }

    /// <summary>The clean-up of Google's NMT: controls vanish, kinds of space become a space.</summary>
    private static Rune? Nmt(Rune rune) => rune.Value switch
    {
        >= 0x01 and <= 0x08 or 0x0b or >= 0x0e and <= 0x1f or 0x7f or 0x8f or 0x9f => null,
        0x09 or 0x0a or 0x0c or 0x0d or 0x1680 or >= 0x200b and <= 0x200f or 0x2028 or 0x2029 or 0x2581 or 0xfeff or 0xfffd => new(' '),
        _ => rune,
    };
}

internal sealed class UnicodeForm(NormalizationForm form) : Normalizer
{
    // .NET refuses U+FFFE as if it were not Unicode. It neither combines nor reorders, so the text may be cut there.
    private const char Refused = '\ufffe';

    public override string Normalize(string text, ref bool keepsStart) => text.Contains(Refused, StringComparison.Ordinal)
        ? string.Join(Refused, text.Split(Refused).Select(stretch => stretch.Normalize(form)))
        : text.Normalize(form);
}

internal sealed class Lowercase : Normalizer
{
    public override string Normalize(string text, ref bool keepsStart) => Lower(text);

    /// <summary>Letter by letter, without the context of a final sigma. İ is the one letter whose lower case is two.</summary>
    public static string Lower(string text) => text.ToLowerInvariant().Replace("İ", "i\u0307", StringComparison.Ordinal);
}

internal sealed class Strip(bool left, bool right) : Normalizer
{
    public override string Normalize(string text, ref bool keepsStart)
    {
        if (left && text.Length > 0 && char.IsWhiteSpace(text[0]))
            keepsStart = false;
        return left && right ? text.Trim() : left ? text.TrimStart() : right ? text.TrimEnd() : text;
    }
}

internal sealed class Prepend(string prefix) : Normalizer
{
    public override string Normalize(string text, ref bool keepsStart) => text.Length == 0 ? text : prefix + text;
}

/// <summary>Replaces code points by one other each, or by nothing.</summary>
internal sealed class Filter(Func<Rune, Rune?> replace, bool leavesAscii) : Normalizer
{
    public override string Normalize(string text, ref bool keepsStart)
    {
        if (leavesAscii && Ascii.IsValid(text))
            return text;
        var result = new StringBuilder(text.Length);
        var isFirst = true;
        foreach (var rune in text.EnumerateRunes())
        {
            if (replace(rune) is { } other)
                result.Append(other);
            else if (isFirst)
                keepsStart = false;
            isFirst = false;
        }
        return result.ToString();
    }
}

internal sealed class ByteLevelNormalizer : Normalizer
{
    public override string Normalize(string text, ref bool keepsStart)
    {
        var buffer = new char[ByteAlphabet.LongestOf(text.Length)];
        return new(buffer, 0, ByteAlphabet.Write(text, buffer));
    }
}
