using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Engine.Tests.Evaluation;

public class PublishedDiversityTests
{
    [Fact]
    public void EveryRow_HasAValueAtEveryThreshold_ThatRisesWithIt() =>
        Assert.All(PublishedDiversity.Rows, row =>
        {
            Assert.Equal(Diversity.Thresholds.Count, row.MajorityCurve.Count);
            Assert.Equal(row.MajorityCurve.Order(), row.MajorityCurve);
            // One bar for each of ours; the few prompts with a single winner are in none.
            Assert.Equal(DistinctWinners.PaperBins.Count, row.DistinctWinnersPaperBinning.Count);
            Assert.InRange(row.DistinctWinnersPaperBinning.Sum(), 0.98, 1);
        });

    [Theory]
    [InlineData("0.05", 0.426)]
    [InlineData("0.1", 0.34)]
    [InlineData("1", null)]
    [InlineData("0.05,0.05", null)]
    public void ARow_IsFoundByItsConcentration(string concentration, double? atHalf) =>
        Assert.Equal(atHalf, PublishedDiversity.Of(Concentration.Parse(concentration)!)?.MajorityCurve[0]);

    [Fact]
    public void OnlyTheTenRewardModelsOnAThousandPrompts_ArePublishedData()
    {
        string[] published = [.. RewardNormalization.Published.Keys.Reverse()];
        Assert.True(PublishedDiversity.IsPublishedData(published, 1000));
        Assert.False(PublishedDiversity.IsPublishedData(published, 719));
        Assert.False(PublishedDiversity.IsPublishedData([.. published[1..], "helpful"], 1000));
        Assert.False(PublishedDiversity.IsPublishedData([.. published, "helpful"], 1000));
        Assert.False(PublishedDiversity.IsPublishedData(published[1..], 1000));
    }
}
