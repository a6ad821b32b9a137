namespace PersonalLlm.Engine.Tests.Reference;

/// <summary>Byte-pair merging as one would explain it: look for the pair of lowest rank, merge its leftmost place, begin again.</summary>
internal static class MergingReference
{
    public static List<int> Merge(IReadOnlyList<(int Left, int Right, int Merged)> merges, IEnumerable<int> tokens)
    {
        var result = tokens.ToList();
        while (true)
        {
            var (bestRank, bestAt) = (merges.Count, -1);
            for (var at = 0; at + 1 < result.Count; at++)
                for (var rank = 0; rank < bestRank; rank++)
                    if (merges[rank].Left == result[at] && merges[rank].Right == result[at + 1])
                        (bestRank, bestAt) = (rank, at);
            if (bestAt < 0)
                return result;
            result[bestAt] = merges[bestRank].Merged;
            result.RemoveAt(bestAt + 1);
        }
    }
}
