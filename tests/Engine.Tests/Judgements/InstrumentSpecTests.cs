using PersonalLlm.Engine.Judgements;

namespace PersonalLlm.Engine.Tests.Judgements;

public sealed class InstrumentSpecTests
{
    private static readonly InstrumentSpec FullRanking = new();
    private static readonly InstrumentSpec Strict = new() { AllowsTies = false };
    private static readonly InstrumentSpec TopTwo = new() { Kind = Instrument.TopK, TopK = 2 };
    private static readonly InstrumentSpec BestWorst = new() { Kind = Instrument.BestWorst };
    private static readonly InstrumentSpec Pairwise = new() { Kind = Instrument.Pairwise };
    private static readonly InstrumentSpec Likert = new() { Kind = Instrument.Likert, Points = 5 };

    [Theory]
    [InlineData("A,B,C,D")]
    [InlineData("C,A=B=D")]
    [InlineData("A=B=C=D")]
    public void FullRanking_IsFinishedWhenEveryResponseHasARank(string ranking) =>
        Assert.Equal(ranking, Finished(FullRanking, Said(ranking)).Ranking.ToString());

    [Theory]
    [InlineData("", "Nothing is ranked yet. Give every response a rank; equal ranks are fine.", "ABCD")]
    [InlineData("C,A", "Still without a rank: B, D.", "BD")]
    public void UnfinishedRanking_IsToldInOneSentence_WithThePositionsThatAreMissing(string ranking, string sentence, string missing) =>
        AssertUnfinished(FullRanking, Said(ranking), sentence, missing);

    [Fact]
    public void TieWhereNoneIsAllowed_IsNamed() =>
        AssertUnfinished(Strict, Said("A,B=D,C"), "Equal ranks are not possible here: give each of B, D a rank of its own.", "");

    [Theory]
    [InlineData("B,D")]
    [InlineData("B=D")]
    [InlineData("A,B=D")]
    [InlineData("A=B=C=D")]
    public void TopK_IsFinishedWhenTheBestFewHaveARank_AndThoseWhoShareTheLastOne(string ranking) =>
        Assert.Equal(ranking, Finished(TopTwo, Said(ranking)).Ranking.ToString());

    [Theory]
    [InlineData("", "Nothing is ranked yet. Rank the best 2.", "ABCD")]
    [InlineData("C", "Rank the best 2: 1 of them so far.", "ABD")]
    [InlineData("A,C,B", "Only the best 2 get a rank. Take it from B.", "")]
    [InlineData("A=C,B=D", "Only the best 2 get a rank. Take it from B, D.", "")]
    public void TopK_SaysWhatItLacksOrHasTooMuchOf(string ranking, string sentence, string missing) => AssertUnfinished(TopTwo, Said(ranking), sentence, missing);

    [Fact]
    public void TopKOfFewerResponsesThanK_IsAFullRanking()
    {
        var spec = TopTwo with { TopK = 5 };
        Assert.Equal(3, spec.RanksOf(3));
        Assert.Equal("B,A,C", Finished(spec, Said("B,A,C"), shown: 3).Ranking.ToString());
        Assert.NotEmpty(spec.Complete(Said("B,A"), shown: 3).Problems);
    }

    [Fact]
    public void BestWorst_ImpliesARankingWithThoseBetweenAsOneTier()
    {
        var answer = Finished(BestWorst, Scored(null, -1, 1, null));
        Assert.Equal("C,A=D,B", answer.Ranking.ToString());
        Assert.Equal([0, -1, 1, 0], answer.Scores);
    }

    [Theory]
    [InlineData(null, null, "Choose the best response and the worst.")]
    [InlineData(1, null, "Choose the worst response as well.")]
    [InlineData(null, -1, "Choose the best response as well.")]
    public void BestWorst_SaysWhichOfTheTwoIsMissing(int? first, int? second, string sentence) =>
        Assert.Equal(sentence, Assert.Single(BestWorst.Complete(Scored(first, second, null), 3).Problems).ToString());

