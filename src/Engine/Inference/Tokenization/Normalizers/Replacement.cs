using System.Text;

namespace PersonalLlm.Engine.Inference.Tokenization.Normalizers;

/// <summary>Replaces every match of a pattern by a fixed text.</summary>
internal sealed class Replacement(string? literal, CodePointRegex? regex, string content) : Normalizer
{
    public static Replacement From(JsonPart part)
    {
        part.Knows("type", "pattern", "content");
        part["pattern"].Knows("String", "Regex");
        var content = part["content"].AsText();
        var literal = part["pattern"]["String"];
        if (literal.IsAbsent)
            return new(null, CodePointRegex.Read(part["pattern"]["Regex"]), content);
        return literal.AsText().Length > 0 ? new(literal.AsText(), null, content) : throw literal.Refused("must not be empty");
    }

    public override string Normalize(string text, ref bool keepsStart)
    {
        if (literal is not null)
        {
            // A replacement stands for the last character that it replaces.
            if (keepsStart && (literal.Length > 1 || content.Length == 0) && text.StartsWith(literal, StringComparison.Ordinal))
                keepsStart = false;
            return text.Replace(literal, content, StringComparison.Ordinal);
        }
        if (text.Length == 0)
            return text;
        var parts = new List<Part>();
        regex!.Find(text, parts);
        var result = new StringBuilder(text.Length);
        foreach (var part in parts)
        {
            if (part is { Start: 0, End: > 1, IsMatch: true } or { Start: 0, End: > 0, IsMatch: true } && content.Length == 0)
                keepsStart = false;
            if (part.IsMatch)
                result.Append(content);
            else
                result.Append(text, part.Start, part.End - part.Start);
        }
        return result.ToString();
    }
}
