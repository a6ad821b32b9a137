using System.Runtime.InteropServices;
using System.Text;

namespace PersonalLlm.Engine.Inference.Tokenization.Models;

/// <summary>Byte-pair encoding: the characters of a piece, merged pair by pair in the order that training found.</summary>
internal sealed class BytePairs : NamedTokens
{
    private readonly MergeTable merges;
    private readonly string prefix;
    private readonly string suffix;
    private readonly bool ignoresMerges;
    private readonly bool fusesUnknown;
    private readonly string? unknownToken;
    private readonly ByteTokens? byteTokens;
    private readonly int[] ofCharacter = new int[1 << 16];
    private readonly InnerPairs innerPairs = new();
    private readonly WordCache cache = new();

    private BytePairs(JsonPart part, Dictionary<string, int> vocabulary) : base(vocabulary)
    {
        prefix = part.Text("continuing_subword_prefix") ?? "";
        suffix = part.Text("end_of_word_suffix") ?? "";
        ignoresMerges = part.Flag("ignore_merges");
        fusesUnknown = part.Flag("fuse_unk");
        unknownToken = part.Text("unk_token");
        byteTokens = part.Flag("byte_fallback") ? new(token => vocabulary.GetValueOrDefault(token, -1)) : null;
        Array.Fill(ofCharacter, -1);
        foreach (var (token, id) in vocabulary)
            if (token.Length == 1)
                ofCharacter[token[0]] = id;
        merges = new([.. part["merges"].Items().Where(IsMerge).Select(merge => Ids(merge, vocabulary))]);
    }

    public static BytePairs From(JsonPart part)
    {
        part.Knows("type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", "byte_fallback",
            "ignore_merges", "vocab", "merges");
        if (!part["dropout"].IsAbsent && !(part["dropout"].Json.TryGetDouble(out var dropout) && dropout == 0))
            throw part["dropout"].Refused("drops merges by chance, so that a text would not be scored twice alike");
        return new(part, ReadVocabulary(part["vocab"]));
    }

    private static bool IsMerge(JsonPart merge) =>
        merge.Json.ValueKind != System.Text.Json.JsonValueKind.String || !merge.AsText().StartsWith("#version", StringComparison.Ordinal);

    private (int Left, int Right, int Merged) Ids(JsonPart merge, Dictionary<string, int> vocabulary)
    {
        string[] halves = merge.Json.ValueKind == System.Text.Json.JsonValueKind.String
            ? merge.AsText().Split(' ')
            : [.. merge.Items().Select(half => half.AsText())];
        if (halves.Length != 2)
            throw merge.Refused("is not a pair of tokens");
        if (!halves[1].StartsWith(prefix, StringComparison.Ordinal))
            throw merge.Refused($"continues a word without \"{prefix}\"");
        var merged = halves[0] + halves[1][prefix.Length..];
        innerPairs.Add(merged);
        return (IdOf(halves[0]), IdOf(halves[1]), IdOf(merged));

        int IdOf(string token) => vocabulary.TryGetValue(token, out var id)
            ? id
            : throw merge.Refused($"needs the token \"{token}\", which is not in the vocabulary");
    }

    public override void Encode(ReadOnlySpan<char> piece, List<int> ids)
    {
        if (ignoresMerges && Tokens.TryGetValue(piece, out var whole))
        {
            ids.Add(whole);
            return;
        }
        while (piece.Length > WordCache.LongestWord && IndexOfSeam(piece) is > 0 and var seam)
        {
            EncodeWord(piece[..seam], ids);
            piece = piece[seam..];
        }
        EncodeWord(piece, ids);
    }

    private void EncodeWord(ReadOnlySpan<char> piece, List<int> ids)
    {
        if (cache.TryAppend(piece, ids))
            return;
        var first = ids.Count;
        AppendCharacters(piece, ids);
        var left = Merging.Merge(merges, CollectionsMarshal.AsSpan(ids)[first..]);
        CollectionsMarshal.SetCount(ids, first + left);
        cache.Keep(piece, CollectionsMarshal.AsSpan(ids)[first..]);
    }

    /// <summary>The first place that no merge reaches across and where no unknown character waits; −1 when there is none.</summary>
    private int IndexOfSeam(ReadOnlySpan<char> piece)
    {
        if (prefix.Length + suffix.Length > 0)
            return -1;
        for (var at = 1; at < piece.Length; at++)
            if (!innerPairs.Contains(piece[at - 1], piece[at]) && ofCharacter[piece[at - 1]] >= 0 && ofCharacter[piece[at]] >= 0)
                return at;
        return -1;
    }

    /// <remarks>
    /// An unknown character waits until the next known one, so that the ones after it may fuse with it. As in the Rust library, bytes
    /// do not count as known: they pass the waiting one by.
    /// </remarks>
    private void AppendCharacters(ReadOnlySpan<char> piece, List<int> ids)
    {
        var waits = false;
        for (var at = 0; at < piece.Length;)
        {
            var units = char.IsHighSurrogate(piece[at]) ? 2 : 1;
            var isFirst = at == 0;
            var character = piece.Slice(at, units);
            at += units;
            if (TryGetCharacter(character, isFirst, at == piece.Length, out var id))
            {
                if (waits)
                    ids.Add(Unknown());
                waits = false;
                ids.Add(id);
            }
            else if ((byteTokens is null || !AppendBytes(character, isFirst, at == piece.Length, ids)) && unknownToken is not null)
            {
                if (waits && !fusesUnknown)
                    ids.Add(Unknown());
                waits = true;
            }
        }
        if (waits)
            ids.Add(Unknown());
    }

    private bool TryGetCharacter(ReadOnlySpan<char> character, bool isFirst, bool isLast, out int id)
    {
        if (character.Length == 1 && (isFirst || prefix.Length == 0) && (!isLast || suffix.Length == 0))
            return (id = ofCharacter[character[0]]) >= 0;
        return Tokens.TryGetValue(Affixed(character, isFirst, isLast), out id);
    }

    private bool AppendBytes(ReadOnlySpan<char> character, bool isFirst, bool isLast, List<int> ids) =>
        byteTokens!.TryAppend(Encoding.UTF8.GetBytes(Affixed(character, isFirst, isLast)), ids);

    private string Affixed(ReadOnlySpan<char> character, bool isFirst, bool isLast) =>
        $"{(isFirst ? "" : prefix)}{character}{(isLast ? suffix : "")}";

    private int Unknown() => TryGetId(unknownToken!, out var id)
        ? id
        : throw new TokenizerFormatException(
            $"tokenizer.json: model.unk_token is \"{unknownToken}\", which is not in the vocabulary, and the text has an unknown character.");
}
