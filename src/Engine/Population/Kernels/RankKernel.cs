using System.Runtime.CompilerServices;

namespace PersonalLlm.Engine.Population.Kernels;

/// <summary>Ranks that noise-free users give to up to 8 responses of one prompt; equal utilities keep their order.</summary>
internal static class RankKernel<TLanes, TFloats, TInts>
    where TLanes : ILanes<TFloats, TInts>
    where TFloats : unmanaged
    where TInts : unmanaged
{
    /// <param name="rewards">[reward models][responses].</param>
    /// <param name="models">How many reward models.</param>
    /// <param name="weights">[groups][reward models][lanes].</param>
    /// <param name="groups">At most a tile of them.</param>
    /// <param name="responses">1 to 8.</param>
    /// <param name="counts">[responses × ranks]; added to.</param>
    public static void Add(ref float rewards, int models, ref float weights, int groups, int responses, Span<int> counts)
    {
        switch (responses)
        {
            case 1: counts[0] += groups * TLanes.Count; break;
            case 2: Add<Two>(ref rewards, models, ref weights, groups, counts); break;
            case 3: Add<Three>(ref rewards, models, ref weights, groups, counts); break;
            case 4: Add<Four>(ref rewards, models, ref weights, groups, counts); break;
            case 5: Add<Five>(ref rewards, models, ref weights, groups, counts); break;
            case 6: Add<Six>(ref rewards, models, ref weights, groups, counts); break;
            case 7: Add<Seven>(ref rewards, models, ref weights, groups, counts); break;
            default: Add<Eight>(ref rewards, models, ref weights, groups, counts); break;
        }
    }

    private static void Add<TCandidates>(ref float rewards, int models, ref float weights, int groups, Span<int> counts)
        where TCandidates : ICandidates
    {
        Span<TInts> evenBytes = stackalloc TInts[BitSlices<TLanes, TFloats, TInts>.Bytes];
        Span<TInts> oddBytes = stackalloc TInts[BitSlices<TLanes, TFloats, TInts>.Bytes];
        evenBytes.Clear();
        oddBytes.Clear();
        while (groups > 0)
        {
            TInts e1 = default, e2 = default, e4 = default, e8 = default, o1 = default, o2 = default, o4 = default, o8 = default;
            var turns = Math.Min(groups, BitSlices<TLanes, TFloats, TInts>.Capacity);
            groups -= turns;
            if (TLanes.HasRoomForTwoGroups)
                for (; turns > 1; turns -= 2)
                {
                    UtilityLanes<TLanes, TFloats, TInts>.ComputeTwo<TCandidates>(
                        ref rewards, models, ref weights,
                        out var u0, out var u1, out var u2, out var u3, out var u4, out var u5, out var u6, out var u7,
                        out var v0, out var v1, out var v2, out var v3, out var v4, out var v5, out var v6, out var v7);
                    weights = ref Unsafe.Add(ref weights, 2 * models * TLanes.Count);
                    var ranks = Rank<TCandidates>(u0, u1, u2, u3, u4, u5, u6, u7);
                    var otherRanks = Rank<TCandidates>(v0, v1, v2, v3, v4, v5, v6, v7);
                    BitSlices<TLanes, TFloats, TInts>.Add(ref e1, ref e2, ref e4, ref e8, Even(ranks), Even(otherRanks));
                    BitSlices<TLanes, TFloats, TInts>.Add(ref o1, ref o2, ref o4, ref o8, Odd(ranks), Odd(otherRanks));
                }
            for (; turns > 0; turns--)
            {
                UtilityLanes<TLanes, TFloats, TInts>.Compute<TCandidates>(
                    ref rewards, models, ref weights, out var u0, out var u1, out var u2, out var u3, out var u4, out var u5, out var u6, out var u7);
                weights = ref Unsafe.Add(ref weights, models * TLanes.Count);
                var ranks = Rank<TCandidates>(u0, u1, u2, u3, u4, u5, u6, u7);
                BitSlices<TLanes, TFloats, TInts>.Add(ref e1, ref e2, ref e4, ref e8, Even(ranks));
                BitSlices<TLanes, TFloats, TInts>.Add(ref o1, ref o2, ref o4, ref o8, Odd(ranks));
            }
            BitSlices<TLanes, TFloats, TInts>.Empty(e1, e2, e4, e8, evenBytes);
            BitSlices<TLanes, TFloats, TInts>.Empty(o1, o2, o4, o8, oddBytes);
        }
        AddTo<TCandidates>(evenBytes, oddBytes, counts);
    }

    private static void AddTo<TCandidates>(Span<TInts> evenBytes, Span<TInts> oddBytes, Span<int> counts)
        where TCandidates : ICandidates
    {
        for (var rank = 0; rank < TCandidates.Count; rank++)
        {
            var evens = NibbleCounters.SumOfLanes(TLanes.FoldBytes(evenBytes[rank]));
            var odds = NibbleCounters.SumOfLanes(TLanes.FoldBytes(oddBytes[rank]));
            for (var response = 0; response < TCandidates.Count; response++)
                counts[(response * TCandidates.Count) + rank] += ((response & 1) == 0 ? evens : odds)[response >> 1];
        }
    }

    /// <summary>Nibble r: how many responses are above response r. At first as if every earlier one were, then each pair that is the other way round is set right.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TInts Rank<TCandidates>(TFloats u0, TFloats u1, TFloats u2, TFloats u3, TFloats u4, TFloats u5, TFloats u6, TFloats u7)
        where TCandidates : ICandidates
    {
        // Two sums, so that fewer additions wait for each other.
        var even = TLanes.Broadcast(0x76543210);
        TInts odd = default;
        Meet<TCandidates>(0, 1, u0, u1, ref even);
        Meet<TCandidates>(2, 3, u2, u3, ref odd);
        Meet<TCandidates>(4, 5, u4, u5, ref even);
        Meet<TCandidates>(6, 7, u6, u7, ref odd);
        Meet<TCandidates>(0, 2, u0, u2, ref even);
        Meet<TCandidates>(1, 3, u1, u3, ref odd);
        Meet<TCandidates>(4, 6, u4, u6, ref even);
        Meet<TCandidates>(5, 7, u5, u7, ref odd);
        Meet<TCandidates>(0, 3, u0, u3, ref even);
        Meet<TCandidates>(1, 2, u1, u2, ref odd);
        Meet<TCandidates>(4, 7, u4, u7, ref even);
        Meet<TCandidates>(5, 6, u5, u6, ref odd);
        Meet<TCandidates>(0, 4, u0, u4, ref even);
        Meet<TCandidates>(1, 5, u1, u5, ref odd);
        Meet<TCandidates>(2, 6, u2, u6, ref even);
        Meet<TCandidates>(3, 7, u3, u7, ref odd);
        Meet<TCandidates>(0, 5, u0, u5, ref even);
        Meet<TCandidates>(1, 4, u1, u4, ref odd);
        Meet<TCandidates>(2, 7, u2, u7, ref even);
        Meet<TCandidates>(3, 6, u3, u6, ref odd);
        Meet<TCandidates>(0, 6, u0, u6, ref even);
        Meet<TCandidates>(1, 7, u1, u7, ref odd);
        Meet<TCandidates>(2, 4, u2, u4, ref even);
        Meet<TCandidates>(3, 5, u3, u5, ref odd);
        Meet<TCandidates>(0, 7, u0, u7, ref even);
        Meet<TCandidates>(1, 6, u1, u6, ref odd);
        Meet<TCandidates>(2, 5, u2, u5, ref even);
        Meet<TCandidates>(3, 4, u3, u4, ref odd);
        return TLanes.Add(even, odd);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Meet<TCandidates>(int earlier, int later, TFloats earlierUtility, TFloats laterUtility, ref TInts ranks)
        where TCandidates : ICandidates
    {
        if (later < TCandidates.Count)
            ranks = TLanes.AddWhereAbove(laterUtility, earlierUtility, ranks, TLanes.Broadcast((1 << (4 * earlier)) - (1 << (4 * later))));
    }

    /// <summary>Ranks of responses 0, 2, 4, 6, one bit of a byte each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TInts Even(TInts ranks) => TLanes.OneHotBytes(TLanes.And(ranks, TLanes.Broadcast(0x0F0F0F0F)));

    /// <summary>Ranks of responses 1, 3, 5, 7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TInts Odd(TInts ranks) => Even(TLanes.ShiftRight(ranks, 4));

    /// <summary>The ranks, one nibble each, and the smallest difference between any two utilities.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TInts Judge<TCandidates>(
        TFloats u0, TFloats u1, TFloats u2, TFloats u3, TFloats u4, TFloats u5, TFloats u6, TFloats u7, out TFloats distance)
        where TCandidates : ICandidates
    {
        distance = UtilityLanes<TLanes, TFloats, TInts>.SmallestDistance<TCandidates>(u0, u1, u2, u3, u4, u5, u6, u7);
        return Rank<TCandidates>(u0, u1, u2, u3, u4, u5, u6, u7);
    }

    /// <param name="ranks">As <see cref="Judge"/> gives them, 0 in silent lanes; at most a tile of them.</param>
    /// <param name="silent">Lanes that are 0 seem to rank everything first.</param>
    /// <param name="counts">[responses × ranks]; added to.</param>
    public static void Count<TCandidates>(ReadOnlySpan<TInts> ranks, int silent, Span<int> counts)
        where TCandidates : ICandidates
    {
        Span<TInts> evenBytes = stackalloc TInts[BitSlices<TLanes, TFloats, TInts>.Bytes];
        Span<TInts> oddBytes = stackalloc TInts[BitSlices<TLanes, TFloats, TInts>.Bytes];
        evenBytes.Clear();
        oddBytes.Clear();
        for (var first = 0; first < ranks.Length; first += BitSlices<TLanes, TFloats, TInts>.Capacity)
        {
            TInts e1 = default, e2 = default, e4 = default, e8 = default, o1 = default, o2 = default, o4 = default, o8 = default;
            foreach (var own in ranks[first..Math.Min(ranks.Length, first + BitSlices<TLanes, TFloats, TInts>.Capacity)])
            {
                BitSlices<TLanes, TFloats, TInts>.Add(ref e1, ref e2, ref e4, ref e8, Even(own));
                BitSlices<TLanes, TFloats, TInts>.Add(ref o1, ref o2, ref o4, ref o8, Odd(own));
            }
            BitSlices<TLanes, TFloats, TInts>.Empty(e1, e2, e4, e8, evenBytes);
            BitSlices<TLanes, TFloats, TInts>.Empty(o1, o2, o4, o8, oddBytes);
        }
        AddTo<TCandidates>(evenBytes, oddBytes, counts);
        for (var response = 0; response < TCandidates.Count; response++)
            counts[response * TCandidates.Count] -= silent;
    }
}
