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
    // Five bit slices count to 31.
    private const int Capacity = 31;

    private const int LowestBits = 0x01010101;

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
        Compare<TCandidates>(ref rewards, models, ref weights, out var laterAbove, out _);
        TLanes.Store(laterAbove, ref bits);
    }

    private static void Add<TCandidates>(ref float rewards, int models, ref float weights, int groups, Span<int> above)
        where TCandidates : ICandidates
    {
        Span<TInts> bytes = stackalloc TInts[8];
        Span<int> tied = stackalloc int[32];
        Span<int> later = stackalloc int[32];
        bytes.Clear();
        tied.Clear();
        later.Clear();
        for (var left = groups; left > 0; left -= Capacity)
        {
            TInts ones = default, twos = default, fours = default, eights = default, sixteens = default;
            for (var turn = Math.Min(left, Capacity); turn > 0; turn--)
            {
                Compare<TCandidates>(ref rewards, models, ref weights, out var carry, out var ties);
                if (TLanes.Any(ties))
                    AddTies<TCandidates>(ref rewards, models, ref weights, tied);
                weights = ref Unsafe.Add(ref weights, models * TLanes.Count);
                Carry(ref ones, ref carry);
                Carry(ref twos, ref carry);
                Carry(ref fours, ref carry);
                Carry(ref eights, ref carry);
                Carry(ref sixteens, ref carry);
            }
            for (var bit = 0; bit < bytes.Length; bit++)
            {
                var sum = Slice(sixteens, bit);
                sum = TLanes.Add(TLanes.Add(sum, sum), Slice(eights, bit));
                sum = TLanes.Add(TLanes.Add(sum, sum), Slice(fours, bit));
                sum = TLanes.Add(TLanes.Add(sum, sum), Slice(twos, bit));
                sum = TLanes.Add(TLanes.Add(sum, sum), Slice(ones, bit));
                bytes[bit] = TLanes.Add(bytes[bit], sum);
            }
        }
        for (var bit = 0; bit < bytes.Length; bit++)
        {
            var sums = NibbleCounters.SumOfLanes(TLanes.FoldBytes(bytes[bit]));
            for (var place = 0; place < 4; place++)
                later[(place * 8) + bit] = sums[place];
        }
        var users = groups * TLanes.Count;
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
                tied[PairOf<TCandidates>(a, b)] -= TLanes.Sum(TLanes.Equal(utilities[a], utilities[b]));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Compare<TCandidates>(ref float rewards, int models, ref float weights, out TInts laterAbove, out TInts ties)
        where TCandidates : ICandidates
    {
        UtilityLanes<TLanes, TFloats, TInts>.Compute<TCandidates>(
            ref rewards, models, ref weights, out var u0, out var u1, out var u2, out var u3, out var u4, out var u5, out var u6, out var u7);
        laterAbove = default;
        ties = default;
        Compare<TCandidates>(0, 1, u0, u1, ref laterAbove, ref ties);
        Compare<TCandidates>(0, 2, u0, u2, ref laterAbove, ref ties);
        Compare<TCandidates>(0, 3, u0, u3, ref laterAbove, ref ties);
        Compare<TCandidates>(0, 4, u0, u4, ref laterAbove, ref ties);
        Compare<TCandidates>(0, 5, u0, u5, ref laterAbove, ref ties);
        Compare<TCandidates>(0, 6, u0, u6, ref laterAbove, ref ties);
        Compare<TCandidates>(0, 7, u0, u7, ref laterAbove, ref ties);
        Compare<TCandidates>(1, 2, u1, u2, ref laterAbove, ref ties);
        Compare<TCandidates>(1, 3, u1, u3, ref laterAbove, ref ties);
        Compare<TCandidates>(1, 4, u1, u4, ref laterAbove, ref ties);
        Compare<TCandidates>(1, 5, u1, u5, ref laterAbove, ref ties);
        Compare<TCandidates>(1, 6, u1, u6, ref laterAbove, ref ties);
        Compare<TCandidates>(1, 7, u1, u7, ref laterAbove, ref ties);
        Compare<TCandidates>(2, 3, u2, u3, ref laterAbove, ref ties);
        Compare<TCandidates>(2, 4, u2, u4, ref laterAbove, ref ties);
        Compare<TCandidates>(2, 5, u2, u5, ref laterAbove, ref ties);
        Compare<TCandidates>(2, 6, u2, u6, ref laterAbove, ref ties);
        Compare<TCandidates>(2, 7, u2, u7, ref laterAbove, ref ties);
        Compare<TCandidates>(3, 4, u3, u4, ref laterAbove, ref ties);
        Compare<TCandidates>(3, 5, u3, u5, ref laterAbove, ref ties);
        Compare<TCandidates>(3, 6, u3, u6, ref laterAbove, ref ties);
        Compare<TCandidates>(3, 7, u3, u7, ref laterAbove, ref ties);
        Compare<TCandidates>(4, 5, u4, u5, ref laterAbove, ref ties);
        Compare<TCandidates>(4, 6, u4, u6, ref laterAbove, ref ties);
        Compare<TCandidates>(4, 7, u4, u7, ref laterAbove, ref ties);
        Compare<TCandidates>(5, 6, u5, u6, ref laterAbove, ref ties);
        Compare<TCandidates>(5, 7, u5, u7, ref laterAbove, ref ties);
        Compare<TCandidates>(6, 7, u6, u7, ref laterAbove, ref ties);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Compare<TCandidates>(int a, int b, TFloats utilityOfA, TFloats utilityOfB, ref TInts laterAbove, ref TInts ties)
        where TCandidates : ICandidates
    {
        if (b >= TCandidates.Count)
            return;
        laterAbove = TLanes.AddWhereAbove(utilityOfB, utilityOfA, laterAbove, TLanes.Broadcast(1 << PairOf<TCandidates>(a, b)));
        ties = TLanes.Or(ties, TLanes.Equal(utilityOfA, utilityOfB));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int PairOf<TCandidates>(int a, int b)
        where TCandidates : ICandidates => (a * TCandidates.Count) - (a * (a + 1) / 2) + (b - a - 1);

    /// <summary>Adds one bit per place to a slice; what does not fit is left in <paramref name="carry"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Carry(ref TInts slice, ref TInts carry)
    {
        var next = TLanes.And(slice, carry);
        slice = TLanes.Xor(slice, carry);
        carry = next;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TInts Slice(TInts slice, int bit) => TLanes.And(TLanes.ShiftRight(slice, bit), TLanes.Broadcast(LowestBits));
}
