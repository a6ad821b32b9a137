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

    /// <summary>The winner as 1 &lt;&lt; 4r, and how far the next is behind.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TInts Judge<TCandidates>(
        TFloats u0, TFloats u1, TFloats u2, TFloats u3, TFloats u4, TFloats u5, TFloats u6, TFloats u7, out TFloats distance)
        where TCandidates : ICandidates
    {
        var best = u0;
        var second = TLanes.Broadcast(float.NegativeInfinity);
        var winner = TLanes.Broadcast(1);
        Challenge<TCandidates>(1, u1, ref best, ref second, ref winner);
        Challenge<TCandidates>(2, u2, ref best, ref second, ref winner);
        Challenge<TCandidates>(3, u3, ref best, ref second, ref winner);
        Challenge<TCandidates>(4, u4, ref best, ref second, ref winner);
        Challenge<TCandidates>(5, u5, ref best, ref second, ref winner);
        Challenge<TCandidates>(6, u6, ref best, ref second, ref winner);
        Challenge<TCandidates>(7, u7, ref best, ref second, ref winner);
        distance = TLanes.Subtract(best, second);
        return winner;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Challenge<TCandidates>(int candidate, TFloats utility, ref TFloats best, ref TFloats second, ref TInts winner)
        where TCandidates : ICandidates
    {
        if (candidate >= TCandidates.Count)
            return;
        second = TLanes.Largest(second, TLanes.Least(best, utility));
        TLanes.Duel(ref best, ref winner, utility, TLanes.Broadcast(1 << (4 * candidate)));
    }

    /// <param name="winners">As <see cref="Judge"/> names them, 0 in silent lanes; at most a tile of them.</param>
    /// <param name="silent">Not used: a lane that is 0 votes for nobody.</param>
    /// <param name="votes">[candidates]; added to.</param>
    public static void Count<TCandidates>(ReadOnlySpan<TInts> winners, int silent, Span<int> votes)
        where TCandidates : ICandidates
    {
        TInts even = default, odd = default;
        for (var first = 0; first < winners.Length; first += NibbleCounters.Capacity)
        {
            TInts nibbles = default;
            foreach (var winner in winners[first..Math.Min(winners.Length, first + NibbleCounters.Capacity)])
                nibbles = TLanes.Add(nibbles, winner);
            NibbleCounters.Empty<TLanes, TFloats, TInts>(nibbles, ref even, ref odd);
        }
        NibbleCounters.AddTo<TLanes, TFloats, TInts>(even, odd, votes);
    }
}
