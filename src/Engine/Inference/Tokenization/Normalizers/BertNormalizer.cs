using System.Text;

namespace PersonalLlm.Engine.Inference.Tokenization.Normalizers;

/// <summary>BERT's clean-up: controls vanish, spaces become one kind, ideographs stand alone, accents and capitals go.</summary>
internal sealed class BertNormalizer(bool cleansText, bool separatesChinese, bool stripsAccents, bool lowers) : Normalizer
{
    public static BertNormalizer From(JsonPart part)
    {
        part.Knows("type", "clean_text", "handle_chinese_chars", "strip_accents", "lowercase");
        var lowers = part.Flag("lowercase", true);
        return new(part.Flag("clean_text", true), part.Flag("handle_chinese_chars", true), part.Flag("strip_accents", lowers), lowers);
    }

    public override string Normalize(string text, ref bool keepsStart)
    {
        if (cleansText || separatesChinese)
            text = Clean(text, ref keepsStart);
        if (stripsAccents && !Ascii.IsValid(text))
            text = WithoutAccents(text, ref keepsStart);
        return lowers ? Lowercase.Lower(text) : text;
    }

    private string Clean(string text, ref bool keepsStart)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return text;
        var result = new StringBuilder(text.Length + 16);
        var isFirst = true;
        foreach (var rune in text.EnumerateRunes())
        {
            if (cleansText && (rune.Value is 0 or 0xfffd || Characters.IsControl(rune)))
                keepsStart &= !isFirst;
            else if (cleansText && Rune.IsWhiteSpace(rune))
                result.Append(' ');
            else if (separatesChinese && Characters.IsChinese(rune.Value))
                result.Append(' ').Append(rune).Append(' ');
            else
                result.Append(rune);
            isFirst = false;
        }
        return result.ToString();
    }

    private static string WithoutAccents(string text, ref bool keepsStart)
    {
        text = new UnicodeForm(NormalizationForm.FormD).Normalize(text);
        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (!Characters.IsNonSpacingMark(rune))
                result.Append(rune);
            else if (result.Length == 0)
                keepsStart = false;
        }
        return result.ToString();
    }
}
