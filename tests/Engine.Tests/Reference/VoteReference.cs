using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Engine.Tests.Reference;

/// <summary>The slow, obvious twin of <see cref="VoteCounter"/>: one user, one prompt, one response at a time.</summary>
internal static class VoteReference
{
    public static double[] FirstChoices(RewardMatrix rewards, SimulatedUsers users)
    {
        var votes = new double[rewards.ResponseCount];
        ForEach(rewards, users, (promptIndex, perturbed) =>
            votes[rewards.FirstResponseOf(promptIndex) + Array.IndexOf(perturbed, perturbed.Max())]++);
        return votes;
    }

    /// <summary>[prompt][a, b]: how many users put a above b.</summary>
    public static int[][,] Pairs(RewardMatrix rewards, SimulatedUsers users)
    {
        var above = Enumerable.Range(0, rewards.PromptCount)
            .Select(promptIndex => new int[rewards.ResponseCountOf(promptIndex), rewards.ResponseCountOf(promptIndex)]).ToArray();
        ForEach(rewards, users, (promptIndex, perturbed) =>
        {
            for (var a = 0; a < perturbed.Length; a++)
                for (var b = 0; b < perturbed.Length; b++)
                    above[promptIndex][a, b] += perturbed[a] > perturbed[b] ? 1 : 0;
        });
        return above;
    }

    /// <summary>[prompt][response, rank − 1]: how many users put it there, by sorting.</summary>
    public static int[][,] Ranks(RewardMatrix rewards, SimulatedUsers users)
    {
        var counts = Enumerable.Range(0, rewards.PromptCount)
            .Select(promptIndex => new int[rewards.ResponseCountOf(promptIndex), rewards.ResponseCountOf(promptIndex)]).ToArray();
        ForEach(rewards, users, (promptIndex, perturbed) =>
        {
            var bestFirst = Enumerable.Range(0, perturbed.Length).OrderByDescending(response => perturbed[response]).ToArray();
            for (var place = 0; place < bestFirst.Length; place++)
                counts[promptIndex][bestFirst[place], place]++;
        });
        return counts;
    }

    private static void ForEach(RewardMatrix rewards, SimulatedUsers users, Action<int, double[]> visit)
    {
        var choice = new ChoiceModel(users.Spec);
        for (var userIndex = 0; userIndex < users.Count; userIndex++)
        {
            var weights = users.WeightsOf(userIndex).ToArray().Select(weight => (float)weight).ToArray();
            for (var promptIndex = 0; promptIndex < rewards.PromptCount; promptIndex++)
            {
                var utilities = new float[rewards.ResponseCountOf(promptIndex)];
                Utility.Compute(rewards.RowsOf(promptIndex), weights, utilities);
                var perturbed = new double[utilities.Length];
                choice.Perturb(utilities, users.DrawOf(userIndex), rewards.FirstResponseOf(promptIndex), perturbed);
                visit(promptIndex, perturbed);
            }
        }
    }
}
