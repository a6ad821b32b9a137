using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PersonalLlm.Engine.Population.Kernels;

/// <summary>Floats that begin on a cache line and stay there: a vector that straddles two lines costs two loads.</summary>
internal sealed class AlignedFloats
{
    private const int LineBytes = 64;

    private readonly float[] floats;
    private readonly int start;

    public AlignedFloats(int length)
    {
        floats = GC.AllocateArray<float>(length + (LineBytes / sizeof(float)), pinned: true);
        start = (int)(-Marshal.UnsafeAddrOfPinnedArrayElement(floats, 0) & (LineBytes - 1)) / sizeof(float);
        Length = length;
    }

    public int Length { get; }

    public Span<float> Span => floats.AsSpan(start, Length);

    public ref float this[int index] => ref Unsafe.Add(ref MemoryMarshal.GetReference(Span), index);
}
