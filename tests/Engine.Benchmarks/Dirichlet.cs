using System.Globalization;
using System.Numerics.Tensors;
using PersonalLlm.Engine.Population;

namespace PersonalLlm.Engine.Benchmarks;

/// <summary>How long does drawing a population take? As with the peers, every run draws other users.</summary>
internal static class Dirichlet
{
    public static Job Prepare(Arguments arguments)
    {
        var users = arguments.Integer("users", 1_000_000);
        var concentration = arguments.Number("alpha", 0.1);
        var seed = 0u;
        return new(string.Create(CultureInfo.InvariantCulture, $"dirichlet/U{users}/a{concentration}"), () =>
        {
            var drawn = PopulationSampler.Sample(PeerData.Spec(users, concentration) with { Seed = seed++ });
            var sum = 0.0;
            var bad = 0;
            for (var userIndex = 0; userIndex < drawn.Count; userIndex++)
            {
                var largest = TensorPrimitives.Max(drawn.WeightsOf(userIndex));
                sum += largest;
                bad += double.IsFinite(largest) ? 0 : 1;
            }
            return new { max_mean = Math.Round(sum / users, 4), bad_rows = bad };
        });
    }
}
