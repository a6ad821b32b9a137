using PersonalLlm.Engine.Evaluation;

namespace PersonalLlm.Web.Features.Population;

/// <summary>How much the voters of a group differ about pairs of responses.</summary>
/// <param name="Group">Whose.</param>
/// <param name="Voters">Names, by annotator index of the labels: simulated users beyond the first <see cref="MostUsers"/> are left out.</param>
/// <param name="PairsPerPrompt">How many pairs of each prompt were drawn; null when all count.</param>
/// <param name="Labels">Which of two responses they prefer.</param>
/// <param name="Characteristics">What follows.</param>
/// <param name="Seed">Of the intervals, and of which pairs are drawn.</param>
internal sealed record GroupCharacteristics(
    VoterGroup Group, IReadOnlyList<string> Voters, int? PairsPerPrompt, PairLabels Labels, DatasetCharacteristics Characteristics, uint Seed)
{
    /// <summary>More users would say the same with intervals that are narrower than anybody reads.</summary>
    public const int MostUsers = 2_000;

    /// <summary>Labels that are held at once: 1,000 users × 719 prompts × 28 pairs are 20 million.</summary>
    public const long MostLabels = 25_000_000;

    /// <summary>How many labels a group gives, and of how many pairs per prompt where those of all would be too many.</summary>
    /// <param name="source">The data set.</param>
    /// <param name="group">Over it.</param>
    /// <param name="asked">Pairs per prompt; null for as many as there is room for.</param>
    public static (long Labels, int? PairsPerPrompt) Cost(PopulationSource source, VoterGroup group, int? asked)
    {
        if (group is not SimulatedVoters simulated)
            return (((WrittenVoters)group).Rankings.Count, null);
        var users = Math.Min(simulated.Users.Count, MostUsers);
        int[] pairs = [.. Enumerable.Range(0, source.Rewards.PromptCount).Select(source.Rewards.ResponseCountOf).Select(responses => responses * (responses - 1) / 2)];
        var most = pairs.DefaultIfEmpty(0).Max();
        var room = (int)Math.Max(1, MostLabels / users / Math.Max(1, pairs.Length));
        var taken = Math.Min(asked ?? (users * (long)pairs.Sum() <= MostLabels ? most : room), most);
        return (users * pairs.Sum(count => (long)Math.Min(count, taken)), taken == most ? null : taken);
    }

    /// <exception cref="ArgumentException">The data set lacks a reward model that simulated users judge by.</exception>
    public static GroupCharacteristics Of(PopulationSource source, VoterGroup group, int? asked, CancellationToken cancellation = default)
    {
        var (_, pairsPerPrompt) = Cost(source, group, asked);
        switch (group)
        {
            case SimulatedVoters simulated:
                var users = simulated.Users.First(MostUsers);
                var rewards = source.RewardsUnder(users.Spec.RewardModels);
                var seed = users.Spec.Seed;
                var voters = simulated.Voters.Take(users.Count).ToArray();
                var labels = IsArchetypes(group)
                    ? SimulatedPairLabels.Make(rewards, voters, users.Weights.ToArray(), new(users.Spec), pairsPerPrompt, seed, cancellation)
                    : SimulatedPairLabels.Make(rewards, users, pairsPerPrompt, cancellation);
                return new(group, voters, pairsPerPrompt, labels, DatasetCharacteristics.Of(labels, seed, cancellationToken: cancellation), seed);
            case WrittenVoters written:
                // Personas have named a first choice among all responses; of what people left without a rank nothing is known.
                labels = PairLabels.OfRankings(written.Voters, written.Rankings, written.Repeats, source.Rewards.ResponseCountOf, isRestBelow: written.ArePersonas);
                return new(group, labels.Annotators, null, labels, DatasetCharacteristics.Of(labels, 0, cancellationToken: cancellation), 0);
            default:
                throw new ArgumentException($"Expected simulated or written voters but got {group.GetType().Name}.");
        }
    }

    /// <summary>What the verb <c>characterise</c> writes for the same voters on the same data.</summary>
    /// <param name="dataset">Name of the data set.</param>
    /// <param name="contentHash">SHA-256 of the file it came from.</param>
    public CharacterisationReport ToReport(string dataset, string contentHash) => Characterisation.Report(
        new ReportInput(dataset, contentHash, "data set", []),
        WhatTheyAre,
        Group is SimulatedVoters simulated && !IsArchetypes(Group) ? ReportPopulation.Of(simulated.Users) : null,
        PairsPerPrompt, Labels, Characteristics, Seed);

    public string WhatTheyAre => Group switch
    {
        SimulatedVoters => IsArchetypes(Group) ? "archetypes" : "simulated users",
        WrittenVoters { ArePersonas: true } => "personas",
        _ => "people",
    };

    private static bool IsArchetypes(VoterGroup group) => group.Address == VoterGroups.Archetypes;
}