    [Theory]
    [InlineData(3, "A,B")]
    [InlineData(-1, "B,A")]
    [InlineData(0, "A=B")]
    public void Pairwise_ImpliesWhoIsBetter_OrATie(int first, string ranking)
    {
        var answer = Finished(Pairwise, Scored(first, -first), shown: 2);
        Assert.Equal(ranking, answer.Ranking.ToString());
        Assert.Equal([first, -first], answer.Scores);
    }

    [Fact]
    public void Pairwise_SaysWhatItNeeds()
    {
        Assert.Equal("Say which response is better, or that both are equal.", Sentence(Pairwise, new Answer(), shown: 2));
        Assert.Equal("Say which response is better.", Sentence(Pairwise with { AllowsTies = false }, new Answer(), shown: 2));
        Assert.Equal("“Equal” is not an answer here: say which response is better, if only a little.", Sentence(Pairwise with { AllowsTies = false }, Scored(0, 0), shown: 2));
        Assert.Equal([0, 1], Pairwise.Complete(new(), 2).MissingPositions);
    }

    [Fact]
    public void Ratings_ImplyARanking_AndEqualOnesTie()
    {
        var answer = Finished(Likert, Scored(2, 5, 2, 1));
        Assert.Equal("B,A=C,D", answer.Ranking.ToString());
        Assert.Equal([2, 5, 2, 1], answer.Scores);
    }

    [Fact]
    public void UnfinishedRatings_AreToldInOneSentence()
    {
        AssertUnfinished(Likert, new(), "Nothing is rated yet. Give every response a rating from 1 to 5.", "ABCD");
        AssertUnfinished(Likert, Scored(3, null, 1, null), "Still without a rating: B, D.", "BD");
    }

    public static TheoryData<InstrumentSpec, int> Instruments => new()
    {
        { FullRanking, 4 }, { Strict, 4 }, { TopTwo, 4 }, { BestWorst, 4 }, { Pairwise, 2 }, { Likert, 4 },
    };

    [Theory]
    [MemberData(nameof(Instruments))]
    public void NoneIsAcceptable_StandsInPlaceOfAnyAnswer_AndIsRefusedWhereItIsNotOffered(InstrumentSpec spec, int shown)
    {
        var answer = Finished(spec, new() { AllBad = true }, shown);
        Assert.Equal(0, answer.Ranking.RankedCount);
        Assert.True(answer.AllBad);
        Assert.Equal("“None is acceptable” is not an answer in this study.", Sentence(spec with { AllowsAllBad = false }, new() { AllBad = true }, shown));
    }

    [Theory]
    [MemberData(nameof(Instruments))]
    public void UntouchedPage_IsNeverAnAnswer(InstrumentSpec spec, int shown)
    {
        Assert.Null(spec.Complete(new(), shown).Answer);
        Assert.NotEmpty(spec.Complete(new(), shown).MissingPositions);
        Assert.Null(spec.Complete(new() { Scores = spec.Kind is Instrument.FullRanking or Instrument.TopK ? [] : new int?[shown] }, shown).Answer);
    }

    [Theory]
    [MemberData(nameof(Instruments))]
    public void FinishedAnswer_SentAgain_IsTheSameAnswer(InstrumentSpec spec, int shown)
    {
        var said = spec.Kind switch
        {
            Instrument.FullRanking or Instrument.TopK => Said(spec.Kind == Instrument.TopK ? "D,A" : "D,A,B,C"),
            Instrument.BestWorst => Scored(1, null, null, -1),
            Instrument.Pairwise => Scored(-2, 2),
            _ => Scored(1, 1, 4, 5),
        };
        var once = Finished(spec, said, shown);
        Assert.Equal(once, Finished(spec, said, shown));
        Assert.Equal(once, Finished(spec, once, shown));
    }

