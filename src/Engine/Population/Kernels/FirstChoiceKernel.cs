using System.Runtime.CompilerServices;

namespace PersonalLlm.Engine.Population.Kernels;

/// <summary>
/// First choices of noise-free users among up to 8 responses of one prompt: utilities, tournament and counters stay in registers.
/// </summary>
internal static class FirstChoiceKernel<TLanes, TFloats, TInts>
    where TLanes : ILanes<TFloats, TInts>
    where TFloats : unmanaged
    where TInts : unmanaged
{
    /// <param name="rewards">[reward models][candidates].</param>
    /// <param name="models">How many reward models.</param>
    /// <param name="weights">[groups][reward models][lanes].</param>
    /// <param name="groups">At most a tile of them.</param>
    /// <param name="votes">[candidates], 1 to 8; added to. Equal utilities go to the first.</param>
    public static void Add(ref float rewards, int models, ref float weights, int groups, Span<int> votes)
    {
        switch (votes.Length)
        {
            case 1: votes[0] += groups * TLanes.Count; break;
            case 2: Add<Two>(ref rewards, models, ref weights, groups, votes); break;
            case 3: Add<Three>(ref rewards, models, ref weights, groups, votes); break;
            case 4: Add<Four>(ref rewards, models, ref weights, groups, votes); break;
            case 5: Add<Five>(ref rewards, models, ref weights, groups, votes); break;
            case 6: Add<Six>(ref rewards, models, ref weights, groups, votes); break;
            case 7: Add<Seven>(ref rewards, models, ref weights, groups, votes); break;
            default: Add<Eight>(ref rewards, models, ref weights, groups, votes); break;
        }
    }

    private static void Add<TCandidates>(ref float rewards, int models, ref float weights, int groups, Span<int> votes)
        where TCandidates : ICandidates
    {
        TInts even = default, odd = default;
        while (groups > 0)
        {
            TInts nibbles = default;
            var turns = Math.Min(groups, NibbleCounters.Capacity);
            groups -= turns;
            if (TLanes.HasRoomForTwoGroups)
                for (; turns > 1; turns -= 2)
                {
                    UtilityLanes<TLanes, TFloats, TInts>.ComputeTwo<TCandidates>(
                        ref rewards, models, ref weights,
                        out var u0, out var u1, out var u2, out var u3, out var u4, out var u5, out var u6, out var u7,
                        out var v0, out var v1, out var v2, out var v3, out var v4, out var v5, out var v6, out var v7);
                    weights = ref Unsafe.Add(ref weights, 2 * models * TLanes.Count);
                    nibbles = TLanes.Add(nibbles, Winner<TCandidates>(u0, u1, u2, u3, u4, u5, u6, u7));
                    nibbles = TLanes.Add(nibbles, Winner<TCandidates>(v0, v1, v2, v3, v4, v5, v6, v7));
                }
            for (; turns > 0; turns--)
            {
                UtilityLanes<TLanes, TFloats, TInts>.Compute<TCandidates>(
                    ref rewards, models, ref weights, out var u0, out var u1, out var u2, out var u3, out var u4, out var u5, out var u6, out var u7);
                weights = ref Unsafe.Add(ref weights, models * TLanes.Count);
                nibbles = TLanes.Add(nibbles, Winner<TCandidates>(u0, u1, u2, u3, u4, u5, u6, u7));
            }
            NibbleCounters.Empty<TLanes, TFloats, TInts>(nibbles, ref even, ref odd);
        }
        NibbleCounters.AddTo<TLanes, TFloats, TInts>(even, odd, votes);
    }

    /// <summary>1 &lt;&lt; 4·(the candidate with the largest utility), in a tournament of neighbours: the lower index is always on the left and keeps what it ties.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TInts Winner<TCandidates>(TFloats u0, TFloats u1, TFloats u2, TFloats u3, TFloats u4, TFloats u5, TFloats u6, TFloats u7)
        where TCandidates : ICandidates
    {
        var c0 = TLanes.Broadcast(1);
        TLanes.Duel(ref u0, ref c0, u1, TLanes.Broadcast(1 << 4));
        var c2 = TLanes.Broadcast(1 << 8);
        if (TCandidates.Count > 3)
            TLanes.Duel(ref u2, ref c2, u3, TLanes.Broadcast(1 << 12));
        var c4 = TLanes.Broadcast(1 << 16);
        if (TCandidates.Count > 5)
            TLanes.Duel(ref u4, ref c4, u5, TLanes.Broadcast(1 << 20));
        var c6 = TLanes.Broadcast(1 << 24);
        if (TCandidates.Count > 7)
            TLanes.Duel(ref u6, ref c6, u7, TLanes.Broadcast(1 << 28));
        if (TCandidates.Count > 2)
            TLanes.Duel(ref u0, ref c0, u2, c2);
        if (TCandidates.Count > 6)
            TLanes.Duel(ref u4, ref c4, u6, c6);
        if (TCandidates.Count > 4)
            TLanes.Duel(ref u0, ref c0, u4, c4);
        return c0;
    }
}
