using System.Numerics;
using System.Runtime.InteropServices;
using PersonalLlm.Engine.Population.Kernels;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Engine.Population;

/// <summary>
/// What a simulated population prefers, counted without ever writing down the [users × responses] utilities.
/// </summary>
/// <remarks>
/// One vector lane is one user, and each prompt belongs to one worker, so that there is nothing to merge and the counts do not depend
/// on the number of threads. Utilities are float32 in the rounding order of <see cref="Utility"/>; noise and its comparisons are float64.
/// </remarks>
public static class VoteCounter
{
    private const int PromptsPerTask = 16;

    // 512 users × 10 reward models × 4 bytes stay in the first-level cache while the prompts of a task pass by.
    private const int UsersPerTile = 512;

    // 10 reward models: 1.3 MB of weights.
    private const int UsersPerBlock = 16_384;

    private delegate void PromptCounter(int promptIndex, ReadOnlySpan<Vector<float>> weights, int firstPlace, int userCount);

    /// <summary>First choices of every user on every prompt: [responses].</summary>
    /// <param name="rewards">Standardised; its reward models are those of the population, in the same order.</param>
    /// <param name="users">A population or a block of one.</param>
    /// <param name="maximumThreads">−1 for as many as there are.</param>
    /// <param name="cancellationToken">Checked every few prompts.</param>
    /// <exception cref="ArgumentException">The reward models differ.</exception>
    public static VoteCounts CountFirstChoices(
        RewardMatrix rewards, SimulatedUsers users, int maximumThreads = -1, CancellationToken cancellationToken = default) =>
        CountFirstChoices(rewards, users.Spec, [users], LaneWidths.Widest, maximumThreads, cancellationToken);

    /// <summary>
    /// First choices of a whole population that is drawn in blocks and forgotten: memory does not grow with the number of users.
    /// </summary>
    /// <param name="rewards">Standardised; its reward models are those of the population, in the same order.</param>
    /// <param name="spec">Who the users are.</param>
    /// <param name="maximumThreads">−1 for as many as there are.</param>
    /// <param name="cancellationToken">Checked every few prompts.</param>
    /// <exception cref="ArgumentException">The reward models differ, or the population cannot be drawn.</exception>
    public static VoteCounts CountFirstChoices(
        RewardMatrix rewards, PopulationSpec spec, int maximumThreads = -1, CancellationToken cancellationToken = default) =>
        CountFirstChoices(
            rewards, spec, PopulationSampler.SampleBlocks(spec, UsersPerBlock, cancellationToken), LaneWidths.Widest, maximumThreads, cancellationToken);

    /// <summary>The same with a given number of users at a time.</summary>
    internal static VoteCounts CountFirstChoices(
        RewardMatrix rewards, PopulationSpec spec, IEnumerable<SimulatedUsers> blocks, LaneWidth width, int maximumThreads, CancellationToken cancellationToken)
    {
        RefuseOtherRewardModels(rewards, spec);
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = maximumThreads };
        var counts = new double[rewards.ResponseCount];
        var choice = new ChoiceModel(spec);
        var runner = choice.IsNoiseFree ? new PromptRunner(PackedPrompts.ContendersOf(rewards, options), width) : null;
        var noisy = choice.IsNoiseFree ? null : new NoisyRunner(rewards, choice, width);
        var others = runner?.PromptsOfManyCandidates ?? noisy!.PromptsLeftOut;
        foreach (var users in blocks)
        {
            runner?.Run<FirstChoiceCounts>(users, Add, options);
            noisy?.Run<FirstChoiceCounts>(users, Add, options);
            ForEachPrompt(rewards, users, others, (promptIndex, weights, firstPlace, userCount) =>
            {
                var votes = new int[rewards.ResponseCountOf(promptIndex)];
                if (choice.IsNoiseFree)
                    AddLargest(rewards.RowsOf(promptIndex), weights, rewards.RewardModelCount, userCount, votes);
                else
                    AddOneByOne<FirstChoiceCounts>(rewards, promptIndex, weights, choice, users, firstPlace, userCount, votes);
                Add(promptIndex, [.. Enumerable.Range(0, votes.Length)], votes);
            }, options);
        }
        return new VoteCounts(rewards.PromptStarts, counts);

