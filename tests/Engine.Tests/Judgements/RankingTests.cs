using PersonalLlm.Engine.Judgements;

namespace PersonalLlm.Engine.Tests.Judgements;

public class RankingTests
{
    [Fact]
    public void Rank_GivesTiedResponsesTheSameRank_AndSkipsTheNext()
    {
        var ranking = Ranking.Parse("B,D=A,C", 4);

        Assert.Equal(1, ranking.RankOf(1));
        Assert.Equal(2, ranking.RankOf(0));
        Assert.Equal(2, ranking.RankOf(3));
        Assert.Equal(4, ranking.RankOf(2));
        Assert.True(ranking.HasTies);
    }

    [Fact]
    public void Rank_IsNullForAResponseNobodyRanked()
    {
        var ranking = Ranking.Parse("C", 4);

        Assert.Equal([null, null, 1, null], ranking.Ranks(4));
        Assert.False(ranking.IsComplete(4));
        Assert.Equal([2], ranking.FirstChoices);
    }

    [Theory]
    [InlineData("B,D=A,C", "B,A=D,C")]
    [InlineData("A=B=C", "C=B=A")]
    [InlineData(" A , B ", "A,B")]
    public void TheSameOrderWrittenDifferently_IsTheSameRanking(string one, string other)
    {
        Assert.Equal(Ranking.Parse(one), Ranking.Parse(other));
        Assert.Equal(Ranking.Parse(one).GetHashCode(), Ranking.Parse(other).GetHashCode());
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("   ")]
    public void NoText_IsTheEmptyRanking(string? text)
    {
        Assert.Equal(Ranking.Empty, Ranking.Parse(text, 3));
        Assert.Empty(Ranking.Empty.FirstChoices);
    }

    [Theory]
    [InlineData("A,A", "Response A is ranked twice.")]
    [InlineData("A=B,C=A", "Response A is ranked twice.")]
    [InlineData("A,E", "Response E was not shown: there are 4 responses, A to D.")]
    [InlineData("A,,B", "found \"\"")]
    [InlineData("A;B", "found \"A;B\"")]
    [InlineData("a,b", "found \"a\"")]
    [InlineData("AB", "found \"AB\"")]
    public void TextThatIsNoRanking_IsRefusedInOneSentence(string text, string sentence)
    {
        Assert.False(Ranking.TryParse(text, 4, out var ranking, out var problem));
        Assert.Null(ranking);
        Assert.Contains(sentence, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void WritingAndReadingAgain_ChangesNothing()
    {
        var random = new Random(20261120);
        for (var round = 0; round < 1000; round++)
        {
            var responseCount = random.Next(1, Ranking.MaximumResponses + 1);
            var tiers = Enumerable.Range(0, responseCount).OrderBy(_ => random.Next())
                .GroupBy(_ => random.Next(responseCount)).OrderBy(group => group.Key);

            var ranking = Ranking.Of(tiers);

            Assert.Equal(ranking, Ranking.Parse(ranking.ToString(), responseCount));
            Assert.True(ranking.IsComplete(responseCount));
        }
    }

    [Fact]
    public void AResponseRankedTwiceInCode_IsABrokenPromise() =>
        Assert.Throws<ArgumentException>(() => Ranking.Strict(0, 1, 0));

    [Fact]
    public void Utilities_RankLargerAsBetter_AndEqualAsTied() =>
        Assert.Equal("C,A=D,B", Ranking.OfUtilities([.5f, -1f, 2f, .5f]).ToString());
}
