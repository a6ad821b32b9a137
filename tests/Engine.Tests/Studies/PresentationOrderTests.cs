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

    public static TheoryData<int, int> Parts
    {
        get
        {
            var parts = new TheoryData<int, int>();
            foreach (var responseCount in new[] { 3, 4, 5, 8, 9 })
            {
                for (var shown = 2; shown < responseCount; shown++)
                    parts.Add(responseCount, shown);
            }
            return parts;
        }
    }

    [Theory]
    [MemberData(nameof(Parts))]
    public void FullCycleOfSomeResponses_ShowsEachEquallyOften_AndEquallyOftenInEachPosition(int responseCount, int shown)
    {
        var design = new AssignmentDesign { ResponsesPerPrompt = shown };
        var cycle = PresentationOrder.CycleLength(responseCount, shown);
        var seen = new int[responseCount, shown];
        var together = new Dictionary<(int, int), int>();
        for (var annotatorNumber = 5; annotatorNumber < 5 + cycle; annotatorNumber++)
        {
            var order = PresentationOrder.Of(design, responseCount, annotatorNumber, promptIndex: 3, seed: 11);
            Assert.Equal(shown, order.Distinct().Count());
            for (var position = 0; position < shown; position++)
                seen[order[position], position]++;
            foreach (var one in order)
            {
                foreach (var other in order.Where(other => other != one))
                    together[(one, other)] = together.GetValueOrDefault((one, other)) + 1;
            }
        }
        Assert.All(seen.Cast<int>(), count => Assert.Equal(cycle / responseCount, count));
        Assert.Equal(responseCount * (responseCount - 1), together.Count);
        if (shown == 2)
            Assert.All(together.Values, count => Assert.Equal(2, count));
    }

    [Fact]
    public void RandomOrders_PutEachResponseAboutEquallyOftenInEachPosition_AndAreTheSeeds()
    {
        var design = new AssignmentDesign { Order = ResponseOrder.Random, ResponsesPerPrompt = 3 };
        var seen = new int[5, 3];
        for (var annotatorNumber = 1; annotatorNumber <= 3000; annotatorNumber++)
        {
            var order = PresentationOrder.Of(design, 5, annotatorNumber, promptIndex: annotatorNumber % 7, seed: 2);
            Assert.Equal(order, PresentationOrder.Of(design, 5, annotatorNumber, promptIndex: annotatorNumber % 7, seed: 2));
            for (var position = 0; position < 3; position++)
                seen[order[position], position]++;
        }
        // Binomial(3000, 0.2): mean 600, sd 21.9; five standard deviations.
        Assert.All(seen.Cast<int>(), count => Assert.InRange(count, 490, 710));
    }

    [Fact]
    public void StoredOrder_StaysAsItIs_AndOfSomeResponsesToo()
    {
        var design = new AssignmentDesign { Order = ResponseOrder.AsStored };
        Assert.Equal([0, 1, 2, 3], PresentationOrder.Of(design, 4, 9, 9, 9));
        Assert.Equal([0, 1, 2, 3], PresentationOrder.Again(design, [0, 1, 2, 3], 9, 9, 9));
        for (var annotatorNumber = 0; annotatorNumber < 50; annotatorNumber++)
        {
            var order = PresentationOrder.Of(design with { ResponsesPerPrompt = 3 }, 6, annotatorNumber, 0, 1);
            Assert.Equal(order.Order(), order);
        }
    }

    [Theory]
    [InlineData(ResponseOrder.Balanced)]
    [InlineData(ResponseOrder.Random)]
    public void Repeat_ShowsTheSameResponsesInAnotherOrder(ResponseOrder kind)
    {
        var design = new AssignmentDesign { Order = kind };
        for (var annotatorNumber = 1; annotatorNumber <= 200; annotatorNumber++)
        {
            var first = PresentationOrder.Of(design with { ResponsesPerPrompt = 2 + annotatorNumber % 4 }, 6, annotatorNumber, 4, seed: 8);
            var again = PresentationOrder.Again(design, first, annotatorNumber, 4, seed: 8);
            Assert.NotEqual(first, again);
            Assert.Equal(first.Order(), again.Order());
        }
    }
}
