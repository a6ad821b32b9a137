using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Engine.Tests.Evaluation;

public class PairwiseAgreementTests
{
    private const uint Seed = 5;

    private static AnnotatorRanking By(int annotator, int prompt, string ranking) => new(annotator, prompt, Ranking.Parse(ranking));

    [Fact]
    public void WithinHumans_AveragesEveryPairOnEverySharedPrompt()
    {
        // Prompt 0: AB·AB = 1, twice AB·BA = −1; prompt 1: one pair, 1. (1 − 1 − 1 + 1) / 4.
        var agreement = PairwiseAgreement.WithinHumans(
            [By(0, 0, "A,B"), By(1, 0, "A,B"), By(2, 0, "B,A"), By(0, 1, "A,B,C"), By(2, 1, "A,B,C"), By(1, 2, "B,A")], Seed);
        Assert.Equal(0, agreement.Value!.Value, 12);
        Assert.Equal(3, agreement.N);
    }

    [Fact]
    public void WithinHumans_IsOneWhenEverybodyAgrees()
    {
        var agreement = PairwiseAgreement.WithinHumans([.. Enumerable.Range(0, 8).Select(annotator => By(annotator, 0, "C,A=D,B"))], Seed);
        Assert.Equal((1, 1, 1), (agreement.Value, agreement.Low, agreement.High));
    }

    [Fact]
    public void WithinHumans_IsUndefinedUntilTwoPeopleShareAPrompt() =>
        Assert.Equal("fewer than two annotators share a prompt",
            PairwiseAgreement.WithinHumans([By(0, 0, "A,B"), By(1, 1, "A,B")], Seed).UndefinedBecause);

    [Fact]
    public void WithinHumans_SaysSoWhenNothingSharedIsOrdered() =>
        Assert.Contains("ties all", PairwiseAgreement.WithinHumans([By(0, 0, "A=B"), By(1, 0, "A=B")], Seed).UndefinedBecause);

    [Fact]
    public void WithinHumans_HasAnIntervalAroundItsValueThatTheSeedFixes()
    {
        var random = new Random(3);
        var rankings = (from annotator in Enumerable.Range(0, 12) from prompt in Enumerable.Range(0, 6)
            select new AnnotatorRanking(annotator, prompt, KendallTauTests.RandomRanking(random, 5))).ToArray();
        var once = PairwiseAgreement.WithinHumans(rankings, Seed);
        Assert.InRange(once.Value!.Value, once.Low!.Value, once.High!.Value);
        Assert.Equal(once, PairwiseAgreement.WithinHumans(rankings, Seed));
        Assert.NotEqual(once, PairwiseAgreement.WithinHumans(rankings, Seed + 1));
    }

    [Theory]
    [InlineData(double.PositiveInfinity)]
    [InlineData(2.0)]
    public void WithinSimulated_EqualsTheMeanOfTheMatrixOfAllPairs(double inverseTemperature)
    {
        var (rewards, users) = Simulated(inverseTemperature);
        var rankings = RankingsOf(rewards, users);
        var sum = 0.0;
        var count = 0;
        foreach (var prompt in rankings)
            for (var one = 0; one < prompt.Length; one++)
                for (var other = one + 1; other < prompt.Length; other++)
                {
                    sum += KendallTau.Between(prompt[one], prompt[other]).Value!.Value;
                    count++;
                }
        var agreement = PairwiseAgreement.WithinSimulated(VoteCounter.CountPairs(rewards, users));
        Assert.Equal(sum / count, agreement.Value!.Value, 10);
        Assert.Equal(users.Count, agreement.N);
    }

    [Fact]
    public void WithinSimulated_GivesIdenticalResponsesNoSay()
    {
        var (rewards, users) = Simulated(double.PositiveInfinity, copyFirstResponse: true);
        var rankings = RankingsOf(rewards, users);
        Assert.All(rankings.SelectMany(prompt => prompt), ranking => Assert.True(ranking.HasTies));
        var taus = rankings.SelectMany(prompt =>
            prompt.SelectMany((one, index) => prompt.Skip(index + 1).Select(other => KendallTau.Between(one, other).Value!.Value)));
        Assert.Equal(taus.Average(), PairwiseAgreement.WithinSimulated(VoteCounter.CountPairs(rewards, users)).Value!.Value, 10);
    }

