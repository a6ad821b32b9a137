using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Tests.Reference;

/// <summary>The slow, obvious twin of the native sampler: one user and one number after the other.</summary>
internal static class DirichletReference
{
    /// <summary>Weights of one user: [reward models].</summary>
    public static double[] Draw(PopulationSpec spec, int userIndex)
    {
        var random = new RandomStream(spec.Seed, RandomStreams.Weights, (ulong)userIndex);
        var weights = new double[spec.RewardModels.Count];
        for (var modelIndex = 0; modelIndex < weights.Length; modelIndex++)
            weights[modelIndex] = LogGamma(ref random, spec.Concentration[modelIndex]);
        var largest = weights.Max();
        weights = Array.ConvertAll(weights, logarithm => Math.Exp(logarithm - largest));
        var sum = weights.Sum();
        return Array.ConvertAll(weights, weight => weight / sum);
    }

    private static double LogGamma(ref RandomStream random, double shape)
    {
        var boost = shape < 1 ? Math.Log(random.NextOpenUniform()) / shape : 0;
        var d = (shape < 1 ? shape + 1 : shape) - (1.0 / 3);
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var normal = random.NextNormal();
            var root = 1 + (c * normal);
            if (root <= 0)
                continue;
            var logCube = 3 * Math.Log(root);
            if (Math.Log(random.NextOpenUniform()) < (0.5 * normal * normal) + d - (d * root * root * root) + (d * logCube))
                return Math.Log(d) + logCube + boost;
        }
    }
}
