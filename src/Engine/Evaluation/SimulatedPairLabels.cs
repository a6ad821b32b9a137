using System.Globalization;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Evaluation;

/// <summary>Lets simulated users compare pairs of responses.</summary>
public static class SimulatedPairLabels
{
    /// <summary>Labels of a population, each user named by the number of her draw.</summary>
    /// <param name="rewards">Standardised; its reward models are those of the population, in the same order.</param>
    /// <param name="users">A population or a block of one.</param>
    /// <param name="pairsPerPrompt">How many pairs of a prompt are taken, at random from the population's seed; null for all of them.</param>
    /// <param name="cancellationToken">Checked between users.</param>
    /// <exception cref="ArgumentException">The reward models differ, or there would be more labels than an array holds.</exception>
    public static PairLabels Make(RewardMatrix rewards, SimulatedUsers users, int? pairsPerPrompt, CancellationToken cancellationToken = default)
    {
        VoteCounter.RefuseOtherRewardModels(rewards, users.Spec);
        int[] draws = [.. Enumerable.Range(0, users.Count).Select(users.DrawOf)];
        return Make(
            rewards, Array.ConvertAll(draws, draw => draw.ToString(CultureInfo.InvariantCulture)), draws, users.Weights.ToArray(), new ChoiceModel(users.Spec),
            pairsPerPrompt, users.Spec.Seed, cancellationToken);
    }

    /// <summary>
    /// Labels of the pairs of every prompt, from one ranking per user and prompt: its perturbed utilities, so that a user's labels never
    /// contradict each other. Equal utilities are a tie.
    /// </summary>
    /// <remarks>
    /// Repeats are not drawn but known: two independent judgements of a pair agree with probability p² + (1 − p)², p = 1 / (1 + exp(−β Δu)),
    /// and always without noise. That probability, over the pairs that a user labels, stands in for the share of agreeing repeats.
    /// </remarks>
    /// <param name="rewards">Standardised.</param>
    /// <param name="names">[users]</param>
    /// <param name="weights">[users × reward models], row-major.</param>
    /// <param name="choice">How utilities become rankings.</param>
    /// <param name="pairsPerPrompt">How many pairs of a prompt are taken, at random; null for all of them.</param>
    /// <param name="seed">Of that selection.</param>
    /// <param name="cancellationToken">Checked between prompts.</param>
    /// <exception cref="ArgumentException">The weights do not fit, or there would be more labels than an array holds.</exception>
    public static PairLabels Make(
        RewardMatrix rewards, IReadOnlyList<string> names, double[] weights, ChoiceModel choice, int? pairsPerPrompt, uint seed, CancellationToken cancellationToken = default) =>
        Make(rewards, names, [.. Enumerable.Range(0, names.Count)], weights, choice, pairsPerPrompt, seed, cancellationToken);

    private static PairLabels Make(
        RewardMatrix rewards, IReadOnlyList<string> names, int[] draws, double[] weights, ChoiceModel choice, int? pairsPerPrompt, uint seed, CancellationToken cancellationToken)
    {
        var users = names.Count;
        if (weights.Length != users * rewards.RewardModelCount)
            throw new ArgumentException($"Expected {users} users × {rewards.RewardModelCount} reward models but got {weights.Length} weights.");
        var pairs = Enumerable.Range(0, rewards.PromptCount)
            .SelectMany(promptIndex => PairsOf(rewards, promptIndex, pairsPerPrompt, seed).Select(pair => (PromptIndex: promptIndex, pair.A, pair.B))).ToArray();
        if ((long)pairs.Length * users > Array.MaxLength)
            throw new ArgumentException($"{pairs.Length} pairs × {users} users are too many to hold at once; take fewer pairs per prompt or fewer users.");

        // 0: a tie, 1: the first, 2: the second; [pairs × users], so that the labels of a pair lie together.
        var signs = new byte[pairs.Length * users];
        var agreement = new double[users];
        var repeats = new double[users];
        Parallel.For(0, users, new ParallelOptions { CancellationToken = cancellationToken }, userIndex =>
        {
            var own = Array.ConvertAll(weights[(userIndex * rewards.RewardModelCount)..((userIndex + 1) * rewards.RewardModelCount)], weight => (float)weight);
            float[] utilities = [];
            double[] perturbed = [];
            var ofPrompt = -1;
            for (var pairIndex = 0; pairIndex < pairs.Length; pairIndex++)
            {
                var (promptIndex, a, b) = pairs[pairIndex];
                if (promptIndex != ofPrompt)
                {
                    ofPrompt = promptIndex;
                    utilities = new float[rewards.ResponseCountOf(promptIndex)];
                    perturbed = new double[utilities.Length];
                    Utility.Compute(rewards.RowsOf(promptIndex), own, utilities);
                    choice.Perturb(utilities, draws[userIndex], rewards.FirstResponseOf(promptIndex), perturbed);
                }
                if (perturbed[a] == perturbed[b])
                    continue;
                signs[(pairIndex * users) + userIndex] = perturbed[a] > perturbed[b] ? (byte)1 : (byte)2;
                repeats[userIndex]++;
                agreement[userIndex] += choice.IsNoiseFree ? 1 : Agreement(choice.InverseTemperature * (utilities[a] - utilities[b]));
            }
        });
        return new PairLabels(
            names, Array.ConvertAll(pairs, pair => pair.PromptIndex), Starts(signs, pairs.Length, users), Labels(signs, users), agreement, repeats, signs.AsSpan().Count((byte)0));
    }

    private static double Agreement(double difference)
    {
        var p = 1 / (1 + Math.Exp(-difference));
        return (p * p) + ((1 - p) * (1 - p));
    }

    private static int[] Starts(byte[] signs, int pairs, int users)
    {
        var starts = new int[pairs + 1];
        for (var pairIndex = 0; pairIndex < pairs; pairIndex++)
            starts[pairIndex + 1] = starts[pairIndex] + users - signs.AsSpan(pairIndex * users, users).Count((byte)0);
        return starts;
    }

    private static int[] Labels(byte[] signs, int users)
    {
        var packed = new int[signs.Length - signs.AsSpan().Count((byte)0)];
        var next = 0;
        for (var index = 0; index < signs.Length; index++)
            if (signs[index] != 0)
                packed[next++] = PairLabels.Pack(new PairLabel(index % users, signs[index] == 1));
        return packed;
    }

    private static (int A, int B)[] PairsOf(RewardMatrix rewards, int promptIndex, int? wanted, uint seed)
    {
        var responses = rewards.ResponseCountOf(promptIndex);
        var all = (from a in Enumerable.Range(0, responses) from b in Enumerable.Range(a + 1, responses - a - 1) select (a, b)).ToArray();
        if (wanted is not { } count || count >= all.Length)
            return all;
        new RandomStream(seed, RandomStreams.PairSamples, (ulong)promptIndex).Shuffle<(int, int)>(all);
        return all[..count];
    }
}
