using System.Text.RegularExpressions;

namespace PersonalLlm.Web.Features.Judgements.Participants;

/// <summary>The line of a consent text that says whom to ask: it begins with "Contact:" or "Questions:", or the German words.</summary>
internal static partial class ContactLine
{
    /// <summary>The line without its Markdown signs; null when there is none.</summary>
    public static string? In(string? text) => text is not null && Line().Match(text) is { Success: true } line
        ? $"{line.Groups["word"].Value}: {Signs().Replace(line.Groups["rest"].Value, "").Trim()}"
        : null;

    [GeneratedRegex(@"^[\s>*_#-]*(?<word>Contact|Questions|Kontakt|Fragen)[*_\s]*:(?<rest>.{3,200})$", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex Line();

    [GeneratedRegex(@"[*_`<>\r]|\[(?=[^\]]*\]\()|(?<=\S)\]\([^)]*\)")]
    private static partial Regex Signs();
}
