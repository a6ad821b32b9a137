using System.Collections.Concurrent;
using System.Text.Json;
using PersonalLlm.Engine.Inference.Tokenization.Models;
using PersonalLlm.Engine.Inference.Tokenization.Normalizers;
using PersonalLlm.Engine.Inference.Tokenization.PreTokenizers;

namespace PersonalLlm.Engine.Inference.Tokenization;

/// <summary>Turns texts into token ids as a Hugging Face tokenizer.json says. Safe to use from many threads.</summary>
/// <remarks>
/// Equal to the Rust library that defines the format, token by token. What a file asks for and this reader cannot do is refused when the
/// file is read, with its key; nothing is left out in silence. Offsets and decoding are not here: rewards need neither.
/// </remarks>
public sealed class Tokenizer
{
    private readonly AddedTokens rawTokens;
    private readonly AddedTokens normalizedTokens;
    private readonly Normalizer[] normalizers;
    private readonly PreTokenizer[] preTokenizers;
    private readonly TokenModel model;
    private readonly PostProcessor postProcessor;
    private readonly Dictionary<string, int> addedIds = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<Workspace> workspaces = [];

    private Tokenizer(JsonPart file)
    {
        file.Knows("version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder", "model");
        if (file.Text("version") is not (null or "1.0"))
            throw file["version"].Unsupported(file.Text("version")!);
        normalizers = Normalizer.Read(file["normalizer"]);
        preTokenizers = PreTokenizer.Read(file["pre_tokenizer"]);
        model = TokenModel.Read(file["model"]);
        postProcessor = PostProcessor.Read(file["post_processor"]);
        Truncation = Truncation.Read(file["truncation"]);
        Padding = Padding.Read(file["padding"]);
        var tokens = file["added_tokens"].IsAbsent ? [] : file["added_tokens"].Items().Select(ReadAdded).ToArray();
        rawTokens = new(tokens.Where(token => !token.IsNormalized).Select(token => token.Token));
        normalizedTokens = new(tokens.Where(token => token.IsNormalized).Select(token => token.Token));
        RequireRoom();
    }

    private Tokenizer(Tokenizer other, Truncation? truncation, Padding? padding)
    {
        (rawTokens, normalizedTokens, addedIds) = (other.rawTokens, other.normalizedTokens, other.addedIds);
        (normalizers, preTokenizers, model, postProcessor) = (other.normalizers, other.preTokenizers, other.model, other.postProcessor);
        (Truncation, Padding) = (truncation, padding);
        RequireRoom();
    }

    /// <summary>How texts that are too long are cut; null leaves them.</summary>
    public Truncation? Truncation { get; }

    /// <summary>How texts are made equally long; null leaves them.</summary>
    public Padding? Padding { get; }

    /// <summary>Number of tokens, of the model and added to it.</summary>
    public int VocabularySize => model.VocabularySize + addedIds.Count;

    /// <exception cref="TokenizerFormatException">The file is not a tokenizer, or asks for something this reader does not do.</exception>
    public static Tokenizer Load(Stream stream)
    {
        try
        {
            using var document = JsonDocument.Parse(stream);
            return new(new JsonPart(document.RootElement, ""));
        }
        catch (JsonException problem)
        {
            throw new TokenizerFormatException($"tokenizer.json: the file is not JSON (line {problem.LineNumber + 1}).");
        }
        catch (InvalidOperationException)
        {
            // What System.Text.Json throws for a text with half a surrogate pair, by value or by name.
            throw new TokenizerFormatException("tokenizer.json: the file holds a text that is not valid Unicode.");
        }
    }

    /// <summary>The same tokenizer with other lengths; vocabulary and caches are shared.</summary>
    public Tokenizer With(Truncation? truncation, Padding? padding) => new(this, truncation, padding);

    /// <summary>The id of a token, added ones included; null when there is none.</summary>
    public int? IdOf(string token) =>
        addedIds.TryGetValue(token, out var id) || model.TryGetId(token, out id) ? id : null;

