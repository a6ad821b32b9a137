using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Engine.Tests.Rewards;

public class RewardMatrixTests
{
    private static readonly string[] TwoModels = ["kind", "terse"];

    [Fact]
    public void PromptsMayHaveDifferentNumbersOfResponses()
    {
        var matrix = new RewardMatrix(TwoModels, [0, 1, 3], [1, 2, 3, 4, 5, 6]);

        Assert.Equal((2, 3, 2), (matrix.PromptCount, matrix.ResponseCount, matrix.RewardModelCount));
        Assert.Equal([1f, 2f], matrix.RowsOf(0).ToArray());
        Assert.Equal([3f, 4f, 5f, 6f], matrix.RowsOf(1).ToArray());
        Assert.Equal([5f, 6f], matrix.Row(2).ToArray());
    }

    [Fact]
    public void ARewardThatIsNoNumber_IsRefusedByPlaceAndName()
    {
        var refused = Assert.Throws<ArgumentException>(() => new RewardMatrix(TwoModels, [0, 2], [1, 2, 3, float.NaN]));

        Assert.Contains("response 1 under terse is NaN", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ShapesThatDoNotFit_AreRefusedWithBothNumbers()
    {
        var refused = Assert.Throws<ArgumentException>(() => new RewardMatrix(TwoModels, [0, 2], [1, 2, 3]));

        Assert.Contains("Expected 4 rewards (2 responses × 2 reward models) but got 3", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void APromptWithoutResponses_IsRefused() =>
        Assert.Throws<ArgumentException>(() => new RewardMatrix(TwoModels, [0, 2, 2], [1, 2, 3, 4]));

    [Fact]
    public void Select_KeepsPromptsAndRewardModelsInTheOrderGiven()
    {
        var matrix = new RewardMatrix(["a", "b"], [0, 1, 3], [1, 10, 2, 20, 3, 30]).Select([1, 0], ["b"]);
        Assert.Equal([0, 2, 3], matrix.PromptStarts.ToArray());
        Assert.Equal([20, 30, 10], matrix.Values.ToArray());
        Assert.Equal(["b"], matrix.RewardModels);
    }

    [Fact]
    public void Select_NamesTheRewardModelThatIsMissing() =>
        Assert.Contains("under c, only under a", Assert.Throws<ArgumentException>(() => new RewardMatrix(["a"], [0, 1], [1]).Select([0], ["c"])).Message);
}
