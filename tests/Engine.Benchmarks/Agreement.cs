using PersonalLlm.Engine.Evaluation;

namespace PersonalLlm.Engine.Benchmarks;

/// <summary>How long does the agreement of all pairs of users, one by one, take?</summary>
internal static class Agreement
{
    public static Job Prepare(Arguments arguments)
    {
        var users = arguments.Integer("users", 1000);
        var threads = arguments.Integer("threads", -1);
        var rewards = PeerData.Rewards(10_402);
        var population = PeerData.Users(users, 1);
        return new($"agreement-matrix/U{users}", () =>
        {
            var matrix = AgreementMatrix.Of(rewards, population, threads);
            var sum = 0.0;
            foreach (var value in matrix.Values)
                sum += value;
            return new { mean_tau = Math.Round((sum - users) / ((double)users * (users - 1)), 7), k01 = Math.Round(matrix[0, 1], 7) };
        });
    }
}
