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
        Span<TInts> even = stackalloc TInts[8];
        Span<TInts> odd = stackalloc TInts[8];
        even.Clear();
        odd.Clear();
        for (var left = groups; left > 0; left -= NibbleCounters.Capacity)
        {
            TInts n0 = default, n1 = default, n2 = default, n3 = default, n4 = default, n5 = default, n6 = default, n7 = default;
            for (var turn = Math.Min(left, NibbleCounters.Capacity); turn > 0; turn--)
            {
                UtilityLanes<TLanes, TFloats, TInts>.Compute<TCandidates>(
                    ref rewards, models, ref weights, out var u0, out var u1, out var u2, out var u3, out var u4, out var u5, out var u6, out var u7);
                weights = ref Unsafe.Add(ref weights, models * TLanes.Count);
                // Four times the number of responses above: at first as if every earlier response were.
                var r0 = TLanes.Broadcast(0);
                var r1 = TLanes.Broadcast(4);
                var r2 = TLanes.Broadcast(8);
                var r3 = TLanes.Broadcast(12);
                var r4 = TLanes.Broadcast(16);
                var r5 = TLanes.Broadcast(20);
                var r6 = TLanes.Broadcast(24);
                var r7 = TLanes.Broadcast(28);
                // In rounds in which every response meets one other, so that no rank waits for another.
                Meet<TCandidates>(1, u0, u1, ref r0, ref r1);
                Meet<TCandidates>(3, u2, u3, ref r2, ref r3);
                Meet<TCandidates>(5, u4, u5, ref r4, ref r5);
                Meet<TCandidates>(7, u6, u7, ref r6, ref r7);
                Meet<TCandidates>(2, u0, u2, ref r0, ref r2);
                Meet<TCandidates>(3, u1, u3, ref r1, ref r3);
                Meet<TCandidates>(6, u4, u6, ref r4, ref r6);
                Meet<TCandidates>(7, u5, u7, ref r5, ref r7);
                Meet<TCandidates>(3, u0, u3, ref r0, ref r3);
                Meet<TCandidates>(2, u1, u2, ref r1, ref r2);
                Meet<TCandidates>(7, u4, u7, ref r4, ref r7);
                Meet<TCandidates>(6, u5, u6, ref r5, ref r6);
                Meet<TCandidates>(4, u0, u4, ref r0, ref r4);
                Meet<TCandidates>(5, u1, u5, ref r1, ref r5);
                Meet<TCandidates>(6, u2, u6, ref r2, ref r6);
                Meet<TCandidates>(7, u3, u7, ref r3, ref r7);
                Meet<TCandidates>(5, u0, u5, ref r0, ref r5);
                Meet<TCandidates>(4, u1, u4, ref r1, ref r4);
                Meet<TCandidates>(7, u2, u7, ref r2, ref r7);
                Meet<TCandidates>(6, u3, u6, ref r3, ref r6);
                Meet<TCandidates>(6, u0, u6, ref r0, ref r6);
                Meet<TCandidates>(7, u1, u7, ref r1, ref r7);
                Meet<TCandidates>(4, u2, u4, ref r2, ref r4);
                Meet<TCandidates>(5, u3, u5, ref r3, ref r5);
                Meet<TCandidates>(7, u0, u7, ref r0, ref r7);
                Meet<TCandidates>(6, u1, u6, ref r1, ref r6);
                Meet<TCandidates>(5, u2, u5, ref r2, ref r5);
                Meet<TCandidates>(4, u3, u4, ref r3, ref r4);
                Count<TCandidates>(0, ref n0, r0);
                Count<TCandidates>(1, ref n1, r1);
                Count<TCandidates>(2, ref n2, r2);
                Count<TCandidates>(3, ref n3, r3);
                Count<TCandidates>(4, ref n4, r4);
                Count<TCandidates>(5, ref n5, r5);
                Count<TCandidates>(6, ref n6, r6);
                Count<TCandidates>(7, ref n7, r7);
            }
            NibbleCounters.Empty<TLanes, TFloats, TInts>(n0, ref even[0], ref odd[0]);
            NibbleCounters.Empty<TLanes, TFloats, TInts>(n1, ref even[1], ref odd[1]);
            NibbleCounters.Empty<TLanes, TFloats, TInts>(n2, ref even[2], ref odd[2]);
            NibbleCounters.Empty<TLanes, TFloats, TInts>(n3, ref even[3], ref odd[3]);
            NibbleCounters.Empty<TLanes, TFloats, TInts>(n4, ref even[4], ref odd[4]);
            NibbleCounters.Empty<TLanes, TFloats, TInts>(n5, ref even[5], ref odd[5]);
            NibbleCounters.Empty<TLanes, TFloats, TInts>(n6, ref even[6], ref odd[6]);
            NibbleCounters.Empty<TLanes, TFloats, TInts>(n7, ref even[7], ref odd[7]);
        }
        for (var response = 0; response < TCandidates.Count; response++)
            NibbleCounters.AddTo<TLanes, TFloats, TInts>(
                even[response], odd[response], counts.Slice(response * TCandidates.Count, TCandidates.Count));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Meet<TCandidates>(int later, TFloats earlierUtility, TFloats laterUtility, ref TInts earlierRank, ref TInts laterRank)
        where TCandidates : ICandidates
    {
        if (later >= TCandidates.Count)
            return;
        earlierRank = TLanes.AddWhereAbove(laterUtility, earlierUtility, earlierRank, TLanes.Broadcast(4));
        laterRank = TLanes.SubtractWhereAbove(laterUtility, earlierUtility, laterRank, TLanes.Broadcast(4));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Count<TCandidates>(int response, ref TInts nibbles, TInts rank)
        where TCandidates : ICandidates
    {
        if (response < TCandidates.Count)
            nibbles = TLanes.Add(nibbles, TLanes.Bit(rank));
    }
}
