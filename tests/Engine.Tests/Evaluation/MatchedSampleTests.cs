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
        MatchedSample.Estimates(Rewards, Users, Humans, rankings =>
        {
            Assert.Equal(Humans.Select(human => (human.AnnotatorIndex, human.PromptIndex)), rankings.Select(one => (one.AnnotatorIndex, one.PromptIndex)));
            Assert.All(rankings, one => Assert.Equal(Rewards.ResponseCountOf(one.PromptIndex), one.Ranking.RankedCount));
            return [0];
        }, 1, 20);
    }

    [Fact]
    public void FirstChoices_AreUnbiasedForThePopulations()
    {
        var votes = VoteCounter.CountFirstChoices(Rewards, Users).Of(0);
        var matched = MatchedSample.Estimates(Rewards, Users, Humans, rankings =>
        {
            var shares = new double[4];
            foreach (var one in rankings.Where(one => one.PromptIndex == 0))
                shares[one.Ranking.FirstChoices[0]] += 0.2;
            return shares;
        }, 1, 4000);
        for (var response = 0; response < 4; response++)
            Assert.Equal(votes[response] / Users.Count, matched[response].Value!.Value, 0.02);
    }

    [Fact]
    public void AgreementWithin_IsUnbiasedForThePopulations()
    {
        var exact = PairwiseAgreement.WithinSimulated(VoteCounter.CountPairs(Rewards, Users)).Value!.Value;
        var everyone = Humans.Where(human => human.AnnotatorIndex < 4).ToArray();
        var matched = MatchedSample.Estimates(Rewards, Users, everyone, rankings => [PairwiseAgreement.MeanWithin(rankings)!.Value], 1, 2000)[0];
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
        MatchedSample.Estimates(Rewards, two, humans, rankings =>
        {
            lock (choices)
                choices.Add(string.Join('|', rankings.Select(one => one.Ranking.ToString()).Order()));
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
            MatchedSample.Estimates(Rewards, Users, Humans, rankings => [PairwiseAgreement.MeanWithin(rankings)!.Value], seed, 50)[0];
    }

    [Fact]
    public void WhatNoReplicateDefines_IsUndefined() =>
        Assert.Contains("no replicate", MatchedSample.Estimates(Rewards, Users, Humans, _ => [double.NaN], 1, 10)[0].UndefinedBecause);

    private static RewardMatrix MakeRewards()
    {
        var random = new Random(23);
        var starts = Enumerable.Range(0, 7).Select(prompt => prompt * 4).ToArray();
        return new RewardMatrix(["one", "two", "three"], starts, [.. Enumerable.Range(0, starts[^1] * 3).Select(_ => (float)(random.NextDouble() * 4 - 2))]);
    }
}
