using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Benchmarks;

/// <summary>How long do intervals of the means of four metrics over prompts take?</summary>
internal static class Resampling
{
    private const int Metrics = 4;

    public static Job Prepare(Arguments arguments)
    {
        var prompts = arguments.Integer("prompts", 10_402);
        var resamples = arguments.Integer("resamples", 2000);
        var metrics = PeerData.Read<float>($"boot_{prompts}.f32");
        var columns = Enumerable.Range(0, Metrics)
            .Select(metric => Bootstrap.Mean([.. Enumerable.Range(0, prompts).Select(promptIndex => (double)metrics[(promptIndex * Metrics) + metric])]))
            .ToArray();
        var method = arguments.Text("interval", "percentile") == "bca" ? IntervalMethod.BiasCorrectedAccelerated : IntervalMethod.Percentile;
        var seed = 0u;
        return new($"bootstrap/{method}/N{resamples}", () =>
        {
            var first = Bootstrap.Estimates(prompts, "prompts", columns, seed++, resamples, method)[0];
            return new { ci = new[] { Math.Round(first.Low!.Value, 4), Math.Round(first.High!.Value, 4) } };
        });
    }
}
