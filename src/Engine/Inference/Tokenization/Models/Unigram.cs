using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace PersonalLlm.Engine.Inference.Tokenization.Models;

/// <summary>SentencePiece's unigram model: the segmentation whose tokens have the highest sum of log probabilities (Kudo 2018).</summary>
internal sealed class Unigram : TokenModel
{
    // SentencePiece's penalty of an unknown character, below the least likely token.
    private const double UnknownPenalty = 10;

    private readonly Dictionary<string, int> vocabulary = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> tokens;
    private readonly PieceTrie trie = new();
    private readonly double[] scores;
    private readonly double unknownScore;
    private readonly int? unknown;
    private readonly ByteTokens? byteTokens;
    private readonly WordCache cache = new();

    private Unigram(JsonPart part)
    {
        var entries = part["vocab"].Items().Select(Entry).ToArray();
        if (entries.Length == 0)
            throw part["vocab"].Refused("is empty");
        scores = [.. entries.Select(entry => entry.Score)];
        unknownScore = scores.Min() - UnknownPenalty;
        for (var id = 0; id < entries.Length; id++)
        {
            vocabulary[entries[id].Token] = id;
            trie.Add(entries[id].Token, id);
        }
        tokens = vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        unknown = part.Integer("unk_id");
        if (unknown is { } value && (value < 0 || value >= scores.Length))
            throw part["unk_id"].Refused($"is {value}, but the vocabulary has {scores.Length} tokens");
        byteTokens = part.Flag("byte_fallback") ? new(token => vocabulary.GetValueOrDefault(token, -1)) : null;
    }

    public override int VocabularySize => scores.Length;

    public static Unigram From(JsonPart part)
    {
        part.Knows("type", "unk_id", "vocab", "byte_fallback");
        return new(part);
    }

    private static (string Token, double Score) Entry(JsonPart entry) =>
        entry.Items().ToArray() is [var token, var score] && score.Json.ValueKind == System.Text.Json.JsonValueKind.Number
            ? (token.AsText(), LogProbability.Parse(score.Json.GetRawText()))
            : throw entry.Refused("is not a token with its score");

    public override bool TryGetId(string token, out int id) => vocabulary.TryGetValue(token, out id);

    public override void Encode(ReadOnlySpan<char> piece, List<int> ids)
    {
        if (cache.TryAppend(piece, ids))
            return;
        var first = ids.Count;
        var steps = ArrayPool<Step>.Shared.Rent(piece.Length + 1);
        FindBestPath(piece, steps);
        AppendPath(piece, steps, ids);
        ArrayPool<Step>.Shared.Return(steps);
        cache.Keep(piece, CollectionsMarshal.AsSpan(ids)[first..]);
    }

    /// <summary>The best way to the characters before a place: its score, and the last token on it. Start is −1 where there is none.</summary>
    private record struct Step(double Score, int Start, int Id);

    private void FindBestPath(ReadOnlySpan<char> piece, Span<Step> steps)
    {
        steps[..(piece.Length + 1)].Fill(new(0, -1, -1));
        for (var start = 0; start < piece.Length;)
        {
            var units = char.IsHighSurrogate(piece[start]) ? 2 : 1;
            var score = steps[start].Score;
            var isKnown = false;
            var node = PieceTrie.Root;
            for (var end = start; end < piece.Length && (node = trie.Step(node, piece[end])) >= 0;)
            {
                end++;
                if (trie.IdAt(node) is not (>= 0 and var id))
                    continue;
                isKnown |= end == start + units;
                Reach(ref steps[end], scores[id] + score, start, id);
            }
            if (!isKnown)
                Reach(ref steps[start + units], unknownScore + score, start, UnknownId());
            start += units;
        }
    }

    private static void Reach(ref Step end, double score, int start, int id)
    {
        if (end.Start < 0 || score > end.Score)
            end = new(score, start, id);
    }

    /// <summary>Follows the path back to front. Neighbouring unknown characters are one token, or their bytes.</summary>
    private void AppendPath(ReadOnlySpan<char> piece, ReadOnlySpan<Step> steps, List<int> ids)
    {
        var first = ids.Count;
        for (var end = piece.Length; end > 0;)
        {
            var (_, start, id) = steps[end];
            if (id == unknown)
            {
                while (start > 0 && steps[start].Id == unknown)
                    start = steps[start].Start;
                AppendUnknown(piece[start..end], ids);
            }
            else
                ids.Add(id);
            end = start;
        }
        ids.Reverse(first, ids.Count - first);
    }

    private void AppendUnknown(ReadOnlySpan<char> characters, List<int> ids)
    {
        if (tokens.TryGetValue(characters, out var id))
        {
            ids.Add(id);
            return;
        }
        var first = ids.Count;
        if (byteTokens is null || !byteTokens.TryAppend(Encoding.UTF8.GetBytes(characters.ToArray()), ids))
            ids.Add(UnknownId());
        ids.Reverse(first, ids.Count - first);
    }

    private int UnknownId() => unknown ?? throw new TokenizerFormatException(
        "tokenizer.json: model.unk_id is missing, and the text has a character that the vocabulary lacks.");
}
