using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using PersonalLlm.Engine.Population;

namespace PersonalLlm.Engine.Benchmarks;

/// <summary>How long does drawing a population take? As with the peers, every run draws other users.</summary>
internal static class Dirichlet
{
    private const int UsersPerBlock = 16_384;

    public static Job Prepare(Arguments arguments)
    {
        var users = arguments.Integer("users", 1_000_000);
        var concentration = arguments.Number("alpha", 0.1);
        var inBlocks = arguments.Text("blocks", "no") == "yes";
        var seed = 0u;
        return new(string.Create(CultureInfo.InvariantCulture, $"dirichlet/U{users}/a{concentration}"), () =>
        {
            var spec = PeerData.Spec(users, concentration) with { Seed = seed++ };
            var sum = 0.0;
            var bad = 0;
            foreach (var drawn in inBlocks ? PopulationSampler.SampleBlocks(spec, UsersPerBlock) : [PopulationSampler.Sample(spec)])
                for (var userIndex = 0; userIndex < drawn.Count; userIndex++)
                {
                    var (largest, total) = (Vector128<double>.Zero, Vector128<double>.Zero);
                    foreach (var two in MemoryMarshal.Cast<double, Vector128<double>>(drawn.WeightsOf(userIndex)))
                    {
                        largest = Vector128.MaxNative(largest, two);
                        total += two;
                    }
                    sum += Math.Max(largest[0], largest[1]);
                    bad += double.IsFinite(total[0] + total[1]) ? 0 : 1;
                }
            return new { max_mean = Math.Round(sum / users, 4), bad_rows = bad };
        });
    }
}
