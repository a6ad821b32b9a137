using PersonalLlm.Engine.Datasets;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Engine.Tests.Rewards;

public sealed class RewardNormalizationTests
{
    [Fact]
    public void Fit_GivesMeanAndTheDeviationThatDividesByN()
    {
        // 2, 4, 4, 4, 5, 5, 7, 9: mean 5, squared deviations 32, 32 / 8 = 4, sd 2.
        var constants = RewardNormalization.Fit([2, 4, 4, 4, 5, 5, 7, 9]);

        Assert.Equal(new RewardConstants(5, 2), constants);
    }

    [Fact]
    public void Fit_DoesNotLoseSmallDifferencesOnALargeMean()
    {
        // In float accumulation the sum of a million values near 1,000 drifts; here it must not.
        var rewards = Enumerable.Range(0, 1_000_000).Select(index => 1000f + (index % 2 == 0 ? 0.5f : -0.5f)).ToArray();
        var constants = RewardNormalization.Fit(rewards);

        Assert.Equal(1000, constants.Mean, 9);
        Assert.Equal(0.5, constants.StandardDeviation, 9);
    }

    [Fact]
    public void Fit_GivesAConstantColumnDeviationOne_SoThatItBecomesZeros()
    {
        var raw = new RewardMatrix(["same", "varied"], [0, 3], [0.1f, 1, 0.1f, 2, 0.1f, 3]);
        var standardised = RewardNormalization.Fit(raw).Apply(raw);

        for (var responseIndex = 0; responseIndex < 3; responseIndex++)
            Assert.Equal(0, standardised.Row(responseIndex)[0], 6);
    }

    [Fact]
    public void Applied_ColumnsHaveMeanZeroAndDeviationOne()
    {
        var random = new Random(3);
        var raw = new RewardMatrix(["a", "b", "c"], [0, 2, 500, 900], [.. Enumerable.Range(0, 2700).Select(index => (float)(random.NextDouble() * (index % 3 + 1) - 5 * (index % 3)))]);
        var standardised = RewardNormalization.Fit(raw).Apply(raw);

        Assert.Equal((raw.PromptCount, raw.FirstResponseOf(2)), (standardised.PromptCount, standardised.FirstResponseOf(2)));
        foreach (var constants in RewardNormalization.Fit(standardised).Constants)
        {
            Assert.Equal(0, constants.Mean, 6);
            Assert.Equal(1, constants.StandardDeviation, 6);
        }
    }

    [Fact]
    public void Apply_RefusesConstantsOfOtherModels()
    {
        var normalization = new RewardNormalization(["a"], [new RewardConstants(0, 1)]);
        var refused = Assert.Throws<ArgumentException>(() => normalization.Apply(new RewardMatrix(["b"], [0, 1], [1])));
        Assert.Contains("for a, but the rewards are from b", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gemma_2b", 4.1, 2.2, RewardScale.Raw)]
    [InlineData("llama3_sfairx", 1.0, 2.9, RewardScale.Raw)]
    [InlineData("llama3_sfairx", 0.02, 0.98, RewardScale.Standardised)]
    [InlineData("oasst_pythia_7b", -0.1, 1.1, RewardScale.Standardised)]
    [InlineData("gemma_2b", 40, 20, RewardScale.Unclear)]
    [InlineData("somebody_else", 0.01, 1.0, RewardScale.Standardised)]
    [InlineData("somebody_else", 0.5, 1.0, RewardScale.Raw)]
    public void ScaleOf_TellsRawFromStandardised(string alias, double mean, double deviation, RewardScale expected) =>
        Assert.Equal(expected, RewardNormalization.ScaleOf(alias, new RewardConstants(mean, deviation)));

    [Fact]
    public void ConstantsFor_SaysWhereTheyCameFrom()
    {
        Assert.Equal((new RewardConstants(2, 1), "estimated on 2 responses of this data set"), RewardNormalization.ConstantsFor("own", [1, 3]));
        Assert.Equal((new RewardConstants(4, 1), "constant on this data set, so that it weighs nothing"), RewardNormalization.ConstantsFor("own", [4, 4, 4]));
        Assert.Equal((RewardNormalization.Published["gemma_2b"], "published with PersonalLLM (Zollo et al. 2024)"), RewardNormalization.ConstantsFor("gemma_2b", [2.3f, 6.3f]));
        Assert.Equal((new RewardConstants(0, 1), "already standardised in the file"), RewardNormalization.ConstantsFor("gemma_2b", [-1, 1]));
        Assert.Equal("estimated on 2 responses of this data set", RewardNormalization.ConstantsFor("gemma_2b", [-90, 100]).Source);
    }

    [Fact]
    public void Published_ConstantsOfTheTenModelsAreRaw()
    {
        Assert.Equal(10, RewardNormalization.Published.Count);
        Assert.All(RewardNormalization.Published, model => Assert.Equal(RewardScale.Raw, RewardNormalization.ScaleOf(model.Key, model.Value)));
    }

    [Fact]
    public void Collector_OrdersColumnsByNameAndKeepsPromptsApart()
    {
        var collector = new RewardCollector();
        collector.Add(Record("p", ("x", 1, 10), ("y", 2, 20)));
        collector.Add(Record("q", ("z", 3, 30)));
        var matrix = collector.ToMatrix();

        Assert.Equal(["Zeta", "alpha"], matrix.RewardModels);
        Assert.Equal([10, 1, 20, 2, 30, 3], matrix.Values.ToArray());
        Assert.Equal((2, 3, 2), (matrix.PromptCount, matrix.ResponseCount, matrix.FirstResponseOf(1)));
    }

    [Fact]
    public void Collector_FallsBackOnAttributeRewardModels()
    {
        var collector = new RewardCollector();
        collector.Add(new PromptRecord(1, "p", "q", null, [new ResponseRecord("m", "Short.", new Dictionary<string, float>())]));
        var matrix = collector.ToMatrix();

        Assert.True(collector.AreAttributes);
        Assert.Equal(AttributeRewardModels.Names, matrix.RewardModels);
        Assert.Equal(AttributeRewardModels.All.Select(model => model.Score("Short.")), matrix.Row(0).ToArray());
    }

    private static PromptRecord Record(string key, params (string Text, float Alpha, float Zeta)[] responses) =>
        new(1, key, "q", null, [.. responses.Select(response => new ResponseRecord("m", response.Text,
            new Dictionary<string, float> { ["alpha"] = response.Alpha, ["Zeta"] = response.Zeta }))]);
}
