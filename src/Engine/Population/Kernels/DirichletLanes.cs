using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Population.Kernels;

/// <summary>
/// Weights of eight users at a time, one user per lane, each lane reading its own user's random numbers in the order in which a
/// program that draws one number after the other reads them.
/// </summary>
/// <remarks>
/// Gamma draws of Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 26, 2000; normals of Box and Muller.
/// Below shape 1 the draw is Gamma(shape + 1)·U^(1/shape), kept in logarithms because the draw itself underflows: at shape 0.001 most
/// draws are below 10⁻³⁰⁰.
/// </remarks>
internal sealed class DirichletLanes
{
    public const int Users = 8;

    private const double Ulp53 = 1.0 / (1UL << 53);

    private static readonly Vector512<long> s_lanes = Vector512.Create(0L, 1, 2, 3, 4, 5, 6, 7);

    private readonly int models;
    private readonly uint seed;
    private readonly Concentration shapes;

    // Uniforms [place in a user's sequence][lanes]: as 64 random bits, and the logarithm of the number in (0, 1) that they make.
    private ulong[] bits;
    private double[] logarithms;
    private int filled;

    // Where each lane's next number lies in those arrays, and a bound for the furthest of them.
    private Vector512<long> next;
    private long furthest;

    private Vector512<ulong> userIndexes;
    private readonly double[] draws;

    public DirichletLanes(int models, Concentration shapes, uint seed)
    {
        this.models = models;
        this.shapes = shapes;
        this.seed = seed;
        bits = new ulong[models * 6 * Users];
        logarithms = new double[bits.Length];
        draws = new double[models * Users];
    }

    /// <summary>Weights of users <paramref name="firstUserIndex"/>, …, as many as there are rows (at most 8): [users × models].</summary>
    public void Draw(long firstUserIndex, Span<double> weights)
    {
        userIndexes = Vector512.Create((ulong)firstUserIndex) + Vector512.Create(0UL, 1, 2, 3, 4, 5, 6, 7);
        filled = 0;
        next = s_lanes;
        furthest = 0;
        for (var modelIndex = 0; modelIndex < models; modelIndex++)
            LogGamma(shapes[modelIndex]).CopyTo(draws, modelIndex * Users);
        Normalize();
        for (var row = 0; row * models < weights.Length; row++)
            for (var modelIndex = 0; modelIndex < models; modelIndex++)
                weights[(row * models) + modelIndex] = draws[(modelIndex * Users) + row];
    }

    private Vector512<double> LogGamma(double shape)
    {
        var d = (shape < 1 ? shape + 1 : shape) - (1.0 / 3);
        var c = 1 / Math.Sqrt(9 * d);
        var one = Vector512<double>.One;
        var boost = Vector512<double>.Zero;
        if (shape < 1)
        {
            Fill(1);
            boost = LogarithmsAhead(0) / shape;
            next += Vector512.Create((long)Users);
        }
        var drawn = Vector512<double>.Zero;
        var open = Vector512<double>.AllBitsSet;
        while (true)
        {
            Fill(3);
            var radius = Vector512.Sqrt(LogarithmsAhead(0) * -2.0);
            var normal = radius * CosineOfTurns(UniformsAhead(1));
            var root = Vector512.FusedMultiplyAdd(normal, Vector512.Create(c), one);
            var isPositive = Vector512.GreaterThan(root, Vector512<double>.Zero);
            var logCube = Vector512.Log(Vector512.ConditionalSelect(isPositive, root, one)) * 3.0;
            var bound = (normal * normal * 0.5) + Vector512.Create(d) - (root * root * root * d) + (logCube * d);
            var isAccepted = Vector512.LessThan(LogarithmsAhead(2), bound) & isPositive & open;
            drawn = Vector512.ConditionalSelect(isAccepted, logCube, drawn);
            // A draw below zero is given up before its third number is taken.
            next += open.AsInt64() & (Vector512.Create(2L * Users) + (isPositive.AsInt64() & Vector512.Create((long)Users)));
            open = Vector512.AndNot(open, isAccepted);
            if (open.ExtractMostSignificantBits() == 0)
                return Vector512.Create(Math.Log(d)) + drawn + boost;
        }
    }

    /// <summary>Logarithms of gamma draws become shares that sum to 1 (log-sum-exp: the largest is subtracted first).</summary>
    private void Normalize()
    {
        var lanes = MemoryMarshal.Cast<double, Vector512<double>>(draws.AsSpan());
        var largest = lanes[0];
        foreach (var draw in lanes)
            largest = Vector512.Max(largest, draw);
        var sum = Vector512<double>.Zero;
        foreach (ref var draw in lanes)
        {
            draw = Vector512.Exp(draw - largest);
            sum += draw;
        }
        foreach (ref var draw in lanes)
            draw /= sum;
    }

