using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;
using PersonalLlm.Engine.Tests.Reference;

namespace PersonalLlm.Engine.Tests.Evaluation;

public sealed class AgreementBetweenTests
{
    [Theory]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1.5)]
    public void OfSimulated_EqualsTheMeanOverEveryPairOfUsersAndEveryPrompt(double inverseTemperature)
    {
        var rewards = Rewards();
        var one = PopulationSampler.Sample(new(rewards.RewardModels, 0.2, 23, 1, InverseTemperature: inverseTemperature));
        var other = PopulationSampler.Sample(new(rewards.RewardModels, 1.5, 31, 2, InverseTemperature: inverseTemperature));
        var (left, right) = (Rankings(rewards, one), Rankings(rewards, other));
        var expected = Enumerable.Range(0, rewards.PromptCount).Average(prompt =>
            left.Average(user => right.Average(second => KendallTauReference.Of(user[prompt], second[prompt]))));
        var actual = AgreementBetween.OfSimulated(VoteCounter.CountPairs(rewards, one), VoteCounter.CountPairs(rewards, other));
        Assert.Equal(expected, actual.Value!.Value, 10);
        Assert.Equal(rewards.PromptCount, actual.N);
    }

    [Fact]
    public void OfPeople_EqualsTheMeanOverPairsAcrossTheGroups_AndHasAnInterval()
    {
        var random = new Random(4);
        var one = Group(9);
        var other = Group(7);
        var taus = (from first in one from second in other where first.PromptIndex == second.PromptIndex
            select KendallTauReference.Of(first.Ranking.Ranks(5), second.Ranking.Ranks(5))).Where(double.IsFinite).ToList();
        var actual = AgreementBetween.OfPeople(one, other, 1);
        Assert.Equal(taus.Average(), actual.Value!.Value, 10);
        Assert.Equal(16, actual.N);
        Assert.InRange(actual.Value.Value, actual.Low!.Value, actual.High!.Value);
        Assert.Equal(actual.Value.Value, AgreementBetween.OfPeople(other, one, 1).Value!.Value, 12);

        AnnotatorRanking[] Group(int people) => [.. from annotator in Enumerable.Range(0, people) from prompt in Enumerable.Range(0, 6)
            select new AnnotatorRanking(annotator, prompt, KendallTauTests.RandomRanking(random, 5))];
    }

    [Fact]
    public void OfPeople_WhoShareNoPrompt_IsUndefined() => Assert.Equal(
        "no two people of different groups rank the same prompt",
        AgreementBetween.OfPeople([new(0, 0, Ranking.Parse("A,B"))], [new(0, 1, Ranking.Parse("A,B"))], 0).UndefinedBecause);

    private static RewardMatrix Rewards()
    {
        var random = new Random(8);
        return new(["a", "b", "c"], [0, 4, 9, 12, 18], [.. Enumerable.Range(0, 54).Select(_ => (float)(random.NextDouble() * 4) - 2)]);
    }

    /// <summary>[users][prompts]: ranks of the responses.</summary>
    private static int?[][][] Rankings(RewardMatrix rewards, SimulatedUsers users)
    {
        var choice = new ChoiceModel(users.Spec);
        return [.. Enumerable.Range(0, users.Count).Select(user =>
        {
            var weights = Array.ConvertAll(users.WeightsOf(user).ToArray(), weight => (float)weight);
            return Enumerable.Range(0, rewards.PromptCount).Select(prompt =>
            {
                var utilities = new float[rewards.ResponseCountOf(prompt)];
                Utility.Compute(rewards.RowsOf(prompt), weights, utilities);
                var bestFirst = new int[utilities.Length];
                choice.Rank(utilities, users.DrawOf(user), rewards.FirstResponseOf(prompt), bestFirst);
                return Ranking.Strict(bestFirst).Ranks(utilities.Length);
            }).ToArray();
        })];
    }
}
