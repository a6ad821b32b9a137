using System.Buffers;
using System.Numerics.Tensors;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Evaluation;

/// <summary>Some of the people, by their annotator indexes.</summary>
public sealed record PeopleGroup(string Name, IReadOnlyList<int> AnnotatorIndexes);

/// <summary>How well simulated users represent a group of people.</summary>
/// <param name="Name">Of the group.</param>
/// <param name="People">How many of the group have a judgement that counts; null when that is suppressed.</param>
/// <param name="Judgements">How many judgements count; null when that is suppressed.</param>
/// <param name="Value">R; n is people.</param>
/// <param name="Matched">R that simulated users reach in the people's places: mean over draws, with the band that holds 95 % of them; n is people.</param>
public sealed record GroupRepresentativeness(string Name, int? People, int? Judgements, Estimate Value, Estimate Matched);

/// <summary>
/// OpinionQA's statistic for rankings: R = 1 − mean over the responses that the group ranked of the Wasserstein-1 distance between the ranks which simulated users
/// give the response and those which the people give it, divided by (responses of the prompt − 1). Ranks go from 1; responses that tie get the mean of the ranks they share.
/// </summary>
/// <remarks>
/// Few people per prompt make distances large whoever they are: three ranks are never distributed like a thousand. So a group's R is to be read beside what as many
/// simulated users reach in exactly the same places (<see cref="GroupRepresentativeness.Matched"/>).
/// </remarks>
public sealed class RankRepresentativeness
{
    /// <summary>Smaller groups are suppressed: their numbers would tell about persons.</summary>
    public const int FewestPeople = 10;

    private readonly RewardMatrix rewards;
    private readonly SimulatedUsers users;
    private readonly AnnotatorRanking[] rankings;

    // [rankings][responses × thresholds]: 1 where the person's rank of the response is at most 1 + threshold / 2.
    private readonly double[][] steps;

    // [rankings]: distance of the prompt when nobody else ranks it.
    private readonly double[] alone;

    // [prompts][responses × thresholds]: share of the simulated users of whom the same is true.
    private readonly double[][] simulated;

    /// <param name="rewards">Standardised, over the prompts that the rankings name and the reward models of the population.</param>
    /// <param name="users">The population.</param>
    /// <param name="rankings">See <see cref="Counting"/>.</param>
    /// <param name="cancellationToken">Checked every few prompts.</param>
    /// <exception cref="ArgumentException">The reward models differ, or a ranking leaves out a response.</exception>
    public RankRepresentativeness(RewardMatrix rewards, SimulatedUsers users, IReadOnlyList<AnnotatorRanking> rankings, CancellationToken cancellationToken = default)
    {
        (this.rewards, this.users) = (rewards, users);
        this.rankings = [.. rankings];
        steps = Array.ConvertAll(this.rankings, one =>
        {
            var responses = rewards.ResponseCountOf(one.PromptIndex);
            var made = new double[Length(responses)];
            Step(MeanRanks(one.Ranking, responses), made);
            return made;
        });
        var ranks = VoteCounter.CountRanks(rewards, users, cancellationToken: cancellationToken);
        simulated = new double[rewards.PromptCount][];
        foreach (var promptIndex in this.rankings.Select(one => one.PromptIndex).Distinct())
            simulated[promptIndex] = SharesAtMost(ranks, promptIndex);
        alone = [.. Enumerable.Range(0, this.rankings.Length).Select(place => DistanceOf(this.rankings[place].PromptIndex, steps[place].ToArray(), 1))];
    }

    /// <summary>
    /// The rankings that give every response of their prompt a place: complete ones of at least two responses. What was asked matters besides: with best–worst those in
    /// between were not compared with each other, so it counts on prompts of at most three responses.
    /// </summary>
    public static IReadOnlyList<AnnotatorRanking> Counting(RewardMatrix rewards, IEnumerable<AnnotatorRanking> rankings, Instrument instrument) =>
        [.. rankings.Where(one => rewards.ResponseCountOf(one.PromptIndex) is >= 2 and var responses
            && one.Ranking.IsComplete(responses) && (instrument != Instrument.BestWorst || responses <= 3))];

