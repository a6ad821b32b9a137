using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Web.Features.Population;

/// <summary>A prompt on which two groups differ.</summary>
/// <param name="PromptIndex">In the data set.</param>
/// <param name="Distance">Total variation distance of the vote shares.</param>
/// <param name="LeftFavourite">The response with most votes of the left group, as its letter, who wrote it, and its share.</param>
internal sealed record DivergentPrompt(int PromptIndex, string Text, double Distance, FavouriteResponse LeftFavourite, FavouriteResponse RightFavourite);

/// <param name="Response">0-based within the prompt; of several with most votes, the first.</param>
internal sealed record FavouriteResponse(int Response, string ResponseModel, double Share);

/// <summary>Two groups of voters side by side, on the prompts on which each of them has two votes or more.</summary>
/// <param name="Prompts">How many those are.</param>
/// <param name="Left">All numbers of the one group on these prompts.</param>
/// <param name="Right">Of the other.</param>
/// <param name="Differences">Right − left, prompt by prompt.</param>
/// <param name="Agreement">Mean τ-b of a voter of the one and a voter of the other.</param>
/// <param name="MostDivergent">The prompts with the largest distances.</param>
internal sealed record GroupComparison(
    int Prompts, GroupNumbers Left, GroupNumbers Right, PairedDiversity Differences, Estimate Agreement, IReadOnlyList<DivergentPrompt> MostDivergent)
{
    /// <summary>How many prompts are listed.</summary>
    public const int Listed = 20;

    /// <summary>A single vote is always unanimous and says nothing about a group.</summary>
    private const int FewestVotes = 2;

    private static readonly Estimate s_noRankings = Estimate.Undefined("personas name a first choice only, and a correlation needs rankings");

    /// <returns>The comparison, or one sentence saying why there is none.</returns>
    public static (GroupComparison? Comparison, string? Problem) Of(PopulationSource source, VoterGroup left, VoterGroup right, CancellationToken cancellation = default)
    {
        if (left.Address == right.Address)
            return (null, "Both sides are the same group; choose another one.");
        var (leftVotes, rightVotes) = (left.CountVotes(source, cancellation), right.CountVotes(source, cancellation));
        var common = Enumerable.Range(0, source.Prompts.Count)
            .Where(promptIndex => leftVotes.TotalOf(promptIndex) >= FewestVotes && rightVotes.TotalOf(promptIndex) >= FewestVotes).ToArray();
        if (common.Length == 0)
            return (null, "There is no prompt on which each group has two votes or more.");
        if (common.Length < source.Prompts.Count)
        {
            // Noise is addressed by the rows of the rewards, so simulated users vote anew on what is left.
            (source, left, right) = (source.On(common), left.On(common), right.On(common));
            (leftVotes, rightVotes) = (left.CountVotes(source, cancellation), right.CountVotes(source, cancellation));
        }
        var (leftFigure, rightFigure) = (left.Figure, right.Figure);
        if (leftFigure.Color == rightFigure.Color)
            rightFigure = rightFigure.AsSecond;
        if (leftFigure.Name == rightFigure.Name)
            rightFigure = rightFigure with { Name = $"{rightFigure.Name} ({right.Address})" };
        var differences = PairedDiversity.Of(leftVotes, rightVotes, source.ResponseModels, GroupNumbers.BootstrapSeed, GroupNumbers.Resamples, cancellation);
        var farthest = Enumerable.Range(0, common.Length).Where(place => differences.DistanceByPrompt[place] > 0)
            .OrderByDescending(place => differences.DistanceByPrompt[place]).ThenBy(place => place).Take(Listed);
        return (
            new GroupComparison(
                common.Length,
                left.NumbersOn(source, leftFigure, cancellation),
                right.NumbersOn(source, rightFigure, cancellation),
                differences,
                AgreementOf(source, left, right, cancellation),
                [.. farthest.Select(place => new DivergentPrompt(
                    common[place], source.Prompts[place], differences.DistanceByPrompt[place], FavouriteOf(source, leftVotes, place), FavouriteOf(source, rightVotes, place)))]),
            null);
    }

    private static Estimate AgreementOf(PopulationSource source, VoterGroup left, VoterGroup right, CancellationToken cancellation) => (left, right) switch
    {
        (SimulatedVoters one, SimulatedVoters other) => AgreementBetween.OfSimulated(PairsOf(source, one, cancellation), PairsOf(source, other, cancellation)),
        (WrittenVoters { ArePersonas: false } people, SimulatedVoters users) => PairwiseAgreement.Between(people.Rankings, PairsOf(source, users, cancellation), GroupNumbers.BootstrapSeed, cancellation),
        (SimulatedVoters users, WrittenVoters { ArePersonas: false } people) => PairwiseAgreement.Between(people.Rankings, PairsOf(source, users, cancellation), GroupNumbers.BootstrapSeed, cancellation),
        (WrittenVoters { ArePersonas: false } one, WrittenVoters { ArePersonas: false } other) =>
            AgreementBetween.OfPeople(one.Rankings, other.Rankings, GroupNumbers.BootstrapSeed, cancellation),
        _ => s_noRankings,
    };

    private static PairCounts PairsOf(PopulationSource source, SimulatedVoters voters, CancellationToken cancellation) =>
        VoteCounter.CountPairs(source.RewardsUnder(voters.Users.Spec.RewardModels), voters.Users, cancellationToken: cancellation);

    private static FavouriteResponse FavouriteOf(PopulationSource source, VoteCounts votes, int promptIndex)
    {
        var own = votes.Of(promptIndex).ToArray();
        var first = Array.IndexOf(own, own.Max());
        return new(first, source.ResponseModels[votes.FirstResponseOf(promptIndex) + first], own[first] / votes.TotalOf(promptIndex));
    }
}
