namespace PersonalLlm.Engine.Inference.Tokenization.Models;

/// <summary>Turns one piece of text into token ids. Safe to use from many threads.</summary>
internal abstract class TokenModel
{
    /// <summary>Number of distinct tokens, added ones aside.</summary>
    public abstract int VocabularySize { get; }

    /// <summary>Appends the ids of a piece that is not empty.</summary>
    public abstract void Encode(ReadOnlySpan<char> piece, List<int> ids);

    public abstract bool TryGetId(string token, out int id);

    public static TokenModel Read(JsonPart part) => part.Text("type") switch
    {
        "WordPiece" => WordPiece.From(part),
        "BPE" => BytePairs.From(part),
        "Unigram" => Unigram.From(part),
        "WordLevel" => WordLevel.From(part),
        // Files from before 2020 do not say what they are; their shape does.
        null when !part["merges"].IsAbsent => BytePairs.From(part),
        null when !part["unk_id"].IsAbsent => Unigram.From(part),
        null when !part["continuing_subword_prefix"].IsAbsent => WordPiece.From(part),
        null => WordLevel.From(part),
        var other => throw part["type"].Unsupported(other),
    };

    /// <summary>Token → id of a vocabulary that is an object.</summary>
    protected static Dictionary<string, int> ReadVocabulary(JsonPart part)
    {
        var vocabulary = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (token, id) in part.Entries())
            vocabulary[token] = id.AsInteger() is >= 0 and var value ? value : throw id.Refused("is below 0");
        return vocabulary.Count > 0 ? vocabulary : throw part.Refused("is empty");
    }
}

/// <summary>A model whose vocabulary gives every token its id by name.</summary>
internal abstract class NamedTokens(Dictionary<string, int> vocabulary) : TokenModel
{
    public sealed override int VocabularySize => vocabulary.Count;

    protected Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> Tokens { get; } =
        vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();

    public sealed override bool TryGetId(string token, out int id) => vocabulary.TryGetValue(token, out id);
}
