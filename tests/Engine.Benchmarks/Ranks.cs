using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;

namespace PersonalLlm.Engine.Benchmarks;

/// <summary>How long do full rankings of a whole population take, as counts of ranks or as counts of pairs?</summary>
internal static class Ranks
{
    public static Job Prepare(Arguments arguments)
    {
        var users = arguments.Integer("users", 1000);
        var threads = arguments.Integer("threads", -1);
        var rewards = PeerData.Rewards(10_402, arguments.Integer("responses", PeerData.Responses));
        var population = PeerData.Users(users, arguments.Number("alpha", 1));
        return new($"ranks/U{users}", () =>
        {
            var counts = VoteCounter.CountRanks(rewards, population, threads);
            long hash = 0, index = 0;
            for (var promptIndex = 0; promptIndex < counts.PromptCount; promptIndex++)
                foreach (var count in counts.Of(promptIndex))
                    hash += count * ((index++ % 9973) + 1);
            return new { hash = hash % (1L << 31) };
        });
    }

    /// <summary>The mean agreement of all pairs of users, from pair counts: O(users × prompts).</summary>
    public static Job PrepareAgreementMean(Arguments arguments)
    {
        var users = arguments.Integer("users", 100_000);
        var threads = arguments.Integer("threads", -1);
        var rewards = PeerData.Rewards(10_402);
        var population = PeerData.Users(users, 1);
        return new($"agreement-mean/U{users}", () => new
        {
            mean_tau = Math.Round(PairwiseAgreement.WithinSimulated(VoteCounter.CountPairs(rewards, population, threads)).Value!.Value, 7),
        });
    }
}