    [Fact]
    public void WithinSimulated_IsUndefinedForOneUser()
    {
        var (rewards, users) = Simulated(double.PositiveInfinity);
        var alone = PopulationSampler.Sample(users.Spec, 0, 1);
        Assert.Contains("fewer than two", PairwiseAgreement.WithinSimulated(VoteCounter.CountPairs(rewards, alone)).UndefinedBecause);
    }

    [Fact]
    public void Between_EqualsTheMeanOverEveryPersonAndEveryUser()
    {
        var (rewards, users) = Simulated(double.PositiveInfinity);
        var simulated = RankingsOf(rewards, users);
        var random = new Random(9);
        var humans = (from annotator in Enumerable.Range(0, 7) from prompt in Enumerable.Range(0, rewards.PromptCount)
            select new AnnotatorRanking(annotator, prompt, KendallTauTests.RandomRanking(random, rewards.ResponseCountOf(prompt)))).ToArray();
        var means = humans
            .Where(human => human.Ranking.Tiers.Count > 1)
            .Select(human => simulated[human.PromptIndex].Average(user => KendallTau.Between(human.Ranking, user).Value!.Value)).ToArray();
        var agreement = PairwiseAgreement.Between(humans, VoteCounter.CountPairs(rewards, users), Seed);
        Assert.Equal(means.Average(), agreement.Value!.Value, 10);
        Assert.Equal(7, agreement.N);
        Assert.InRange(agreement.Value.Value, agreement.Low!.Value, agreement.High!.Value);
    }

    [Fact]
    public void Between_IsUndefinedWithoutAnyOrder()
    {
        var (rewards, users) = Simulated(double.PositiveInfinity);
        Assert.Contains("above another",
            PairwiseAgreement.Between([By(0, 0, "A=B"), By(1, 0, "")], VoteCounter.CountPairs(rewards, users), Seed).UndefinedBecause);
    }

    private static (RewardMatrix Rewards, SimulatedUsers Users) Simulated(double inverseTemperature, bool copyFirstResponse = false)
    {
        var random = new Random(17);
        int[] starts = [0, 4, 6, 11, 19];
        const int Models = 3;
        var values = Enumerable.Range(0, starts[^1] * Models).Select(_ => (float)(random.NextDouble() * 4 - 2)).ToArray();
        if (copyFirstResponse)
        {
            starts = [0, 4, 11, 19];
            foreach (var start in starts[..^1])
                values.AsSpan(start * Models, Models).CopyTo(values.AsSpan((start + 1) * Models));
        }
        var rewards = new RewardMatrix(["one", "two", "three"], starts, values);
        return (rewards, PopulationSampler.Sample(new PopulationSpec(rewards.RewardModels, 0.7, 61, 2, InverseTemperature: inverseTemperature)));
    }

    private static Ranking[][] RankingsOf(RewardMatrix rewards, SimulatedUsers users)
    {
        var choice = new ChoiceModel(users.Spec);
        return [.. Enumerable.Range(0, rewards.PromptCount).Select(prompt => Enumerable.Range(0, users.Count).Select(user =>
        {
            var utilities = new float[rewards.ResponseCountOf(prompt)];
            Utility.Compute(rewards.RowsOf(prompt), Array.ConvertAll(users.WeightsOf(user).ToArray(), weight => (float)weight), utilities);
            var perturbed = new double[utilities.Length];
            choice.Perturb(utilities, user, rewards.FirstResponseOf(prompt), perturbed);
            return Ranking.Of(Enumerable.Range(0, perturbed.Length).GroupBy(response => perturbed[response])
                .OrderByDescending(group => group.Key).Select(group => group.AsEnumerable()));
        }).ToArray())];
    }
}
