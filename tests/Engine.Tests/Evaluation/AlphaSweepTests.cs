using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Engine.Tests.Evaluation;

public sealed class AlphaSweepTests
{
    private static readonly PopulationSpec s_spec = new(["a", "b", "c", "d"], 0.3, 5, 11);

    [Fact]
    public void EachPointIsThePopulationOfItsConcentration()
    {
        var rewards = Rewards(4);
        var points = AlphaSweep.Of(rewards, s_spec, [0.05, 2], users: 60);
        foreach (var point in points)
        {
            var users = PopulationSampler.Sample(s_spec with { Concentration = point.Alpha, Users = 60 });
            Assert.Equal(PairwiseAgreement.WithinSimulated(VoteCounter.CountPairs(rewards, users)).Value!.Value, point.Agreement.Value!.Value, 10);
            Assert.Equal(60, point.Agreement.N);
            Assert.InRange(point.Agreement.Value.Value, point.Agreement.Low!.Value, point.Agreement.High!.Value);
            var votes = VoteCounter.CountFirstChoices(rewards, users);
            Assert.Equal(Enumerable.Range(0, votes.PromptCount).Average(promptIndex => VoteEntropy.Of(votes.Of(promptIndex))), point.MeanEntropy.Value!.Value, 12);
            Assert.Equal(Diversity.EffectiveRewardModels(users, 0).Value, point.EffectiveRewardModels.Value);
        }
    }

    [Fact]
    public void UsersAgreeMoreTheMoreAlikeTheirWeights()
    {
        var points = AlphaSweep.Of(Rewards(4), s_spec, AlphaSweep.DefaultAlphas, resamples: 50);
        Assert.Equal(13, points.Count);
        Assert.Equal(0.01, points[0].Alpha);
        Assert.Equal(10, points[^1].Alpha);
        Assert.True(points[0].Agreement.High < points[^1].Agreement.Low);
        Assert.True(points[0].MeanEntropy.Low > points[^1].MeanEntropy.High);
        Assert.True(points[0].EffectiveRewardModels.High < points[^1].EffectiveRewardModels.Low);
    }

    [Fact]
    public void MeanWeightsStayWhileTheConcentrationMoves()
    {
        var around = s_spec with { Concentration = Concentration.Around([0.7, 0.1, 0.1, 0.1], 1) };
        var point = AlphaSweep.Of(Rewards(4), around, [40], users: 100)[0];
        var users = PopulationSampler.Sample(around with { Concentration = Concentration.Around([0.7, 0.1, 0.1, 0.1], 40), Users = 100 });
        Assert.Equal(Diversity.EffectiveRewardModels(users, 0).Value!.Value, point.EffectiveRewardModels.Value!.Value, 9);
    }

    [Fact]
    public void WhereNobodyCanBeDrawnThePointSaysWhy()
    {
        var legacy = s_spec with { Generator = WeightGenerator.NumpyLegacy };
        var points = AlphaSweep.Of(Rewards(4), legacy, [0.0001, 1], users: 50, resamples: 20);
        Assert.Contains("underflows", points[0].Agreement.UndefinedBecause);
        Assert.True(points[1].Agreement.IsDefined);
    }

    private static RewardMatrix Rewards(int models)
    {
        var random = new Random(5);
        const int Prompts = 60;
        const int Responses = 5;
        var values = new float[Prompts * Responses * models];
        for (var place = 0; place < values.Length; place++)
            values[place] = (float)(random.NextDouble() * 4) - 2;
        return new RewardMatrix([.. Enumerable.Range(0, models).Select(index => $"{(char)('a' + index)}")], [.. Enumerable.Range(0, Prompts + 1).Select(prompt => prompt * Responses)], values);
    }
}
