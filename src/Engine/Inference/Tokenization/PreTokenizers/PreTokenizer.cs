using System.Text;

namespace PersonalLlm.Engine.Inference.Tokenization.PreTokenizers;

/// <summary>Cuts pieces of text into smaller ones, and may rewrite them. Without state, so that many threads may share it.</summary>
internal abstract class PreTokenizer
{
    /// <summary>Appends what becomes of one piece.</summary>
    /// <param name="piece">Not empty.</param>
    /// <param name="beginsText">Whether it begins where the caller's text begins.</param>
    /// <param name="target">Where the new pieces go.</param>
    public abstract void Split(ReadOnlySpan<char> piece, bool beginsText, Pieces target);

    /// <summary>The pre-tokenizers of a file in order, sequences laid flat.</summary>
    public static PreTokenizer[] Read(JsonPart part)
    {
        if (part.IsAbsent)
            return [];
        var type = part["type"].AsText();
        switch (type)
        {
            case "Sequence":
                part.Knows("type", "pretokenizers");
                return [.. part["pretokenizers"].Items().SelectMany(Read)];
            case "ByteLevel":
                part.Knows("type", "add_prefix_space", "trim_offsets", "use_regex");
                return [new ByteLevel(part.Flag("add_prefix_space", true), part.Flag("use_regex", true))];
            case "Metaspace":
                return [Metaspace.From(part)];
            case "Split":
                return [ReadSplit(part)];
            case "Punctuation":
                part.Knows("type", "behavior");
                return [new RuneSplitter(Characters.IsPunctuation, Behavior(part, SplitBehavior.Isolated))];
            case "Digits":
                part.Knows("type", "individual_digits");
                return [new RuneSplitter(Rune.IsNumber, part.Flag("individual_digits") ? SplitBehavior.Isolated : SplitBehavior.Contiguous)];
            case "CharDelimiterSplit":
                part.Knows("type", "delimiter");
                var delimiter = part.Character("delimiter");
                return [new RuneSplitter(rune => rune.Value == delimiter, SplitBehavior.Removed)];
        }
        part.Knows("type");
        return type switch
        {
            "Whitespace" => [new WordSplitter()],
            "WhitespaceSplit" => [new RuneSplitter(Rune.IsWhiteSpace, SplitBehavior.Removed)],
            "BertPreTokenizer" => [new BertPreTokenizer()],
            _ => throw part["type"].Unsupported(type),
        };
    }

    private static Splitter ReadSplit(JsonPart part)
    {
        part.Knows("type", "pattern", "behavior", "invert");
        part["pattern"].Knows("String", "Regex");
        var behavior = Behavior(part, null);
        var literal = part["pattern"]["String"];
        if (literal.IsAbsent)
            return new RegexSplitter(CodePointRegex.Read(part["pattern"]["Regex"]), behavior, part.Flag("invert"));
        return literal.AsText().Length > 0
            ? new LiteralSplitter(literal.AsText(), behavior, part.Flag("invert"))
            : throw literal.Refused("must not be empty");
    }

    private static SplitBehavior Behavior(JsonPart part, SplitBehavior? otherwise)
    {
        if (part["behavior"].IsAbsent && otherwise is { } known)
            return known;
        var text = part["behavior"].AsText();
        return Enum.TryParse<SplitBehavior>(text, out var behavior) && Enum.IsDefined(behavior) && !char.IsAsciiDigit(text[0])
            ? behavior
            : throw part["behavior"].Unsupported(text);
    }
}
