using System.Runtime.InteropServices;

namespace PersonalLlm.Engine.Inference.Tokenization.Models;

/// <summary>BERT's model: the longest token that begins the word, then the longest that continues it, and so on; or unknown.</summary>
internal sealed class WordPiece(Dictionary<string, int> vocabulary, string continuation, int unknown, int longestWord)
    : NamedTokens(vocabulary)
{
    private readonly int longestToken = vocabulary.Keys.Max(token => token.Length);
    private readonly WordCache cache = new();

    public static WordPiece From(JsonPart part)
    {
        part.Knows("type", "vocab", "unk_token", "continuing_subword_prefix", "max_input_chars_per_word");
        var vocabulary = ReadVocabulary(part["vocab"]);
        return vocabulary.TryGetValue(part.Text("unk_token") ?? "[UNK]", out var unknown)
            ? new(vocabulary, part.Text("continuing_subword_prefix") ?? "##", unknown, part.Integer("max_input_chars_per_word") ?? 100)
            : throw part["unk_token"].Refused("is not in the vocabulary");
    }

    public override void Encode(ReadOnlySpan<char> piece, List<int> ids)
    {
        if (cache.TryAppend(piece, ids))
            return;
        var first = ids.Count;
        if (CodePoints(piece) > longestWord || !TrySplit(piece, ids))
        {
            CollectionsMarshal.SetCount(ids, first);
            ids.Add(unknown);
        }
        cache.Keep(piece, CollectionsMarshal.AsSpan(ids)[first..]);
    }

    private bool TrySplit(ReadOnlySpan<char> word, List<int> ids)
    {
        Span<char> buffer = stackalloc char[256];
        if (longestToken > buffer.Length)
            buffer = new char[longestToken];
        for (var start = 0; start < word.Length;)
        {
            var prefix = start == 0 ? 0 : continuation.Length;
            var length = Math.Min(word.Length - start, longestToken - prefix);
            if (length > 0)
            {
                continuation.AsSpan(0, prefix).CopyTo(buffer);
                word.Slice(start, length).CopyTo(buffer[prefix..]);
            }
            var id = -1;
            while (length > 0 && !Tokens.TryGetValue(buffer[..(prefix + length)], out id))
                length--;
            if (length <= 0)
                return false;
            ids.Add(id);
            start += length;
        }
        return true;
    }

    private static int CodePoints(ReadOnlySpan<char> text)
    {
        var count = text.Length;
        if (Characters.HasSurrogates(text))
            foreach (var unit in text)
                count -= char.IsLowSurrogate(unit) ? 1 : 0;
        return count;
    }
}