    /// <summary>R of everybody, whose number is never suppressed, and of every group.</summary>
    /// <param name="everybody">What the group of all annotators is called.</param>
    /// <param name="groups">A person may be in several.</param>
    /// <param name="seed">Of the bootstrap over people, and of which users take their places.</param>
    /// <param name="resamples">Of the bootstrap.</param>
    /// <param name="replicates">How often the people's places are filled; at least 2.</param>
    /// <param name="cancellationToken">Checked between resamples.</param>
    public (GroupRepresentativeness Everybody, IReadOnlyList<GroupRepresentativeness> Groups) Of(
        string everybody, IReadOnlyList<PeopleGroup> groups, uint seed, int resamples = Bootstrap.DefaultResamples,
        int replicates = MatchedSample.DefaultReplicates, CancellationToken cancellationToken = default)
    {
        var placesOf = Enumerable.Range(0, rankings.Length).ToLookup(place => rankings[place].AnnotatorIndex);
        var all = new Members([.. placesOf.Select(person => person.Key).Order()], placesOf, rankings);
        var members = groups.Select(group => new Members([.. group.AnnotatorIndexes.Where(placesOf.Contains).Distinct().Order()], placesOf, rankings)).ToArray();
        Members[] shown = [all, .. members.Where(group => group.People >= FewestPeople)];
        var matched = all.People == 0
            ? []
            : MatchedSample.Estimates(
                rewards, users, rankings, replicate => OfReplicate(replicate, shown), seed, replicates, cancellationToken);
        return (Make(all, everybody), [.. members.Zip(groups, (group, named) => Make(group, named.Name))]);

        GroupRepresentativeness Make(Members group, string name)
        {
            var place = Array.IndexOf(shown, group);
            if (place < 0)
            {
                var because = group.People == 0 ? "nobody of the group has ranked all responses of a prompt" : $"the group has fewer than {FewestPeople} people";
                return new(name, group.People == 0 ? 0 : null, group.People == 0 ? 0 : null, Estimate.Undefined(because), Estimate.Undefined(because));
            }
            if (group.People == 0)
                return new(name, 0, 0, Estimate.Undefined("nobody has ranked all responses of a prompt"), Estimate.Undefined("nobody has ranked all responses of a prompt"));
            var value = Bootstrap.Estimates(
                group.People, "people", [new(times => Compute(group, place => steps[place], alone, times), group.People)], seed, resamples, IntervalMethod.Centred, cancellationToken)[0];
            var floor = matched[place];
            return new(name, group.People, group.Judgements, value,
                floor is { Value: { } mean, Low: { } low, High: { } high } ? Estimate.Of(mean, low, high, group.People) : Estimate.Undefined(floor.UndefinedBecause!, group.People));
        }
    }

    /// <summary>Rank of every response, 1 for the best; those that tie get the mean of the ranks they share: 1, 2.5, 2.5, 4.</summary>
    internal static double[] MeanRanks(Ranking ranking, int responses)
    {
        var ranks = new double[responses];
        var better = 0;
        foreach (var tier in ranking.Tiers)
        {
            foreach (var response in tier)
                ranks[response] = better + ((tier.Count + 1) / 2.0);
            better += tier.Count;
        }
        return better == responses ? ranks : throw new ArgumentException($"The ranking {ranking} leaves out some of {responses} responses.");
    }

    private double[] OfReplicate(MatchedReplicate replicate, Members[] groups)
    {
        var buffers = new double[rankings.Length][];
        try
        {
            Span<double> ranks = stackalloc double[Ranking.MaximumResponses];
            for (var place = 0; place < rankings.Length; place++)
            {
                var utilities = replicate.UtilitiesAt(place);
                buffers[place] = ArrayPool<double>.Shared.Rent(steps[place].Length);
                RanksOf(utilities, ranks);
                Step(ranks[..utilities.Length], buffers[place].AsSpan(0, steps[place].Length));
            }
            return Array.ConvertAll(groups, group =>
            {
                var once = new double[group.People];
                Array.Fill(once, 1);
                return Compute(group, place => buffers[place].AsSpan(0, steps[place].Length), null, once);
            });
        }
        finally
        {
            foreach (var buffer in buffers)
                if (buffer is not null)
                    ArrayPool<double>.Shared.Return(buffer);
        }
    }

    private delegate ReadOnlySpan<double> StepsOf(int place);

