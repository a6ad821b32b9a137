using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;
using PersonalLlm.Engine.Tests.Reference;

namespace PersonalLlm.Engine.Tests.Population;

public class VoteCounterTests
{
    /// <summary>seed, prompts, fewest and most responses, reward models, users, decimals of the rewards, β.</summary>
    public static TheoryData<uint, int, int, int, int, int, int?, double> Worlds => new()
    {
        { 1, 1, 1, 1, 1, 1, null, double.PositiveInfinity },
        { 2, 40, 1, 9, 10, 1, null, double.PositiveInfinity },
        { 3, 40, 8, 8, 10, 517, null, double.PositiveInfinity },
        { 4, 17, 2, 26, 3, 1025, null, double.PositiveInfinity },
        { 5, 33, 1, 40, 1, 100, 0, double.PositiveInfinity },
        { 6, 20, 2, 8, 2, 300, 0, double.PositiveInfinity },
        { 7, 20, 8, 8, 10, 517, null, 2.5 },
        { 8, 20, 1, 9, 4, 30, 0, 0 },
        { 9, 20, 2, 30, 4, 513, null, 1e9 },
    };

    [Theory]
    [MemberData(nameof(Worlds))]
    public void Counts_EqualTheSlowReference(uint seed, int prompts, int fewest, int most, int models, int users, int? decimals, double inverseTemperature)
    {
        var rewards = RandomRewards.Make(seed, prompts, fewest, most, models, decimals);
        var population = Population(models, 0.3, users, seed, inverseTemperature);
        Assert.Equal(VoteReference.FirstChoices(rewards, population), VoteCounter.CountFirstChoices(rewards, population).Values);

        var expected = VoteReference.Pairs(rewards, population);
        var pairs = VoteCounter.CountPairs(rewards, population);
        Assert.Equal(users, pairs.Users);
        for (var promptIndex = 0; promptIndex < prompts; promptIndex++)
            for (var a = 0; a < rewards.ResponseCountOf(promptIndex); a++)
                for (var b = 0; b < rewards.ResponseCountOf(promptIndex); b++)
                    Assert.Equal(expected[promptIndex][a, b], pairs.Above(promptIndex, a, b));
    }

