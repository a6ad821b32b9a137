using System.Text;

namespace PersonalLlm.Engine.Inference.Tokenization;

/// <summary>GPT-2's alphabet: each byte is written as a character that one can see.</summary>
internal static class ByteAlphabet
{
    private static readonly char[] OfByte = Make();

    /// <summary>How many characters a text of so many UTF-16 units can become.</summary>
    public static int LongestOf(int length) => 3 * length;

    /// <summary>Writes the text's UTF-8 bytes in the alphabet and returns how many there were.</summary>
    public static int Write(ReadOnlySpan<char> text, Span<char> target)
    {
        var count = 0;
        Span<byte> bytes = stackalloc byte[4];
        for (var at = 0; at < text.Length;)
        {
            if (text[at] < 0x80)
            {
                target[count++] = OfByte[text[at++]];
                continue;
            }
            Rune.DecodeFromUtf16(text[at..], out var rune, out var units);
            foreach (var value in bytes[..rune.EncodeToUtf8(bytes)])
                target[count++] = OfByte[value];
            at += units;
        }
        return count;
    }

    private static char[] Make()
    {
        var characters = new char[256];
        var next = 256;
        for (var value = 0; value < 256; value++)
            characters[value] = value is >= '!' and <= '~' or >= 0xa1 and <= 0xac or >= 0xae ? (char)value : (char)next++;
        return characters;
    }
}
