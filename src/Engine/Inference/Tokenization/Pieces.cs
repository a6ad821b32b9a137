using System.Runtime.InteropServices;

namespace PersonalLlm.Engine.Inference.Tokenization;

/// <summary>A stretch of text on its way to the model, or an added token, whose id is settled before.</summary>
/// <param name="Start">Its first character in the buffer.</param>
/// <param name="Length">UTF-16 units.</param>
/// <param name="BeginsText">It begins where the caller's text begins: Metaspace may treat such a piece differently.</param>
/// <param name="AddedId">The added token's id; −1 for text.</param>
internal readonly record struct Piece(int Start, int Length, bool BeginsText, int AddedId = -1)
{
    public bool IsAdded => AddedId >= 0;
}

/// <summary>What lies between matches of a pattern, and the matches.</summary>
internal readonly record struct Part(int Start, int End, bool IsMatch);

/// <summary>Pieces of one text, in order, in one buffer that is used again and again.</summary>
internal sealed class Pieces
{
    private readonly List<Piece> pieces = [];
    private char[] text = new char[1024];
    private int length;

    public ReadOnlySpan<Piece> Items => CollectionsMarshal.AsSpan(pieces);

    /// <summary>Room for a pre-tokenizer's matches.</summary>
    public List<Part> Parts { get; } = [];

    public ReadOnlySpan<char> TextOf(in Piece piece) => text.AsSpan(piece.Start, piece.Length);

    public void Clear()
    {
        pieces.Clear();
        length = 0;
    }

    public void AppendAdded(int id) => pieces.Add(new(length, 0, false, id));

    public void Append(ReadOnlySpan<char> piece, bool beginsText)
    {
        piece.CopyTo(Room(piece.Length));
        Commit(piece.Length, beginsText);
    }

    /// <summary>Free space at the end, to be filled and committed.</summary>
    public Span<char> Room(int size)
    {
        if (length + size > text.Length)
            Array.Resize(ref text, Math.Max(text.Length * 2, length + size));
        return text.AsSpan(length, size);
    }

    /// <summary>Makes a piece of the first <paramref name="size"/> characters of the room; of none, nothing.</summary>
    public void Commit(int size, bool beginsText)
    {
        if (size == 0)
            return;
        pieces.Add(new(length, size, beginsText));
        length += size;
    }
}
