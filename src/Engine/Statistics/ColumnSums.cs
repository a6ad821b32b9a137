using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PersonalLlm.Engine.Statistics;

/// <summary>
/// Σ times·values of many columns for many resamples at once: a number that was read is used for four resamples, or for four columns, and a
/// piece of the columns stays in the first-level cache while all resamples pass by.
/// </summary>
internal sealed class ColumnSums
{
    /// <summary>How many resamples go together.</summary>
    public const int Resamples = 16;

    private const int ResamplesAtOnce = 4;
    private const int ColumnsAtOnce = 4;
    private const int UnitsPerTile = 1024;
    private const int Lanes = 8;

    // [columns, filled up to a multiple of four][units, filled up with zeros]
    private readonly double[][] columns;

    /// <param name="columns">Any number of columns, one value per unit.</param>
    /// <param name="length">How many counts a resample has; at least as many as there are units, a multiple of eight.</param>
    public ColumnSums(IEnumerable<double[]> columns, int length)
    {
        var padded = columns.Select(column =>
        {
            var longer = new double[length];
            column.CopyTo(longer, 0);
            return longer;
        }).ToList();
        Count = padded.Count;
        while (padded.Count % ColumnsAtOnce != 0)
            padded.Add(padded[^1]);
        this.columns = [.. padded];
    }

    public int Count { get; }

    /// <summary>How many sums there are to write, each in as many parts as there are lanes.</summary>
    public int SumsLength => columns.Length * Resamples;

    /// <summary>Parts of the sums as [columns][resamples]; each is the same whatever stands beside it.</summary>
    /// <param name="counts">[resamples][length]</param>
    /// <param name="sums">[<see cref="SumsLength"/>]; see <see cref="Total"/>.</param>
    public void Sum(ReadOnlySpan<ushort> counts, Span<Vector512<double>> sums)
    {
        sums.Clear();
        var length = counts.Length / Resamples;
        for (var unit = 0; unit < length; unit += UnitsPerTile)
            for (var column = 0; column < columns.Length; column += ColumnsAtOnce)
                for (var resample = 0; resample < Resamples; resample += ResamplesAtOnce)
                    AddTile(
                        column, counts[((resample * length) + unit)..], length, unit, Math.Min(UnitsPerTile, length - unit),
                        sums[((column * Resamples) + resample)..]);
    }

    /// <summary>Lanes in a fixed order: another machine must not round otherwise.</summary>
    public static double Total(Vector512<double> sum) =>
        ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));

    private void AddTile(int column, ReadOnlySpan<ushort> counts, int stride, int firstUnit, int units, Span<Vector512<double>> sums)
    {
        var a = columns[column].AsSpan(firstUnit, units);
        var b = columns[column + 1].AsSpan(firstUnit, units);
        var c = columns[column + 2].AsSpan(firstUnit, units);
        var d = columns[column + 3].AsSpan(firstUnit, units);
        ref var one = ref MemoryMarshal.GetReference(counts[..(((ResamplesAtOnce - 1) * stride) + units)]);
        var (a0, a1, a2, a3) = (sums[0], sums[1], sums[2], sums[3]);
        var (b0, b1, b2, b3) = (sums[Resamples], sums[Resamples + 1], sums[Resamples + 2], sums[Resamples + 3]);
        var (c0, c1, c2, c3) = (sums[2 * Resamples], sums[(2 * Resamples) + 1], sums[(2 * Resamples) + 2], sums[(2 * Resamples) + 3]);
        var (d0, d1, d2, d3) = (sums[3 * Resamples], sums[(3 * Resamples) + 1], sums[(3 * Resamples) + 2], sums[(3 * Resamples) + 3]);
        for (var unit = 0; unit < units; unit += Lanes)
        {
            var va = Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(a), (nuint)unit);
            var vb = Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(b), (nuint)unit);
            var vc = Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(c), (nuint)unit);
            var vd = Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(d), (nuint)unit);
            var times = Times(ref Unsafe.Add(ref one, unit));
            a0 = Vector512.FusedMultiplyAdd(times, va, a0);
            b0 = Vector512.FusedMultiplyAdd(times, vb, b0);
            c0 = Vector512.FusedMultiplyAdd(times, vc, c0);
            d0 = Vector512.FusedMultiplyAdd(times, vd, d0);
            times = Times(ref Unsafe.Add(ref one, unit + stride));
            a1 = Vector512.FusedMultiplyAdd(times, va, a1);
            b1 = Vector512.FusedMultiplyAdd(times, vb, b1);
            c1 = Vector512.FusedMultiplyAdd(times, vc, c1);
            d1 = Vector512.FusedMultiplyAdd(times, vd, d1);
            times = Times(ref Unsafe.Add(ref one, unit + (2 * stride)));
            a2 = Vector512.FusedMultiplyAdd(times, va, a2);
            b2 = Vector512.FusedMultiplyAdd(times, vb, b2);
            c2 = Vector512.FusedMultiplyAdd(times, vc, c2);
            d2 = Vector512.FusedMultiplyAdd(times, vd, d2);
            times = Times(ref Unsafe.Add(ref one, unit + (3 * stride)));
            a3 = Vector512.FusedMultiplyAdd(times, va, a3);
            b3 = Vector512.FusedMultiplyAdd(times, vb, b3);
            c3 = Vector512.FusedMultiplyAdd(times, vc, c3);
            d3 = Vector512.FusedMultiplyAdd(times, vd, d3);
        }
        (sums[0], sums[1], sums[2], sums[3]) = (a0, a1, a2, a3);
        (sums[Resamples], sums[Resamples + 1], sums[Resamples + 2], sums[Resamples + 3]) = (b0, b1, b2, b3);
        (sums[2 * Resamples], sums[(2 * Resamples) + 1], sums[(2 * Resamples) + 2], sums[(2 * Resamples) + 3]) = (c0, c1, c2, c3);
        (sums[3 * Resamples], sums[(3 * Resamples) + 1], sums[(3 * Resamples) + 2], sums[(3 * Resamples) + 3]) = (d0, d1, d2, d3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Times(ref ushort counts)
    {
        var some = Vector128.LoadUnsafe(ref counts);
        if (Avx512F.IsSupported)
            return Avx512F.ConvertToVector512Double(Avx2.ConvertToVector256Int32(some));
        var (low, high) = Vector128.Widen(some);
        var (first, second) = Vector128.Widen(low);
        var (third, fourth) = Vector128.Widen(high);
        return Vector512.ConvertToDouble(Vector512.Create(Vector256.Create(first, second), Vector256.Create(third, fourth)));
    }
}
