using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Population.Kernels;
using PersonalLlm.Engine.Rewards;
using PersonalLlm.Engine.Tests.Population;

namespace PersonalLlm.Engine.Tests.Evaluation;

public class AgreementMatrixTests
{
    public static TheoryData<int> Widths => [.. Enum.GetValues<LaneWidth>().Where(LaneWidths.IsSupported).Select(width => (int)width)];

    [Theory]
    [MemberData(nameof(Widths))]
    public void EveryAgreement_IsTheMeanTauOfTheTwoUsersRankings_AtEveryWidth(int width)
    {
        foreach (var inverseTemperature in new[] { double.PositiveInfinity, 2 })
        {
            var rewards = RandomRewards.Make(3, 90, 1, 11, 4);
            var users = Users(4, 37, inverseTemperature);
            var matrix = AgreementMatrix.Of(rewards, users, (LaneWidth)width, -1, default);
            Assert.Equal(Enumerable.Range(0, 90).Count(promptIndex => rewards.ResponseCountOf(promptIndex) > 1), matrix.Prompts);
            for (var one = 0; one < users.Count; one++)
                for (var other = 0; other < users.Count; other++)
                    Assert.Equal(MeanTau(rewards, users, one, other), matrix[one, other], 1e-12);
        }
    }

    // More prompts than one pass of bits holds, and not a multiple of anything.
    [Fact]
    public void MeanOfTheMatrix_IsTheMeanFromPairCounts()
    {
        var rewards = RandomRewards.Make(5, 2100, 8, 8, 10);
        var users = Users(10, 75);
        var matrix = AgreementMatrix.Of(rewards, users);
        var mean = 0.0;
        for (var one = 0; one < users.Count; one++)
            for (var other = 0; other < one; other++)
                mean += matrix[one, other] / (users.Count * (users.Count - 1) / 2);
        Assert.Equal(PairwiseAgreement.WithinSimulated(VoteCounter.CountPairs(rewards, users)).Value!.Value, mean, 1e-12);
    }

    [Fact]
    public void Matrix_IsTheSameForAnyNumberOfThreads()
    {
        var rewards = RandomRewards.Make(5, 60, 2, 9, 10);
        var users = Users(10, 75);
        Assert.Equal(AgreementMatrix.Of(rewards, users, 1).Values, AgreementMatrix.Of(rewards, users, 7).Values);
    }

    [Fact]
    public void OppositeUsers_DisagreeCompletely()
    {
        // One reward model is the other reversed; two users at the corners would rank in opposite orders.
        var rewards = new RewardMatrix(RandomRewards.Names(2), [0, 4], [1, 4, 2, 3, 3, 2, 4, 1]);
        var users = new SimulatedUsers(new PopulationSpec(RandomRewards.Names(2), 1, 2, 0), 0, [1, 0, 0, 1]);
        Assert.Equal([1, -1, -1, 1], AgreementMatrix.Of(rewards, users).Values.ToArray());
    }

    [Fact]
    public void NoPromptWithTwoResponses_DefinesNoAgreement()
    {
        var matrix = AgreementMatrix.Of(RandomRewards.Make(1, 3, 1, 1, 2), Users(2, 3));
        Assert.Equal(0, matrix.Prompts);
        Assert.True(double.IsNaN(matrix[0, 1]));
    }

    [Fact]
    public void Cancelling_StopsTheComparison()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() =>
            AgreementMatrix.Of(RandomRewards.Make(1, 50, 8, 8, 5), Users(5, 50), cancellationToken: cancelled.Token));
    }

    private static double MeanTau(RewardMatrix rewards, SimulatedUsers users, int one, int other)
    {
        var taus = new List<double>();
        for (var promptIndex = 0; promptIndex < rewards.PromptCount; promptIndex++)
            if (rewards.ResponseCountOf(promptIndex) > 1)
                taus.Add(KendallTau.Of(RanksOf(rewards, users, one, promptIndex), RanksOf(rewards, users, other, promptIndex))!.Value);
        return taus.Average();
    }

    private static int[] RanksOf(RewardMatrix rewards, SimulatedUsers users, int userIndex, int promptIndex)
    {
        var utilities = new float[rewards.ResponseCountOf(promptIndex)];
        Utility.Compute(rewards.RowsOf(promptIndex), Array.ConvertAll(users.WeightsOf(userIndex).ToArray(), weight => (float)weight), utilities);
        var bestFirst = new int[utilities.Length];
        new ChoiceModel(users.Spec).Rank(utilities, users.DrawOf(userIndex), rewards.FirstResponseOf(promptIndex), bestFirst);
        var ranks = new int[utilities.Length];
        for (var place = 0; place < ranks.Length; place++)
            ranks[bestFirst[place]] = place + 1;
        return ranks;
    }

    private static SimulatedUsers Users(int models, int users, double inverseTemperature = double.PositiveInfinity) =>
        PopulationSampler.Sample(new PopulationSpec(RandomRewards.Names(models), 0.3, users, 7) with { InverseTemperature = inverseTemperature });
}
