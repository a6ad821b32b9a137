namespace PersonalLlm.Engine.Population;

/// <summary>
/// NumPy's legacy <c>RandomState(seed)</c>, as far as Dirichlet draws need it, bit for bit: MT19937, 53-bit uniforms, the polar
/// normal that keeps its second value, and the legacy gamma sampler.
/// </summary>
/// <remarks>
/// Every operation stands in NumPy's order, because a different order rounds differently. Logarithms and powers come from the C
/// library, as NumPy's do; the golden values hold on glibc for x86-64.
/// </remarks>
internal sealed class NumpyLegacyRandom
{
    private const int Length = 624, Shift = 397;
    private const uint UpperMask = 0x80000000, LowerMask = 0x7FFFFFFF, Twist = 0x9908B0DF;

    private readonly uint[] state = new uint[Length];
    private int position = Length;
    private double? keptNormal;

    public NumpyLegacyRandom(uint seed)
    {
        state[0] = seed;
        for (var i = 1; i < Length; i++)
            state[i] = (1812433253 * (state[i - 1] ^ (state[i - 1] >> 30))) + (uint)i;
    }

    /// <summary>One draw of Dirichlet(α₁, …, α_K) over <paramref name="weights"/>; all NaN when every gamma draw underflows to 0, as in NumPy.</summary>
    public void NextDirichlet(Concentration concentration, Span<double> weights)
    {
        var sum = 0.0;
        for (var modelIndex = 0; modelIndex < weights.Length; modelIndex++)
            sum += weights[modelIndex] = NextGamma(concentration[modelIndex]);
        var inverse = 1 / sum;
        for (var modelIndex = 0; modelIndex < weights.Length; modelIndex++)
            weights[modelIndex] *= inverse;
    }

    private double NextGamma(double shape) => shape switch
    {
        1 => NextExponential(),
        < 1 => NextGammaBelowOne(shape),
        _ => NextGammaAboveOne(shape),
    };

    /// <summary>Ahrens and Dieter's rejection (1974), as NumPy writes it.</summary>
    private double NextGammaBelowOne(double shape)
    {
        while (true)
        {
            var uniform = NextUniform();
            var exponential = NextExponential();
            if (uniform <= 1.0 - shape)
            {
                var draw = Math.Pow(uniform, 1.0 / shape);
                if (draw <= exponential)
                    return draw;
            }
            else
            {
                var tail = -Math.Log((1 - uniform) / shape);
                var draw = Math.Pow(1.0 - shape + (shape * tail), 1.0 / shape);
                if (draw <= exponential + tail)
                    return draw;
            }
        }
    }

    /// <summary>Marsaglia and Tsang (2000), as NumPy writes it.</summary>
    private double NextGammaAboveOne(double shape)
    {
        var b = shape - (1.0 / 3.0);
        var c = 1.0 / Math.Sqrt(9 * b);
        while (true)
        {
            double normal, cube;
            do
            {
                normal = NextNormal();
                cube = 1.0 + (c * normal);
            }
            while (cube <= 0.0);
            cube = cube * cube * cube;
            var uniform = NextUniform();
            if (uniform < 1.0 - (0.0331 * (normal * normal) * (normal * normal)))
                return b * cube;
            if (Math.Log(uniform) < (0.5 * normal * normal) + (b * (1.0 - cube + Math.Log(cube))))
                return b * cube;
        }
    }

    private double NextExponential() => -Math.Log(1.0 - NextUniform());

    private double NextNormal()
    {
        if (keptNormal is { } kept)
        {
            keptNormal = null;
            return kept;
        }
        double x1, x2, squared;
        do
        {
            x1 = (2.0 * NextUniform()) - 1.0;
            x2 = (2.0 * NextUniform()) - 1.0;
            squared = (x1 * x1) + (x2 * x2);
        }
        while (squared is >= 1.0 or 0.0);
        var factor = Math.Sqrt(-2.0 * Math.Log(squared) / squared);
        keptNormal = factor * x1;
        return factor * x2;
    }

    private double NextUniform()
    {
        var high = NextUInt32() >> 5;
        var low = NextUInt32() >> 6;
        return ((high * 67108864.0) + low) / 9007199254740992.0;
    }

    private uint NextUInt32()
    {
        if (position == Length)
            Refill();
        var y = state[position++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9D2C5680;
        y ^= (y << 15) & 0xEFC60000;
        return y ^ (y >> 18);
    }

    private void Refill()
    {
        for (var i = 0; i < Length; i++)
        {
            var y = (state[i] & UpperMask) | (state[(i + 1) % Length] & LowerMask);
            state[i] = state[(i + Shift) % Length] ^ (y >> 1) ^ ((y & 1) * Twist);
        }
        position = 0;
    }
}
