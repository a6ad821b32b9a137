using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Engine.Tests.Evaluation;

public class MatchedSampleTests
{
    private static readonly RewardMatrix Rewards = MakeRewards();
    private static readonly SimulatedUsers Users = PopulationSampler.Sample(new PopulationSpec(Rewards.RewardModels, 0.3, 400, 8));

    // Annotators 0 … 4; annotator 4 ranked one prompt only.
    private static readonly AnnotatorRanking[] Humans =
        [.. from annotator in Enumerable.Range(0, 5) from prompt in Enumerable.Range(0, annotator == 4 ? 1 : 6)
            select new AnnotatorRanking(annotator, prompt, Ranking.Empty)];

    [Fact]
    public void Replicates_HaveExactlyTheHumansWhoRankedWhat()
    {
        MatchedSample.Estimates(Rewards, Users, Humans, replicate =>
        {
            Assert.Same(Humans, replicate.Humans);
            var votes = replicate.FirstChoices();
            Assert.Equal(Humans.CountBy(human => human.PromptIndex).Select(pair => (double)pair.Value), Enumerable.Range(0, 6).Select(votes.TotalOf));
            return [0];
        }, 1, 20);
    }

    [Fact]
    public void FirstChoices_AreUnbiasedForThePopulations()
    {
        var votes = VoteCounter.CountFirstChoices(Rewards, Users).Of(0);
        var matched = MatchedSample.Estimates(
            Rewards, Users, Humans, replicate => [.. replicate.FirstChoices().Of(0).ToArray().Select(count => count / 5)], 1, 4000);
        for (var response = 0; response < 4; response++)
            Assert.Equal(votes[response] / Users.Count, matched[response].Value!.Value, 0.02);
    }

    [Fact]
    public void AgreementWithin_IsUnbiasedForThePopulations()
    {
        var exact = PairwiseAgreement.WithinSimulated(VoteCounter.CountPairs(Rewards, Users)).Value!.Value;
        var everyone = Humans.Where(human => human.AnnotatorIndex < 4).ToArray();
        var matched = MatchedSample.Estimates(Rewards, Users, everyone, replicate => [replicate.Agreement()], 1, 2000)[0];
        Assert.Equal(exact, matched.Value!.Value, 0.02);
        Assert.InRange(exact, matched.Low!.Value, matched.High!.Value);
        Assert.Equal(4, matched.N);
    }

    [Fact]
    public void DifferentUsers_TakeDifferentPlaces()
    {
        var two = PopulationSampler.Sample(Users.Spec with { Users = 2 });
        var humans = new[] { new AnnotatorRanking(0, 0, Ranking.Empty), new AnnotatorRanking(1, 0, Ranking.Empty) };
        var choices = new HashSet<string>();
        MatchedSample.Estimates(Rewards, two, humans, replicate =>
        {
            lock (choices)
                choices.Add(string.Join('|', Enumerable.Range(0, 2).Select(place => RankingAt(replicate, place).ToString()).Order()));
            return [0];
        }, 3, 50);
        Assert.Single(choices);
    }

    [Fact]
    public void Estimates_AreTheSameForTheSameSeedAndOnlyForIt()
    {
        Assert.Equal(Agreement(7), Agreement(7));
        Assert.NotEqual(Agreement(7), Agreement(8));

        static object Agreement(uint seed) =>
            MatchedSample.Estimates(Rewards, Users, Humans, replicate => [replicate.Agreement()], seed, 50)[0];
    }

    [Fact]
    public void WhatNoReplicateDefines_IsUndefined() =>
        Assert.Contains("no replicate", MatchedSample.Estimates(Rewards, Users, Humans, _ => [double.NaN], 1, 10)[0].UndefinedBecause);

    [Fact]
    public void AReplicate_IsMeasuredAsPeopleAre()
    {
        // Half-point rewards and a single reward model: many ties.
        var random = new Random(2);
        var rewards = new RewardMatrix(["one"], [0, 4, 8], [.. Enumerable.Range(0, 8).Select(_ => random.Next(3) / 2f)]);
        var users = PopulationSampler.Sample(new PopulationSpec(rewards.RewardModels, 1, 10, 1, InverseTemperature: double.PositiveInfinity));
        AnnotatorRanking[] humans = [new(0, 0, Ranking.Empty), new(1, 0, Ranking.Empty), new(2, 1, Ranking.Empty), new(0, 1, Ranking.Empty)];
        MatchedSample.Estimates(rewards, users, humans, replicate =>
        {
            var rankings = humans.Select((human, place) => human with { Ranking = RankingAt(replicate, place) }).ToArray();
            Assert.Equal(PairwiseAgreement.WithinHumans(rankings, 1).Value!.Value, replicate.Agreement(), 12);
            Assert.Equal(
                VoteCounts.OfRankings(rewards.PromptStarts, rankings.Select(one => (one.PromptIndex, one.Ranking))).Values.ToArray(),
                replicate.FirstChoices().Values.ToArray());
            return [0];
        }, 1, 3);
    }

    private static Ranking RankingAt(MatchedReplicate replicate, int place) => Ranking.OfUtilities(replicate.UtilitiesAt(place));

    private static RewardMatrix MakeRewards()
    {
        var random = new Random(23);
        var starts = Enumerable.Range(0, 7).Select(prompt => prompt * 4).ToArray();
        return new RewardMatrix(["one", "two", "three"], starts, [.. Enumerable.Range(0, starts[^1] * 3).Select(_ => (float)(random.NextDouble() * 4 - 2))]);
    }
}
