namespace PersonalLlm.Engine.Inference.Tokenization.Models;

/// <summary>Ids of words that were met before: a table of fixed size in which a newcomer takes the place of whom it meets.</summary>
/// <remarks>An entry is immutable and one reference, so readers and writers need no lock.</remarks>
internal sealed class WordCache
{
    /// <summary>Longer words are not kept, in UTF-16 units.</summary>
    public const int LongestWord = 64;

    private const int Places = 1 << 15;

    private readonly Entry?[] entries = new Entry?[Places];

    private sealed record Entry(string Word, int[] Ids);

    public bool TryAppend(ReadOnlySpan<char> word, List<int> ids)
    {
        if (word.Length > LongestWord || entries[PlaceOf(word)] is not { } entry || !word.SequenceEqual(entry.Word))
            return false;
        ids.AddRange(entry.Ids);
        return true;
    }

    public void Keep(ReadOnlySpan<char> word, ReadOnlySpan<int> ids)
    {
        if (word.Length <= LongestWord)
            entries[PlaceOf(word)] = new(word.ToString(), ids.ToArray());
    }

    private static int PlaceOf(ReadOnlySpan<char> word) => string.GetHashCode(word) & (Places - 1);
}
