using System.Buffers;

namespace PersonalLlm.Engine.Inference.Tokenization.Models;

/// <summary>Byte-pair merging: while any two neighbours merge, the pair of lowest rank does, leftmost first.</summary>
internal static class Merging
{
    // Up to here looking at all pairs again after each merge is cheaper than keeping them in a heap.
    private const int ShortWord = 24;

    /// <summary>Merges in place and returns how many tokens are left, at the front.</summary>
    public static int Merge(MergeTable merges, Span<int> tokens) =>
        tokens.Length <= ShortWord ? MergeShort(merges, tokens) : MergeLong(merges, tokens);

    private static int MergeShort(MergeTable merges, Span<int> tokens)
    {
        var count = tokens.Length;
        Span<int> ranks = stackalloc int[ShortWord];
        Span<int> merged = stackalloc int[ShortWord];
        for (var at = 0; at + 1 < count; at++)
            (ranks[at], merged[at]) = merges.Find(tokens[at], tokens[at + 1]);
        while (true)
        {
            var best = -1;
            for (var at = 0; at + 1 < count; at++)
                if ((uint)ranks[at] < (best < 0 ? uint.MaxValue : (uint)ranks[best]))
                    best = at;
            if (best < 0)
                return count;
            tokens[best] = merged[best];
            count--;
            tokens[(best + 2)..(count + 1)].CopyTo(tokens[(best + 1)..]);
            if (best + 1 < count)
            {
                ranks[(best + 2)..count].CopyTo(ranks[(best + 1)..]);
                merged[(best + 2)..count].CopyTo(merged[(best + 1)..]);
                (ranks[best], merged[best]) = merges.Find(tokens[best], tokens[best + 1]);
            }
            if (best > 0)
                (ranks[best - 1], merged[best - 1]) = merges.Find(tokens[best - 1], tokens[best]);
        }
    }

    /// <summary>Neighbours in a linked list; candidates in a heap, as rank above position, checked again when they come up.</summary>
    private static int MergeLong(MergeTable merges, Span<int> tokens)
    {
        var count = tokens.Length;
        var links = ArrayPool<int>.Shared.Rent(2 * count);
        var next = links.AsSpan(0, count);
        var previous = links.AsSpan(count, count);
        var candidates = new CandidateHeap(3 * count);
        for (var at = 0; at < count; at++)
            (next[at], previous[at]) = (at + 1, at - 1);
        for (var at = 0; at + 1 < count; at++)
            Offer(ref candidates, merges, tokens, at, at + 1);
        while (candidates.TryTake(out var rank, out var at))
        {
            var right = next[at];
            // A token that was merged away is −1 and merges with nothing.
            if (right >= count || merges.Find(tokens[at], tokens[right]) is var now && now.Rank != rank)
                continue;
            tokens[at] = now.Merged;
            tokens[right] = -1;
            next[at] = next[right];
            if (next[at] < count)
            {
                previous[next[at]] = at;
                Offer(ref candidates, merges, tokens, at, next[at]);
            }
            if (previous[at] >= 0)
                Offer(ref candidates, merges, tokens, previous[at], at);
        }
        candidates.Dispose();
        var left = 0;
        for (var at = 0; at < count; at = next[at])
            tokens[left++] = tokens[at];
        ArrayPool<int>.Shared.Return(links);
        return left;
    }

    private static void Offer(ref CandidateHeap candidates, MergeTable merges, ReadOnlySpan<int> tokens, int at, int right)
    {
        if (merges.Find(tokens[at], tokens[right]).Rank is >= 0 and var rank)
            candidates.Add(rank, at);
    }

    /// <summary>A heap of (rank, position), smallest first, packed into one number each. Each merge offers at most two.</summary>
    private ref struct CandidateHeap(int capacity)
    {
        private readonly ulong[] items = ArrayPool<ulong>.Shared.Rent(capacity);
        private int count;

        public void Add(int rank, int position)
        {
            var item = (ulong)(uint)rank << 32 | (uint)position;
            var hole = count++;
            for (int parent; hole > 0 && items[parent = (hole - 1) / 4] > item; hole = parent)
                items[hole] = items[parent];
            items[hole] = item;
        }

        public bool TryTake(out int rank, out int position)
        {
            (rank, position) = (0, 0);
            if (count == 0)
                return false;
            (rank, position) = ((int)(items[0] >> 32), (int)items[0]);
            var item = items[--count];
            var hole = 0;
            for (var child = 1; child < count; child = 4 * hole + 1)
            {
                for (var sibling = child + 1; sibling < Math.Min(4 * hole + 5, count); sibling++)
                    if (items[sibling] < items[child])
                        child = sibling;
                if (items[child] >= item)
                    break;
                items[hole] = items[child];
                hole = child;
            }
            items[hole] = item;
            return true;
        }

        public readonly void Dispose() => ArrayPool<ulong>.Shared.Return(items);
    }
}
