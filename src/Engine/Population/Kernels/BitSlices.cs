using System.Runtime.CompilerServices;

namespace PersonalLlm.Engine.Population.Kernels;

/// <summary>
/// Counts the set bits of every place of a lane over many groups: vertical counters of four bits, one bit per vector, that are emptied
/// into bytes.
/// </summary>
/// <remarks>Full and half adders bit by bit, as in Harley and Seal's way of counting bits (Warren, Hacker's Delight, 2013, §5-1).</remarks>
internal static class BitSlices<TLanes, TFloats, TInts>
    where TLanes : ILanes<TFloats, TInts>
    where TFloats : unmanaged
    where TInts : unmanaged
{
    /// <summary>How many groups the slices count before they must be emptied: an even number.</summary>
    public const int Capacity = 14;

    /// <summary>Vectors that the slices are emptied into: byte j of vector b counts bit 8j + b.</summary>
    public const int Bytes = 8;

    /// <summary>Counts the bits of two groups.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(ref TInts ones, ref TInts twos, ref TInts fours, ref TInts eights, TInts one, TInts other)
    {
        var carry = TLanes.Majority(ones, one, other);
        ones = TLanes.Parity(ones, one, other);
        Carry(ref twos, ref carry);
        Carry(ref fours, ref carry);
        eights = TLanes.Xor(eights, carry);
    }

    /// <summary>Counts the bits of one group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(ref TInts ones, ref TInts twos, ref TInts fours, ref TInts eights, TInts carry)
    {
        Carry(ref ones, ref carry);
        Carry(ref twos, ref carry);
        Carry(ref fours, ref carry);
        eights = TLanes.Xor(eights, carry);
    }

    /// <summary>Adds what the slices hold to <paramref name="bytes"/> [<see cref="Bytes"/>].</summary>
    public static void Empty(TInts ones, TInts twos, TInts fours, TInts eights, Span<TInts> bytes)
    {
        // Fields of one bit become fields of two, four, eight bits.
        Merge(ones, twos, 1, 0x55555555, out var evenPairs, out var oddPairs);
        Merge(fours, eights, 1, 0x55555555, out var evenHighs, out var oddHighs);
        for (var odd = 0; odd < 2; odd++)
        {
            Merge(odd == 0 ? evenPairs : oddPairs, odd == 0 ? evenHighs : oddHighs, 2, 0x33333333, out var low, out var high);
            AddNibbles(low, ref bytes[odd], ref bytes[odd + 4]);
            AddNibbles(high, ref bytes[odd + 2], ref bytes[odd + 6]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Merge(TInts low, TInts high, int width, int fields, out TInts even, out TInts odd)
    {
        var mask = TLanes.Broadcast(fields);
        even = TLanes.Or(TLanes.And(low, mask), TLanes.ShiftLeft(TLanes.And(high, mask), width));
        odd = TLanes.Or(TLanes.And(TLanes.ShiftRight(low, width), mask), TLanes.AndNot(high, mask));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddNibbles(TInts nibbles, ref TInts low, ref TInts high)
    {
        var mask = TLanes.Broadcast(0x0F0F0F0F);
        low = TLanes.Add(low, TLanes.And(nibbles, mask));
        high = TLanes.Add(high, TLanes.And(TLanes.ShiftRight(nibbles, 4), mask));
    }

    /// <summary>Adds one bit per place to a slice; what does not fit is left in <paramref name="carry"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Carry(ref TInts slice, ref TInts carry)
    {
        var next = TLanes.And(slice, carry);
        slice = TLanes.Xor(slice, carry);
        carry = next;
    }
}
