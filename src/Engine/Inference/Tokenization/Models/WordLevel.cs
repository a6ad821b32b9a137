namespace PersonalLlm.Engine.Inference.Tokenization.Models;

/// <summary>Every piece is a token or unknown.</summary>
internal sealed class WordLevel(Dictionary<string, int> vocabulary, int unknown) : NamedTokens(vocabulary)
{
    public static WordLevel From(JsonPart part)
    {
        part.Knows("type", "vocab", "unk_token");
        var vocabulary = ReadVocabulary(part["vocab"]);
        return vocabulary.TryGetValue(part["unk_token"].AsText(), out var unknown)
            ? new(vocabulary, unknown)
            : throw part["unk_token"].Refused("is not in the vocabulary");
    }

    public override void Encode(ReadOnlySpan<char> piece, List<int> ids) =>
        ids.Add(Tokens.TryGetValue(piece, out var id) ? id : unknown);
}
