using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Population;

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
}

/// <summary>Voters who follow reward models: each judges every prompt.</summary>
/// <param name="Users">Their weights and how they choose.</param>
internal sealed record SimulatedVoters(string Address, string Name, IReadOnlyList<string> Voters, SimulatedUsers Users) : VoterGroup(Address, Name, Voters)
{
    public override VoteCounts CountVotes(PopulationSource source, CancellationToken cancellation = default) =>
        VoteCounter.CountFirstChoices(source.RewardsUnder(Users.Spec.RewardModels), Users, cancellationToken: cancellation);
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
}

/// <summary>A group that can be chosen.</summary>
/// <param name="Kind">Heading over groups of its kind.</param>
internal sealed record VoterGroupChoice(string Address, string Name, string Kind);
