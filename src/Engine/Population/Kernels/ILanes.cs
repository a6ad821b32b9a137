using System.Runtime.Intrinsics;

namespace PersonalLlm.Engine.Population.Kernels;

/// <summary>One vector width, as the kernels ask for it: a kernel is written once and compiled for each width. Lane = user.</summary>
/// <typeparam name="TFloats"><see cref="Count"/> numbers of 32 bits.</typeparam>
/// <typeparam name="TInts">As many integers.</typeparam>
internal interface ILanes<TFloats, TInts>
    where TFloats : unmanaged
    where TInts : unmanaged
{
    static abstract int Count { get; }

    /// <summary>Whether the utilities of two groups and eight candidates fit into the registers.</summary>
    static abstract bool HasRoomForTwoGroups { get; }

    static abstract TFloats Load(ref readonly float source);

    static abstract TInts Load(ref readonly int source);

    static abstract TFloats Broadcast(float value);

    static abstract TFloats Add(TFloats a, TFloats b);

    static abstract TFloats Subtract(TFloats a, TFloats b);

    static abstract TFloats Least(TFloats a, TFloats b);

    static abstract TFloats Largest(TFloats a, TFloats b);

    static abstract TFloats Absolute(TFloats value);

    static abstract TFloats Multiply(TFloats a, TFloats b);

    /// <summary>a·b + c, rounded once.</summary>
    static abstract TFloats MultiplyAdd(TFloats a, TFloats b, TFloats c);

    /// <summary>The nearest number to every integer.</summary>
    static abstract TFloats Numbers(TInts value);

    static abstract TFloats FromBits(TInts bits);

    static abstract TInts ToBits(TFloats value);

    /// <summary><paramref name="a"/> in the lanes where all bits of the mask are set, <paramref name="b"/> where none is.</summary>
    static abstract TFloats Select(TInts mask, TFloats a, TFloats b);

    static abstract TInts Broadcast(int value);

    static abstract TInts Add(TInts a, TInts b);

    static abstract TInts Subtract(TInts a, TInts b);

    static abstract TInts And(TInts a, TInts b);

    static abstract TInts Or(TInts a, TInts b);

    static abstract TInts Xor(TInts a, TInts b);

    /// <summary>The bits of <paramref name="value"/> that are not in <paramref name="mask"/>.</summary>
    static abstract TInts AndNot(TInts value, TInts mask);

    /// <summary>Bit by bit, whether an odd number of the three is set.</summary>
    static abstract TInts Parity(TInts a, TInts b, TInts c);

    /// <summary>Bit by bit, whether at least two of the three are set.</summary>
    static abstract TInts Majority(TInts a, TInts b, TInts c);

    static abstract TInts ShiftLeft(TInts value, int bits);

    static abstract TInts ShiftRight(TInts value, int bits);

    /// <summary>All bits in the lanes whose highest bit is set, 0 elsewhere.</summary>
    static abstract TInts Signs(TInts value);

    /// <summary>Lanes 0, 2, … × multiplier → 64 bits over two lanes each.</summary>
    static abstract TInts MultiplyEven(TInts value, uint multiplier);

    /// <summary>What is in lanes 1, 3, … moves to lanes 0, 2, …, which leaves 0.</summary>
    static abstract TInts OddToEven(TInts value);

    /// <summary>Lanes 0, 2, … of the first, and between them lanes 0, 2, … of the second.</summary>
    static abstract TInts Interleave(TInts evens, TInts odds);

    /// <summary>1 &lt;&lt; n for every byte n of 0 … 7.</summary>
    static abstract TInts OneHotBytes(TInts value);

    /// <summary>1 &lt;&lt; <paramref name="bits"/> in every lane; bits from 0 to 28.</summary>
    static abstract TInts Bit(TInts bits);

    /// <summary>Puts the challenger, and what it is called, into the lanes where it is larger.</summary>
    static abstract void Duel(ref TFloats best, ref TInts name, TFloats challenger, TInts challengerName);

    /// <summary>sum + value in the lanes where a &gt; b, sum elsewhere.</summary>
    static abstract TInts AddWhereAbove(TFloats a, TFloats b, TInts sum, TInts value);

    /// <summary><paramref name="value"/> in the lanes where a = b, <paramref name="otherwise"/> elsewhere.</summary>
    static abstract TInts SelectWhereEqual(TFloats a, TFloats b, TInts value, TInts otherwise);

    /// <summary>All bits in the lanes where a &gt; b, 0 elsewhere.</summary>
    static abstract TInts Above(TFloats a, TFloats b);

    /// <summary>Bit l: the highest bit of lane l.</summary>
    static abstract uint HighestBits(TInts value);

    static abstract bool Any(TInts value);

    /// <summary>Sum of all lanes.</summary>
    static abstract int Sum(TInts value);

    /// <summary>Adds the lanes as bytes, until four lanes are left: byte j of lane l is the sum of bytes j of lanes l, l + 4, ….</summary>
    static abstract Vector128<byte> FoldBytes(TInts value);

    static abstract void Store(TInts value, ref int destination);
}
