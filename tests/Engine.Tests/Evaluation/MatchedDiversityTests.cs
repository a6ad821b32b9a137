using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Engine.Tests.Evaluation;

public class MatchedDiversityTests
{
    private static readonly string[] Models = ["a", "b", "c", "d"];
    private static readonly double[] Thresholds = [0, 0.5, 1];

    private static readonly RewardMatrix Rewards = MakeRewards();
    private static readonly SimulatedUsers Users = PopulationSampler.Sample(new PopulationSpec(Rewards.RewardModels, 0.2, 300, 4));

    // Three people on each of 20 prompts, and a fourth prompt-hopper alone on the last.
    private static readonly AnnotatorRanking[] Humans =
        [.. from prompt in Enumerable.Range(0, 20) from place in Enumerable.Range(0, prompt == 19 ? 1 : 3)
            select new AnnotatorRanking(((prompt * 3) + place) % 9, prompt, Ranking.Empty)];

    private static MatchedDiversity Matched => MatchedDiversity.Of(
        Rewards, Users, Humans, [.. Enumerable.Range(0, 20).Select(prompt => prompt < 19)], [.. Enumerable.Range(0, 80).Select(row => Models[row % 4])], Thresholds, 1);

    [Fact]
    public void ThreeVotes_AreNeverMoreDividedThanThreeVotesCanBe()
    {
        var matched = Matched;
        Assert.InRange(matched.MeanEntropy.Value!.Value, 0, Math.Log(3));
        Assert.True(matched.MeanEntropy.High <= Math.Log(3));
        Assert.InRange(matched.DistinctWinners.Count, 1, 3);
        Assert.Equal(1, matched.DistinctWinners.Sum(share => share.Estimate.Value!.Value), 10);
    }

    [Fact]
    public void FewVotes_LookLessDividedThanAllOfThem()
    {
        var all = Diversity.Summarize(VoteCounter.CountFirstChoices(Rewards, Users), [.. Enumerable.Range(0, 80).Select(row => Models[row % 4])], new string?[20], 1);
        Assert.True(Matched.MeanEntropy.High < all.MeanEntropy.Value);
    }

    [Fact]
    public void Curve_RisesFromNothingToEveryPrompt()
    {
        Assert.Equal(0, Matched.Curve[0].Value);
        Assert.Equal(1, Matched.Curve[2].Value);
        Assert.InRange(Matched.Curve[1].Value!.Value, 0, 1);
    }

    [Fact]
    public void WinShares_AreOfAllRankingsAndAddUpToOne()
    {
        Assert.Equal(Models, Matched.WinShares.Select(share => share.Name));
        Assert.Equal(1, Matched.WinShares.Sum(share => share.Estimate.Value!.Value), 10);
        Assert.All(Matched.WinShares, share => Assert.Equal(9, share.Estimate.N));
    }

    [Fact]
    public void WithoutASharedPrompt_OnlyWhatNeedsOneIsUndefined()
    {
        var matched = MatchedDiversity.Of(
            Rewards, Users, [Humans[0]], new bool[20], [.. Enumerable.Range(0, 80).Select(row => Models[row % 4])], Thresholds, 1);
        Assert.False(matched.MeanEntropy.IsDefined);
        Assert.False(matched.Agreement.IsDefined);
        Assert.Empty(matched.DistinctWinners);
        Assert.Equal(1, matched.WinShares.Sum(share => share.Estimate.Value!.Value), 10);
    }

    private static RewardMatrix MakeRewards()
    {
        var random = new Random(31);
        return new RewardMatrix(
            ["one", "two", "three"], [.. Enumerable.Range(0, 21).Select(prompt => prompt * 4)],
            [.. Enumerable.Range(0, 240).Select(_ => (float)(random.NextDouble() * 4 - 2))]);
    }
}
