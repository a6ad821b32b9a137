using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Tests.Evaluation;

public sealed class AttributeRegressionTests
{
    [Fact]
    public void Attributes_AreCountedByHand()
    {
        var values = new double[6];
        ResponseAttributes.Count("The cat's hat, and the HAT!\n- it's 'new'\n2. end", values);
        // The, cat's, hat, and, the, HAT, it's, new, 2, end: ten tokens, The = the and hat = HAT; letters 3+5+3+3+3+3+4+3+1+3 = 31.
        // Stop words: The, and, the. Marks: , ! - ' ' . — the apostrophes within words belong to them. List lines: the last two.
        Assert.Equal([10, 8, 3.1, 3, 6, 2], values);
        ResponseAttributes.Count("", values);
        Assert.Equal([0, 0, 0, 0, 0, 0], values);
    }

    [Fact]
    public void AUserWhoPrefersLongTexts_HasAPositiveCoefficient_AndTheOppositeUserANegativeOne()
    {
        var (rewards, texts) = Lengths(prompts: 200, responses: 2);
        var result = AttributeRegression.Of(rewards, texts, Users(rewards, 0.7), RegressionContrast.BestWorst, seed: 1);
        Assert.True(result.ByUser[0][0].Low > 0);
        Assert.True(result.ByUser[1][0].High < 0);
        Assert.Equal(200, result.ByUser[0][0].N);
        // Texts of "x" alone: nothing but tokens varies.
        Assert.All(result.ByUser[0].Skip(1), estimate => Assert.Equal("the attribute is the same in every response", estimate.UndefinedBecause));
        Assert.Equal(0, result.Attributes[2].StandardDeviation);
    }

    [Fact]
    public void OneUserAlone_HasTheCoefficientsOfThatUserAmongAll_AndProgressCountsUsers()
    {
        var (rewards, texts) = Lengths(prompts: 80, responses: 4);
        var users = Users(rewards, 0.6);
        var attributes = StandardisedAttributes.Of(texts);
        var done = new Seen();
        var all = AttributeRegression.Of(rewards, attributes, users, RegressionContrast.PaperRank4, seed: 1, done);
        Assert.Equal(users.Count, done.Most);
        for (var userIndex = 0; userIndex < users.Count; userIndex++)
            Assert.Equal(all.ByUser[userIndex], AttributeRegression.OfUser(rewards, attributes, users, userIndex, RegressionContrast.PaperRank4));
        Assert.Throws<ArgumentException>(() => AttributeRegression.OfUser(rewards, StandardisedAttributes.Of(["short"]), users, 0, RegressionContrast.BestWorst));
    }

    // Texts of one length, and a score that follows the rewards: only the score can explain what is preferred.
    [Fact]
    public void AttributesThatAreScoredElsewhere_AreRegressedOnAsTheCountedOnesAre()
    {
        var (rewards, _) = Lengths(prompts: 200, responses: 2);
        string[] texts = [.. Enumerable.Repeat("x", rewards.ResponseCount)];
        double[] scores = [.. Enumerable.Range(0, rewards.ResponseCount).SelectMany(responseIndex => new[] { 5 + (2.0 * rewards.Row(responseIndex)[0]), 3 })];
        var attributes = StandardisedAttributes.Of(texts).With(["joy", "constant"], scores);
        Assert.Equal([.. ResponseAttributes.Names, "joy", "constant"], attributes.Names);
        Assert.Equal(0, Enumerable.Range(0, texts.Length).Average(responseIndex => attributes.Of(responseIndex)[6]), 1e-9);
        Assert.Equal(0, attributes.Deviations[7]);
        var result = AttributeRegression.Of(rewards, attributes, Users(rewards, 0.7), RegressionContrast.BestWorst, seed: 1, null);
        Assert.True(result.ByUser[0][6].Low > 0);
        Assert.True(result.ByUser[1][6].High < 0);
        Assert.Equal("joy", result.Attributes[6].Name);
        Assert.Equal("the attribute is the same in every response", result.ByUser[0][7].UndefinedBecause);
        Assert.Throws<ArgumentException>(() => attributes.With(["joy"], [1, 2]));
    }

