using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;
using PersonalLlm.Engine.Statistics;
using PersonalLlm.Engine.Tests.Population;

namespace PersonalLlm.Engine.Tests.Evaluation;

public class DiversityTests
{
    // Four prompts: 10 votes on 3 responses each, from unanimous to almost even. m = 1, .9, .5, .4.
    private static readonly VoteCounts Votes = new([0, 3, 6, 9, 12], [10, 0, 0, 9, 1, 0, 5, 5, 0, 4, 3, 3]);

    private static readonly string[] ResponseModels = ["x", "y", "z", "x", "y", "z", "x", "y", "z", "x", "y", "z"];

    private static readonly string?[] Subsets = ["chat", "chat", "code", null];

    private static DiversitySummary Summary => Diversity.Summarize(Votes, ResponseModels, Subsets, seed: 1);

    [Fact]
    public void MajorityCurve_IsTheShareOfPromptsAtMostQ()
    {
        Assert.Equal([0.5, 0.5, 0.75], Summary.MajorityCurve.Select(point => point.Share.Value!.Value));
        Assert.Equal([0.5, 0.75, 0.95], Summary.MajorityCurve.Select(point => point.Threshold));
    }

    [Fact]
    public void MajorityCurve_HasThePublishedVariant()
    {
        // q = .5: one prompt below, one at: (1 + ½ + ½) / 4. Nothing lies at .75 or .95, so the two definitions agree there.
        Assert.Equal([0.5, 0.5, 0.75], Summary.MajorityCurve.Select(point => point.PercentileOfScore.Value!.Value));
        // scipy.stats.percentileofscore([30, 50, 50, 60, 75, 75, 75, 95, 100, 40], q, kind="rank") gives 35, 70, 90 per cent.
        var majorities = new[] { 30, 50, 50, 60, 75, 75, 75, 95, 100, 40 };
        var summary = Diversity.Summarize(
            new VoteCounts([.. Enumerable.Range(0, 11).Select(index => 8 * index)], [.. majorities.SelectMany(Spread)]),
            [.. Enumerable.Repeat("x", 80)], new string?[10], seed: 1);
        Assert.Equal([0.35, 0.70, 0.90], summary.MajorityCurve.Select(point => Math.Round(point.PercentileOfScore.Value!.Value, 12)));
        Assert.Equal([0.4, 0.8, 0.9], summary.MajorityCurve.Select(point => Math.Round(point.Share.Value!.Value, 12)));

        static double[] Spread(int majority)
        {
            var votes = new double[8];
            votes[0] = majority;
            for (var vote = majority; vote < 100; vote++)
                votes[1 + (vote % 7)]++;
            return votes;
        }
    }

    [Fact]
    public void DistinctWinners_AreCountedTruly_AndAsThePaperBinsThem()
    {
        Assert.Equal([("1", 0.25), ("2", 0.5), ("3", 0.25)], Summary.DistinctWinners.Select(bar => (bar.Name, bar.Estimate.Value!.Value)));
        Assert.Equal(
            [("≤2", 0.75), ("3", 0), ("4", 0), ("5", 0), ("≥6", 0)],
            Summary.DistinctWinnersPaperBinning.Select(bar => (bar.Name, bar.Estimate.Value!.Value)));
    }

    [Fact]
    public void WinShares_AreOverAllVotes() =>
        Assert.Equal([("x", 28 / 40.0), ("y", 9 / 40.0), ("z", 3 / 40.0)], Summary.WinShares.Select(share => (share.Name, share.Estimate.Value!.Value)));

    [Fact]
    public void Entropy_IsThatOfTheVoteShares()
    {
        double[] entropies =
        [
            0,
            -((0.9 * Math.Log(0.9)) + (0.1 * Math.Log(0.1))),
            Math.Log(2),
            -((0.4 * Math.Log(0.4)) + (0.6 * Math.Log(0.3))),
        ];
        Assert.Equal(entropies.Average(), Summary.MeanEntropy.Value!.Value, 1e-12);
        Assert.Equal(entropies.Average(Math.Exp), Summary.EffectiveResponses.Value!.Value, 1e-12);
        Assert.Equal(["chat", "code"], Summary.EntropyBySubset.Select(subset => subset.Name));
        Assert.Equal(entropies[..2].Average(), Summary.EntropyBySubset[0].Estimate.Value!.Value, 1e-12);
        Assert.Equal(2, Summary.EntropyBySubset[0].Estimate.N);
        Assert.Equal(Math.Log(2), Summary.EntropyBySubset[1].Estimate.Value!.Value, 1e-12);
        Assert.Equal("an interval needs at least two prompts", Summary.EntropyBySubset[1].Estimate.NoIntervalBecause);
    }

    [Fact]
    public void EveryEstimate_LiesInItsInterval_AndCountsPrompts() =>
        Assert.All(Estimates(Summary).Where(estimate => estimate.Low is not null), estimate =>
        {
            Assert.InRange(estimate.Value!.Value, estimate.Low!.Value, estimate.High!.Value);
            Assert.InRange(estimate.N, 2, 4);
        });

