using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PersonalLlm.Engine.Population.Kernels;

/// <summary>16 users at a time; needs AVX-512.</summary>
internal readonly struct Lanes512 : ILanes<Vector512<float>, Vector512<int>>
{
    public static int Count => 16;

    public static bool HasRoomForTwoGroups => true;

    [MethodImpl(Inline)]
    public static Vector512<float> Load(ref readonly float source) => Vector512.LoadUnsafe(in source);

    [MethodImpl(Inline)]
    public static Vector512<int> Load(ref readonly int source) => Vector512.LoadUnsafe(in source);

    [MethodImpl(Inline)]
    public static Vector512<float> Add(Vector512<float> a, Vector512<float> b) => a + b;

    [MethodImpl(Inline)]
    public static Vector512<float> Subtract(Vector512<float> a, Vector512<float> b) => a - b;

    [MethodImpl(Inline)]
    public static Vector512<float> Least(Vector512<float> a, Vector512<float> b) => Vector512.MinNative(a, b);

    [MethodImpl(Inline)]
    public static Vector512<float> Largest(Vector512<float> a, Vector512<float> b) => Vector512.MaxNative(a, b);

    [MethodImpl(Inline)]
    public static Vector512<float> Absolute(Vector512<float> value) => Vector512.Abs(value);

    [MethodImpl(Inline)]
    public static Vector512<float> Numbers(Vector512<int> value) => Vector512.ConvertToSingle(value);

    [MethodImpl(Inline)]
    public static Vector512<float> FromBits(Vector512<int> bits) => bits.AsSingle();

    [MethodImpl(Inline)]
    public static Vector512<int> ToBits(Vector512<float> value) => value.AsInt32();

    [MethodImpl(Inline)]
    public static Vector512<float> Select(Vector512<int> mask, Vector512<float> a, Vector512<float> b) => Vector512.ConditionalSelect(mask.AsSingle(), a, b);

    [MethodImpl(Inline)]
    public static Vector512<int> Signs(Vector512<int> value) => value >> 31;

    [MethodImpl(Inline)]
    public static Vector512<int> MultiplyEven(Vector512<int> value, uint multiplier) => Avx512F.Multiply(value.AsUInt32(), Vector512.Create(multiplier)).AsInt32();

    [MethodImpl(Inline)]
    public static Vector512<int> OddToEven(Vector512<int> value) => (value.AsUInt64() >>> 32).AsInt32();

    [MethodImpl(Inline)]
    public static Vector512<int> Interleave(Vector512<int> evens, Vector512<int> odds) => ((evens.AsUInt64() & Vector512.Create((ulong)uint.MaxValue)) | (odds.AsUInt64() << 32)).AsInt32();

    [MethodImpl(Inline)]
    public static Vector512<int> Above(Vector512<float> a, Vector512<float> b) => Vector512.GreaterThan(a, b).AsInt32();

    [MethodImpl(Inline)]
    public static uint HighestBits(Vector512<int> value) => (uint)value.ExtractMostSignificantBits();

    [MethodImpl(Inline)]
    public static Vector512<float> Broadcast(float value) => Vector512.Create(value);

    [MethodImpl(Inline)]
    public static Vector512<float> Multiply(Vector512<float> a, Vector512<float> b) => a * b;

    [MethodImpl(Inline)]
    public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Vector512.FusedMultiplyAdd(a, b, c);

    [MethodImpl(Inline)]
    public static Vector512<int> Broadcast(int value) => Vector512.Create(value);

    [MethodImpl(Inline)]
    public static Vector512<int> Add(Vector512<int> a, Vector512<int> b) => a + b;

    [MethodImpl(Inline)]
    public static Vector512<int> Subtract(Vector512<int> a, Vector512<int> b) => a - b;

    [MethodImpl(Inline)]
    public static Vector512<int> And(Vector512<int> a, Vector512<int> b) => a & b;

    [MethodImpl(Inline)]
    public static Vector512<int> Or(Vector512<int> a, Vector512<int> b) => a | b;

    [MethodImpl(Inline)]
    public static Vector512<int> Xor(Vector512<int> a, Vector512<int> b) => a ^ b;

    [MethodImpl(Inline)]
    public static Vector512<int> AndNot(Vector512<int> value, Vector512<int> mask) => Vector512.AndNot(value, mask);

    [MethodImpl(Inline)]
    public static Vector512<int> Parity(Vector512<int> a, Vector512<int> b, Vector512<int> c) => Avx512F.TernaryLogic(a, b, c, 0x96);

    [MethodImpl(Inline)]
    public static Vector512<int> Majority(Vector512<int> a, Vector512<int> b, Vector512<int> c) => Avx512F.TernaryLogic(a, b, c, 0xE8);

    [MethodImpl(Inline)]
    public static Vector512<int> ShiftLeft(Vector512<int> value, int bits) => value << bits;

    [MethodImpl(Inline)]
    public static Vector512<int> ShiftRight(Vector512<int> value, int bits) => value >>> bits;

    [MethodImpl(Inline)]
    public static Vector512<int> OneHotBytes(Vector512<int> value) => Avx512BW.Shuffle(Vector512.Create(Lanes128.Powers).AsByte(), value.AsByte()).AsInt32();

    [MethodImpl(Inline)]
    public static Vector512<int> Bit(Vector512<int> bits) => Avx512F.ShiftLeftLogicalVariable(Vector512<int>.One, bits.AsUInt32());

    [MethodImpl(Inline)]
    public static void Duel(ref Vector512<float> best, ref Vector512<int> name, Vector512<float> challenger, Vector512<int> challengerName)
    {
        var isLarger = Vector512.GreaterThan(challenger, best);
        best = Vector512.MaxNative(challenger, best);
        name = Vector512.ConditionalSelect(isLarger.AsInt32(), challengerName, name);
    }

    // Written as a choice, the compiler makes one masked addition of it.
    [MethodImpl(Inline)]
    public static Vector512<int> AddWhereAbove(Vector512<float> a, Vector512<float> b, Vector512<int> sum, Vector512<int> value) => Vector512.ConditionalSelect(Vector512.GreaterThan(a, b).AsInt32(), sum + value, sum);

    [MethodImpl(Inline)]
    public static Vector512<int> SelectWhereEqual(Vector512<float> a, Vector512<float> b, Vector512<int> value, Vector512<int> otherwise) => Vector512.ConditionalSelect(Vector512.Equals(a, b).AsInt32(), value, otherwise);

    [MethodImpl(Inline)]
    public static bool Any(Vector512<int> value) => value != Vector512<int>.Zero;

    [MethodImpl(Inline)]
    public static int Sum(Vector512<int> value) => Vector512.Sum(value);

    [MethodImpl(Inline)]
    public static Vector128<byte> FoldBytes(Vector512<int> value) => Lanes256.FoldBytes((value.GetLower().AsByte() + value.GetUpper().AsByte()).AsInt32());

    [MethodImpl(Inline)]
    public static void Store(Vector512<int> value, ref int destination) => value.StoreUnsafe(ref destination);

    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
}