    /// <param name="text">Halves of surrogate pairs that stand alone are read as U+FFFD.</param>
    /// <param name="pair">A second text, for models that read two.</param>
    /// <param name="addsSpecialTokens">False when the text holds them already, as one made by a chat template does.</param>
    public TokenizedText Encode(string text, string? pair = null, bool addsSpecialTokens = true)
    {
        if (!workspaces.TryTake(out var workspace))
            workspace = new();
        try
        {
            return Encode(text, pair, addsSpecialTokens, workspace);
        }
        finally
        {
            workspaces.Add(workspace);
        }
    }

    /// <summary>Encodes several texts or pairs and pads them to one length when <see cref="Padding"/> says so.</summary>
    public IReadOnlyList<TokenizedText> EncodeBatch(IReadOnlyList<(string Text, string? Pair)> texts, bool addsSpecialTokens = true)
    {
        var encoded = texts.Select(text => Encode(text.Text, text.Pair, addsSpecialTokens)).ToArray();
        if (Padding is null || encoded.Length == 0)
            return encoded;
        var length = Padding.LengthFor(encoded.Max(text => text.Length));
        return [.. encoded.Select(text => text.PaddedTo(length, Padding))];
    }

    private (AddedToken Token, bool IsNormalized) ReadAdded(JsonPart part)
    {
        part.Knows("id", "content", "single_word", "lstrip", "rstrip", "normalized", "special");
        var content = part["content"].AsText();
        var id = part["id"].AsInteger();
        // The Rust library does not read this id: it takes the vocabulary's, or counts on from its end.
        if (!addedIds.TryGetValue(content, out var known) && !model.TryGetId(content, out known))
            known = VocabularySize;
        if (known != id)
            throw part["id"].Refused($"is {id}, but the Rust library would give \"{content}\" the id {known}");
        if (!model.TryGetId(content, out _))
            addedIds[content] = id;
        var isNormalized = part.Flag("normalized");
        var pattern = isNormalized ? Normalized(content, out _) : content;
        return (new(pattern, id, part.Flag("single_word"), part.Flag("lstrip"), part.Flag("rstrip")), isNormalized);
    }

    private void RequireRoom()
    {
        if (Truncation is not null)
            Room(isPair: false, addsSpecialTokens: true);
    }

    /// <summary>How many tokens special ones leave free.</summary>
    private int Room(bool isPair, bool addsSpecialTokens)
    {
        var special = addsSpecialTokens ? postProcessor.CountOf(isPair) : 0;
        return Truncation!.MaximumLength >= special
            ? Truncation.MaximumLength - special
            : throw new TokenizerFormatException(
                $"A maximum length of {Truncation.MaximumLength} leaves no room for the {special} special tokens.");
    }

    private TokenizedText Encode(string text, string? pair, bool addsSpecialTokens, Workspace workspace)
    {
        var truncated = Tokenize(text, isSecond: false, workspace, workspace.First);
        IReadOnlyList<List<int>> sequences = [workspace.First];
        if (pair is not null)
        {
            truncated |= Tokenize(pair, isSecond: true, workspace, workspace.Second);
            sequences = [workspace.First, workspace.Second];
        }
        if (Truncation is not null)
            truncated |= Truncation.Cut(sequences, Room(pair is not null, addsSpecialTokens));
        workspace.Ids.Clear();
        workspace.TypeIds.Clear();
        postProcessor.Apply(sequences, addsSpecialTokens, workspace.Ids, workspace.TypeIds);
        var mask = new int[workspace.Ids.Count];
        Array.Fill(mask, 1);
        var encoded = new TokenizedText(workspace.Ids.ToArray(), workspace.TypeIds.ToArray(), mask, truncated);
        return Padding is null ? encoded : encoded.PaddedTo(Padding.LengthFor(encoded.Length), Padding);
    }

