using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PersonalLlm.Engine.Population.Kernels;

/// <summary>8 users at a time.</summary>
internal readonly struct Lanes256 : ILanes<Vector256<float>, Vector256<int>>
{
    public static int Count => 8;

    public static bool HasRoomForTwoGroups => false;

    [MethodImpl(Inline)]
    public static Vector256<float> Load(ref readonly float source) => Vector256.LoadUnsafe(in source);

    [MethodImpl(Inline)]
    public static Vector256<int> Load(ref readonly int source) => Vector256.LoadUnsafe(in source);

    [MethodImpl(Inline)]
    public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => a + b;

    [MethodImpl(Inline)]
    public static Vector256<float> Subtract(Vector256<float> a, Vector256<float> b) => a - b;

    [MethodImpl(Inline)]
    public static Vector256<float> Least(Vector256<float> a, Vector256<float> b) => Vector256.MinNative(a, b);

    [MethodImpl(Inline)]
    public static Vector256<float> Largest(Vector256<float> a, Vector256<float> b) => Vector256.MaxNative(a, b);

    [MethodImpl(Inline)]
    public static Vector256<float> Absolute(Vector256<float> value) => Vector256.Abs(value);

    [MethodImpl(Inline)]
    public static Vector256<float> Numbers(Vector256<int> value) => Vector256.ConvertToSingle(value);

    [MethodImpl(Inline)]
    public static Vector256<float> FromBits(Vector256<int> bits) => bits.AsSingle();

    [MethodImpl(Inline)]
    public static Vector256<int> ToBits(Vector256<float> value) => value.AsInt32();

    [MethodImpl(Inline)]
    public static Vector256<float> Select(Vector256<int> mask, Vector256<float> a, Vector256<float> b) => Vector256.ConditionalSelect(mask.AsSingle(), a, b);

    [MethodImpl(Inline)]
    public static Vector256<int> Signs(Vector256<int> value) => value >> 31;

    [MethodImpl(Inline)]
    public static Vector256<int> MultiplyEven(Vector256<int> value, uint multiplier) => Avx2.IsSupported
        ? Avx2.Multiply(value.AsUInt32(), Vector256.Create(multiplier)).AsInt32()
        : ((value.AsUInt64() & Vector256.Create((ulong)uint.MaxValue)) * multiplier).AsInt32();

    [MethodImpl(Inline)]
    public static Vector256<int> OddToEven(Vector256<int> value) => (value.AsUInt64() >>> 32).AsInt32();

    [MethodImpl(Inline)]
    public static Vector256<int> Interleave(Vector256<int> evens, Vector256<int> odds) => ((evens.AsUInt64() & Vector256.Create((ulong)uint.MaxValue)) | (odds.AsUInt64() << 32)).AsInt32();

    [MethodImpl(Inline)]
    public static Vector256<int> Above(Vector256<float> a, Vector256<float> b) => Vector256.GreaterThan(a, b).AsInt32();

    [MethodImpl(Inline)]
    public static uint HighestBits(Vector256<int> value) => value.ExtractMostSignificantBits();

    [MethodImpl(Inline)]
    public static Vector256<float> Broadcast(float value) => Vector256.Create(value);

    [MethodImpl(Inline)]
    public static Vector256<float> Multiply(Vector256<float> a, Vector256<float> b) => a * b;

    [MethodImpl(Inline)]
    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) => Vector256.FusedMultiplyAdd(a, b, c);

    [MethodImpl(Inline)]
    public static Vector256<int> Broadcast(int value) => Vector256.Create(value);

    [MethodImpl(Inline)]
    public static Vector256<int> Add(Vector256<int> a, Vector256<int> b) => a + b;

    [MethodImpl(Inline)]
    public static Vector256<int> Subtract(Vector256<int> a, Vector256<int> b) => a - b;

    [MethodImpl(Inline)]
    public static Vector256<int> And(Vector256<int> a, Vector256<int> b) => a & b;

    [MethodImpl(Inline)]
    public static Vector256<int> Or(Vector256<int> a, Vector256<int> b) => a | b;

    [MethodImpl(Inline)]
    public static Vector256<int> Xor(Vector256<int> a, Vector256<int> b) => a ^ b;

    [MethodImpl(Inline)]
    public static Vector256<int> AndNot(Vector256<int> value, Vector256<int> mask) => Vector256.AndNot(value, mask);

    [MethodImpl(Inline)]
    public static Vector256<int> Parity(Vector256<int> a, Vector256<int> b, Vector256<int> c) => a ^ b ^ c;

    [MethodImpl(Inline)]
    public static Vector256<int> Majority(Vector256<int> a, Vector256<int> b, Vector256<int> c) => (a & b) | ((a ^ b) & c);

    [MethodImpl(Inline)]
    public static Vector256<int> ShiftLeft(Vector256<int> value, int bits) => value << bits;

    [MethodImpl(Inline)]
    public static Vector256<int> ShiftRight(Vector256<int> value, int bits) => value >>> bits;

    [MethodImpl(Inline)]
    public static Vector256<int> OneHotBytes(Vector256<int> value) => Avx2.IsSupported ? Avx2.Shuffle(Vector256.Create(Lanes128.Powers).AsByte(), value.AsByte()).AsInt32() : Vector256.Create(Lanes128.OneHotBytes(value.GetLower()), Lanes128.OneHotBytes(value.GetUpper()));

    [MethodImpl(Inline)]
    public static Vector256<int> Bit(Vector256<int> bits) => Avx2.IsSupported ? Avx2.ShiftLeftLogicalVariable(Vector256<int>.One, bits.AsUInt32()) : Vector256.Create(Lanes128.Bit(bits.GetLower()), Lanes128.Bit(bits.GetUpper()));

    [MethodImpl(Inline)]
    public static void Duel(ref Vector256<float> best, ref Vector256<int> name, Vector256<float> challenger, Vector256<int> challengerName)
    {
        var isLarger = Vector256.GreaterThan(challenger, best);
        best = Vector256.MaxNative(challenger, best);
        name = Vector256.ConditionalSelect(isLarger.AsInt32(), challengerName, name);
    }

    [MethodImpl(Inline)]
    public static Vector256<int> AddWhereAbove(Vector256<float> a, Vector256<float> b, Vector256<int> sum, Vector256<int> value) => sum + (Vector256.GreaterThan(a, b).AsInt32() & value);

    [MethodImpl(Inline)]
    public static Vector256<int> SelectWhereEqual(Vector256<float> a, Vector256<float> b, Vector256<int> value, Vector256<int> otherwise) => Vector256.ConditionalSelect(Vector256.Equals(a, b).AsInt32(), value, otherwise);

    [MethodImpl(Inline)]
    public static bool Any(Vector256<int> value) => value != Vector256<int>.Zero;

    [MethodImpl(Inline)]
    public static int Sum(Vector256<int> value) => Vector256.Sum(value);

    [MethodImpl(Inline)]
    public static Vector128<byte> FoldBytes(Vector256<int> value) => value.GetLower().AsByte() + value.GetUpper().AsByte();

    [MethodImpl(Inline)]
    public static void Store(Vector256<int> value, ref int destination) => value.StoreUnsafe(ref destination);

    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
}
