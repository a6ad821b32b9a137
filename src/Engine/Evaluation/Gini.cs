using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Evaluation;

/// <summary>
/// Gini coefficient (1912): 0 when all shares are equal, (n − 1)/n when one has everything. Ours: no paper that we follow reports it.
/// </summary>
public static class Gini
{
    /// <summary>Σ_i (2i − n − 1) x_i / (n Σ x), x ascending, i from 1.</summary>
    /// <param name="shares">At least 0, not all 0; need not sum to 1.</param>
    public static double Of(ReadOnlySpan<double> shares)
    {
        var ascending = shares.ToArray();
        Array.Sort(ascending);
        double weighted = 0, total = 0;
        for (var place = 0; place < ascending.Length; place++)
        {
            weighted += ((2 * place) + 1 - ascending.Length) * ascending[place];
            total += ascending[place];
        }
        return weighted / (ascending.Length * total);
    }

    /// <summary>Mean over users of the Gini coefficient of their weights. The interval and n are over users.</summary>
    public static Estimate OfWeights(SimulatedUsers users, uint seed, int resamples = Bootstrap.DefaultResamples, CancellationToken cancellationToken = default)
    {
        var values = new double[users.Count];
        for (var userIndex = 0; userIndex < values.Length; userIndex++)
            values[userIndex] = Of(users.WeightsOf(userIndex));
        return Bootstrap.EstimateOne(values.Length, "users", Bootstrap.Mean(values), seed, resamples, cancellationToken);
    }

    /// <summary>Mean over prompts of the Gini coefficient of the votes of their responses. The interval and n are over prompts with votes.</summary>
    public static Estimate OfVotes(VoteCounts votes, uint seed, int resamples = Bootstrap.DefaultResamples, CancellationToken cancellationToken = default)
    {
        double[] values = [.. Enumerable.Range(0, votes.PromptCount).Where(promptIndex => votes.TotalOf(promptIndex) > 0).Select(promptIndex => Of(votes.Of(promptIndex)))];
        return Bootstrap.EstimateOne(values.Length, "prompts", Bootstrap.Mean(values), seed, resamples, cancellationToken);
    }
}
