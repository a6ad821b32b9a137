using System.Runtime.Intrinsics;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Population.Kernels;

/// <summary>How numbers of a gamma distribution are made out of uniform ones.</summary>
internal enum GammaMethod
{
    /// <summary>Shape below 1: Best, "A note on gamma variate generators with shape parameter less than unity", Computing 30, 1983.</summary>
    Best,

    /// <summary>Shape 1: the logarithm of a uniform number.</summary>
    Exponential,

    /// <summary>Shape above 1: Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 26, 2000.</summary>
    MarsagliaTsang,
}

/// <summary>A shape and what its method needs of it.</summary>
internal readonly struct GammaShape
{
    public GammaShape(double shape)
    {
        Shape = shape;
        if (shape < 1)
        {
            Method = GammaMethod.Best;
            Knee = 0.07 + (0.75 * Math.Sqrt(1 - shape));
            Area = 1 + (LaneMath.Exp(Vector512.Create(-Knee))[0] * shape / Knee);
            LogScale = LaneMath.Log(Vector512.Create(Knee))[0];
        }
        else if (shape > 1)
        {
            Method = GammaMethod.MarsagliaTsang;
            D = shape - (1.0 / 3);
            C = 1 / Math.Sqrt(9 * D);
            LogScale = LaneMath.Log(Vector512.Create(D))[0];
        }
        else
        {
            Method = GammaMethod.Exponential;
        }
    }

    public double Shape { get; }

    public GammaMethod Method { get; }

    /// <summary>Best's t: below it candidates follow a power of a uniform number, above it an exponential.</summary>
    public double Knee { get; }

    /// <summary>Best's b: area under the envelope in units of the part below the knee.</summary>
    public double Area { get; }

    public double D { get; }

    public double C { get; }

    /// <summary>Logarithm of <see cref="Knee"/> or of <see cref="D"/>.</summary>
    public double LogScale { get; }
}