    [Fact]
    public void NoneIsAcceptable_BesideAnUnfinishedAnswer_AsksToFinishOrToClear()
    {
        AssertUnfinished(FullRanking, Said("C,A", allBad: true), "You ticked “None is acceptable” and ranked only some. Rank B, D as well, or clear the ranking.", "BD");
        AssertUnfinished(TopTwo, Said("C", allBad: true), "You ticked “None is acceptable” and ranked fewer than 2. Rank the best 2, or clear the ranking.", "ABD");
        AssertUnfinished(Likert, Scored(1, 1, null, 1) with { AllBad = true }, "You ticked “None is acceptable” and rated only some. Rate C as well, or clear the ratings.", "C");
        Assert.True(Finished(FullRanking, Said("C,A,B,D", allBad: true)).AllBad);
    }

    public static TheoryData<InstrumentSpec, Answer, int, string> ImpossibleAnswers => new()
    {
        { FullRanking, Said("A,B,C,D,E"), 4, "Only 4 responses were shown, but E has a rank." },
        { FullRanking, Scored(1, 2, 3, 4), 4, "This study asks for ranks and takes no scores." },
        { Likert, Scored(1, 2, 3), 4, "Expected 4 scores, one for each response shown, but got 3." },
        { Likert, Scored(1, 2, 3, 6), 4, "A score goes from 1 to 5, not 6." },
        { Likert, Scored(1, 2, 3, 0), 4, "A score goes from 1 to 5, not 0." },
        { BestWorst, Scored(1, 1, -1), 3, "Only one response can be the best." },
        { BestWorst, Scored(1, -1, -1), 3, "Only one response can be the worst." },
        { BestWorst, Scored(1, -2, 0), 3, "A score goes from -1 to 1, not -2." },
        { Pairwise, Scored(2, 2), 2, "What one response is better by, the other is worse by." },
        { Pairwise, Scored(4, -4), 2, "A score goes from -3 to 3, not 4." },
        { Pairwise, new(), 3, "Two responses are compared, but 3 were shown." },
        { FullRanking with { Reasons = ["Correct", "Clear"] }, Said("A,B,C,D") with { Reasons = ["Clear", "Nice"] }, 4, "“Nice” is not among the reasons offered." },
        { FullRanking, Said("A,B,C,D") with { Confidence = 3 }, 4, "This study does not ask how sure you are." },
        { FullRanking with { AsksConfidence = true }, Said("A,B,C,D") with { Confidence = 6 }, 4, "How sure you are is said from 1 to 5, not 6." },
        { FullRanking, Said("A,B,C,D") with { Comment = "!" }, 4, "This study does not ask for a comment." },
        { FullRanking with { AsksComment = true }, Said("A,B,C,D") with { Comment = new('x', 5001) }, 4, "Your comment has 5001 characters; 5000 can be kept." },
    };

    [Theory]
    [MemberData(nameof(ImpossibleAnswers))]
    public void AnswerThatCannotBe_IsRefusedInOneSentence_AsADraftToo(InstrumentSpec spec, Answer answer, int shown, string sentence)
    {
        Assert.Equal(sentence, Sentence(spec, answer, shown));
        Assert.Equal(sentence, Assert.Single(spec.Misfits(answer, shown)).ToString());
    }

    [Fact]
    public void ReasonsConfidenceAndComment_AreKept_InTheOrderOffered()
    {
        var spec = FullRanking with { Reasons = ["Correct", "Clear", "Kind"], AsksConfidence = true, AsksComment = true };
        var answer = Finished(spec, Said("A,B,C,D") with { Reasons = ["Kind", "Correct"], Confidence = 4, Comment = " because \n" });
        Assert.Equal(["Correct", "Kind"], answer.Reasons);
        Assert.Equal((4, "because"), (answer.Confidence, answer.Comment));
        Assert.Null(Finished(spec, Said("A,B,C,D") with { Comment = "  " }).Comment);
    }

