using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PersonalLlm.Engine.Population.Kernels;

/// <summary>4 users at a time, on any processor: where it has no vectors, the runtime emulates them.</summary>
internal readonly struct Lanes128 : ILanes<Vector128<float>, Vector128<int>>
{
    public static int Count => 4;

    public static bool HasRoomForTwoGroups => false;

    [MethodImpl(Inline)]
    public static Vector128<float> Load(ref readonly float source) => Vector128.LoadUnsafe(in source);

    [MethodImpl(Inline)]
    public static Vector128<int> Load(ref readonly int source) => Vector128.LoadUnsafe(in source);

    [MethodImpl(Inline)]
    public static Vector128<float> Add(Vector128<float> a, Vector128<float> b) => a + b;

    [MethodImpl(Inline)]
    public static Vector128<float> Subtract(Vector128<float> a, Vector128<float> b) => a - b;

    [MethodImpl(Inline)]
    public static Vector128<float> Least(Vector128<float> a, Vector128<float> b) => Vector128.MinNative(a, b);

    [MethodImpl(Inline)]
    public static Vector128<float> Largest(Vector128<float> a, Vector128<float> b) => Vector128.MaxNative(a, b);

    [MethodImpl(Inline)]
    public static Vector128<float> Absolute(Vector128<float> value) => Vector128.Abs(value);

    [MethodImpl(Inline)]
    public static Vector128<float> Numbers(Vector128<int> value) => Vector128.ConvertToSingle(value);

    [MethodImpl(Inline)]
    public static Vector128<float> FromBits(Vector128<int> bits) => bits.AsSingle();

    [MethodImpl(Inline)]
    public static Vector128<int> ToBits(Vector128<float> value) => value.AsInt32();

    [MethodImpl(Inline)]
    public static Vector128<float> Select(Vector128<int> mask, Vector128<float> a, Vector128<float> b) => Vector128.ConditionalSelect(mask.AsSingle(), a, b);

    [MethodImpl(Inline)]
    public static Vector128<int> Signs(Vector128<int> value) => value >> 31;

    [MethodImpl(Inline)]
    public static Vector128<int> MultiplyEven(Vector128<int> value, uint multiplier) => Sse2.IsSupported
        ? Sse2.Multiply(value.AsUInt32(), Vector128.Create(multiplier)).AsInt32()
        : ((value.AsUInt64() & Vector128.Create((ulong)uint.MaxValue)) * multiplier).AsInt32();

    [MethodImpl(Inline)]
    public static Vector128<int> OddToEven(Vector128<int> value) => (value.AsUInt64() >>> 32).AsInt32();

    [MethodImpl(Inline)]
    public static Vector128<int> Interleave(Vector128<int> evens, Vector128<int> odds) => ((evens.AsUInt64() & Vector128.Create((ulong)uint.MaxValue)) | (odds.AsUInt64() << 32)).AsInt32();

    [MethodImpl(Inline)]
    public static Vector128<int> Above(Vector128<float> a, Vector128<float> b) => Vector128.GreaterThan(a, b).AsInt32();

    [MethodImpl(Inline)]
    public static uint HighestBits(Vector128<int> value) => value.ExtractMostSignificantBits();

    [MethodImpl(Inline)]
    public static Vector128<float> Broadcast(float value) => Vector128.Create(value);

    [MethodImpl(Inline)]
    public static Vector128<float> Multiply(Vector128<float> a, Vector128<float> b) => a * b;

    [MethodImpl(Inline)]
    public static Vector128<float> MultiplyAdd(Vector128<float> a, Vector128<float> b, Vector128<float> c) => Vector128.FusedMultiplyAdd(a, b, c);

    [MethodImpl(Inline)]
    public static Vector128<int> Broadcast(int value) => Vector128.Create(value);

    [MethodImpl(Inline)]
    public static Vector128<int> Add(Vector128<int> a, Vector128<int> b) => a + b;

    [MethodImpl(Inline)]
    public static Vector128<int> Subtract(Vector128<int> a, Vector128<int> b) => a - b;

    [MethodImpl(Inline)]
    public static Vector128<int> And(Vector128<int> a, Vector128<int> b) => a & b;

    [MethodImpl(Inline)]
    public static Vector128<int> Or(Vector128<int> a, Vector128<int> b) => a | b;

    [MethodImpl(Inline)]
    public static Vector128<int> Xor(Vector128<int> a, Vector128<int> b) => a ^ b;

    [MethodImpl(Inline)]
    public static Vector128<int> AndNot(Vector128<int> value, Vector128<int> mask) => Vector128.AndNot(value, mask);

    [MethodImpl(Inline)]
    public static Vector128<int> Parity(Vector128<int> a, Vector128<int> b, Vector128<int> c) => a ^ b ^ c;

    [MethodImpl(Inline)]
    public static Vector128<int> Majority(Vector128<int> a, Vector128<int> b, Vector128<int> c) => (a & b) | ((a ^ b) & c);

    [MethodImpl(Inline)]
    public static Vector128<int> ShiftLeft(Vector128<int> value, int bits) => value << bits;

    [MethodImpl(Inline)]
    public static Vector128<int> ShiftRight(Vector128<int> value, int bits) => value >>> bits;

    // There is no portable shift by a different number of bits per lane; 2ⁿ as a float is one shift away.
    [MethodImpl(Inline)]
    public static Vector128<int> OneHotBytes(Vector128<int> value) => Vector128.Shuffle(Vector128.Create(Powers).AsByte(), value.AsByte()).AsInt32();

    [MethodImpl(Inline)]
    public static Vector128<int> Bit(Vector128<int> bits) => Vector128.ConvertToInt32(((bits + Vector128.Create(127)) << 23).AsSingle());

    [MethodImpl(Inline)]
    public static void Duel(ref Vector128<float> best, ref Vector128<int> name, Vector128<float> challenger, Vector128<int> challengerName)
    {
        var isLarger = Vector128.GreaterThan(challenger, best);
        best = Vector128.MaxNative(challenger, best);
        name = Vector128.ConditionalSelect(isLarger.AsInt32(), challengerName, name);
    }

    [MethodImpl(Inline)]
    public static Vector128<int> AddWhereAbove(Vector128<float> a, Vector128<float> b, Vector128<int> sum, Vector128<int> value) => sum + (Vector128.GreaterThan(a, b).AsInt32() & value);

    [MethodImpl(Inline)]
    public static Vector128<int> SelectWhereEqual(Vector128<float> a, Vector128<float> b, Vector128<int> value, Vector128<int> otherwise) => Vector128.ConditionalSelect(Vector128.Equals(a, b).AsInt32(), value, otherwise);

    [MethodImpl(Inline)]
    public static bool Any(Vector128<int> value) => value != Vector128<int>.Zero;

    [MethodImpl(Inline)]
    public static int Sum(Vector128<int> value) => Vector128.Sum(value);

    [MethodImpl(Inline)]
    public static Vector128<byte> FoldBytes(Vector128<int> value) => value.AsByte();

    [MethodImpl(Inline)]
    public static void Store(Vector128<int> value, ref int destination) => value.StoreUnsafe(ref destination);

    /// <summary>Byte n is 1 &lt;&lt; n.</summary>
    public const ulong Powers = 0x8040201008040201;

    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
}
