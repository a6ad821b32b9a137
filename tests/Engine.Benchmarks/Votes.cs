using System.Numerics;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Population.Kernels;

namespace PersonalLlm.Engine.Benchmarks;

/// <summary>How long do first choices of a whole population and the metrics made of them take?</summary>
internal static class Votes
{
    public static Job Prepare(Arguments arguments)
    {
        var users = arguments.Integer("users", 10_000);
        var concentration = arguments.Number("alpha", 1);
        var threads = arguments.Integer("threads", -1);
        var rewards = PeerData.Rewards(arguments.Integer("prompts", 10_402), arguments.Integer("responses", PeerData.Responses));
        if (arguments.Text("users-from", "peer") == "spec")
            return new($"votes/spec/U{users}", () => Metrics(VoteCounter.CountFirstChoices(rewards, PeerData.Spec(users, concentration), threads)));
        var population = PeerData.Users(users, concentration);
        if (arguments.Text("rewards", "seen") == "new")
            // What a program does that counts once: pack the prompts, find the contenders, count.
            return new($"votes/first/U{users}", () => Metrics(VoteCounter.CountFirstChoices(
                rewards.Select([.. Enumerable.Range(0, rewards.PromptCount)], rewards.RewardModels), population, threads)));
        return new($"votes/U{users}", () => Metrics(VoteCounter.CountFirstChoices(rewards, population, threads)));
    }

    /// <summary>How long does it take to find out which responses nobody can prefer, and how many are left?</summary>
    public static Job PrepareContenders(Arguments arguments)
    {
        var rewards = PeerData.Rewards(arguments.Integer("prompts", 10_402));
        var options = new ParallelOptions { MaxDegreeOfParallelism = arguments.Integer("threads", -1) };
        return new("contenders", () => new { kept = Contenders.Of(rewards, options).Average(mask => (double)BitOperations.PopCount(mask)) });
    }

    private static object Metrics(VoteCounts votes)
    {
        long hash = 0;
        for (var responseIndex = 0; responseIndex < votes.ResponseCount; responseIndex++)
            hash += (long)votes.Values[responseIndex] * ((responseIndex % 9973) + 1);
        double top = 0, entropy = 0, agree = 0, noMajority = 0;
        for (var promptIndex = 0; promptIndex < votes.PromptCount; promptIndex++)
        {
            var total = votes.TotalOf(promptIndex);
            var largest = 0.0;
            foreach (var count in votes.Of(promptIndex))
            {
                var share = count / total;
                largest = Math.Max(largest, share);
                entropy -= share > 0 ? share * Math.Log(share) : 0;
                agree += share * share;
            }
            top += largest;
            noMajority += largest <= 0.5 ? 1 : 0;
        }
        return new
        {
            votes_hash = hash % (1L << 31),
            top_share = Math.Round(top / votes.PromptCount, 7),
            entropy = Math.Round(entropy / votes.PromptCount, 7),
            no_majority = Math.Round(noMajority / votes.PromptCount, 7),
            agree = Math.Round(agree / votes.PromptCount, 7),
        };
    }
}
