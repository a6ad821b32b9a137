using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PersonalLlm.Engine.Statistics;

/// <summary>
/// Logarithm, exponential and cosine of eight numbers, to the same bit on every machine: nothing but additions, multiplications,
/// divisions and fused multiply-adds in a fixed order, which IEEE 754 leaves no choice about.
/// </summary>
internal static class LaneMath
{
    private const double Ln2High = 0.6931471803691238, Ln2Low = 1.9082149292705877e-10;

    // 1.5·2⁵²: what is added to it is rounded to a whole number, which then stands in the lowest bits.
    private const double Rounder = 6755399441055744;

    /// <summary>Below this the exponential would no longer be a normal number and is 0.</summary>
    private const double SmallestExponent = -708;

    /// <summary>ln x of normal numbers above 0, within 3 units in the last place.</summary>
    /// <remarks>x = 2ᵏm with √½ ≤ m &lt; √2; ln m = 2 artanh s with s = (m − 1)/(m + 1), by the polynomial of fdlibm's e_log.c.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Log(Vector512<double> x)
    {
        var exponent = (x.AsInt64() - Vector512.Create(0x3FE6A09E667F3BCDL)) >> 52;
        var mantissa = (x.AsInt64() - (exponent << 52)).AsDouble();
        var k = WholeNumber(exponent);
        var s = (mantissa - Vector512<double>.One) / (mantissa + Vector512<double>.One);
        var z = s * s;
        var w = z * z;
        var odd = Fma(w, Fma(w, Fma(w, Vector512.Create(1.479819860511658591e-01), 1.818357216161805012e-01), 2.857142874366239149e-01), 6.666666666666735130e-01);
        var even = Fma(w, Fma(w, Vector512.Create(1.531383769920937332e-01), 2.222219843214978396e-01), 3.999999999940941908e-01);
        var series = Fma(Vector512.FusedMultiplyAdd(even, z, odd), z, 2);
        return Vector512.FusedMultiplyAdd(k, Vector512.Create(Ln2High), Vector512.FusedMultiplyAdd(k, Vector512.Create(Ln2Low), s * series));
    }

    /// <summary>eˣ for x ≤ 709, within 2 units in the last place; 0 below −708.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Exp(Vector512<double> x)
    {
        var isZero = Vector512.LessThan(x, Vector512.Create(SmallestExponent));
        var shifted = Vector512.FusedMultiplyAdd(x, Vector512.Create(1.4426950408889634), Vector512.Create(Rounder));
        var k = shifted - Vector512.Create(Rounder);
        var r = Vector512.FusedMultiplyAdd(k, Vector512.Create(-Ln2High), x);
        r = Vector512.FusedMultiplyAdd(k, Vector512.Create(-Ln2Low), r);
        // e^r = 1 + r + r²q(r) for |r| ≤ ½ ln 2, q by interpolation in the Chebyshev nodes: off by less than 2·10⁻¹⁷.
        var z = r * r;
        var w = z * z;
        var q01 = Fma(r, Vector512.Create(0.16666666666666669), 0.5000000000000001);
        var q23 = Fma(r, Vector512.Create(0.008333333333330062), 0.04166666666662413);
        var q45 = Fma(r, Vector512.Create(0.00019841269863053618), 0.0013888888917213717);
        var q67 = Fma(r, Vector512.Create(2.7557268459997064e-06), 2.4801521295954376e-05);
        var q89 = Fma(r, Vector512.Create(2.510038549551032e-08), 2.7620088445409746e-07);
        var q = Vector512.FusedMultiplyAdd(
            w, Vector512.FusedMultiplyAdd(w, q89, Vector512.FusedMultiplyAdd(q67, z, q45)), Vector512.FusedMultiplyAdd(q23, z, q01));
        var fraction = Vector512.FusedMultiplyAdd(q, z, r) + Vector512<double>.One;
        var value = (fraction.AsInt64() + (shifted.AsInt64() << 52)).AsDouble();
        return Vector512.AndNot(value, isZero);
    }

    /// <summary>cos 2πt for 0 ≤ t &lt; 1: what is left of the nearest quarter turn goes through the polynomials of fdlibm on [−π/4, π/4].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> CosineOfTurns(Vector512<double> turns)
    {
        var shifted = Vector512.FusedMultiplyAdd(turns, Vector512.Create(4.0), Vector512.Create(Rounder));
        var quarters = shifted - Vector512.Create(Rounder);
        var angle = Vector512.FusedMultiplyAdd(quarters, Vector512.Create(-0.25), turns) * (2 * Math.PI);
        var z = angle * angle;
        var cosine = Fma(z, Fma(z, Fma(z, Fma(z, Fma(z, Vector512.Create(-1.13596475577881948265e-11), 2.08757232129817482790e-09),
            -2.75573143513906633035e-07), 2.48015872894767294178e-05), -1.38888888888741095749e-03), 4.16666666666666019037e-02);
        cosine = Vector512.FusedMultiplyAdd(z * z, cosine, Fma(z, Vector512.Create(-0.5), 1));
        var sine = Fma(z, Fma(z, Fma(z, Fma(z, Fma(z, Vector512.Create(1.58969099521155010221e-10), -2.50507602534068634195e-08),
            2.75573137070700676789e-06), -1.98412698298579493134e-04), 8.33333333332248946124e-03), -1.66666666666666324348e-01);
        sine = Vector512.FusedMultiplyAdd(z * angle, sine, angle);
        // After 0, 1, 2, 3, 4 quarters: cos, −sin, −cos, sin, cos.
        var quarter = shifted.AsInt64();
        var isCosine = Vector512.Equals(quarter & Vector512<long>.One, Vector512<long>.Zero).AsDouble();
        var sign = ((quarter + Vector512<long>.One) & Vector512.Create(2L)) << 62;
        return (Vector512.ConditionalSelect(isCosine, cosine, sine).AsInt64() ^ sign).AsDouble();
    }

    /// <summary>Whole numbers of less than 2⁵¹ as floating-point numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> WholeNumber(Vector512<long> value) =>
        (value + Vector512.Create(Rounder).AsInt64()).AsDouble() - Vector512.Create(Rounder);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Fma(Vector512<double> a, Vector512<double> b, double c) => Vector512.FusedMultiplyAdd(a, b, Vector512.Create(c));
}
