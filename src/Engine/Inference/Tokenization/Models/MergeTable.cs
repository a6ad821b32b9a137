using System.Numerics;

namespace PersonalLlm.Engine.Inference.Tokenization.Models;

/// <summary>Which pairs of tokens merge, in which order, into what: a hash table of open addresses, made once.</summary>
internal sealed class MergeTable
{
    private const ulong Empty = ulong.MaxValue;

    private readonly Entry[] entries;
    private readonly int shift;

    private struct Entry
    {
        public ulong Pair;
        public int Rank;
        public int Merged;
    }

    /// <param name="merges">In order of rank. Of a pair that stands twice, the later one counts.</param>
    public MergeTable(IReadOnlyCollection<(int Left, int Right, int Merged)> merges)
    {
        var size = BitOperations.RoundUpToPowerOf2((uint)Math.Max(4, 2 * merges.Count));
        entries = new Entry[size];
        Array.Fill(entries, new() { Pair = Empty });
        shift = 64 - BitOperations.Log2(size);
        var rank = 0;
        foreach (var (left, right, merged) in merges)
        {
            var pair = PairOf(left, right);
            entries[PlaceOf(pair)] = new() { Pair = pair, Rank = rank++, Merged = merged };
        }
    }

    /// <summary>Rank (0 merges first) and the token that results; −1 when the two do not merge.</summary>
    public (int Rank, int Merged) Find(int left, int right)
    {
        ref var entry = ref entries[PlaceOf(PairOf(left, right))];
        return entry.Pair == Empty ? (-1, -1) : (entry.Rank, entry.Merged);
    }

    private static ulong PairOf(int left, int right) => (ulong)(uint)left << 32 | (uint)right;

    private int PlaceOf(ulong pair)
    {
        var place = (int)((pair ^ pair >> 29) * 0x9E3779B97F4A7C15 >> shift);
        while (entries[place].Pair != pair && entries[place].Pair != Empty)
            place = place + 1 & entries.Length - 1;
        return place;
    }
}
