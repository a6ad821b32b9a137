using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Studies;

namespace PersonalLlm.Engine.Tests.Studies;

public sealed class PresentationOrderTests
{
    public static TheoryData<int> ResponseCounts => [2, 3, 4, 5, 6, 7, 8, 9, 26];

    [Theory]
    [MemberData(nameof(ResponseCounts))]
    public void FullCycle_ShowsEachResponseEquallyOftenInEachPosition(int responseCount)
    {
        var cycle = PresentationOrder.CycleLength(responseCount);
        var seen = new int[responseCount, responseCount];
        for (var promptIndex = 0; promptIndex < cycle; promptIndex++)
        {
            var order = PresentationOrder.Of(responseCount, annotatorNumber: 7, promptIndex, seed: 42);
            Assert.Equal(Enumerable.Range(0, responseCount), order.Order());
            for (var position = 0; position < responseCount; position++)
                seen[order[position], position]++;
        }
        Assert.All(seen.Cast<int>(), count => Assert.Equal(cycle / responseCount, count));
    }

    [Theory]
    [MemberData(nameof(ResponseCounts))]
    public void FullCycle_LetsEachResponseFollowEachOtherEquallyOften(int responseCount)
    {
        var cycle = PresentationOrder.CycleLength(responseCount);
        var followed = new Dictionary<(int, int), int>();
        for (var annotatorNumber = 1; annotatorNumber <= cycle; annotatorNumber++)
        {
            var order = PresentationOrder.Of(responseCount, annotatorNumber, promptIndex: 3, seed: 1);
            foreach (var pair in order.Zip(order.Skip(1)))
                followed[pair] = followed.GetValueOrDefault(pair) + 1;
        }
        Assert.Equal(responseCount * (responseCount - 1), followed.Count);
        Assert.Single(followed.Values.Distinct());
    }

    [Fact]
    public void SameSeed_GivesTheSameOrder_AndAnotherSeedAnother()
    {
        Assert.Equal(PresentationOrder.Of(8, 3, 5, 9), PresentationOrder.Of(8, 3, 5, 9));
        Assert.NotEqual(
            Enumerable.Range(0, 8).SelectMany(promptIndex => PresentationOrder.Of(8, 3, promptIndex, 9)),
            Enumerable.Range(0, 8).SelectMany(promptIndex => PresentationOrder.Of(8, 3, promptIndex, 10)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void FewerThanTwoResponses_HaveOneOrder(int responseCount) =>
        Assert.Equal(Enumerable.Range(0, responseCount), PresentationOrder.Of(responseCount, 1, 2, 3));

    [Fact]
    public void RankingOfPositions_BecomesTheRankingOfWhatStoodThere_AndBack()
    {
        int[] shown = [2, 0, 3, 1];
        var positions = Ranking.Parse("B,A=D");
        var responses = PresentationOrder.ToResponses(positions, shown);
        Assert.Equal("A,B=C", responses.ToString());
        Assert.Equal(positions, PresentationOrder.ToPositions(responses, shown));
    }
}
