using PersonalLlm.Engine.Studies;

namespace PersonalLlm.Engine.Tests.Studies;

public sealed class SessionPlanTests
{
    private const int Sessions = 4000;

    /// <summary>Sessions of all shapes: tight and roomy, with and without checks, more repeats than prompts.</summary>
    private static IEnumerable<(AssignmentDesign Design, int Prompts, int Checks, SessionPlan Plan)> AnySessions()
    {
        var random = new Random(20261120);
        for (var session = 0; session < Sessions; session++)
        {
            var design = new AssignmentDesign
            {
                PromptsPerAnnotator = random.Next(3) == 0 ? null : random.Next(0, 40),
                Repeats = random.Next(0, 12),
                RepeatLag = random.Next(1, 14),
            };
            var (prompts, checks) = (random.Next(0, 30), random.Next(0, 5));
            yield return (design, prompts, checks, SessionPlan.Of(design, prompts, checks, annotatorNumber: random.Next(1, 300), seed: (uint)random.Next()));
        }
    }

    [Fact]
    public void EverySession_HasItsPromptsItsChecksOnce_AndAsManyRepeatsAsFit()
    {
        foreach (var (design, prompts, checks, plan) in AnySessions())
        {
            var fresh = Math.Min(design.PromptsPerAnnotator ?? prompts, prompts);
            Assert.Equal(fresh, plan.Slots.Count(slot => slot is SessionSlot.Fresh));
            Assert.Equal(Enumerable.Range(0, checks), plan.Slots.OfType<SessionSlot.Check>().Select(check => check.Index).Order());
            Assert.Equal(SessionPlan.RepeatsThatFit(design, prompts, checks), plan.Slots.OfType<SessionSlot.RepeatOf>().Count());
            Assert.Equal(SessionPlan.ItemsOf(design, prompts, checks), plan.Slots.Count);
        }
    }

    [Fact]
    public void Repeats_AreOfPromptsAtLeastTheLagAgo_EachPromptOnce_AndNeverOfACheck()
    {
        var seen = 0;
        foreach (var (design, _, _, plan) in AnySessions())
        {
            var repeats = plan.Slots.Index().Where(slot => slot.Item is SessionSlot.RepeatOf).Select(slot => (slot.Index, Of: ((SessionSlot.RepeatOf)slot.Item).Slot)).ToList();
            Assert.All(repeats, repeat => Assert.True(repeat.Index - repeat.Of >= design.RepeatLag));
            Assert.All(repeats, repeat => Assert.IsType<SessionSlot.Fresh>(plan.Slots[repeat.Of]));
            Assert.Equal(repeats.Count, repeats.Select(repeat => repeat.Of).Distinct().Count());
            seen += repeats.Count;
        }
        Assert.True(seen > Sessions);
    }

    [Fact]
    public void Checks_StandNeitherFirstNorLast_WhereThereAreTwoPrompts()
    {
        foreach (var (_, _, checks, plan) in AnySessions())
        {
            if (plan.Slots.Count(slot => slot is SessionSlot.Fresh) < 2)
                continue;
            Assert.IsNotType<SessionSlot.Check>(plan.Slots[0]);
            Assert.IsNotType<SessionSlot.Check>(plan.Slots[^1]);
        }
    }

    [Theory]
    [InlineData(7, 0, 5, 0)] // Seven prompts: the last item is at most 7 after the first one with one repeat, and no order makes it 8.
    [InlineData(8, 0, 5, 5)]
    [InlineData(6, 2, 5, 5)] // Checks lengthen the way.
    [InlineData(20, 0, 30, 20)] // No prompt is repeated twice.
    [InlineData(0, 9, 5, 0)]
    public void RepeatsThatFit_AreTheMostThatAnyOrderAllows(int prompts, int checks, int wanted, int fit) =>
        Assert.Equal(fit, SessionPlan.RepeatsThatFit(new() { Repeats = wanted, RepeatLag = 8 }, prompts, checks));

    [Fact]
    public void RepeatsThatFit_AgreesWithTryingEveryOrder()
    {
        for (var lag = 1; lag <= 5; lag++)
        {
            for (var prompts = 0; prompts <= 4; prompts++)
            {
                for (var checks = 0; checks <= 2; checks++)
                {
                    var design = new AssignmentDesign { Repeats = 4, RepeatLag = lag };
                    var most = Enumerable.Range(0, prompts + 1).Last(repeats => Orders("", prompts, checks, repeats).Any(order => HasSources(order, lag)));
                    Assert.Equal(most, SessionPlan.RepeatsThatFit(design, prompts, checks));
                }
            }
        }

        static IEnumerable<string> Orders(string start, int fresh, int checks, int repeats) =>
            fresh + checks + repeats == 0 ? [start]
            : (fresh > 0 ? Orders(start + 'F', fresh - 1, checks, repeats) : [])
                .Concat(checks > 0 ? Orders(start + 'C', fresh, checks - 1, repeats) : [])
                .Concat(repeats > 0 ? Orders(start + 'R', fresh, checks, repeats - 1) : []);

        // The m-th repeat needs m prompts that stand at least the lag before it (Hall's condition; the sets of candidates are nested).
        static bool HasSources(string order, int lag) => order.Index().Where(slot => slot.Item == 'R').Index()
            .All(repeat => order.Take(Math.Max(0, repeat.Item.Index - lag + 1)).Count(kind => kind == 'F') > repeat.Index);
    }