    [Fact]
    public void PromptsWithoutVotes_DoNotCount()
    {
        var withSilence = new VoteCounts([0, 3, 6, 8, 11, 14], [10, 0, 0, 9, 1, 0, 0, 0, 5, 5, 0, 4, 3, 3]);
        string[] models = [.. ResponseModels[..6], "x", "y", .. ResponseModels[6..]];
        string?[] subsets = ["chat", "chat", "silent", "code", null];
        Assert.Equal(Estimates(Summary), Estimates(Diversity.Summarize(withSilence, models, subsets, seed: 1)));
    }

    [Fact]
    public void NoVotesAtAll_IsUndefinedEverywhere()
    {
        var summary = Diversity.Summarize(new VoteCounts([0, 2], [0, 0]), ["x", "y"], [null], seed: 1);
        Assert.All(Estimates(summary), estimate => Assert.Equal("there are no prompts to average over", estimate.UndefinedBecause));
    }

    [Fact]
    public void PermutingUsersPromptsModelsAndResponses_LeavesTheValues()
    {
        const int Prompts = 60, Responses = 5, Models = 4, Users = 301;
        var rewards = RandomRewards.Make(5, Prompts, Responses, Responses, Models);
        var users = PopulationSampler.Sample(new PopulationSpec(RandomRewards.Names(Models), 0.3, Users, 5));
        var expected = Values(rewards, users, response => $"m{response % Responses}", prompt => $"s{prompt % 3}");

        var random = new RandomStream(9, 77, 0);
        int[] users2 = Permutation(Users), prompts2 = Permutation(Prompts), models2 = Permutation(Models), responses2 = Permutation(Responses);
        var values = new float[rewards.Values.Length];
        for (var prompt = 0; prompt < Prompts; prompt++)
            for (var response = 0; response < Responses; response++)
                for (var model = 0; model < Models; model++)
                    values[(((prompt * Responses) + response) * Models) + model] =
                        rewards.RowsOf(prompts2[prompt])[(responses2[response] * Models) + models2[model]];
        var weights = new double[Users * Models];
        for (var user = 0; user < Users; user++)
            for (var model = 0; model < Models; model++)
                weights[(user * Models) + model] = users.WeightsOf(users2[user])[models2[model]];
        string[] names = [.. models2.Select(model => rewards.RewardModels[model])];
        var permuted = new SimulatedUsers(users.Spec with { RewardModels = names }, 0, weights);
        Assert.Equal(expected, Values(
            new RewardMatrix(names, rewards.PromptStarts.ToArray(), values), permuted,
            response => $"m{responses2[response % Responses]}", prompt => $"s{prompts2[prompt] % 3}"));

        int[] Permutation(int count)
        {
            int[] order = [.. Enumerable.Range(0, count)];
            random.Shuffle<int>(order);
            return order;
        }

        static double[] Values(RewardMatrix rewards, SimulatedUsers users, Func<int, string> responseModel, Func<int, string> subset)
        {
            var summary = Diversity.Summarize(
                VoteCounter.CountFirstChoices(rewards, users),
                [.. Enumerable.Range(0, rewards.ResponseCount).Select(responseModel)],
                [.. Enumerable.Range(0, rewards.PromptCount).Select(subset)], seed: 1, resamples: 10);
            return [.. Estimates(summary).Append(Diversity.EffectiveRewardModels(users, 1, 10)).Select(estimate => Math.Round(estimate.Value!.Value, 11))];
        }
    }

    [Fact]
    public void EffectiveRewardModels_IsTheMeanOverUsers()
    {
        var users = PopulationSampler.Sample(new PopulationSpec(RandomRewards.Names(3), 0.5, 200, 5));
        var estimate = Diversity.EffectiveRewardModels(users, seed: 1);
        Assert.Equal(Enumerable.Range(0, 200).Average(userIndex => users[userIndex].EffectiveNumber), estimate.Value!.Value, 1e-12);
        Assert.Equal(200, estimate.N);
        Assert.InRange(estimate.Value!.Value, estimate.Low!.Value, estimate.High!.Value);
    }

    [Fact]
    public void FirstChoicesOfPeople_AreSharedAmongTies()
    {
        var votes = VoteCounts.OfRankings([0, 3, 5], [
            (0, Ranking.Parse("B,A,C")), (0, Ranking.Parse("A=B,C")), (0, Ranking.Empty), (1, Ranking.Parse("A=B"))]);
        Assert.Equal([0.5, 1.5, 0, 0.5, 0.5], votes.Values.ToArray());
        Assert.Equal(2, votes.TotalOf(0));
    }

    [Fact]
    public void WrongLengths_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => Diversity.Summarize(Votes, ["x"], Subsets, 1));
        Assert.Throws<ArgumentException>(() => Diversity.Summarize(Votes, ResponseModels, [], 1));
        Assert.Throws<ArgumentException>(() => new VoteCounts([0, 3], [1, 2]));
    }

    private static IEnumerable<Estimate> Estimates(DiversitySummary summary) =>
    [
        .. summary.MajorityCurve.SelectMany(point => new[] { point.Share, point.PercentileOfScore }),
        .. summary.DistinctWinners.Concat(summary.DistinctWinnersPaperBinning).Concat(summary.WinShares).Concat(summary.EntropyBySubset).Select(named => named.Estimate),
        summary.MeanEntropy,
        summary.EffectiveResponses,
    ];
}
