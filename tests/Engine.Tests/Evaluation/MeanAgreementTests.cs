using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Tests.Evaluation;

public class MeanAgreementTests
{
    private static readonly int[] PromptStarts = [0, 4];

    [Fact]
    public void Agreement_IsOneWithItselfAndMinusOneWithTheReverse()
    {
        var same = Counts("A,B,C,D", "A,B,C,D", "A,B,C,D");
        var reversed = Counts("D,C,B,A");
        Assert.Equal((18, 18), MeanAgreement.Within(same, 0));
        Assert.Equal((-18, 18), MeanAgreement.Between(same, reversed, 0));
    }

    [Fact]
    public void Agreement_EqualsTheMeanOverAllPairsOfRankings()
    {
        var random = new RandomStream(3, 77, 0);
        var first = Enumerable.Range(0, 12).Select(_ => RandomRanking(ref random)).ToArray();
        var second = Enumerable.Range(0, 7).Select(_ => RandomRanking(ref random)).ToArray();
        var within = from a in Enumerable.Range(0, 12) from b in Enumerable.Range(0, a) select TauA(first[a], first[b]);
        var between = from a in first from b in second select TauA(a, b);

        AssertMean(within, MeanAgreement.Within(Counts(first), 0));
        AssertMean(between, MeanAgreement.Between(Counts(first), Counts(second), 0));

        static void AssertMean(IEnumerable<double> taus, (double Sum, double Comparisons) pooled) =>
            Assert.Equal(taus.Average(), pooled.Sum / pooled.Comparisons, 1e-12);
    }

    [Fact]
    public void UnrankedResponses_AreNotCompared()
    {
        // Only A and B are ranked by both: one pair of people, one pair of responses, and they disagree.
        Assert.Equal((-1, 1), MeanAgreement.Within(Counts("A,B", "B,A,C"), 0));
        Assert.Equal((0, 0), MeanAgreement.Within(Counts("A,B"), 0));
    }

    [Fact]
    public void Groups_MustHaveSeenTheSameResponses() =>
        Assert.Throws<ArgumentException>(() => MeanAgreement.Between(Counts("A,B"), PairCounts.OfRankings([0, 2], []), 0));

    /// <summary>(concordant − discordant) / all pairs, straight from the definition.</summary>
    private static double TauA(Ranking first, Ranking second)
    {
        var sum = 0;
        for (var a = 0; a < 4; a++)
            for (var b = 0; b < a; b++)
                sum += Math.Sign(first.RankOf(a)!.Value - first.RankOf(b)!.Value) * Math.Sign(second.RankOf(a)!.Value - second.RankOf(b)!.Value);
        return sum / 6.0;
    }

    private static Ranking RandomRanking(ref RandomStream random)
    {
        var utilities = new float[4];
        for (var response = 0; response < 4; response++)
            utilities[response] = random.NextBelow(3);
        return Ranking.OfUtilities(utilities);
    }

    private static PairCounts Counts(params string[] rankings) => Counts([.. rankings.Select(text => Ranking.Parse(text))]);

    private static PairCounts Counts(Ranking[] rankings) => PairCounts.OfRankings(PromptStarts, rankings.Select(ranking => (0, ranking)));
}
