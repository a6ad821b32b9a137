namespace PersonalLlm.Engine.Rewards;

/// <summary>A reward model that is a formula over the text alone: anybody can check its number by hand.</summary>
public sealed record AttributeRewardModel
{
    internal AttributeRewardModel(string name, string description, string formula, Func<TextFeatures, double> compute) =>
        (Name, Description, Formula, Compute) = (name, description, formula, compute);

    /// <summary>Its alias.</summary>
    public string Name { get; }

    /// <summary>What it likes, in one sentence.</summary>
    public string Description { get; }

    /// <summary>How the raw reward is computed from what is counted in the text.</summary>
    public string Formula { get; }

    internal Func<TextFeatures, double> Compute { get; }

    /// <summary>Raw reward of a response; finite for every text. Linear in the length of the text.</summary>
    public float Score(string text) => (float)Compute(TextFeatures.Of(text));
}

/// <summary>
/// Ten attribute reward models. They make a data set usable without any model, and a simulated user readable: her weights say
/// what she likes. Rates are per hundred words with twenty words added below the line, so that one word in a very short answer does not decide.
/// </summary>
public static class AttributeRewardModels
{
    /// <summary>Sorted by name, the order of columns and weights.</summary>
    public static IReadOnlyList<AttributeRewardModel> All { get; } =
    [
        new("asks_back", "Likes answers that ask the reader something, above all at the end.",
            "ln(1 + questions) + 2 if the text ends with a question",
            text => Math.Log(1 + text.Questions) + (text.EndsWithQuestion ? 2 : 0)),

        new("concise", "Likes few words; below ten it makes no difference, and an empty answer counts as a thousand.",
            "−ln(max(words, 10)); words = 1,000 when there are none",
            text => -Math.Log(text.Words == 0 ? 1_000 : Math.Max(text.Words, 10))),

        new("confident", "Likes words that leave no doubt, such as \u201ccertainly\u201d, \u201calways\u201d or \u201cmust\u201d.",
            "100 · boosters / (words + 20)",
            text => text.PerHundredWords(text.Boosters)),

        new("examples", "Likes concrete examples: \u201cfor example\u201d, numbers, a piece of code.",
            "ln(1 + 3 · (example phrases + code blocks) + numbers)",
            text => Math.Log(1 + 3 * (text.ExamplePhrases + text.CodeBlocks) + text.Numbers)),

        new("formal", "Likes long words and linking words of formal prose; dislikes contractions, casual words and exclamation marks.",
            "100 · (formal words + words of ten letters or more − 2 · contractions − 2 · casual words − 2 · exclamation marks) / (words + 20)",
            text => text.PerHundredWords(text.FormalWords + text.LongWords - 2 * (text.Contractions + text.CasualWords + text.Exclamations))),

        new("hedged", "Likes caution: \u201cmay\u201d, \u201cperhaps\u201d, \u201cusually\u201d, \u201cit depends\u201d.",
            "100 · hedges / (words + 20)",
            text => text.PerHundredWords(text.Hedges)),

        new("plain", "Likes short words in short sentences.",
            "−ARI, the Automated Readability Index 4.71 · characters of words / words + 0.5 · words / sentences − 21.43 (Senter and Smith 1967), kept within −5 … 30; 0 without words",
            text => -text.ReadabilityIndex),

        new("structured", "Likes lists, headings, bold type, tables and code blocks.",
            "ln(1 + list lines + 2 · headings + bold spans + table rows + 2 · code blocks)",
            text => Math.Log(1 + text.ListLines + 2 * text.Headings + text.BoldSpans + text.TableRows + 2 * text.CodeBlocks)),

        new("thorough", "Likes much ground covered and connected: many different long words, and words that give reasons or steps.",
            "ln(1 + different words of six letters or more) + ln(1 + linking words)",
            text => Math.Log(1 + text.DifferentLongWords) + Math.Log(1 + text.LinkingWords)),

        new("warm", "Likes to be spoken to as a person: \u201cyou\u201d, kind words, an exclamation mark.",
            "100 · (second-person words + 2 · kind words + exclamation marks) / (words + 20)",
            text => text.PerHundredWords(text.SecondPerson + 2 * text.KindWords + text.Exclamations)),
    ];

    /// <summary>Names of <see cref="All"/>, in the same order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(model => model.Name)];

    /// <summary>Raw rewards of a response under all of them, reading the text once: text → [reward models].</summary>
    public static void Score(string text, Span<float> rewards)
    {
        var features = TextFeatures.Of(text);
        for (var modelIndex = 0; modelIndex < All.Count; modelIndex++)
            rewards[modelIndex] = (float)All[modelIndex].Compute(features);
    }
}
