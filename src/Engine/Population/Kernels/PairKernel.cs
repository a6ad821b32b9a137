using System.Runtime.CompilerServices;

namespace PersonalLlm.Engine.Population.Kernels;

/// <summary>
/// Which of every two of up to 8 responses of one prompt noise-free users prefer: one bit per pair of responses a &lt; b, in the order
/// (0, 1), (0, 2), …, (1, 2), …; at most 28 bits of a lane.
/// </summary>
internal static class PairKernel<TLanes, TFloats, TInts>
    where TLanes : ILanes<TFloats, TInts>
    where TFloats : unmanaged
    where TInts : unmanaged
{
    /// <param name="rewards">[reward models][responses].</param>
    /// <param name="models">How many reward models.</param>
    /// <param name="weights">[groups][reward models][lanes].</param>
    /// <param name="groups">At most a tile of them.</param>
    /// <param name="responses">1 to 8.</param>
    /// <param name="above">[responses × responses]: users that put the row strictly above the column; added to. Empty lanes tie everything.</param>
    public static void Add(ref float rewards, int models, ref float weights, int groups, int responses, Span<int> above)
    {
        switch (responses)
        {
            case 1: break;
            case 2: Add<Two>(ref rewards, models, ref weights, groups, above); break;
            case 3: Add<Three>(ref rewards, models, ref weights, groups, above); break;
            case 4: Add<Four>(ref rewards, models, ref weights, groups, above); break;
            case 5: Add<Five>(ref rewards, models, ref weights, groups, above); break;
            case 6: Add<Six>(ref rewards, models, ref weights, groups, above); break;
            case 7: Add<Seven>(ref rewards, models, ref weights, groups, above); break;
            default: Add<Eight>(ref rewards, models, ref weights, groups, above); break;
        }
    }

    /// <summary>The bits of one group: set where the later response of the pair is strictly above the earlier.</summary>
    /// <param name="rewards">[reward models][responses].</param>
    /// <param name="models">How many reward models.</param>
    /// <param name="weights">[reward models][lanes].</param>
    /// <param name="responses">2 to 8.</param>
    /// <param name="bits">[lanes]; overwritten.</param>
    public static void Store(ref float rewards, int models, ref float weights, int responses, ref int bits)
    {
        switch (responses)
        {
            case 2: Store<Two>(ref rewards, models, ref weights, ref bits); break;
            case 3: Store<Three>(ref rewards, models, ref weights, ref bits); break;
            case 4: Store<Four>(ref rewards, models, ref weights, ref bits); break;
            case 5: Store<Five>(ref rewards, models, ref weights, ref bits); break;
            case 6: Store<Six>(ref rewards, models, ref weights, ref bits); break;
            case 7: Store<Seven>(ref rewards, models, ref weights, ref bits); break;
            default: Store<Eight>(ref rewards, models, ref weights, ref bits); break;
        }
    }

    private static void Store<TCandidates>(ref float rewards, int models, ref float weights, ref int bits)
        where TCandidates : ICandidates
    {
        UtilityLanes<TLanes, TFloats, TInts>.Compute<TCandidates>(
            ref rewards, models, ref weights, out var u0, out var u1, out var u2, out var u3, out var u4, out var u5, out var u6, out var u7);
        TLanes.Store(LaterAbove<TCandidates>(u0, u1, u2, u3, u4, u5, u6, u7, out _), ref bits);
    }

    private static void Add<TCandidates>(ref float rewards, int models, ref float weights, int groups, Span<int> above)
        where TCandidates : ICandidates
    {
        Span<TInts> bytes = stackalloc TInts[BitSlices<TLanes, TFloats, TInts>.Bytes];
        Span<int> tied = stackalloc int[32];
        bytes.Clear();
        tied.Clear();
        var users = groups * TLanes.Count;
        while (groups > 0)
        {
            TInts ones = default, twos = default, fours = default, eights = default;
            var turns = Math.Min(groups, BitSlices<TLanes, TFloats, TInts>.Capacity);
            groups -= turns;
            if (TLanes.HasRoomForTwoGroups)
                for (; turns > 1; turns -= 2)
                {
                    UtilityLanes<TLanes, TFloats, TInts>.ComputeTwo<TCandidates>(
                        ref rewards, models, ref weights,
                        out var u0, out var u1, out var u2, out var u3, out var u4, out var u5, out var u6, out var u7,
                        out var v0, out var v1, out var v2, out var v3, out var v4, out var v5, out var v6, out var v7);
                    var laterAbove = LaterAbove<TCandidates>(u0, u1, u2, u3, u4, u5, u6, u7, out var ties);
                    var otherLaterAbove = LaterAbove<TCandidates>(v0, v1, v2, v3, v4, v5, v6, v7, out var otherTies);
                    if (TLanes.Any(TLanes.Or(ties, otherTies)))
                    {
                        AddTies<TCandidates>(ref rewards, models, ref weights, tied);
                        AddTies<TCandidates>(ref rewards, models, ref Unsafe.Add(ref weights, models * TLanes.Count), tied);
                    }
                    weights = ref Unsafe.Add(ref weights, 2 * models * TLanes.Count);
                    BitSlices<TLanes, TFloats, TInts>.Add(ref ones, ref twos, ref fours, ref eights, laterAbove, otherLaterAbove);
                }
            for (; turns > 0; turns--)
            {
                UtilityLanes<TLanes, TFloats, TInts>.Compute<TCandidates>(
                    ref rewards, models, ref weights, out var u0, out var u1, out var u2, out var u3, out var u4, out var u5, out var u6, out var u7);
                var laterAbove = LaterAbove<TCandidates>(u0, u1, u2, u3, u4, u5, u6, u7, out var ties);
                if (TLanes.Any(ties))
                    AddTies<TCandidates>(ref rewards, models, ref weights, tied);
                weights = ref Unsafe.Add(ref weights, models * TLanes.Count);
                BitSlices<TLanes, TFloats, TInts>.Add(ref ones, ref twos, ref fours, ref eights, laterAbove);
            }
            BitSlices<TLanes, TFloats, TInts>.Empty(ones, twos, fours, eights, bytes);
        }
        AddTo<TCandidates>(bytes, tied, users, above);
    }

    private static void AddTo<TCandidates>(Span<TInts> bytes, Span<int> tied, int users, Span<int> above)
        where TCandidates : ICandidates
    {
        Span<int> later = stackalloc int[32];
        for (var bit = 0; bit < bytes.Length; bit++)
        {
            var sums = NibbleCounters.SumOfLanes(TLanes.FoldBytes(bytes[bit]));
            for (var place = 0; place < 4; place++)
                later[(place * 8) + bit] = sums[place];
        }
        for (var a = 0; a < TCandidates.Count; a++)
            for (var b = a + 1; b < TCandidates.Count; b++)
            {
                var pair = PairOf<TCandidates>(a, b);
                above[(b * TCandidates.Count) + a] += later[pair];
                above[(a * TCandidates.Count) + b] += users - later[pair] - tied[pair];
            }
    }

    /// <summary>Ties are rare where no two responses are the same text, so that they are counted apart.</summary>
    private static void AddTies<TCandidates>(ref float rewards, int models, ref float weights, Span<int> tied)
        where TCandidates : ICandidates
    {
        UtilityLanes<TLanes, TFloats, TInts>.Compute<TCandidates>(
            ref rewards, models, ref weights, out var u0, out var u1, out var u2, out var u3, out var u4, out var u5, out var u6, out var u7);
        ReadOnlySpan<TFloats> utilities = [u0, u1, u2, u3, u4, u5, u6, u7];
        for (var a = 0; a < TCandidates.Count; a++)
            for (var b = a + 1; b < TCandidates.Count; b++)
                tied[PairOf<TCandidates>(a, b)] += TLanes.Sum(TLanes.SelectWhereEqual(utilities[a], utilities[b], TLanes.Broadcast(1), TLanes.Broadcast(0)));
    }

    /// <summary>One bit per pair; <paramref name="ties"/> is not 0 in the lanes where any two are equal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TInts LaterAbove<TCandidates>(TFloats u0, TFloats u1, TFloats u2, TFloats u3, TFloats u4, TFloats u5, TFloats u6, TFloats u7, out TInts ties)
        where TCandidates : ICandidates
    {
        TInts even = default, odd = default;
        ties = default;
        Compare<TCandidates>(0, 1, u0, u1, ref even, ref ties);
        Compare<TCandidates>(0, 2, u0, u2, ref odd, ref ties);
        Compare<TCandidates>(0, 3, u0, u3, ref even, ref ties);
        Compare<TCandidates>(0, 4, u0, u4, ref odd, ref ties);
        Compare<TCandidates>(0, 5, u0, u5, ref even, ref ties);
        Compare<TCandidates>(0, 6, u0, u6, ref odd, ref ties);
        Compare<TCandidates>(0, 7, u0, u7, ref even, ref ties);
        Compare<TCandidates>(1, 2, u1, u2, ref odd, ref ties);
        Compare<TCandidates>(1, 3, u1, u3, ref even, ref ties);
        Compare<TCandidates>(1, 4, u1, u4, ref odd, ref ties);
        Compare<TCandidates>(1, 5, u1, u5, ref even, ref ties);
        Compare<TCandidates>(1, 6, u1, u6, ref odd, ref ties);
        Compare<TCandidates>(1, 7, u1, u7, ref even, ref ties);
        Compare<TCandidates>(2, 3, u2, u3, ref odd, ref ties);
        Compare<TCandidates>(2, 4, u2, u4, ref even, ref ties);
        Compare<TCandidates>(2, 5, u2, u5, ref odd, ref ties);
        Compare<TCandidates>(2, 6, u2, u6, ref even, ref ties);
        Compare<TCandidates>(2, 7, u2, u7, ref odd, ref ties);
        Compare<TCandidates>(3, 4, u3, u4, ref even, ref ties);
        Compare<TCandidates>(3, 5, u3, u5, ref odd, ref ties);
        Compare<TCandidates>(3, 6, u3, u6, ref even, ref ties);
        Compare<TCandidates>(3, 7, u3, u7, ref odd, ref ties);
        Compare<TCandidates>(4, 5, u4, u5, ref even, ref ties);
        Compare<TCandidates>(4, 6, u4, u6, ref odd, ref ties);
        Compare<TCandidates>(4, 7, u4, u7, ref even, ref ties);
        Compare<TCandidates>(5, 6, u5, u6, ref odd, ref ties);
        Compare<TCandidates>(5, 7, u5, u7, ref even, ref ties);
        Compare<TCandidates>(6, 7, u6, u7, ref odd, ref ties);
        return TLanes.Or(even, odd);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Compare<TCandidates>(int a, int b, TFloats utilityOfA, TFloats utilityOfB, ref TInts laterAbove, ref TInts ties)
        where TCandidates : ICandidates
    {
        if (b >= TCandidates.Count)
            return;
        laterAbove = TLanes.AddWhereAbove(utilityOfB, utilityOfA, laterAbove, TLanes.Broadcast(1 << PairOf<TCandidates>(a, b)));
        ties = TLanes.SelectWhereEqual(utilityOfA, utilityOfB, TLanes.Broadcast(-1), ties);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int PairOf<TCandidates>(int a, int b)
        where TCandidates : ICandidates => (a * TCandidates.Count) - (a * (a + 1) / 2) + (b - a - 1);

    /// <summary>The pairs, one bit each, and the smallest difference between any two utilities.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TInts Judge<TCandidates>(
        TFloats u0, TFloats u1, TFloats u2, TFloats u3, TFloats u4, TFloats u5, TFloats u6, TFloats u7, out TFloats distance)
        where TCandidates : ICandidates
    {
        distance = UtilityLanes<TLanes, TFloats, TInts>.SmallestDistance<TCandidates>(u0, u1, u2, u3, u4, u5, u6, u7);
        return LaterAbove<TCandidates>(u0, u1, u2, u3, u4, u5, u6, u7, out _);
    }

    /// <param name="pairs">As <see cref="Judge"/> gives them, 0 in silent lanes; at most a tile of them. What is above the pairs is not looked at.</param>
    /// <param name="silent">Lanes that are 0 seem to put every earlier response above every later one.</param>
    /// <param name="above">[responses × responses]; added to.</param>
    public static void Count<TCandidates>(ReadOnlySpan<TInts> pairs, int silent, Span<int> above)
        where TCandidates : ICandidates
    {
        Span<TInts> bytes = stackalloc TInts[BitSlices<TLanes, TFloats, TInts>.Bytes];
        bytes.Clear();
        for (var first = 0; first < pairs.Length; first += BitSlices<TLanes, TFloats, TInts>.Capacity)
        {
            TInts ones = default, twos = default, fours = default, eights = default;
            foreach (var own in pairs[first..Math.Min(pairs.Length, first + BitSlices<TLanes, TFloats, TInts>.Capacity)])
                BitSlices<TLanes, TFloats, TInts>.Add(ref ones, ref twos, ref fours, ref eights, own);
            BitSlices<TLanes, TFloats, TInts>.Empty(ones, twos, fours, eights, bytes);
        }
        Span<int> tied = stackalloc int[32];
        tied.Clear();
        AddTo<TCandidates>(bytes, tied, (pairs.Length * TLanes.Count) - silent, above);
    }
}
