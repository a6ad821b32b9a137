using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PersonalLlm.Engine.Population.Kernels;

/// <summary>
/// Counts one-hot nibbles: every lane is 1 &lt;&lt; 4r when its user is counted under r, 0 ≤ r &lt; 8. Nibbles hold 15 additions (14, so that
/// groups may come in twos), the two
/// vectors of bytes they are emptied into hold the users of a tile.
/// </summary>
internal static class NibbleCounters
{
    public const int Capacity = 14;

    private const int LowNibbles = 0x0F0F0F0F;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Empty<TLanes, TFloats, TInts>(TInts nibbles, ref TInts even, ref TInts odd)
        where TLanes : ILanes<TFloats, TInts>
        where TFloats : unmanaged
        where TInts : unmanaged
    {
        var mask = TLanes.Broadcast(LowNibbles);
        even = TLanes.Add(even, TLanes.And(nibbles, mask));
        odd = TLanes.Add(odd, TLanes.And(TLanes.ShiftRight(nibbles, 4), mask));
    }

    /// <summary>Adds what the bytes hold to <paramref name="counts"/> [at most 8].</summary>
    public static void AddTo<TLanes, TFloats, TInts>(TInts even, TInts odd, Span<int> counts)
        where TLanes : ILanes<TFloats, TInts>
        where TFloats : unmanaged
        where TInts : unmanaged
    {
        var evens = SumOfLanes(TLanes.FoldBytes(even));
        var odds = SumOfLanes(TLanes.FoldBytes(odd));
        for (var r = 0; r < counts.Length; r++)
            counts[r] += (r & 1) == 0 ? evens[r >> 1] : odds[r >> 1];
    }

    /// <summary>4 lanes of 4 bytes → the 4 sums over lanes (the upper four repeat them).</summary>
    public static Vector128<ushort> SumOfLanes(Vector128<byte> bytes)
    {
        var pairs = Vector128.WidenLower(bytes) + Vector128.WidenUpper(bytes);
        return pairs + Vector128.Shuffle(pairs, Vector128.Create((ushort)4, 5, 6, 7, 0, 1, 2, 3));
    }
}
