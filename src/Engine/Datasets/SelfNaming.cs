using System.Text.RegularExpressions;

namespace PersonalLlm.Engine.Datasets;

/// <summary>
/// Finds where a response gives away which language model wrote it: it introduces itself by name, says who made it, or bears its own
/// identifier. Talking about language models is no confession, and neither is <c>as an AI language model</c> alone: every response is one.
/// </summary>
public static partial class SelfNaming
{
    /// <summary>What stands in place of a covered name: the usual sign for something left out, in every language.</summary>
    public const string Cover = "[…]";

    private const int LongestQuote = 80;

    private const string MadeBy = @"(?:developed|created|trained|made|built|designed|programmed|fine-tuned|powered)(?: and \w+)? by";

    private const string Makers =
        @"(?:the |a team at |the team at |researchers at )?(?<maker>OpenAI|Anthropic|Google|DeepMind|Meta\b|Mistral|Cohere|Alibaba|DeepSeek|xAI|Microsoft|NVIDIA|Amazon|AI21|Databricks|Baidu|Zhipu|Moonshot|Nous Research)";

    // "Claude 3 Opus", "Gemini 1.5 Pro", "Mistral AI": what follows a name says as much as the name.
    private const string Edition = @"(?:[ -](?:\d[\w.]*|v\d[\w.]*|AI|Opus|Sonnet|Haiku|Pro|Ultra|Flash|Turbo|Large|Instruct|Chat)\b)*";

    private const string Machine = @"(?:AI|A\.I\.|artificial intelligence|language models?|assistants?|chatbots?|models?)\b";

    /// <summary>The words with which a response names its model, or null when it does not.</summary>
    public static string? Find(string text, string responseModel)
    {
        foreach (Match introduction in Introduction().Matches(text))
            if (IsName(introduction, responseModel))
                return Quote(text, introduction);
        if (Origin().Match(text) is { Success: true } origin)
            return Quote(text, origin);
        return IsIdentifier(responseModel) && IdentifierIn(text, responseModel) is { } at ? text.Substring(at, responseModel.Length) : null;
    }

    /// <summary>
    /// The text with the names covered that give its model away: the one it introduces itself by, its maker's, its identifier, and those of
    /// other models and makers, which would narrow it down. A text in which <see cref="Find"/> sees no confession comes back as it is.
    /// </summary>
    public static string Mask(string text, string responseModel)
    {
        if (Find(text, responseModel) is null)
            return text;
        var names = Introduction().Matches(text).Where(introduction => IsName(introduction, responseModel)).Select(introduction => introduction.Groups["name"].Value)
            .Concat(Origin().Matches(text).Select(origin => origin.Groups["maker"].Value))
            .Append(responseModel)
            .Where(name => name.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase).OrderByDescending(name => name.Length).Select(Regex.Escape);
        var own = new Regex($@"(?<!\w)(?:{string.Join('|', names)}){Edition}(?!\w)", RegexOptions.IgnoreCase);
        return Names().Replace(own.Replace(text, Cover), Cover);
    }

    // Claude, Gemma and Gemini are people and stars too: such a name counts when the model bears it or the sentence speaks of machines.
    private static bool IsName(Match introduction, string responseModel)
    {
        var name = introduction.Groups["name"].Value;
        return Unmistakable().IsMatch(name)
            || char.IsAsciiLetterUpper(name[0]) && name.Length >= 4 && responseModel.Contains(name, StringComparison.OrdinalIgnoreCase)
            || Ambiguous().IsMatch(name) && SpeaksOfMachines().IsMatch(introduction.Groups["rest"].Value);
    }

    private static bool IsIdentifier(string responseModel) => responseModel.Length >= 6 && responseModel.Contains('-') && responseModel.Any(char.IsAsciiDigit);

    private static int? IdentifierIn(string text, string responseModel) =>
        text.IndexOf(responseModel, StringComparison.OrdinalIgnoreCase) is >= 0 and var at ? at : null;

    private static string Quote(string text, Match found)
    {
        var quote = text.AsSpan(found.Index, Math.Min(found.Length, LongestQuote)).Trim().TrimEnd(",;:").ToString().ReplaceLineEndings(" ");
        return found.Length > LongestQuote ? quote + " …" : quote;
    }

    // "As Gemini, I …" opens a clause; "as capable as ChatGPT, I …" does not. A capital after the name is a surname.
    [GeneratedRegex(@"(?:\b(?:I['’]m|I am|[Mm]y name is|[Cc]all me|I became)|(?:(?<=^|[.!?,;:\n]\s?)|\b(?:[Bb]ut|and|because|that) )[Aa]s(?=\s+[\w.+-]+,\s+(?:an?|I|my)\b))\s+(?<name>[A-Za-z][\w.+-]*\w)\b(?![-'’]\w)(?!\s+(?!AI\b)[A-Z][a-zà-ÿ])(?<rest>[^.!?\n]{0,80})")]
    private static partial Regex Introduction();

    [GeneratedRegex(@"\bI was " + MadeBy + " " + Makers
        + @"|\b(?:(?:I['’]m|I am|[Aa]s) an?|[Ww]e are(?: both)?)(?: (?!(?:of|the|with|for|who|that|at|in|on|fan|user)\b)[\w-]+){0,4}? " + Machine
        + @"[^.!?\n]{0,40}?\b(?:" + MadeBy + "|from) " + Makers)]
    private static partial Regex Origin();

    [GeneratedRegex(@"^(?:ChatGPT|GPT-?\d.*|Mixtral|Qwen.*|DeepSeek.*|DBRX|Phi-\d.*|(?:Claude|Gemini|Llama|Gemma|Command)-\w.*)$", RegexOptions.IgnoreCase)]
    private static partial Regex Unmistakable();

    [GeneratedRegex("^(?:Claude|Gemini|Gemma|Bard|L[Ll]a[Mm][Aa]|Mistral|Alpaca|Vicuna|Grok|Copilot|Command|Cohere|Coral|Zephyr|Hermes|Falcon|Nova|Kimi|ERNIE)$")]
    private static partial Regex Ambiguous();

    // Only names that are hardly words: Meta, Command or Nova are covered when the text uses them as a name.
    [GeneratedRegex(@"(?<!\w)(?:OpenAI|Anthropic|DeepMind|Mistral|Mixtral|Cohere|DeepSeek|xAI|ChatGPT|GPT-?\d\w*|Qwen\w*|DBRX|Claude|Gemini|Gemma|Bard|L[Ll]a[Mm][Aa]|Vicuna|Grok|PaLM|LaMDA)(?:-\d?\w+)*" + Edition + @"(?!\w)")]
    private static partial Regex Names();

    [GeneratedRegex(@"\b(?:AI|artificial intelligence|language model|chatbot|virtual assistant|OpenAI|Anthropic|DeepMind)\b")]
    private static partial Regex SpeaksOfMachines();
}
