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

    static abstract TFloats Broadcast(float value);

    static abstract TFloats Multiply(TFloats a, TFloats b);

    /// <summary>a·b + c, rounded once.</summary>
    static abstract TFloats MultiplyAdd(TFloats a, TFloats b, TFloats c);

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

    static abstract bool Any(TInts value);

    /// <summary>Sum of all lanes.</summary>
    static abstract int Sum(TInts value);

    /// <summary>Adds the lanes as bytes, until four lanes are left: byte j of lane l is the sum of bytes j of lanes l, l + 4, ….</summary>
    static abstract Vector128<byte> FoldBytes(TInts value);

    static abstract void Store(TInts value, ref int destination);
}
