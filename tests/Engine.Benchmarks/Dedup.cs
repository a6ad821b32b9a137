using PersonalLlm.Engine.Population;

namespace PersonalLlm.Engine.Benchmarks;

/// <summary>How long does it take to drop users who nearly repeat an earlier one?</summary>
internal static class Dedup
{
    public static Job Prepare(Arguments arguments)
    {
        var personas = arguments.Integer("personas", 10_000);
        var threshold = arguments.Number("threshold", 0.2);
        var threads = arguments.Integer("threads", -1);
        var population = new SimulatedUsers(PeerData.Spec(personas, 1), 0, PeerData.Read<double>($"personas_{personas}.f64"));
        return new($"dedup/n{personas}", () =>
        {
            var kept = NearDuplicates.Keep(population, threshold, threads);
            return new { kept = kept.Length, hash = kept.Sum(index => index * 2654435761 % (1L << 31)) % (1L << 31) };
        });
    }
}
