using PersonalLlm.Engine.Judgements;

namespace PersonalLlm.Engine.Tests.Judgements;

public sealed class PreferencePairTests
{
    [Fact]
    public void FullRanking_ImpliesAPairForEachDifferenceOfRanks_AndNoneForATie()
    {
        // Ranks: B 1, A and D 2, C 4.
        Assert.Equal(["A>C 2", "B>A 1", "B>C 3", "B>D 1", "D>C 2"], Pairs(new() { Ranking = Ranking.Parse("B,A=D,C") }, Instrument.FullRanking, 0, 1, 2, 3));
    }

    [Fact]
    public void TopK_PutsThoseWithoutARankBelowTheOthers_AndNotAgainstEachOther() =>
        Assert.Equal(["C>A 2", "C>B 1", "C>D 2", "B>A 1", "B>D 1"], Pairs(new() { Ranking = Ranking.Parse("C,B") }, Instrument.TopK, 3, 2, 1, 0).OrderByDescending(pair => pair[0]));

    [Fact]
    public void BestWorst_ComparesNobodyInBetween() => Assert.Equal(
        ["A>B 1", "C>A 1", "C>B 2", "C>D 1", "D>B 1"],
        Pairs(new() { Ranking = Ranking.Parse("C,A=D,B"), Scores = [0, -1, 1, 0] }, Instrument.BestWorst, 0, 1, 2, 3));

    [Theory]
    [InlineData(3, "A>B 3")]
    [InlineData(-2, "B>A 2")]
    public void Pairwise_HasItsStrengthAsMargin(int first, string pair) =>
        Assert.Equal([pair], Pairs(new() { Ranking = Ranking.Parse(first > 0 ? "A,B" : "B,A"), Scores = [first, -first] }, Instrument.Pairwise, 0, 1));

    [Fact]
    public void Likert_HasTheDifferenceOfRatingsAsMargin() =>
        Assert.Equal(["A>C 4", "B>C 4"], Pairs(new() { Ranking = Ranking.Parse("A=B,C"), Scores = [5, 5, 1] }, Instrument.Likert, 0, 1, 2));

    [Fact]
    public void OnlyResponsesThatWereShown_AreInPairs() =>
        Assert.Equal(["E>B 1"], Pairs(new() { Ranking = Ranking.Parse("E,B") }, Instrument.FullRanking, 4, 1));

    [Theory]
    [InlineData(Instrument.FullRanking)]
    [InlineData(Instrument.BestWorst)]
    [InlineData(Instrument.Pairwise)]
    [InlineData(Instrument.Likert)]
    public void NoneIsAcceptableInPlaceOfAnAnswer_AndEqualAnswers_ImplyNoPair(Instrument instrument)
    {
        Assert.Empty(PreferencePairs.Of(new() { AllBad = true, Scores = [null, null] }, instrument, [0, 1]));
        Assert.Empty(PreferencePairs.Of(new() { Ranking = Ranking.Parse("A=B"), Scores = [0, 0] }, instrument, [0, 1]));
    }

    [Fact]
    public void Weights_OfAJudgement_SumToOne()
    {
        var pairs = PreferencePairs.Of(new() { Ranking = Ranking.Parse("B,A=D,C,E") }, Instrument.FullRanking, [0, 1, 2, 3, 4]);
        Assert.Equal(1, pairs.Sum(pair => pair.Weight), 12);
        Assert.All(pairs, pair => Assert.Equal(pairs[0].Weight, pair.Weight));
    }

    [Fact]
    public void SaidRank_IsNullForThoseInBetween_AndForThoseWithoutARank()
    {
        Answer bestWorst = new() { Ranking = Ranking.Parse("C,A=D,B"), Scores = [0, -1, 1, 0] };
        Assert.Equal([null, 4, 1, null], Enumerable.Range(0, 4).Select(index => PreferencePairs.SaidRank(bestWorst, Instrument.BestWorst, index)));
        Assert.Equal([null, 1], Enumerable.Range(0, 2).Select(index => PreferencePairs.SaidRank(new() { Ranking = Ranking.Parse("B") }, Instrument.TopK, index)));
    }

    private static List<string> Pairs(Answer answer, Instrument instrument, params int[] shown) =>
        [.. PreferencePairs.Of(answer, instrument, shown).Select(pair => $"{Ranking.Letter(pair.Chosen)}>{Ranking.Letter(pair.Rejected)} {pair.Margin}")];
}
