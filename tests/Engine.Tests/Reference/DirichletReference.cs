using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Tests.Reference;

/// <summary>The slow, obvious twin of the native sampler: one user and one number after the other.</summary>
internal static class DirichletReference
{
    // What a block of random words is for; an attempt has one of each.
    private const int TwoModels = 0, Digits = 1, Normals = 2, Purposes = 4;

    /// <summary>Weights of one user: [reward models].</summary>
    public static double[] Draw(PopulationSpec spec, int userIndex)
    {
        var weights = new double[spec.RewardModels.Count];
        for (var modelIndex = 0; modelIndex < weights.Length; modelIndex++)
            weights[modelIndex] = LogGamma(spec.Seed, userIndex, modelIndex, spec.Concentration[modelIndex]);
        var largest = weights.Max();
        weights = Array.ConvertAll(weights, logarithm => Math.Exp(logarithm - largest));
        var sum = weights.Sum();
        return Array.ConvertAll(weights, weight => weight / sum);
    }

    /// <summary>Logarithm of a draw from Gamma(shape).</summary>
    public static double LogGamma(uint seed, int userIndex, int modelIndex, double shape)
    {
        for (var attempt = 0; ; attempt++)
        {
            var (even, odd) = Words(modelIndex / 2, TwoModels);
            var word = modelIndex % 2 == 0 ? even : odd;
            // The upper 52 bits make the candidate; the number that decides begins with the lower 12 and goes on in another block.
            var decides = Math.Log(((word & 0xFFF) + Uniform(Words(modelIndex, Digits).First)) / 4096);
            if (shape == 1)
                return Math.Log(-Math.Log(Uniform(word)));
            if (shape < 1)
            {
                var knee = 0.07 + (0.75 * Math.Sqrt(1 - shape));
                var area = 1 + (Math.Exp(-knee) * shape / knee);
                var u = Uniform(word);
                if (u * area <= 1)
                {
                    var value = Math.Log(knee) + (Math.Log(u * area) / shape);
                    if (decides <= -Math.Exp(value))
                        return value;
                }
                else
                {
                    var value = Math.Log(-Math.Log((1 - u) * (knee * area / shape)));
                    if (decides <= (shape - 1) * (value - Math.Log(knee)))
                        return value;
                }
            }
            else
            {
                var d = shape - (1.0 / 3);
                var c = 1 / Math.Sqrt(9 * d);
                var (radius, angle) = Words(modelIndex, Normals);
                decides = Math.Log(((angle & 0xFFF) + Uniform(Words(modelIndex, Digits).First)) / 4096);
                var normal = Math.Sqrt(-2 * Math.Log(Uniform(radius))) * Math.Cos(2 * Math.PI * Uniform(angle));
                var root = 1 + (c * normal);
                if (root > 0 && decides <= (0.5 * normal * normal) + (d * (1 - (root * root * root) + (3 * Math.Log(root)))))
                    return Math.Log(d) + (3 * Math.Log(root));
            }

            (ulong First, ulong Second) Words(int block, int purpose)
            {
                var (w0, w1, w2, w3) = Philox.Block((uint)block, (uint)userIndex, (uint)((attempt * Purposes) + purpose), RandomStreams.Weights, seed, 0);
                return (w0 | ((ulong)w1 << 32), w2 | ((ulong)w3 << 32));
            }
        }
    }

    private static double Uniform(ulong word) => ((word >> 12) + 0.5) / (1UL << 52);
}
