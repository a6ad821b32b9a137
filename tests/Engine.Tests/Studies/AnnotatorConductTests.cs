using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Statistics;
using PersonalLlm.Engine.Studies;

namespace PersonalLlm.Engine.Tests.Studies;

public sealed class AnnotatorConductTests
{
    [Fact]
    public void Quartiles_AreThoseOfNumPy()
    {
        // numpy.percentile([1, 2, 3, 4], [25, 50, 75])
        Assert.Equal(new Quartiles(1.75, 2.5, 3.25, 4), Quartiles.Of([4, 1, 3, 2]));
        Assert.Equal(new Quartiles(7, 7, 7, 1), Quartiles.Of([7]));
        Assert.Null(Quartiles.Of([]));
    }

    [Fact]
    public void SelfAgreement_IsTheMeanTau_AndUnrankedResponsesAreBelowTheOthers()
    {
        // Top 1 of 3: "A" and again "A" are A above B = C both times, τ-b 1; "A" and "C" share the pair of B with neither: τ-b −1/2.
        var conduct = Of(Instrument.TopK, First("A"), First("A"), Again(0, "A"), Again(1, "C"));

        Assert.Equal(2, conduct.Repeats);
        Assert.Equal(1, conduct.IdenticalRepeats);
        Assert.Equal(0.25, conduct.SelfAgreement.Value!.Value, 12);
        Assert.DoesNotContain(ConductConcern.DisagreesWithSelf, conduct.Concerns);
        Assert.Equal(2, conduct.Judgements - conduct.Repeats);
    }

    [Fact]
    public void OppositeSecondJudgements_AreRemarked_FromTwoOn()
    {
        Assert.DoesNotContain(ConductConcern.DisagreesWithSelf, Of(Instrument.FullRanking, First("A,B,C"), Again(0, "C,B,A")).Concerns);
        Assert.Contains(ConductConcern.DisagreesWithSelf, Of(Instrument.FullRanking, First("A,B,C"), First("A,B,C"), Again(2, "C,B,A"), Again(3, "C,B,A")).Concerns);
    }

    [Theory]
    // Four places: 4 · (1/4)⁵ = 0.0039 is not rare enough, 4 · (1/4)⁶ = 0.00098 is.
    [InlineData(5, false)]
    [InlineData(6, true)]
    public void SamePlaceFirst_IsRemarked_WhenChanceWouldHardlyDoIt(int judgements, bool expected)
    {
        int[][] orders = [[0, 1, 2, 3], [1, 2, 3, 0], [2, 3, 0, 1]];
        var own = Enumerable.Range(0, judgements).Select(index => orders[index % 3]).Select(order => new ObservedJudgement
        {
            AssignmentId = Guid.NewGuid(), PresentedOrder = order, Ranking = Ranking.Strict([order[2], order[0], order[1], order[3]]),
        }).ToList();

        var conduct = AnnotatorConduct.Of(own, 0, Instrument.FullRanking);

        Assert.Equal((2, judgements), (conduct.FirstPlace!.Value, conduct.FirstPlaceCount));
        Assert.Equal(4 * Math.Pow(0.25, judgements), conduct.FirstPlaceChance, 12);
        Assert.Equal(expected, conduct.Concerns.Contains(ConductConcern.SamePlaceFirst));
    }

    [Fact]
    public void ReadingFasterThanAnybody_IsRemarked()
    {
        // 4,200 characters are 700 words: a minute at 700 words a minute.
        var slow = Enumerable.Range(0, 5).Select(_ => First("A,B,C") with { Characters = 4_200, ActiveMs = 61_000 }).ToArray();
        Assert.Equal(60_000, Of(Instrument.FullRanking, slow).ReadingMs!.Value, 6);
        Assert.DoesNotContain(ConductConcern.FasterThanReading, Of(Instrument.FullRanking, slow).Concerns);
        Assert.Contains(ConductConcern.FasterThanReading, Of(Instrument.FullRanking, [.. slow.Select(judgement => judgement with { ActiveMs = 59_000 })]).Concerns);
    }

    [Fact]
    public void AnAttentionCheck_IsFailedByATieAtTheTop()
    {
        var check = First("B,A,C") with { ExpectedIndex = 1 };
        Assert.Equal(0, Of(Instrument.FullRanking, check).FailedChecks);
        Assert.Equal(1, Of(Instrument.FullRanking, check with { Ranking = Ranking.Parse("A=B,C") }).FailedChecks);
    }

    [Fact]
    public void NothingAtAll_IsNoConcern()
    {
        var conduct = AnnotatorConduct.Of([], 0, Instrument.FullRanking);
        Assert.Empty(conduct.Concerns);
        Assert.Null(conduct.ActiveMs);
        Assert.False(conduct.SelfAgreement.IsDefined);
    }

    [Fact]
    public void PositionBias_SharesATie_AndExpectsOneInK()
    {
        ObservedJudgement[] first = [First("A,B,C") with { PresentedOrder = [1, 0, 2] }, First("B=C,A") with { PresentedOrder = [1, 0, 2] }];
        ObservedJudgement[] second = [First("A,B") with { PresentedOrder = [0, 1] }];

        var places = PositionBias.Of([first, second], seed: 1);

        // Place 0: B shown first; nothing, half of a tie, and a whole first of two: 1.5 of 3 judgements.
        Assert.Equal([0.5, 1.0 / 3, 0.25], places.Select(place => place.Share.Value!.Value));
        Assert.Equal([(1.0 / 3 + 1.0 / 3 + 0.5) / 3, (1.0 / 3 + 1.0 / 3 + 0.5) / 3, 1.0 / 3], places.Select(place => place.Expected));
        Assert.Equal([3, 3, 2], places.Select(place => place.Judgements));
    }

    private readonly List<ObservedJudgement> made = [];

    private ObservedJudgement First(string ranking)
    {
        made.Add(new() { AssignmentId = Guid.NewGuid(), PresentedOrder = [0, 1, 2], Ranking = Ranking.Parse(ranking) });
        return made[^1];
    }

    private ObservedJudgement Again(int first, string ranking) => First(ranking) with { RepeatOfId = made[first].AssignmentId };

    private static AnnotatorConduct Of(Instrument instrument, params ObservedJudgement[] judgements) => AnnotatorConduct.Of(judgements, 0, instrument);
}
