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
        for (var left = groups; left > 0; left -= NibbleCounters.Capacity)
        {
            TInts nibbles = default;
            for (var turn = Math.Min(left, NibbleCounters.Capacity); turn > 0; turn--)
            {
                UtilityLanes<TLanes, TFloats, TInts>.Compute<TCandidates>(
                    ref rewards, models, ref weights, out var u0, out var u1, out var u2, out var u3, out var u4, out var u5, out var u6, out var u7);
                weights = ref Unsafe.Add(ref weights, models * TLanes.Count);
                // A tournament of neighbours: the lower index is always on the left and keeps what it ties.
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
                nibbles = TLanes.Add(nibbles, c0);
            }
            NibbleCounters.Empty<TLanes, TFloats, TInts>(nibbles, ref even, ref odd);
        }
        NibbleCounters.AddTo<TLanes, TFloats, TInts>(even, odd, votes);
    }
}
