using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Evaluation;

/// <summary>Overlap of two users: the share of prompts on which both have the same first choice (Zollo et al. 2024, §3).</summary>
public static class FirstChoiceOverlap
{
    /// <summary>Mean over all pairs of users, from vote counts alone: Σ_r v_r (v_r − 1) / (U (U − 1)), averaged over prompts.</summary>
    /// <param name="votes">Whole votes of simulated users, each on every prompt.</param>
    /// <param name="seed">Of the bootstrap over prompts.</param>
    /// <param name="resamples">Of the bootstrap.</param>
    /// <param name="cancellationToken">Checked between resamples.</param>
    /// <returns>n is the number of prompts with at least two votes.</returns>
    public static Estimate Mean(VoteCounts votes, uint seed, int resamples = Bootstrap.DefaultResamples, CancellationToken cancellationToken = default)
    {
        var overlaps = new List<double>();
        for (var promptIndex = 0; promptIndex < votes.PromptCount; promptIndex++)
        {
            var users = votes.TotalOf(promptIndex);
            if (users < 2)
                continue;
            var together = 0.0;
            foreach (var count in votes.Of(promptIndex))
                together += count * (count - 1);
            overlaps.Add(together / (users * (users - 1)));
        }
        return overlaps.Count == 0
            ? Estimate.Undefined("no prompt has the votes of two users")
            : Bootstrap.EstimateOne(overlaps.Count, "prompts", Bootstrap.Mean([.. overlaps]), seed, resamples, cancellationToken);
    }

    /// <summary>
    /// Mean over all pairs of rankings of the same prompt, averaged over prompts. Where first choices are tied, each of two voters picks one of hers at random:
    /// the expected share, ((Σ_r v_r²) − Σ_u Σ_r f_ur²) / (U (U − 1)) with f_ur the part of u's vote that r gets.
    /// </summary>
    /// <param name="rankings">At most one per annotator and prompt; those that rank nothing do not count.</param>
    /// <param name="seed">Of the bootstrap over prompts.</param>
    /// <param name="resamples">Of the bootstrap.</param>
    /// <param name="cancellationToken">Checked between resamples.</param>
    /// <returns>n is the number of prompts with at least two votes.</returns>
    public static Estimate OfRankings(
        IReadOnlyList<AnnotatorRanking> rankings, uint seed, int resamples = Bootstrap.DefaultResamples, CancellationToken cancellationToken = default)
    {
        var overlaps = new List<double>();
        foreach (var prompt in rankings.Where(one => one.Ranking.RankedCount > 0).GroupBy(one => one.PromptIndex).OrderBy(group => group.Key))
        {
            var votes = new double[Ranking.MaximumResponses];
            double users = 0, alone = 0;
            foreach (var (_, _, ranking) in prompt)
            {
                users++;
                alone += 1.0 / ranking.FirstChoices.Count;
                foreach (var response in ranking.FirstChoices)
                    votes[response] += 1.0 / ranking.FirstChoices.Count;
            }
            if (users > 1)
                overlaps.Add((votes.Sum(vote => vote * vote) - alone) / (users * (users - 1)));
        }
        return overlaps.Count == 0
            ? Estimate.Undefined("no prompt has the votes of two users")
            : Bootstrap.EstimateOne(overlaps.Count, "prompts", Bootstrap.Mean([.. overlaps]), seed, resamples, cancellationToken);
    }

    /// <summary>Of two users of a population. The interval and n are over prompts.</summary>
    /// <param name="rewards">Standardised; its reward models are those of the population, in the same order.</param>
    /// <param name="users">A population or a block of one.</param>
    /// <param name="one">0-based within <paramref name="users"/>.</param>
    /// <param name="other">0-based within <paramref name="users"/>.</param>
    /// <param name="seed">Of the bootstrap over prompts.</param>
    /// <param name="resamples">Of the bootstrap.</param>
    /// <param name="cancellationToken">Checked between resamples.</param>
    public static Estimate Between(
        RewardMatrix rewards, SimulatedUsers users, int one, int other, uint seed, int resamples = Bootstrap.DefaultResamples, CancellationToken cancellationToken = default)
    {
        var isSame = new double[rewards.PromptCount];
        for (var promptIndex = 0; promptIndex < isSame.Length; promptIndex++)
            isSame[promptIndex] = FirstChoice(rewards, users, one, promptIndex) == FirstChoice(rewards, users, other, promptIndex) ? 1 : 0;
        return Bootstrap.EstimateOne(isSame.Length, "prompts", Bootstrap.Mean(isSame), seed, resamples, cancellationToken);
    }

    private static int FirstChoice(RewardMatrix rewards, SimulatedUsers users, int userIndex, int promptIndex)
    {
        var weights = Array.ConvertAll(users.WeightsOf(userIndex).ToArray(), weight => (float)weight);
        var utilities = new float[rewards.ResponseCountOf(promptIndex)];
        Utility.Compute(rewards.RowsOf(promptIndex), weights, utilities);
        return new ChoiceModel(users.Spec).FirstChoice(utilities, users.DrawOf(userIndex), rewards.FirstResponseOf(promptIndex));
    }
}