    [Fact]
    public void HalfMadeAnswers_AreNoMisfits()
    {
        Assert.Empty(FullRanking.Misfits(Said("C,A"), 4));
        Assert.Empty(TopTwo.Misfits(Said("C,A,B"), 4));
        Assert.Empty(BestWorst.Misfits(Scored(null, 1, null), 3));
        Assert.Empty(Likert.Misfits(Scored(null, 5, null), 3));
        Assert.Empty(Likert.Misfits(new(), 3));
    }

    public static TheoryData<InstrumentSpec, int, int, string> ImpossibleSpecs => new()
    {
        { FullRanking, 1, 8, "Every prompt must show at least 2 responses, but one shows 1." },
        { FullRanking, 2, 27, "At most 26 responses can be shown of a prompt, but one shows 27." },
        { TopTwo with { TopK = 0 }, 4, 4, "Top-k needs a k of at least 1." },
        { TopTwo with { TopK = 4 }, 2, 4, "No prompt shows more than 4 responses, so ranking the best 4 would rank all: choose a smaller k, or the full ranking." },
        { Pairwise, 2, 8, "The pairwise instrument compares exactly 2 responses: set the responses shown of each prompt to 2." },
        { Pairwise with { Strengths = 5 }, 2, 2, "Pairwise strength has 1 to 4 steps on each side." },
        { Likert with { Points = 1 }, 2, 8, "A rating scale has 2 to 10 points." },
        { Likert with { Points = 11 }, 2, 8, "A rating scale has 2 to 10 points." },
        { FullRanking with { Reasons = ["Clear", " "] }, 2, 8, "A reason has no words." },
        { FullRanking with { Reasons = ["Clear", "clear"] }, 2, 8, "The reason “Clear” is offered twice." },
        { FullRanking with { Reasons = [new('x', 81)] }, 2, 8, $"A reason may have 80 characters, but “{new string('x', 40)}…” has 81." },
        { FullRanking with { Reasons = [.. Enumerable.Range(1, 21).Select(number => $"Reason {number}")] }, 2, 8, "At most 20 reasons can be offered, but there are 21." },
    };

    [Theory]
    [MemberData(nameof(ImpossibleSpecs))]
    public void SettingsThatNoStudyCanUse_AreToldInOneSentence(InstrumentSpec spec, int fewest, int most, string sentence) =>
        Assert.Equal(sentence, Assert.Single(spec.Problems(fewest, most)));

    [Fact]
    public void UsualSettings_HaveNoProblems()
    {
        Assert.Empty(FullRanking.Problems(2, 8));
        Assert.Empty(TopTwo.Problems(2, 8));
        Assert.Empty(BestWorst.Problems(2, 8));
        Assert.Empty(Pairwise.Problems(2, 2));
        Assert.Empty((Likert with { Reasons = ["Clear", "Correct"] }).Problems(2, 8));
    }

    private static Answer Said(string ranking, bool allBad = false) => new() { Ranking = Ranking.Parse(ranking), AllBad = allBad };

    private static Answer Scored(params int?[] scores) => new() { Scores = scores };

    private static Answer Finished(InstrumentSpec spec, Answer answer, int shown = 4)
    {
        var completion = spec.Complete(answer, shown);
        Assert.Empty(completion.Problems);
        Assert.Empty(completion.MissingPositions);
        return completion.Answer!;
    }

    private static string Sentence(InstrumentSpec spec, Answer answer, int shown) => Assert.Single(spec.Complete(answer, shown).Problems).ToString();

    private static void AssertUnfinished(InstrumentSpec spec, Answer answer, string sentence, string missing)
    {
        var completion = spec.Complete(answer, 4);
        Assert.Null(completion.Answer);
        Assert.Equal(sentence, Assert.Single(completion.Problems).ToString());
        Assert.Equal(missing, string.Concat(completion.MissingPositions.Select(Ranking.Letter)));
    }
}