        void Add(int promptIndex, ReadOnlySpan<int> candidates, ReadOnlySpan<int> votes)
        {
            for (var place = 0; place < candidates.Length; place++)
                counts[rewards.FirstResponseOf(promptIndex) + candidates[place]] += votes[place];
        }
    }

    /// <summary>
    /// Both of <see cref="CountFirstChoices(RewardMatrix, SimulatedUsers, int, CancellationToken)"/> and <see cref="CountPairs(RewardMatrix, SimulatedUsers, int, CancellationToken)"/>:
    /// with choice noise in the time of one of them.
    /// </summary>
    /// <param name="rewards">Standardised; its reward models are those of the population, in the same order.</param>
    /// <param name="users">A population or a block of one.</param>
    /// <param name="maximumThreads">−1 for as many as there are.</param>
    /// <param name="cancellationToken">Checked every few prompts.</param>
    /// <exception cref="ArgumentException">The reward models differ.</exception>
    public static (VoteCounts FirstChoices, PairCounts Pairs) CountFirstChoicesAndPairs(
        RewardMatrix rewards, SimulatedUsers users, int maximumThreads = -1, CancellationToken cancellationToken = default) =>
        CountFirstChoicesAndPairs(rewards, users, LaneWidths.Widest, maximumThreads, cancellationToken);

    internal static (VoteCounts FirstChoices, PairCounts Pairs) CountFirstChoicesAndPairs(
        RewardMatrix rewards, SimulatedUsers users, LaneWidth width, int maximumThreads, CancellationToken cancellationToken)
    {
        var choice = new ChoiceModel(users.Spec);
        if (choice.IsNoiseFree)
            return (CountFirstChoices(rewards, users.Spec, [users], width, maximumThreads, cancellationToken), CountPairs(rewards, users, width, maximumThreads, cancellationToken));
        RefuseOtherRewardModels(rewards, users.Spec);
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = maximumThreads };
        var votes = new double[rewards.ResponseCount];
        var pairs = new PairCounts(rewards.PromptStarts, users.Count);
        var noisy = new NoisyRunner(rewards, choice, width);
        noisy.Run<FirstChoicesAndPairWins>(users, Add, options);
        ForEachPrompt(rewards, users, noisy.PromptsLeftOut, (promptIndex, weights, firstPlace, userCount) =>
        {
            var counts = new int[FirstChoicesAndPairWins.CountsOf(rewards.ResponseCountOf(promptIndex))];
            AddOneByOne<FirstChoicesAndPairWins>(rewards, promptIndex, weights, choice, users, firstPlace, userCount, counts);
            Add(promptIndex, [], counts);
        }, options);
        return (new VoteCounts(rewards.PromptStarts, votes), pairs);

        void Add(int promptIndex, ReadOnlySpan<int> candidates, ReadOnlySpan<int> counts)
        {
            var responses = rewards.ResponseCountOf(promptIndex);
            for (var response = 0; response < responses; response++)
                votes[rewards.FirstResponseOf(promptIndex) + response] += counts[response];
            var above = pairs.AboveOf(promptIndex);
            for (var pair = 0; pair < above.Length; pair++)
                above[pair] += counts[responses + pair];
        }
    }

    /// <summary>For every two responses of every prompt, how many users put the one above the other.</summary>
    /// <param name="rewards">Standardised; its reward models are those of the population, in the same order.</param>
    /// <param name="users">A population or a block of one.</param>
    /// <param name="maximumThreads">−1 for as many as there are.</param>
    /// <param name="cancellationToken">Checked every few prompts.</param>
    /// <exception cref="ArgumentException">The reward models differ.</exception>
    public static PairCounts CountPairs(
        RewardMatrix rewards, SimulatedUsers users, int maximumThreads = -1, CancellationToken cancellationToken = default) =>
        CountPairs(rewards, users, LaneWidths.Widest, maximumThreads, cancellationToken);

    internal static PairCounts CountPairs(
        RewardMatrix rewards, SimulatedUsers users, LaneWidth width, int maximumThreads, CancellationToken cancellationToken)
    {
        RefuseOtherRewardModels(rewards, users.Spec);
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = maximumThreads };
        var counts = new PairCounts(rewards.PromptStarts, users.Count);
        var choice = new ChoiceModel(users.Spec);
        var runner = choice.IsNoiseFree ? new PromptRunner(PackedPrompts.AllOf(rewards), width) : null;
        var noisy = choice.IsNoiseFree ? null : new NoisyRunner(rewards, choice, width);
        runner?.Run<PairWins>(users, Add, options);
        noisy?.Run<PairWins>(users, Add, options);
        ForEachPrompt(rewards, users, runner?.PromptsOfManyCandidates ?? noisy!.PromptsLeftOut, (promptIndex, weights, firstPlace, userCount) =>
        {
            if (choice.IsNoiseFree)
                AddPairs(rewards.RowsOf(promptIndex), weights, rewards.RewardModelCount, counts.AboveOf(promptIndex));
            else
                AddOneByOne<PairWins>(rewards, promptIndex, weights, choice, users, firstPlace, userCount, counts.AboveOf(promptIndex));
        }, options);
        return counts;

        void Add(int promptIndex, ReadOnlySpan<int> candidates, ReadOnlySpan<int> wins) => wins.CopyTo(counts.AboveOf(promptIndex));
    }

    /// <summary>For every response of every prompt, how many users put it at each rank.</summary>
    /// <param name="rewards">Standardised; its reward models are those of the population, in the same order.</param>
    /// <param name="users">A population or a block of one.</param>
    /// <param name="maximumThreads">−1 for as many as there are.</param>
    /// <param name="cancellationToken">Checked every few prompts.</param>
    /// <exception cref="ArgumentException">The reward models differ.</exception>
    public static RankCounts CountRanks(
        RewardMatrix rewards, SimulatedUsers users, int maximumThreads = -1, CancellationToken cancellationToken = default) =>
        CountRanks(rewards, users, LaneWidths.Widest, maximumThreads, cancellationToken);

    internal static RankCounts CountRanks(
        RewardMatrix rewards, SimulatedUsers users, LaneWidth width, int maximumThreads, CancellationToken cancellationToken)
    {
        RefuseOtherRewardModels(rewards, users.Spec);
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = maximumThreads };
        var counts = new RankCounts(rewards.PromptStarts, users.Count);
        var choice = new ChoiceModel(users.Spec);
        var runner = choice.IsNoiseFree ? new PromptRunner(PackedPrompts.AllOf(rewards), width) : null;
        var noisy = choice.IsNoiseFree ? null : new NoisyRunner(rewards, choice, width);
        runner?.Run<RankHistogram>(users, Add, options);
        noisy?.Run<RankHistogram>(users, Add, options);
        ForEachPrompt(rewards, users, runner?.PromptsOfManyCandidates ?? noisy!.PromptsLeftOut, (promptIndex, weights, firstPlace, userCount) =>
        {
            if (choice.IsNoiseFree)
                AddRanks(rewards.RowsOf(promptIndex), weights, rewards.RewardModelCount, userCount, counts.MutableOf(promptIndex));
            else
                AddOneByOne<RankHistogram>(rewards, promptIndex, weights, choice, users, firstPlace, userCount, counts.MutableOf(promptIndex));
        }, options);
        return counts;

        void Add(int promptIndex, ReadOnlySpan<int> candidates, ReadOnlySpan<int> ranks) => ranks.CopyTo(counts.MutableOf(promptIndex));
    }

    internal static void RefuseOtherRewardModels(RewardMatrix rewards, PopulationSpec spec)
    {
        if (!rewards.RewardModels.SequenceEqual(spec.RewardModels))
            throw new ArgumentException(
                $"The population is over {string.Join(", ", spec.RewardModels)} but the rewards are of {string.Join(", ", rewards.RewardModels)}.");
    }

    private static void ForEachPrompt(RewardMatrix rewards, SimulatedUsers users, int[] promptIndexes, PromptCounter count, ParallelOptions options)
    {
        if (promptIndexes.Length == 0)
            return;
        var packed = Pack(users);
        var vectorsPerTile = UsersPerTile / Vector<float>.Count * rewards.RewardModelCount;
        var tasks = (promptIndexes.Length + PromptsPerTask - 1) / PromptsPerTask;
        Parallel.For(0, tasks, options, task =>
        {
            var last = Math.Min(promptIndexes.Length, (task + 1) * PromptsPerTask);
            for (var tile = 0; tile * vectorsPerTile < packed.Length; tile++)
            {
                var weights = packed.AsSpan(tile * vectorsPerTile);
                weights = weights[..Math.Min(vectorsPerTile, weights.Length)];
                var userCount = Math.Min(UsersPerTile, users.Count - (tile * UsersPerTile));
                for (var place = task * PromptsPerTask; place < last; place++)
                    count(promptIndexes[place], weights, tile * UsersPerTile, userCount);
            }
        });
    }

    /// <summary>Weights as [groups of lanes][reward models], one user per lane; lanes beyond the last user hold zeros.</summary>
    private static Vector<float>[] Pack(SimulatedUsers users)
    {
        var lanes = Vector<float>.Count;
        var models = users.RewardModelCount;
        var packed = new Vector<float>[(users.Count + lanes - 1) / lanes * models];
        var singles = MemoryMarshal.Cast<Vector<float>, float>(packed.AsSpan());
        for (var userIndex = 0; userIndex < users.Count; userIndex++)
        {
            var weights = users.WeightsOf(userIndex);
            for (var modelIndex = 0; modelIndex < models; modelIndex++)
                singles[(((userIndex / lanes * models) + modelIndex) * lanes) + (userIndex % lanes)] = (float)weights[modelIndex];
        }
        return packed;
    }

    /// <summary>Rewards [responses × reward models] · weights of one group [reward models] → utilities [responses], all lanes at once.</summary>
    private static void Score(ReadOnlySpan<float> rewards, ReadOnlySpan<Vector<float>> weights, Span<Vector<float>> utilities)
    {
        for (var response = 0; response < utilities.Length; response++)
        {
            var row = rewards.Slice(response * weights.Length, weights.Length);
            var utility = Vector<float>.Zero;
            for (var modelIndex = 0; modelIndex < weights.Length; modelIndex++)
                utility = Vector.FusedMultiplyAdd(new Vector<float>(row[modelIndex]), weights[modelIndex], utility);
            utilities[response] = utility;
        }
    }

    private static void AddLargest(ReadOnlySpan<float> rewards, ReadOnlySpan<Vector<float>> weights, int models, int userCount, Span<int> votes)
    {
        var utilities = new Vector<float>[votes.Length];
        var tallies = new Vector<int>[votes.Length];
        for (var start = 0; start < weights.Length; start += models)
        {
            Score(rewards, weights.Slice(start, models), utilities);
            var largest = utilities[0];
            var chosen = Vector<int>.Zero;
            for (var response = 1; response < utilities.Length; response++)
            {
                var isLarger = Vector.GreaterThan(utilities[response], largest);
                largest = Vector.ConditionalSelect(isLarger, utilities[response], largest);
                chosen = Vector.ConditionalSelect(isLarger, new Vector<int>(response), chosen);
            }
            // A lane that is equal is −1.
            for (var response = 0; response < tallies.Length; response++)
                tallies[response] -= Vector.Equals(chosen, new Vector<int>(response));
        }
        for (var response = 0; response < tallies.Length; response++)
            votes[response] += Vector.Sum(tallies[response]);
        // Empty lanes have utility 0 everywhere and so chose the first response.
        votes[0] -= (weights.Length / models * Vector<float>.Count) - userCount;
    }

    private static void AddPairs(ReadOnlySpan<float> rewards, ReadOnlySpan<Vector<float>> weights, int models, Span<int> above)
    {
        var responses = rewards.Length / models;
        var utilities = new Vector<float>[responses];
        var tallies = new Vector<int>[responses * responses];
        for (var start = 0; start < weights.Length; start += models)
        {
            Score(rewards, weights.Slice(start, models), utilities);
            for (var a = 0; a < responses; a++)
                for (var b = 0; b < a; b++)
                {
                    tallies[(a * responses) + b] -= Vector.GreaterThan(utilities[a], utilities[b]);
                    tallies[(b * responses) + a] -= Vector.GreaterThan(utilities[b], utilities[a]);
                }
        }
        for (var pair = 0; pair < tallies.Length; pair++)
            above[pair] += Vector.Sum(tallies[pair]);
    }

    private static void AddRanks(ReadOnlySpan<float> rewards, ReadOnlySpan<Vector<float>> weights, int models, int userCount, Span<int> counts)
    {
        var utilities = new Vector<float>[rewards.Length / models];
        for (int start = 0, first = 0; first < userCount; start += models, first += Vector<float>.Count)
        {
            Score(rewards, weights.Slice(start, models), utilities);
            for (var response = 0; response < utilities.Length; response++)
            {
                // A lane that is above is −1; equal utilities keep the order of the responses.
                var above = Vector<int>.Zero;
                for (var other = 0; other < response; other++)
                    above -= Vector.GreaterThanOrEqual(utilities[other], utilities[response]);
                for (var other = response + 1; other < utilities.Length; other++)
                    above -= Vector.GreaterThan(utilities[other], utilities[response]);
                for (var lane = 0; lane < Math.Min(Vector<float>.Count, userCount - first); lane++)
                    counts[(response * utilities.Length) + above[lane]]++;
            }
        }
    }

    private static void AddOneByOne<TKernel>(
        RewardMatrix rewards, int promptIndex, ReadOnlySpan<Vector<float>> weights, ChoiceModel choice, SimulatedUsers users, int firstPlace, int userCount, Span<int> counts)
        where TKernel : INoisyKernel
    {
        var perturbed = new double[rewards.ResponseCountOf(promptIndex)];
        var noisy = new NoisyUsers(rewards, promptIndex, weights, choice, users, firstPlace, userCount);
        while (noisy.MoveNext(perturbed))
            TKernel.AddExactly(perturbed, counts);
    }

    /// <summary>Goes through the users of a tile one by one, with their noise.</summary>
    private ref struct NoisyUsers(
        RewardMatrix rewards, int promptIndex, ReadOnlySpan<Vector<float>> weights, ChoiceModel choice, SimulatedUsers users, int firstPlace, int userCount)
    {
        private readonly ReadOnlySpan<Vector<float>> weights = weights;
        private readonly Vector<float>[] utilities = new Vector<float>[rewards.ResponseCountOf(promptIndex)];
        private readonly float[] own = new float[rewards.ResponseCountOf(promptIndex)];
        private int next;

        /// <summary>Perturbed utilities of the next user; false when there is none left.</summary>
        public bool MoveNext(Span<double> perturbed)
        {
            if (next == userCount)
                return false;
            var lane = next % Vector<float>.Count;
            if (lane == 0)
                Score(rewards.RowsOf(promptIndex), weights.Slice(next / Vector<float>.Count * rewards.RewardModelCount, rewards.RewardModelCount), utilities);
            for (var response = 0; response < own.Length; response++)
                own[response] = utilities[response][lane];
            choice.Perturb(own, users.DrawOf(firstPlace + next), rewards.FirstResponseOf(promptIndex), perturbed);
            next++;
            return true;
        }
    }
}
