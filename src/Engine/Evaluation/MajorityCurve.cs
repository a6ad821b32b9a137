using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Evaluation;

/// <summary>
/// How often nobody's taste rules: the share of prompts whose most popular response has at most a share q of the first choices.
/// </summary>
/// <remarks>
/// <see cref="Share"/> is that definition. PersonalLLM (arXiv 2409.20296) prints <c>scipy.stats.percentileofscore(m, 100·q,
/// kind="rank")</c>, which counts a prompt at exactly q half, and adds half a prompt when there is any: <see cref="PercentileOfScore"/>.
/// </remarks>
public static class MajorityCurve
{
    /// <summary>m_p of every prompt that has votes, in prompt order.</summary>
    public static double[] MajoritiesOf(VoteCounts votes) =>
        [.. Enumerable.Range(0, votes.PromptCount).Where(promptIndex => votes.TotalOf(promptIndex) > 0).Select(promptIndex => MajorityOf(votes.Of(promptIndex)))];

    /// <summary>Share of prompts with m_p ≤ q, without an interval; NaN without prompts.</summary>
    public static double ShareAtMost(double[] majorities, double q)
    {
        var count = 0;
        foreach (var majority in majorities)
            count += majority <= q ? 1 : 0;
        return majorities.Length == 0 ? double.NaN : (double)count / majorities.Length;
    }

    /// <summary>Share of the first choices that the most popular response has: m_p = max_r v_p(r) / Σ_r v_p(r).</summary>
    /// <param name="votes">Of one prompt; not all 0.</param>
    public static double MajorityOf(ReadOnlySpan<double> votes)
    {
        double largest = 0, total = 0;
        foreach (var count in votes)
        {
            largest = Math.Max(largest, count);
            total += count;
        }
        return largest / total;
    }

    /// <summary>Share of prompts with m_p ≤ q.</summary>
    public static Bootstrap.UnitStatistic Share(double[] majorities, double q) =>
        Bootstrap.Mean(Array.ConvertAll(majorities, majority => majority <= q ? 1.0 : 0.0));

    /// <summary>The published variant, as a share: (#{m &lt; q} + ½ #{m = q} + ½ [some m = q]) / P.</summary>
    public static Bootstrap.UnitStatistic PercentileOfScore(double[] majorities, double q) => new(
        times =>
        {
            double below = 0, at = 0, prompts = 0;
            for (var promptIndex = 0; promptIndex < times.Length; promptIndex++)
            {
                prompts += times[promptIndex];
                if (majorities[promptIndex] < q)
                    below += times[promptIndex];
                else if (majorities[promptIndex] == q)
                    at += times[promptIndex];
            }
            return (below + (0.5 * at) + (at > 0 ? 0.5 : 0)) / prompts;
        },
        majorities.Length);

    /// <summary>The published variant without an interval; NaN without prompts.</summary>
    public static double PercentileOfScoreAt(double[] majorities, double q)
    {
        int below = 0, at = 0;
        foreach (var majority in majorities)
        {
            below += majority < q ? 1 : 0;
            at += majority == q ? 1 : 0;
        }
        return majorities.Length == 0 ? double.NaN : (below + (0.5 * at) + (at > 0 ? 0.5 : 0)) / majorities.Length;
    }
}
