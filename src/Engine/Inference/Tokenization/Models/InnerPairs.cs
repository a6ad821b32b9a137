namespace PersonalLlm.Engine.Inference.Tokenization.Models;

/// <summary>Which two characters stand side by side inside some token that merging makes.</summary>
/// <remarks>
/// Between two that never do, no merge can reach across, and what is left and right of them merges as if it were alone. Tokenizers that
/// do not cut a text into words (Llama 2, Gemma) have such places before nearly every space. The table is hashed: it may say yes
/// too often, which costs time, never no.
/// </remarks>
internal sealed class InnerPairs
{
    private const int Bits = 20;

    private readonly ulong[] table = new ulong[(1 << Bits) / 64];

    public void Add(string token)
    {
        for (var at = 1; at < token.Length; at++)
        {
            var place = PlaceOf(token[at - 1], token[at]);
            table[place / 64] |= 1UL << place % 64;
        }
    }

    public bool Contains(char left, char right)
    {
        var place = PlaceOf(left, right);
        return (table[place / 64] >> place % 64 & 1) != 0;
    }

    private static int PlaceOf(char left, char right) => (int)(((uint)left << 16 | right) * 0x9E3779B1u >> 32 - Bits);
}