    [Fact]
    public void WithoutNoise_LengthTellsThemApart_SoThatThereIsNoCoefficient()
    {
        var (rewards, texts) = Lengths(prompts: 50, responses: 2);
        var result = AttributeRegression.Of(rewards, texts, Users(rewards, double.PositiveInfinity), RegressionContrast.BestWorst, seed: 1);
        Assert.EndsWith("(separation)", result.ByUser[0][0].UndefinedBecause, StringComparison.Ordinal);
        Assert.StartsWith("no user has a coefficient", result.Attributes[0].MeanCoefficient.UndefinedBecause, StringComparison.Ordinal);
        Assert.Empty(result.Attributes[0].Quartiles);
    }

    [Fact]
    public void PaperRank4_LooksAtTheFourth_AndNeedsFourResponses()
    {
        var (rewards, texts) = Lengths(prompts: 100, responses: 6);
        var users = Users(rewards, 0.5);
        var worst = AttributeRegression.Of(rewards, texts, users, RegressionContrast.BestWorst, seed: 1);
        var fourth = AttributeRegression.Of(rewards, texts, users, RegressionContrast.PaperRank4, seed: 1);
        Assert.NotEqual(worst.ByUser[0][0].Value, fourth.ByUser[0][0].Value);
        var (few, fewTexts) = Lengths(prompts: 20, responses: 3);
        Assert.Equal(
            "no prompt has enough responses to compare",
            AttributeRegression.Of(few, fewTexts, Users(few, 0.5), RegressionContrast.PaperRank4, seed: 1).ByUser[0][0].UndefinedBecause);
    }

    [Fact]
    public void TheBoxPlot_SummarisesTheUsersThatHaveACoefficient()
    {
        var (rewards, texts) = Lengths(prompts: 100, responses: 2);
        var result = AttributeRegression.Of(rewards, texts, Users(rewards, 0.5), RegressionContrast.BestWorst, seed: 1);
        double[] two = [.. result.ByUser.Select(user => user[0].Value!.Value).Order()];
        Assert.Equal(two.Average(), result.Attributes[0].MeanCoefficient.Value!.Value, 1e-12);
        Assert.Equal([two[0], two.Average(), two[1]], new[] { 0, 2, 4 }.Select(place => result.Attributes[0].Quartiles[place]), (one, other) => Math.Abs(one - other) < 1e-12);
    }

    /// <summary>Responses of 1 … 20 times "x"; "long" rewards the length, "short" its negative.</summary>
    private static (RewardMatrix Rewards, string[] Texts) Lengths(int prompts, int responses)
    {
        var random = new RandomStream(3, 77, 0);
        var lengths = new int[prompts * responses];
        foreach (ref var length in lengths.AsSpan())
            length = 1 + random.NextBelow(20);
        return (
            new RewardMatrix(
                ["long", "short"], [.. Enumerable.Range(0, prompts + 1).Select(prompt => prompt * responses)],
                [.. lengths.SelectMany(length => new[] { (length - 10.5f) / 5.8f, (10.5f - length) / 5.8f })]),
            [.. lengths.Select(length => string.Join(' ', Enumerable.Repeat("x", length)))]);
    }

    private static SimulatedUsers Users(RewardMatrix rewards, double inverseTemperature) =>
        new(new PopulationSpec(rewards.RewardModels, 1, 2, 4, InverseTemperature: inverseTemperature), 0, [1, 0, 0, 1]);

    private sealed class Seen : IProgress<int>
    {
        private int most;

        public int Most => most;

        public void Report(int value)
        {
            int seen;
            while ((seen = most) < value && Interlocked.CompareExchange(ref most, value, seen) != seen)
            {
            }
        }
    }
}
