using System.Diagnostics.CodeAnalysis;

namespace PersonalLlm.Engine.Statistics;

/// <summary>
/// Random numbers that are addressed rather than remembered: (seed, stream, index) names a sequence, and the same address gives
/// the same sequence on every machine, whatever was drawn elsewhere and by however many threads.
/// </summary>
/// <remarks>
/// Integers and uniforms are bit for bit the same everywhere. Normals, exponentials and Gumbels go through the machine's
/// logarithm, sine and cosine and may differ in the last bit between platforms. A sequence holds 2³⁴ words. This is a mutable
/// cursor: pass it by reference.
/// </remarks>
/// <param name="seed">Chooses the world; keyed into Philox 4×32-10.</param>
/// <param name="stream">What the numbers are for, so that two uses of one seed never share numbers; see <see cref="RandomStreams"/>.</param>
/// <param name="index">Which unit they are for: a user, a resample, an annotator.</param>
[SuppressMessage("Naming", "CA1711", Justification = "A stream of random numbers is the field's word, and has nothing to do with System.IO.")]
public struct RandomStream(ulong seed, uint stream, ulong index)
{
    private const double Ulp53 = 1.0 / (1UL << 53);

    private uint blockIndex;
    private int wordsLeft;
    private (uint W0, uint W1, uint W2, uint W3) block;

    /// <summary>32 random bits.</summary>
    public uint NextUInt32()
    {
        if (wordsLeft == 0)
        {
            block = Philox.Block(blockIndex++, (uint)index, (uint)(index >> 32), stream, (uint)seed, (uint)(seed >> 32));
            wordsLeft = 4;
        }
        return wordsLeft-- switch
        {
            4 => block.W0,
            3 => block.W1,
            2 => block.W2,
            _ => block.W3,
        };
    }

    /// <summary>64 random bits: two words, the first one low.</summary>
    public ulong NextUInt64() => NextUInt32() | ((ulong)NextUInt32() << 32);

    /// <summary>Uniform on [0, 1), a multiple of 2⁻⁵³.</summary>
    public double NextUniform() => (NextUInt64() >> 11) * Ulp53;

    /// <summary>Uniform on (0, 1): never 0 and never 1, so that its logarithm and that of its complement are finite.</summary>
    public double NextOpenUniform() => ((NextUInt64() >> 12) + 0.5) * (2 * Ulp53);

    /// <summary>Standard normal (Box and Muller 1958; the second of the pair is not kept, so a draw always takes two uniforms).</summary>
    public double NextNormal()
    {
        var radius = Math.Sqrt(-2 * Math.Log(NextOpenUniform()));
        return radius * Math.Cos(2 * Math.PI * NextUniform());
    }

    /// <summary>Exponential with mean 1.</summary>
    public double NextExponential() => -Math.Log(NextOpenUniform());

    /// <summary>Standard Gumbel: −ln of an exponential.</summary>
    public double NextGumbel() => -Math.Log(NextExponential());

    /// <summary>Uniform on 0 … <paramref name="bound"/>−1 without modulo bias (Lemire 2019).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The bound is below 1.</exception>
    public int NextBelow(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        var product = (ulong)NextUInt32() * (uint)bound;
        if ((uint)product < (uint)bound)
        {
            var reject = (uint)-bound % (uint)bound;
            while ((uint)product < reject)
                product = (ulong)NextUInt32() * (uint)bound;
        }
        return (int)(product >> 32);
    }

    /// <summary>Puts the items in random order, every order equally likely (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var last = items.Length - 1; last > 0; last--)
        {
            var chosen = NextBelow(last + 1);
            (items[last], items[chosen]) = (items[chosen], items[last]);
        }
    }
}
