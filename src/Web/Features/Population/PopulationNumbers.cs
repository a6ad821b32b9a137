using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;
using PersonalLlm.Web.Components.Shared;

namespace PersonalLlm.Web.Features.Population;

/// <summary>A population drawn on its data set.</summary>
/// <param name="Users">The population itself.</param>
/// <param name="Group">How diverse it is.</param>
internal sealed record PopulationNumbers(SimulatedUsers Users, GroupNumbers Group)
{
    /// <exception cref="ArgumentException">The population cannot be drawn.</exception>
    public static PopulationNumbers Of(PopulationSource source, PopulationSpec spec, CancellationToken cancellation = default)
    {
        var users = PopulationSampler.Sample(spec, cancellation);
        return new PopulationNumbers(users, GroupNumbers.OfSimulated(FigureGroup.Simulated, source, users, cancellation));
    }

    /// <summary>How often each response model is one user's first choice, most often first.</summary>
    public static IReadOnlyList<(string ResponseModel, double Share)> FavouritesOf(PopulationSource source, SimulatedUsers users, int userIndex)
    {
        var rewards = source.RewardsUnder(users.Spec.RewardModels);
        var weights = Array.ConvertAll(users.WeightsOf(userIndex).ToArray(), weight => (float)weight);
        var choice = new ChoiceModel(users.Spec);
        var wins = new Dictionary<string, int>();
        Span<float> utilities = stackalloc float[Ranking.MaximumResponses];
        for (var promptIndex = 0; promptIndex < rewards.PromptCount; promptIndex++)
        {
            var own = utilities[..rewards.ResponseCountOf(promptIndex)];
            Utility.Compute(rewards.RowsOf(promptIndex), weights, own);
            var first = rewards.FirstResponseOf(promptIndex);
            var chosen = source.ResponseModels[first + choice.FirstChoice(own, users.DrawOf(userIndex), first)];
            wins[chosen] = wins.GetValueOrDefault(chosen) + 1;
        }
        return [.. wins.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => (pair.Key, (double)pair.Value / rewards.PromptCount))];
    }
}