    [Fact]
    public void SameAnnotator_GetsTheSameSession_AndOthersOthers()
    {
        var design = new AssignmentDesign { PromptsPerAnnotator = 20, Repeats = 4 };
        Assert.Equal(SessionPlan.Of(design, 100, 2, 7, 5).Slots, SessionPlan.Of(design, 100, 2, 7, 5).Slots);
        Assert.NotEqual(SessionPlan.Of(design, 100, 2, 7, 5).Slots, SessionPlan.Of(design, 100, 2, 8, 5).Slots);
        Assert.NotEqual(SessionPlan.Of(design, 100, 2, 7, 5).Slots, SessionPlan.Of(design, 100, 2, 7, 6).Slots);
    }

    [Fact]
    public void Repeats_AreSpreadOverTheSessionAfterTheLag_AndComeFromAllOverIt()
    {
        var design = new AssignmentDesign { PromptsPerAnnotator = 32, Repeats = 4, RepeatLag = 8 };
        var (places, sources) = (new int[36], new int[36]);
        for (var annotator = 1; annotator <= 2000; annotator++)
        {
            var plan = SessionPlan.Of(design, 100, 0, annotator, seed: 1);
            foreach (var (index, slot) in plan.Slots.Index())
            {
                if (slot is not SessionSlot.RepeatOf repeat)
                    continue;
                places[index]++;
                sources[repeat.Slot]++;
            }
        }
        // Every place from the lag on takes repeats, none has more than its share twice over; every prompt that may be repeated is.
        Assert.All(places[..8], count => Assert.Equal(0, count));
        Assert.All(places[8..], count => Assert.InRange(count, 20, 2 * 4 * 2000 / 28));
        Assert.All(sources[..24], count => Assert.True(count > 20));
    }

    [Fact]
    public void WhoeverFollowsThePlan_GetsItSlotBySlot()
    {
        foreach (var (_, _, _, plan) in AnySessions())
        {
            var shown = new List<SessionSlot>();
            while (plan.Next(shown, hasFresh: true) is { } slot)
                shown.Add(slot);
            Assert.Equal(plan.Slots, shown);
        }
    }

    [Fact]
    public void WhenFreshPromptsRunOut_TheChecksAndTheRepeatsThatArePossibleStillCome()
    {
        var design = new AssignmentDesign { PromptsPerAnnotator = 20, Repeats = 4, RepeatLag = 8 };
        for (var annotator = 1; annotator <= 200; annotator++)
        {
            var plan = SessionPlan.Of(design, 50, 2, annotator, seed: 3);
            var shown = new List<SessionSlot>();
            while (plan.Next(shown, hasFresh: shown.Count(slot => slot is SessionSlot.Fresh) < 10) is { } slot)
                shown.Add(slot);
            Assert.Equal(10, shown.Count(slot => slot is SessionSlot.Fresh));
            Assert.Equal(2, shown.Count(slot => slot is SessionSlot.Check));
            Assert.Equal(4, shown.OfType<SessionSlot.RepeatOf>().Select(repeat => repeat.Slot).Distinct().Count());
            Assert.All(shown.Index(), slot => Assert.True(slot.Item is not SessionSlot.RepeatOf repeat || slot.Index - repeat.Slot >= 8));
        }
    }

    [Fact]
    public void RepeatThatIsNotPossibleYet_WaitsForItsLag_AndIsNotForgotten()
    {
        var design = new AssignmentDesign { PromptsPerAnnotator = 12, Repeats = 2, RepeatLag = 8 };
        var plan = SessionPlan.Of(design, 12, 0, 1, seed: 1);
        // Somebody who began before there were repeats: twelve prompts behind them, the repeats are what is left.
        var shown = Enumerable.Repeat<SessionSlot>(new SessionSlot.Fresh(), 12).ToList();
        for (var repeat = 0; repeat < 2; repeat++)
            shown.Add(Assert.IsType<SessionSlot.RepeatOf>(plan.Next(shown, hasFresh: true)));
        Assert.Null(plan.Next(shown, hasFresh: true));
        // And where nothing else is left and the lag is not over, the session ends without it.
        Assert.Null(plan.Next([.. shown.Take(3)], hasFresh: false));
    }
}