    [Theory]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1.5)]
    public void Counts_AreTheSameForAnyNumberOfThreads(double inverseTemperature)
    {
        var rewards = RandomRewards.Make(1, 200, 2, 8, 10);
        var population = Population(10, 0.1, 700, 3, inverseTemperature);
        var one = VoteCounter.CountFirstChoices(rewards, population, maximumThreads: 1).Values.ToArray();
        foreach (var threads in new[] { 2, 3, 16 })
            Assert.Equal(one, VoteCounter.CountFirstChoices(rewards, population, threads).Values);
    }

    [Theory]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1.5)]
    public void CountsOfBlocks_AddUpToThoseOfTheWhole(double inverseTemperature)
    {
        var rewards = RandomRewards.Make(1, 30, 2, 8, 10);
        var spec = Spec(10, 0.1, 700, 3, inverseTemperature);
        var whole = VoteCounter.CountFirstChoices(rewards, PopulationSampler.Sample(spec)).Values.ToArray();
        var first = VoteCounter.CountFirstChoices(rewards, PopulationSampler.Sample(spec, 0, 333)).Values.ToArray();
        var second = VoteCounter.CountFirstChoices(rewards, PopulationSampler.Sample(spec, 333, 700)).Values.ToArray();
        Assert.Equal(whole, first.Zip(second, (a, b) => a + b));
    }

    [Fact]
    public void EveryUser_VotesOnceOnEveryPrompt()
    {
        var rewards = RandomRewards.Make(1, 50, 1, 8, 5);
        var votes = VoteCounter.CountFirstChoices(rewards, Population(5, 0.1, 613, 3));
        for (var promptIndex = 0; promptIndex < rewards.PromptCount; promptIndex++)
            Assert.Equal(613, votes.TotalOf(promptIndex));
    }

    [Fact]
    public void EqualUtilities_GoToTheFirstResponse_AndAreNoPairWin()
    {
        var rewards = new RewardMatrix(RandomRewards.Names(2), [0, 3], [1, 2, 1, 2, 0, 0]);
        var population = Population(2, 1, 10, 0);
        Assert.Equal([10, 0, 0], VoteCounter.CountFirstChoices(rewards, population).Values.ToArray());
        var pairs = VoteCounter.CountPairs(rewards, population);
        Assert.Equal(0, pairs.Above(0, 0, 1));
        Assert.Equal(0, pairs.Above(0, 1, 0));
        Assert.Equal(10, pairs.Above(0, 0, 2));
    }

    // Two models, α = 1: w is uniform. Response 0 scores a·w, response 1 scores b·(1 − w), so the first wins where w > b / (a + b).
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 3)]
    [InlineData(5, 1)]
    public void TwoModels_GiveTheAnalyticShare(float a, float b)
    {
        const int Users = 100_000;
        var rewards = new RewardMatrix(RandomRewards.Names(2), [0, 2], [a, 0, 0, b]);
        var share = VoteCounter.CountFirstChoices(rewards, Population(2, 1, Users, 6)).Values[0] / Users;
        var expected = a / (a + b);
        Assert.InRange((share - expected) / Math.Sqrt(expected * (1 - expected) / Users), -4.5, 4.5);
    }

    [Fact]
    public void ZeroInverseTemperature_ChoosesUniformly()
    {
        const int Users = 20_000;
        var votes = VoteCounter.CountFirstChoices(RandomRewards.Make(1, 30, 8, 8, 5), Population(5, 0.1, Users, 3, 0));
        // χ² with 7 degrees of freedom per prompt, 30 independent prompts: mean 210, variance 420.
        var chiSquare = votes.Values.ToArray().Sum(count => Math.Pow(count - (Users / 8.0), 2) / (Users / 8.0));
        Assert.InRange((chiSquare - 210) / Math.Sqrt(420), -4.5, 4.5);
    }

    [Fact]
    public void GrowingInverseTemperature_ApproachesTheNoiseFreeChoice()
    {
        var rewards = RandomRewards.Make(1, 100, 8, 8, 5);
        var noiseFree = VoteCounter.CountFirstChoices(rewards, Population(5, 0.1, 500, 3)).Values.ToArray();
        var distances = new[] { 1.0, 10, 1000, 1e9 }.Select(inverseTemperature =>
            VoteCounter.CountFirstChoices(rewards, Population(5, 0.1, 500, 3, inverseTemperature)).Values.ToArray()
                .Zip(noiseFree, (a, b) => Math.Abs(a - b)).Sum()).ToArray();
        Assert.Equal(distances.OrderDescending(), distances);
        Assert.Equal(0, distances[^1]);
    }

    [Fact]
    public void RewardModelsInAnotherOrder_AreRefused()
    {
        var rewards = RandomRewards.Make(1, 2, 2, 2, 2);
        var spec = Spec(2, 1, 5, 0) with { RewardModels = ["model_01", "model_00"] };
        Assert.Contains("model_01, model_00", Assert.Throws<ArgumentException>(
            () => VoteCounter.CountFirstChoices(rewards, PopulationSampler.Sample(spec))).Message);
    }

    [Fact]
    public void Cancelling_StopsTheCounting()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => VoteCounter.CountFirstChoices(
            RandomRewards.Make(1, 50, 8, 8, 5), Population(5, 0.1, 500, 3), cancellationToken: cancelled.Token));
    }

    private static SimulatedUsers Population(int models, double concentration, int users, uint seed, double inverseTemperature = double.PositiveInfinity) =>
        PopulationSampler.Sample(Spec(models, concentration, users, seed, inverseTemperature));

    private static PopulationSpec Spec(int models, double concentration, int users, uint seed, double inverseTemperature = double.PositiveInfinity) =>
        new(RandomRewards.Names(models), concentration, users, seed, WeightGenerator.Native, inverseTemperature);
}
