using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;
using PersonalLlm.Web.Components.Shared;

namespace PersonalLlm.Web.Features.Population;

/// <summary>A population drawn on its data set.</summary>
/// <param name="Source">The data set.</param>
/// <param name="Rewards">Of the data set under the population's reward models.</param>
/// <param name="Users">The population itself.</param>
/// <param name="Votes">Its first choices.</param>
/// <param name="Group">How diverse it is.</param>
/// <param name="Map">Where its users lie; the first <see cref="MostOnMap"/> of them.</param>
public sealed record PopulationNumbers(
    PopulationSource Source, RewardMatrix Rewards, SimulatedUsers Users, VoteCounts Votes, GroupNumbers Group, WeightsMap Map)
{
    /// <summary>More points than this are a cloud in any case.</summary>
    public const int MostOnMap = 2000;

    /// <exception cref="ArgumentException">The population cannot be drawn.</exception>
    public static PopulationNumbers Of(PopulationSource source, PopulationSpec spec, CancellationToken cancellation = default)
    {
        var rewards = source.RewardsUnder(spec.RewardModels);
        var users = PopulationSampler.Sample(spec, cancellation);
        var (votes, pairs) = VoteCounter.CountFirstChoicesAndPairs(rewards, users, cancellationToken: cancellation);
        return new PopulationNumbers(
            source,
            rewards,
            users,
            votes,
            GroupNumbers.OfSimulated(FigureGroup.Simulated, source, users, votes, pairs, cancellation),
            WeightsMap.Of(users, MostOnMap));
    }
}