    /// <summary>Ids of one text without special tokens. Stops where truncation would cut, and says whether it stopped early.</summary>
    private bool Tokenize(string text, bool isSecond, Workspace workspace, List<int> ids)
    {
        var pieces = Cut(Characters.WellFormed(text), workspace).Items;
        ids.Clear();
        var limit = Truncation is null || Truncation.Strategy == TruncationStrategy.OnlySecond && !isSecond
            ? int.MaxValue
            : Truncation.MaximumLength;
        return Truncation?.Side == TextSide.Left && limit < int.MaxValue
            ? TokenizeFromEnd(pieces, limit, workspace, ids)
            : TokenizeFromStart(pieces, limit, workspace, ids);
    }

    private bool TokenizeFromStart(ReadOnlySpan<Piece> pieces, int limit, Workspace workspace, List<int> ids)
    {
        for (var index = 0; index < pieces.Length; index++)
        {
            if (pieces[index].IsAdded)
            {
                ids.Add(pieces[index].AddedId);
                continue;
            }
            model.Encode(workspace.Current.TextOf(pieces[index]), ids);
            if (ids.Count >= limit)
                return index + 1 < pieces.Length;
        }
        return false;
    }

    private bool TokenizeFromEnd(ReadOnlySpan<Piece> pieces, int limit, Workspace workspace, List<int> ids)
    {
        // Written back to front, and turned round at the end.
        var one = workspace.OnePiece;
        var stoppedEarly = false;
        for (var index = pieces.Length - 1; index >= 0 && !stoppedEarly; index--)
        {
            one.Clear();
            if (pieces[index].IsAdded)
                one.Add(pieces[index].AddedId);
            else
                model.Encode(workspace.Current.TextOf(pieces[index]), one);
            one.Reverse();
            ids.AddRange(one);
            stoppedEarly = !pieces[index].IsAdded && ids.Count >= limit && index > 0;
        }
        ids.Reverse();
        return stoppedEarly;
    }

    /// <summary>The pieces that the model reads: after added tokens, normalizers and pre-tokenizers.</summary>
    private Pieces Cut(string text, Workspace workspace)
    {
        workspace.Current.Clear();
        foreach (var (range, id) in rawTokens.Split(text))
        {
            if (id >= 0)
            {
                workspace.Current.AppendAdded(id);
                continue;
            }
            var raw = text[range];
            var normalized = Normalized(raw, out var keepsStart);
            var beginsText = keepsStart && range.Start.Value == 0;
            foreach (var (inner, innerId) in normalizedTokens.Split(normalized))
            {
                if (innerId >= 0)
                    workspace.Current.AppendAdded(innerId);
                else
                    workspace.Current.Append(normalized.AsSpan(inner), beginsText && inner.Start.Value == 0);
            }
        }
        foreach (var preTokenizer in preTokenizers)
            Cut(preTokenizer, workspace);
        return workspace.Current;
    }

    private static void Cut(PreTokenizer preTokenizer, Workspace workspace)
    {
        workspace.Other.Clear();
        foreach (var piece in workspace.Current.Items)
        {
            if (piece.IsAdded)
                workspace.Other.AppendAdded(piece.AddedId);
            else
                preTokenizer.Split(workspace.Current.TextOf(piece), piece.BeginsText, workspace.Other);
        }
        (workspace.Current, workspace.Other) = (workspace.Other, workspace.Current);
    }

    private string Normalized(string text, out bool keepsStart)
    {
        keepsStart = true;
        foreach (var normalizer in normalizers)
            text = normalizer.Normalize(text, ref keepsStart);
        return text;
    }

    /// <summary>Buffers of one call, used again by a later one.</summary>
    private sealed class Workspace
    {
        public Pieces Current { get; set; } = new();

        public Pieces Other { get; set; } = new();

        public List<int> First { get; } = [];

        public List<int> Second { get; } = [];

        public List<int> OnePiece { get; } = [];

        public List<int> Ids { get; } = [];

        public List<int> TypeIds { get; } = [];
    }
}
