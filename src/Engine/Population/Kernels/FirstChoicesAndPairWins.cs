using System.Runtime.CompilerServices;

namespace PersonalLlm.Engine.Population.Kernels;

/// <summary>
/// [candidates], then [candidates × candidates]: first choices and pairs of noisy users at once, because drawing the noise is most of
/// the work of either.
/// </summary>
internal readonly struct FirstChoicesAndPairWins : INoisyKernel
{
    // The winner stands above the 28 bits of the pairs.
    private const int WinnerBit = 28;

    public static int CountsOf(int candidates) => candidates * (candidates + 1);

    public static TInts Judge<TLanes, TFloats, TInts, TCandidates>(
        TFloats u0, TFloats u1, TFloats u2, TFloats u3, TFloats u4, TFloats u5, TFloats u6, TFloats u7, out TFloats distance)
        where TLanes : ILanes<TFloats, TInts>
        where TFloats : unmanaged
        where TInts : unmanaged
        where TCandidates : ICandidates
    {
        var best = u0;
        TInts winner = default;
        Challenge<TLanes, TFloats, TInts, TCandidates>(1, u1, ref best, ref winner);
        Challenge<TLanes, TFloats, TInts, TCandidates>(2, u2, ref best, ref winner);
        Challenge<TLanes, TFloats, TInts, TCandidates>(3, u3, ref best, ref winner);
        Challenge<TLanes, TFloats, TInts, TCandidates>(4, u4, ref best, ref winner);
        Challenge<TLanes, TFloats, TInts, TCandidates>(5, u5, ref best, ref winner);
        Challenge<TLanes, TFloats, TInts, TCandidates>(6, u6, ref best, ref winner);
        Challenge<TLanes, TFloats, TInts, TCandidates>(7, u7, ref best, ref winner);
        return TLanes.Or(winner, PairKernel<TLanes, TFloats, TInts>.Judge<TCandidates>(u0, u1, u2, u3, u4, u5, u6, u7, out distance));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Challenge<TLanes, TFloats, TInts, TCandidates>(int candidate, TFloats utility, ref TFloats best, ref TInts winner)
        where TLanes : ILanes<TFloats, TInts>
        where TFloats : unmanaged
        where TInts : unmanaged
        where TCandidates : ICandidates
    {
        if (candidate < TCandidates.Count)
            TLanes.Duel(ref best, ref winner, utility, TLanes.Broadcast(candidate << WinnerBit));
    }

    public static void Count<TLanes, TFloats, TInts, TCandidates>(ReadOnlySpan<TInts> verdicts, int silent, Span<int> counts)
        where TLanes : ILanes<TFloats, TInts>
        where TFloats : unmanaged
        where TInts : unmanaged
        where TCandidates : ICandidates
    {
        Span<TInts> winners = stackalloc TInts[verdicts.Length];
        for (var group = 0; group < verdicts.Length; group++)
            winners[group] = TLanes.Bit(TLanes.ShiftLeft(TLanes.ShiftRight(verdicts[group], WinnerBit), 2));
        var votes = counts[..TCandidates.Count];
        FirstChoiceKernel<TLanes, TFloats, TInts>.Count<TCandidates>(winners, silent, votes);
        // A silent lane seems to choose the first.
        votes[0] -= silent;
        PairKernel<TLanes, TFloats, TInts>.Count<TCandidates>(verdicts, silent, counts[TCandidates.Count..]);
    }

    public static void AddExactly(ReadOnlySpan<double> perturbed, Span<int> counts)
    {
        FirstChoiceCounts.AddExactly(perturbed, counts[..perturbed.Length]);
        PairWins.AddExactly(perturbed, counts[perturbed.Length..]);
    }
}
