using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Statistics;
using PersonalLlm.Web.Components.Shared;

namespace PersonalLlm.Web.Features.Population;

/// <summary>A set of voters over a data set: what every comparison and every table of people, personas or simulated users starts from.</summary>
/// <param name="Address">What names it in an address, such as <c>cohort:3</c>.</param>
/// <param name="Name">For people to read.</param>
/// <param name="Voters">Names of the voters, in the order of their indexes; people under their number in the study.</param>
internal abstract record VoterGroup(string Address, string Name, IReadOnlyList<string> Voters)
{
    /// <summary>First choices on every prompt of the data set; shared first choices count fractionally.</summary>
    /// <exception cref="ArgumentException">The data set lacks a reward model that simulated users judge by.</exception>
    public abstract VoteCounts CountVotes(PopulationSource source, CancellationToken cancellation = default);

    /// <summary>How a group of its kind is drawn.</summary>
    public abstract FigureGroup Figure { get; }

    /// <summary>The same voters on some of the prompts, which are then numbered as in <paramref name="promptIndexes"/>.</summary>
    public abstract VoterGroup On(IReadOnlyList<int> promptIndexes);

    /// <summary>How diverse they are.</summary>
    public abstract GroupNumbers NumbersOn(PopulationSource source, FigureGroup figure, CancellationToken cancellation = default);
}

/// <summary>Voters who follow reward models: each judges every prompt.</summary>
/// <param name="Users">Their weights and how they choose.</param>
internal sealed record SimulatedVoters(string Address, string Name, IReadOnlyList<string> Voters, SimulatedUsers Users) : VoterGroup(Address, Name, Voters)
{
    public override VoteCounts CountVotes(PopulationSource source, CancellationToken cancellation = default) =>
        VoteCounter.CountFirstChoices(source.RewardsUnder(Users.Spec.RewardModels), Users, cancellationToken: cancellation);

    public override FigureGroup Figure => FigureGroup.Simulated with { Name = Name };

    public override VoterGroup On(IReadOnlyList<int> promptIndexes) => this;

    public override GroupNumbers NumbersOn(PopulationSource source, FigureGroup figure, CancellationToken cancellation = default) =>
        GroupNumbers.OfSimulated(figure, source, Users, cancellation);
}

/// <summary>Voters whose judgements were written down: people, or personas.</summary>
/// <param name="Rankings">At most one per voter and prompt; annotator indexes are places in <see cref="VoterGroup.Voters"/>, prompt indexes those of the data set.</param>
/// <param name="Repeats">Later judgements of a prompt by the same voter.</param>
/// <param name="ArePersonas">Personas have named a first choice only: each of their rankings holds one response.</param>
internal sealed record WrittenVoters(
    string Address, string Name, IReadOnlyList<string> Voters, IReadOnlyList<AnnotatorRanking> Rankings, IReadOnlyList<AnnotatorRanking> Repeats, bool ArePersonas)
    : VoterGroup(Address, Name, Voters)
{
    public override VoteCounts CountVotes(PopulationSource source, CancellationToken cancellation = default) =>
        VoteCounts.OfRankings(source.Rewards.PromptStarts, Rankings.Select(one => (one.PromptIndex, one.Ranking)));

    public override FigureGroup Figure => (ArePersonas ? FigureGroup.Personas : FigureGroup.Humans) with { Name = Name };

    public override VoterGroup On(IReadOnlyList<int> promptIndexes)
    {
        var placeOf = promptIndexes.Select((promptIndex, place) => (promptIndex, place)).ToDictionary();
        return this with { Rankings = Only(Rankings), Repeats = Only(Repeats) };

        AnnotatorRanking[] Only(IReadOnlyList<AnnotatorRanking> rankings) =>
            [.. rankings.Where(one => placeOf.ContainsKey(one.PromptIndex)).Select(one => one with { PromptIndex = placeOf[one.PromptIndex] })];
    }

    public override GroupNumbers NumbersOn(PopulationSource source, FigureGroup figure, CancellationToken cancellation = default) => ArePersonas
        ? GroupNumbers.OfVotes(figure, source, Voters.Count, CountVotes(source, cancellation), Estimate.Undefined("personas name a first choice only, and a correlation needs rankings"), cancellation: cancellation)
        : GroupNumbers.OfRankings(figure, source, Rankings, cancellation);
}

/// <summary>A group that can be chosen.</summary>
/// <param name="Kind">Heading over groups of its kind.</param>
internal sealed record VoterGroupChoice(string Address, string Name, string Kind);
