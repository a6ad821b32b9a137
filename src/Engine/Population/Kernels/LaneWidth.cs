using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PersonalLlm.Engine.Population.Kernels;

/// <summary>How many bits of users a kernel takes at a time. Every width gives the same counts.</summary>
internal enum LaneWidth
{
    Bits128 = 128,
    Bits256 = 256,
    Bits512 = 512,
}

internal static class LaneWidths
{
    public static LaneWidth Widest { get; } =
        IsSupported(LaneWidth.Bits512) ? LaneWidth.Bits512
        : IsSupported(LaneWidth.Bits256) ? LaneWidth.Bits256
        : LaneWidth.Bits128;

    public static bool IsSupported(LaneWidth width) => width switch
    {
        LaneWidth.Bits512 => Vector512.IsHardwareAccelerated && Avx512F.IsSupported,
        LaneWidth.Bits256 => Vector256.IsHardwareAccelerated,
        _ => true,
    };

    public static int LanesOf(this LaneWidth width) => (int)width / 32;
}
