namespace PersonalLlm.Engine.Inference.Tokenization.PreTokenizers;

/// <summary>GPT-2's way: words with the space before them, written in the alphabet of bytes.</summary>
internal sealed class ByteLevel(bool addsPrefixSpace, bool splits) : PreTokenizer
{
    private static readonly CodePointRegex Words =
        new(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+");

    public override void Split(ReadOnlySpan<char> piece, bool beginsText, Pieces target)
    {
        if (addsPrefixSpace && piece[0] != ' ')
            piece = $" {piece}";
        if (!splits)
        {
            Append(piece, beginsText, target);
            return;
        }
        Words.Find(piece, target.Parts);
        foreach (var part in target.Parts)
            Append(piece[part.Start..part.End], beginsText && part.Start == 0, target);
    }

    private static void Append(ReadOnlySpan<char> text, bool beginsText, Pieces target) =>
        target.Commit(ByteAlphabet.Write(text, target.Room(ByteAlphabet.LongestOf(text.Length))), beginsText);
}
