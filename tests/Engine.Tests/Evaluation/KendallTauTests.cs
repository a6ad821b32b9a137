using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Tests.Reference;

namespace PersonalLlm.Engine.Tests.Evaluation;

public class KendallTauTests
{
    [Theory]
    [InlineData("A,B,C,D", "A,B,C,D", 1)]
    [InlineData("A,B,C,D", "D,C,B,A", -1)]
    // One neighbouring swap of six pairs: (5 − 1) / 6.
    [InlineData("A,B,C,D", "A,C,B,D", 4 / 6.0)]
    [InlineData("A=B,C=D", "A=B,C=D", 1)]
    public void Between_EqualsTheValueWorkedByHand(string first, string second, double expected) =>
        Assert.Equal(expected, KendallTau.Between(Ranking.Parse(first), Ranking.Parse(second)).Value!.Value, 12);

    [Fact]
    public void Between_CorrectsForTiesAsTauB()
    {
        // Pairs AB AC AD BC BD CD. First orders five (BC tied), second all six; CD alone is discordant: (4 − 1) / √(5·6).
        var tau = KendallTau.Between(Ranking.Parse("A,B=C,D"), Ranking.Parse("A,B,D,C"));
        Assert.Equal(3 / Math.Sqrt(30), tau.Value!.Value, 12);
    }

    [Fact]
    public void Between_UsesOnlyResponsesThatBothRanked()
    {
        var tau = KendallTau.Between(Ranking.Parse("E,A,B"), Ranking.Parse("B,A,D"));
        Assert.Equal(-1, tau.Value);
        Assert.Equal(2, tau.N);
    }

    [Fact]
    public void Between_IsUndefinedWithFewerThanTwoInCommon() =>
        Assert.Contains("fewer than two responses", KendallTau.Between(Ranking.Parse("A,B"), Ranking.Parse("B,C")).UndefinedBecause);

    [Fact]
    public void Between_IsUndefinedWhenOneSideTiesEverything() =>
        Assert.Contains("ties every response", KendallTau.Between(Ranking.Parse("A=B=C"), Ranking.Parse("A,B,C")).UndefinedBecause);

    [Fact]
    public void Between_AgreesWithAnIndependentImplementationOnRandomRankings()
    {
        var random = new Random(11);
        for (var round = 0; round < 2000; round++)
        {
            var responses = random.Next(2, 27);
            var (first, second) = (RandomRanking(random, responses), RandomRanking(random, responses));
            var tau = KendallTau.Between(first, second);
            if (!tau.IsDefined)
                continue;
            Assert.Equal(KendallTauReference.Of(first.Ranks(responses), second.Ranks(responses)), tau.Value!.Value, 10);
            Assert.Equal(tau.Value.Value, KendallTau.Between(second, first).Value!.Value, 12);
        }
    }

    internal static Ranking RandomRanking(Random random, int responses)
    {
        var levels = random.Next(1, responses + 1);
        return Ranking.Of(Enumerable.Range(0, responses)
            .Where(_ => random.NextDouble() < 0.9)
            .GroupBy(_ => random.Next(levels)).OrderBy(group => group.Key).Select(group => group.AsEnumerable()));
    }
}
