using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PersonalLlm.Engine.Population.Kernels;

/// <summary>Numbers that begin on a cache line and stay there: a vector that straddles two lines costs two loads.</summary>
internal sealed class AlignedArray<T>
    where T : unmanaged
{
    private const int LineBytes = 64;

    private readonly T[] values;
    private readonly int start;

    public AlignedArray(int length)
    {
        values = GC.AllocateArray<T>(length + (LineBytes / Unsafe.SizeOf<T>()), pinned: true);
        start = (int)(-Marshal.UnsafeAddrOfPinnedArrayElement(values, 0) & (LineBytes - 1)) / Unsafe.SizeOf<T>();
        Length = length;
    }

    public int Length { get; }

    public Span<T> Span => values.AsSpan(start, Length);

    public ref T this[int index] => ref Unsafe.Add(ref MemoryMarshal.GetReference(Span), index);
}
