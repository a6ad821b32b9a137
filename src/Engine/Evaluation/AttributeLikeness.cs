using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Evaluation;

/// <summary>How like a simulated user is to somebody who judges by one attribute alone: mean Kendall τ-b between their rankings of the same prompt.</summary>
public static class AttributeLikeness
{
    /// <summary>One user against every column of a matrix of attributes.</summary>
    /// <param name="rewards">Standardised; its reward models are those of the population, in the same order.</param>
    /// <param name="users">The population.</param>
    /// <param name="userIndex">0-based within <paramref name="users"/>.</param>
    /// <param name="attributes">The same prompts and responses under the attribute reward models; equal rewards are ties.</param>
    /// <param name="seed">Of the bootstrap over prompts.</param>
    /// <param name="resamples">Of the bootstrap.</param>
    /// <param name="cancellationToken">Checked between prompts.</param>
    /// <returns>By attribute reward model, most alike first; n is the prompts on which the attribute tells responses apart.</returns>
    /// <exception cref="ArgumentException">The prompts differ.</exception>
    public static IReadOnlyList<NamedEstimate> Of(
        RewardMatrix rewards,
        SimulatedUsers users,
        int userIndex,
        RewardMatrix attributes,
        uint seed,
        int resamples = Bootstrap.DefaultResamples,
        CancellationToken cancellationToken = default)
    {
        if (!rewards.PromptStarts.SequenceEqual(attributes.PromptStarts))
            throw new ArgumentException("The attributes are of other prompts than the rewards.");
        var weights = Array.ConvertAll(users.WeightsOf(userIndex).ToArray(), weight => (float)weight);
        var choice = new ChoiceModel(users.Spec);
        var taus = attributes.RewardModels.Select(_ => new List<double>()).ToArray();
        for (var promptIndex = 0; promptIndex < rewards.PromptCount; promptIndex++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var first = rewards.FirstResponseOf(promptIndex);
            var utilities = new float[rewards.ResponseCountOf(promptIndex)];
            var bestFirst = new int[utilities.Length];
            Utility.Compute(rewards.RowsOf(promptIndex), weights, utilities);
            choice.Rank(utilities, users.DrawOf(userIndex), first, bestFirst);
            var ranks = new int[utilities.Length];
            for (var place = 0; place < bestFirst.Length; place++)
                ranks[bestFirst[place]] = place + 1;
            for (var modelIndex = 0; modelIndex < taus.Length; modelIndex++)
                if (KendallTau.Of(ranks, RanksOf(attributes, first, ranks.Length, modelIndex)) is { } tau)
                    taus[modelIndex].Add(tau);
        }
        return
        [
            .. attributes.RewardModels.Zip(taus, (name, own) => new NamedEstimate(name, own.Count == 0
                ? Estimate.Undefined("the attribute is the same in all responses of every prompt")
                : Bootstrap.EstimateOne(own.Count, "prompts", Bootstrap.Mean([.. own]), seed, resamples, cancellationToken)))
            .OrderByDescending(named => named.Estimate.Value ?? double.NegativeInfinity),
        ];
    }

    private static int[] RanksOf(RewardMatrix attributes, int first, int responses, int modelIndex)
    {
        var ranks = new int[responses];
        for (var response = 0; response < responses; response++)
        {
            ranks[response] = 1;
            for (var other = 0; other < responses; other++)
                ranks[response] += attributes.Row(first + other)[modelIndex] > attributes.Row(first + response)[modelIndex] ? 1 : 0;
        }
        return ranks;
    }
}