    /// <summary>Makes random numbers until every user has <paramref name="wanted"/> more.</summary>
    private void Fill(int wanted)
    {
        furthest += wanted;
        if (furthest <= filled)
            return;
        // Not every lane took what the bound allows for.
        furthest = wanted;
        for (var lane = 0; lane < Users; lane++)
            furthest = Math.Max(furthest, (next[lane] / Users) + wanted);
        while (filled < furthest)
        {
            if ((filled + 2) * Users > bits.Length)
            {
                Array.Resize(ref bits, bits.Length * 2);
                Array.Resize(ref logarithms, bits.Length);
            }
            var (first, second) = Philox.Blocks(Vector512.Create((ulong)filled / 2), userIndexes, RandomStreams.Weights, seed);
            Put(filled++, first);
            Put(filled++, second);
        }
    }

    private void Put(int place, Vector512<ulong> words)
    {
        words.CopyTo(bits, place * Users);
        Vector512.Log((Vector512.ConvertToDouble(words >>> 12) + Vector512.Create(0.5)) * (2 * Ulp53)).CopyTo(logarithms, place * Users);
    }

    /// <summary>Of each lane the number <paramref name="ahead"/> of its next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<double> LogarithmsAhead(int ahead) => Ahead(ref MemoryMarshal.GetArrayDataReference(logarithms), ahead);

    /// <summary>The same as a uniform on [0, 1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<double> UniformsAhead(int ahead) => Vector512.ConvertToDouble(
        Ahead(ref Unsafe.As<ulong, double>(ref MemoryMarshal.GetArrayDataReference(bits)), ahead).AsUInt64() >>> 11) * Ulp53;

    /// <remarks><see cref="Fill"/> has made sure that the numbers are there.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<double> Ahead(ref double numbers, int ahead)
    {
        ref var own = ref Unsafe.Add(ref numbers, ahead * Users);
        ref var place = ref Unsafe.As<Vector512<long>, long>(ref next);
        return Vector512.Create(
            Unsafe.Add(ref own, (nint)place), Unsafe.Add(ref own, (nint)Unsafe.Add(ref place, 1)),
            Unsafe.Add(ref own, (nint)Unsafe.Add(ref place, 2)), Unsafe.Add(ref own, (nint)Unsafe.Add(ref place, 3)),
            Unsafe.Add(ref own, (nint)Unsafe.Add(ref place, 4)), Unsafe.Add(ref own, (nint)Unsafe.Add(ref place, 5)),
            Unsafe.Add(ref own, (nint)Unsafe.Add(ref place, 6)), Unsafe.Add(ref own, (nint)Unsafe.Add(ref place, 7)));
    }

    /// <summary>cos 2πt for 0 ≤ t &lt; 1: what is left of the nearest quarter turn goes through the polynomials of fdlibm on [−π/4, π/4].</summary>
    private static Vector512<double> CosineOfTurns(Vector512<double> turns)
    {
        var quarters = Vector512.Round(turns * 4.0);
        var angle = Vector512.FusedMultiplyAdd(quarters, Vector512.Create(-0.25), turns) * (2 * Math.PI);
        var square = angle * angle;
        var cosine = Vector512.FusedMultiplyAdd(
            square * square,
            Polynomial(square, -1.13596475577881948265e-11, 2.08757232129817482790e-09, -2.75573143513906633035e-07, 2.48015872894767294178e-05,
                -1.38888888888741095749e-03, 4.16666666666666019037e-02),
            Vector512.FusedMultiplyAdd(square, Vector512.Create(-0.5), Vector512<double>.One));
        var sine = Vector512.FusedMultiplyAdd(
            square * angle,
            Polynomial(square, 1.58969099521155010221e-10, -2.50507602534068634195e-08, 2.75573137070700676789e-06, -1.98412698298579493134e-04,
                8.33333333332248946124e-03, -1.66666666666666324348e-01),
            angle);
        // After 0, 1, 2, 3, 4 quarters: cos, −sin, −cos, sin, cos.
        var half = quarters * 0.5;
        var value = Vector512.ConditionalSelect(Vector512.Equals(Vector512.Floor(half), half), cosine, sine);
        var isNegative = Vector512.Equals(quarters, Vector512<double>.One) | Vector512.Equals(quarters, Vector512.Create(2.0));
        return Vector512.ConditionalSelect(isNegative, -value, value);
    }

    /// <summary>Highest power first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Polynomial(Vector512<double> x, double p5, double p4, double p3, double p2, double p1, double p0)
    {
        var sum = Vector512.FusedMultiplyAdd(Vector512.Create(p5), x, Vector512.Create(p4));
        sum = Vector512.FusedMultiplyAdd(sum, x, Vector512.Create(p3));
        sum = Vector512.FusedMultiplyAdd(sum, x, Vector512.Create(p2));
        sum = Vector512.FusedMultiplyAdd(sum, x, Vector512.Create(p1));
        return Vector512.FusedMultiplyAdd(sum, x, Vector512.Create(p0));
    }
}