    /// <summary>R when each person counts as often as <paramref name="times"/> says; NaN when nobody does.</summary>
    private double Compute(Members group, StepsOf stepsOf, double[]? alone, ReadOnlySpan<double> times)
    {
        Span<double> longest = stackalloc double[Length(Ranking.MaximumResponses)];
        double distance = 0;
        var cells = 0;
        foreach (var (promptIndex, places) in group.ByPrompt)
        {
            var (people, different, last) = (0.0, 0, 0);
            foreach (var (place, person) in places)
            {
                if (times[person] == 0)
                    continue;
                people += times[person];
                different++;
                last = place;
            }
            if (different == 0)
                continue;
            cells += rewards.ResponseCountOf(promptIndex);
            // Copies of one person are distributed as that person is: most prompts of a small group have no second one.
            if (different == 1 && alone is not null)
            {
                distance += alone[last];
                continue;
            }
            var counts = longest[..simulated[promptIndex].Length];
            counts.Clear();
            foreach (var (place, person) in places)
                if (times[person] != 0)
                    TensorPrimitives.MultiplyAdd(stepsOf(place), times[person], counts, counts);
            distance += DistanceOf(promptIndex, counts, people);
        }
        return cells == 0 ? double.NaN : 1 - (distance / cells);
    }

    /// <summary>Sum over the responses of a prompt of the normalised distance to people whose ranks are counted; <paramref name="counts"/> [responses × thresholds] is overwritten.</summary>
    private double DistanceOf(int promptIndex, Span<double> counts, double people)
    {
        TensorPrimitives.MultiplyAdd(simulated[promptIndex], -people, counts, counts);
        // A threshold is half a rank wide.
        return TensorPrimitives.SumOfMagnitudes<double>(counts) / (2 * people * (rewards.ResponseCountOf(promptIndex) - 1));
    }

    private static int Length(int responses) => responses * ((2 * responses) - 2);

    /// <summary>[responses] → [responses × thresholds]</summary>
    private static void Step(ReadOnlySpan<double> ranks, Span<double> atMost)
    {
        var thresholds = (2 * ranks.Length) - 2;
        for (var response = 0; response < ranks.Length; response++)
        {
            var from = (int)(2 * (ranks[response] - 1));
            atMost.Slice(response * thresholds, from).Clear();
            atMost.Slice((response * thresholds) + from, thresholds - from).Fill(1);
        }
    }

    /// <summary>Ranks by utility; equal utilities get the mean rank.</summary>
    private static void RanksOf(ReadOnlySpan<double> utilities, Span<double> ranks)
    {
        for (var a = 0; a < utilities.Length; a++)
        {
            var rank = 1.0;
            for (var b = 0; b < utilities.Length; b++)
                if (utilities[b] > utilities[a])
                    rank++;
                else if (b != a && utilities[b] == utilities[a])
                    rank += 0.5;
            ranks[a] = rank;
        }
    }

    private static double[] SharesAtMost(RankCounts ranks, int promptIndex)
    {
        var responses = ranks.ResponseCountOf(promptIndex);
        var thresholds = (2 * responses) - 2;
        var shares = new double[Length(responses)];
        for (var response = 0; response < responses; response++)
        {
            var count = 0;
            for (var threshold = 0; threshold < thresholds; threshold++)
            {
                // No simulated user shares a rank: half ranks add nobody.
                if (threshold % 2 == 0)
                    count += ranks.At(promptIndex, response, 1 + (threshold / 2));
                shares[(response * thresholds) + threshold] = (double)count / ranks.Users;
            }
        }
        return shares;
    }

    /// <summary>The rankings of a group, prompt by prompt, each with the place of its person in the group.</summary>
    private sealed class Members
    {
        public Members(int[] annotatorIndexes, ILookup<int, int> placesOf, AnnotatorRanking[] rankings)
        {
            People = annotatorIndexes.Length;
            ByPrompt = [.. annotatorIndexes.SelectMany((annotatorIndex, person) => placesOf[annotatorIndex].Select(place => (place, person)))
                .GroupBy(one => rankings[one.place].PromptIndex).Select(prompt => (prompt.Key, prompt.ToArray()))];
            Judgements = ByPrompt.Sum(prompt => prompt.Places.Length);
        }

        public int People { get; }

        public int Judgements { get; }

        public (int PromptIndex, (int Place, int Person)[] Places)[] ByPrompt { get; }
    }
}
