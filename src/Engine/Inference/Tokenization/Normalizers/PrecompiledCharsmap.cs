using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace PersonalLlm.Engine.Inference.Tokenization.Normalizers;

/// <summary>SentencePiece's compiled replacements: a double-array trie over UTF-8 bytes, then the texts that it points to.</summary>
internal sealed class PrecompiledCharsmap : Normalizer
{
    // The Rust library asks for a whole grapheme only below this many bytes, because SentencePiece's own maps are that short.
    private const int LongestGrapheme = 5;

    private readonly uint[] trie;
    private readonly byte[] texts;
    private readonly string?[] ofAscii = new string?[128];

    private PrecompiledCharsmap(uint[] trie, byte[] texts)
    {
        this.trie = trie;
        this.texts = texts;
        for (var character = 1; character < ofAscii.Length; character++)
            ofAscii[character] = Find([(char)character]);
    }

    public static PrecompiledCharsmap From(JsonPart part)
    {
        part.Knows("type", "precompiled_charsmap");
        var charsmap = part["precompiled_charsmap"];
        if (!charsmap.Json.TryGetBytesFromBase64(out var bytes) || bytes.Length < 4)
            throw charsmap.Refused("is not a table in base64");
        var size = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (size < 4 || size % 4 != 0 || size > bytes.Length - 4)
            throw charsmap.Refused("is cut off");
        var trie = new uint[size / 4];
        for (var unit = 0; unit < trie.Length; unit++)
            trie[unit] = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4 + 4 * unit));
        return new(trie, bytes[(4 + (int)size)..]);
    }

    public override string Normalize(string text, ref bool keepsStart)
    {
        var result = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length;)
        {
            // Between two characters of ASCII there is always a boundary, but for the two of a line's end.
            if (text[at] is > '\0' and < '\x80' and not '\r' && (at + 1 == text.Length || text[at + 1] < '\x80'))
            {
                var character = text[at++];
                if (ofAscii[character] is { } other)
                    result.Append(other);
                else
                    result.Append(character);
                continue;
            }
            var length = StringInfo.GetNextTextElementLength(text, at);
            Append(text.AsSpan(at, length), result);
            at += length;
        }
        return result.ToString();
    }

    private void Append(ReadOnlySpan<char> grapheme, StringBuilder result)
    {
        if (Encoding.UTF8.GetByteCount(grapheme) <= LongestGrapheme && Find(grapheme) is { } whole)
        {
            result.Append(whole);
            return;
        }
        Span<char> units = stackalloc char[2];
        foreach (var rune in grapheme.EnumerateRunes())
        {
            var one = units[..rune.EncodeToUtf16(units)];
            if (Find(one) is { } other)
                result.Append(other);
            else
                result.Append(one);
        }
    }

    /// <summary>The replacement of the shortest entry that begins the text, which is the one that the Rust library takes.</summary>
    private string? Find(ReadOnlySpan<char> text)
    {
        Span<byte> bytes = stackalloc byte[8];
        var count = Encoding.UTF8.GetBytes(text, bytes);
        var node = Offset(trie[0]);
        foreach (var value in bytes[..count])
        {
            if (value == 0)
                return null;
            node ^= value;
            if (node >= trie.Length || (trie[node] & 0x800000ff) != value)
                return null;
            var unit = trie[node];
            node ^= Offset(unit);
            if ((unit >> 8 & 1) == 1)
                return TextAt((int)(trie[node] & 0x7fffffff));
        }
        return null;
    }

    private string TextAt(int start)
    {
        var rest = texts.AsSpan(start);
        return Encoding.UTF8.GetString(rest[..Math.Max(0, rest.IndexOf((byte)0))]);
    }

    private static uint Offset(uint unit) => unit >> 10 << (int)((unit & 512) >> 6);
}
