using System.Globalization;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Evaluation;

/// <summary>
/// How the first choices of two groups differ on the same prompts. Differences are right − left; every interval is over prompts, given these voters, and all
/// share the same resamples. n is the number of prompts on which both groups have votes.
/// </summary>
/// <param name="Entropy">Difference of the mean entropies of the vote shares, natural logarithm.</param>
/// <param name="EffectiveResponses">Difference of the means of exp(entropy).</param>
/// <param name="Majority">Difference of the mean shares of the most popular response.</param>
/// <param name="MajorityCurve">Difference of the share of prompts whose most popular response has at most q, at <see cref="Diversity.Thresholds"/>.</param>
/// <param name="DistinctWinners">Difference of the mean numbers of different first choices; the larger group has more of them by its size alone.</param>
/// <param name="WinShares">Difference of the shares of all first choices that go to a response model, by its name in ordinal order; here each group's own votes are the weights.</param>
/// <param name="Distance">Mean total variation distance of the two groups' vote shares: 0 the same, 1 no response in common.</param>
/// <param name="Overlap">Mean chance that a voter of one group and a voter of the other have the same first choice.</param>
/// <param name="SameFavourite">Share of prompts with the same most popular response; where several are level, the overlap of both sets (Jaccard).</param>
/// <param name="Prompts">Prompts on which both groups have votes, ascending.</param>
/// <param name="DistanceByPrompt">[Prompts]: total variation distance.</param>
public sealed record PairedDiversity(
    Estimate Entropy,
    Estimate EffectiveResponses,
    Estimate Majority,
    IReadOnlyList<NamedEstimate> MajorityCurve,
    Estimate DistinctWinners,
    IReadOnlyList<NamedEstimate> WinShares,
    Estimate Distance,
    Estimate Overlap,
    Estimate SameFavourite,
    IReadOnlyList<int> Prompts,
    IReadOnlyList<double> DistanceByPrompt)
{
    private const string Units = "prompts that both groups voted on";

    /// <param name="left">First choices of one group.</param>
    /// <param name="right">Of the other, over the same responses.</param>
    /// <param name="responseModels">[responses]: which language model wrote it.</param>
    /// <param name="seed">Of the bootstrap.</param>
    /// <param name="resamples">Of the bootstrap.</param>
    /// <param name="cancellationToken">Checked between resamples.</param>
    /// <exception cref="ArgumentException">The two are not over the same responses.</exception>
    public static PairedDiversity Of(
        VoteCounts left,
        VoteCounts right,
        IReadOnlyList<string> responseModels,
        uint seed,
        int resamples = Bootstrap.DefaultResamples,
        CancellationToken cancellationToken = default)
    {
        if (left.PromptCount != right.PromptCount || left.ResponseCount != right.ResponseCount || responseModels.Count != left.ResponseCount)
            throw new ArgumentException(
                $"Expected votes over the same responses but got {left.ResponseCount} and {right.ResponseCount}, with {responseModels.Count} response models.");
        var prompts = Enumerable.Range(0, left.PromptCount).Where(promptIndex => left.TotalOf(promptIndex) > 0 && right.TotalOf(promptIndex) > 0).ToArray();
        var models = responseModels.Distinct().Order(StringComparer.Ordinal).ToArray();
        var distances = Array.ConvertAll(prompts, promptIndex => DistanceOf(left.Of(promptIndex), right.Of(promptIndex)));
        List<Bootstrap.UnitStatistic> statistics =
        [
            Mean(prompts, left, right, VoteEntropy.Of),
            Mean(prompts, left, right, votes => Math.Exp(VoteEntropy.Of(votes))),
            Mean(prompts, left, right, Evaluation.MajorityCurve.MajorityOf),
            .. Diversity.Thresholds.Select(q => Mean(prompts, left, right, votes => Evaluation.MajorityCurve.MajorityOf(votes) <= q ? 1 : 0)),
            Mean(prompts, left, right, votes => Evaluation.DistinctWinners.CountOf(votes)),
            .. models.Select(model => DifferenceOfShares(prompts, left, right, [.. responseModels.Select(name => name == model)])),
            Bootstrap.Mean(distances),
            Bootstrap.Mean(Array.ConvertAll(prompts, promptIndex => ChanceOfTheSame(left.Of(promptIndex), right.Of(promptIndex)))),
            Bootstrap.Mean(Array.ConvertAll(prompts, promptIndex => SameOf(left.Of(promptIndex), right.Of(promptIndex)))),
        ];
        var estimates = new Queue<Estimate>(prompts.Length == 0
            ? statistics.Select(_ => Estimate.Undefined("no prompt has votes of both groups"))
            : Bootstrap.Estimates(prompts.Length, Units, statistics, seed, resamples, cancellationToken));
        return new PairedDiversity(
            estimates.Dequeue(),
            estimates.Dequeue(),
            estimates.Dequeue(),
            [.. Diversity.Thresholds.Select(q => new NamedEstimate(q.ToString("0.00", CultureInfo.InvariantCulture), estimates.Dequeue()))],
            estimates.Dequeue(),
            [.. models.Select(model => new NamedEstimate(model, estimates.Dequeue()))],
            estimates.Dequeue(),
            estimates.Dequeue(),
            estimates.Dequeue(),
            prompts,
            distances);
    }

    private delegate double OfPrompt(ReadOnlySpan<double> votes);

    private static Bootstrap.UnitStatistic Mean(int[] prompts, VoteCounts left, VoteCounts right, OfPrompt value) =>
        Bootstrap.Mean(Array.ConvertAll(prompts, promptIndex => value(right.Of(promptIndex)) - value(left.Of(promptIndex))));

    private static Bootstrap.UnitStatistic DifferenceOfShares(int[] prompts, VoteCounts left, VoteCounts right, bool[] isOfModel)
    {
        var (leftShare, rightShare) = (WinShare.Of(left, prompts, isOfModel), WinShare.Of(right, prompts, isOfModel));
        return new(times => rightShare.Compute(times) - leftShare.Compute(times), prompts.Length);
    }

    /// <summary>½ Σ_r |s_r − t_r| of the vote shares s and t.</summary>
    private static double DistanceOf(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        var (leftTotal, rightTotal) = (Sum(left), Sum(right));
        var distance = 0.0;
        for (var response = 0; response < left.Length; response++)
            distance += Math.Abs((left[response] / leftTotal) - (right[response] / rightTotal));
        return distance / 2;
    }

    /// <summary>Σ_r s_r t_r of the vote shares s and t.</summary>
    private static double ChanceOfTheSame(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        var together = 0.0;
        for (var response = 0; response < left.Length; response++)
            together += left[response] * right[response];
        return together / (Sum(left) * Sum(right));
    }

    private static double SameOf(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        var (leftMost, rightMost) = (Largest(left), Largest(right));
        double both = 0, either = 0;
        for (var response = 0; response < left.Length; response++)
        {
            both += left[response] == leftMost && right[response] == rightMost ? 1 : 0;
            either += left[response] == leftMost || right[response] == rightMost ? 1 : 0;
        }
        return both / either;
    }

    private static double Sum(ReadOnlySpan<double> votes)
    {
        var total = 0.0;
        foreach (var count in votes)
            total += count;
        return total;
    }

    private static double Largest(ReadOnlySpan<double> votes)
    {
        var largest = 0.0;
        foreach (var count in votes)
            largest = Math.Max(largest, count);
        return largest;
    }
}
