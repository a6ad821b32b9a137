namespace PersonalLlm.Engine.Inference.Tokenization.Models;

/// <summary>The tokens &lt;0x00&gt; … &lt;0xFF&gt;, by which byte fallback writes what a vocabulary lacks.</summary>
internal sealed class ByteTokens(Func<string, int> idOf)
{
    private readonly int[] ids = [.. Enumerable.Range(0, 256).Select(value => idOf($"<0x{value:X2}>"))];

    /// <summary>Appends one token per byte of UTF-8; nothing when the vocabulary lacks one of them.</summary>
    public bool TryAppend(ReadOnlySpan<byte> bytes, List<int> target)
    {
        foreach (var value in bytes)
            if (ids[value] < 0)
                return false;
        foreach (var value in bytes)
            target.Add(ids[value]);
        return true;
    }
}
