using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Evaluation;

/// <summary>
/// A simulated population seen through the humans' own sample: every annotator's place is taken by one simulated user, who ranks
/// exactly the prompts that the annotator ranked; drawn again and again.
/// </summary>
/// <remarks>
/// Three votes on a prompt can only split 3–0, 2–1 or 1–1–1, so a statistic of vote shares from three people must not be compared
/// with the same statistic from a thousand users. What is drawn here has the humans' coarseness, and its spread shows what chance does.
/// </remarks>
public static class MatchedSample
{
    public const int DefaultReplicates = 200;

    /// <summary>Mean of each statistic over replicates, with the band that holds 95 % of the replicates.</summary>
    /// <param name="rewards">Standardised, over the prompts that the rankings name.</param>
    /// <param name="users">The population. Each replicate draws as many different users as there are annotators (with replacement if there are fewer).</param>
    /// <param name="humans">Only who ranked which prompt is used, not how.</param>
    /// <param name="statistics">From the rankings of one replicate, always as many numbers; NaN where undefined. Called from several threads at once.</param>
    /// <param name="seed">Replicate b uses random stream (seed, matched samples, b).</param>
    /// <param name="replicates">At least 2.</param>
    /// <param name="cancellationToken">Checked between replicates.</param>
    /// <returns>One estimate per statistic; n is the number of annotators.</returns>
    public static Estimate[] Estimates(
        RewardMatrix rewards,
        SimulatedUsers users,
        IReadOnlyList<AnnotatorRanking> humans,
        Func<IReadOnlyList<AnnotatorRanking>, double[]> statistics,
        uint seed,
        int replicates = DefaultReplicates,
        CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(replicates, 2);
        var annotators = humans.Select(human => human.AnnotatorIndex).Distinct().Order().ToArray();
        var results = new double[replicates][];
        Parallel.For(0, replicates, new ParallelOptions { CancellationToken = cancellationToken }, replicate =>
            results[replicate] = statistics(Rank(rewards, users, humans, Cast(annotators, users.Count, seed, replicate))));
        return [.. Enumerable.Range(0, results[0].Length)
            .Select(index => Band(Array.ConvertAll(results, result => result[index]), annotators.Length))];
    }

    /// <summary>Which simulated user takes each annotator's place.</summary>
    private static Dictionary<int, int> Cast(int[] annotators, int users, uint seed, int replicate)
    {
        var random = new RandomStream(seed, RandomStreams.MatchedSamples, (ulong)replicate);
        var taken = new HashSet<int>();
        var cast = new Dictionary<int, int>();
        foreach (var annotatorIndex in annotators)
        {
            var userIndex = random.NextBelow(users);
            while (annotators.Length <= users && !taken.Add(userIndex))
                userIndex = random.NextBelow(users);
            cast[annotatorIndex] = userIndex;
        }
        return cast;
    }

    private static AnnotatorRanking[] Rank(
        RewardMatrix rewards, SimulatedUsers users, IReadOnlyList<AnnotatorRanking> humans, Dictionary<int, int> cast)
    {
        var choice = new ChoiceModel(users.Spec);
        var weights = cast.ToDictionary(
            place => place.Key, place => Array.ConvertAll(users.WeightsOf(place.Value).ToArray(), weight => (float)weight));
        Span<float> utilities = stackalloc float[Ranking.MaximumResponses];
        Span<double> perturbed = stackalloc double[Ranking.MaximumResponses];
        var rankings = new AnnotatorRanking[humans.Count];
        for (var index = 0; index < rankings.Length; index++)
        {
            var (annotatorIndex, promptIndex, _) = humans[index];
            var responses = rewards.ResponseCountOf(promptIndex);
            Utility.Compute(rewards.RowsOf(promptIndex), weights[annotatorIndex], utilities[..responses]);
            choice.Perturb(
                utilities[..responses], users.FirstUserIndex + cast[annotatorIndex], rewards.FirstResponseOf(promptIndex), perturbed[..responses]);
            rankings[index] = new(annotatorIndex, promptIndex, Ranking.OfUtilities(perturbed[..responses]));
        }
        return rankings;
    }

    private static Estimate Band(double[] values, int annotators)
    {
        var defined = Array.FindAll(values, value => !double.IsNaN(value));
        if (defined.Length == 0)
            return Estimate.Undefined("no replicate defines it", annotators);
        Array.Sort(defined);
        return Estimate.Of(defined.Average(), Bootstrap.Quantile(defined, 0.025), Bootstrap.Quantile(defined, 0.975), annotators);
    }
}
