using System.Numerics.Tensors;
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
    /// <param name="statistics">From one replicate, always as many numbers; NaN where undefined. Called from several threads at once.</param>
    /// <param name="seed">Replicate b uses random stream (seed, matched samples, b).</param>
    /// <param name="replicates">At least 2.</param>
    /// <param name="cancellationToken">Checked between replicates.</param>
    /// <returns>One estimate per statistic; n is the number of annotators.</returns>
    public static Estimate[] Estimates(
        RewardMatrix rewards,
        SimulatedUsers users,
        IReadOnlyList<AnnotatorRanking> humans,
        Func<MatchedReplicate, double[]> statistics,
        uint seed,
        int replicates = DefaultReplicates,
        CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(replicates, 2);
        var annotators = humans.Select(human => human.AnnotatorIndex).Distinct().Order().ToArray();
        var results = new double[replicates][];
        Parallel.For(
            0,
            replicates,
            new ParallelOptions { CancellationToken = cancellationToken },
            () => new MatchedReplicate(rewards, humans),
            (replicate, _, drawn) =>
            {
                drawn.Draw(users, Cast(annotators, users.Count, seed, replicate));
                results[replicate] = statistics(drawn);
                return drawn;
            },
            _ => { });
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

    private static Estimate Band(double[] values, int annotators)
    {
        var defined = Array.FindAll(values, value => !double.IsNaN(value));
        if (defined.Length == 0)
            return Estimate.Undefined("no replicate defines it", annotators);
        Array.Sort(defined);
        return Estimate.Of(defined.Average(), Bootstrap.Quantile(defined, 0.025), Bootstrap.Quantile(defined, 0.975), annotators);
    }
}

/// <summary>One draw: the utilities, noise included, of the simulated users in the people's places. Overwritten by the next draw.</summary>
public sealed class MatchedReplicate
{
    private readonly RewardMatrix rewards;
    private readonly int[] starts;
    private readonly double[] values;
    private readonly (int One, int Other)[] sharing;

    internal MatchedReplicate(RewardMatrix rewards, IReadOnlyList<AnnotatorRanking> humans)
    {
        this.rewards = rewards;
        Humans = humans;
        starts = new int[humans.Count + 1];
        for (var place = 0; place < humans.Count; place++)
            starts[place + 1] = starts[place] + rewards.ResponseCountOf(humans[place].PromptIndex);
        values = new double[starts[^1]];
        sharing =
        [
            .. from prompt in Enumerable.Range(0, humans.Count).GroupBy(place => humans[place].PromptIndex)
            from one in prompt
            from other in prompt
            where one < other && humans[one].AnnotatorIndex != humans[other].AnnotatorIndex
            select (one, other),
        ];
    }

    /// <summary>Whose places are taken, by place.</summary>
    public IReadOnlyList<AnnotatorRanking> Humans { get; }

    /// <summary>Utilities [responses of the prompt] at a place; larger is preferred.</summary>
    public ReadOnlySpan<double> UtilitiesAt(int place) => values.AsSpan(starts[place]..starts[place + 1]);

    /// <summary>First choices; responses that tie at the top share the vote.</summary>
    public VoteCounts FirstChoices()
    {
        var votes = new double[rewards.ResponseCount];
        for (var place = 0; place < Humans.Count; place++)
        {
            var utilities = UtilitiesAt(place);
            var largest = TensorPrimitives.Max(utilities);
            var vote = 1.0 / utilities.Count(largest);
            var first = rewards.FirstResponseOf(Humans[place].PromptIndex);
            for (var response = 0; response < utilities.Length; response++)
                if (utilities[response] == largest)
                    votes[first + response] += vote;
        }
        return new VoteCounts(rewards.PromptStarts, votes);
    }

    /// <summary>Mean τ-b over pairs at different annotators' places on the same prompt; NaN where no pair defines it.</summary>
    public double Agreement()
    {
        var sum = 0.0;
        var count = 0;
        foreach (var (one, other) in sharing)
            if (KendallTau.OfUtilities(UtilitiesAt(one), UtilitiesAt(other)) is { } tau)
            {
                sum += tau;
                count++;
            }
        return sum / count;
    }

    internal void Draw(SimulatedUsers users, Dictionary<int, int> cast)
    {
        var choice = new ChoiceModel(users.Spec);
        var weights = cast.ToDictionary(
            place => place.Key, place => Array.ConvertAll(users.WeightsOf(place.Value).ToArray(), weight => (float)weight));
        Span<float> utilities = stackalloc float[Ranking.MaximumResponses];
        for (var place = 0; place < Humans.Count; place++)
        {
            var (annotatorIndex, promptIndex, _) = Humans[place];
            var own = utilities[..rewards.ResponseCountOf(promptIndex)];
            Utility.Compute(rewards.RowsOf(promptIndex), weights[annotatorIndex], own);
            choice.Perturb(
                own, users.DrawOf(cast[annotatorIndex]), rewards.FirstResponseOf(promptIndex), values.AsSpan(starts[place]..starts[place + 1]));
        }
    }
}
