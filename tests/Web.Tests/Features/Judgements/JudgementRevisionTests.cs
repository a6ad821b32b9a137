using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data.Judgements;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Studies;
using PersonalLlm.Web.Features.Judgements;

namespace PersonalLlm.Web.Tests.Features.Judgements;

public sealed class JudgementRevisionTests
{
    [Fact]
    public async Task Revision_TakesThePlaceOfTheFormer_WhichIsKept()
    {
        await using var scene = await StudyScene.CreateAsync();
        var person = scene.People[0];
        var (assignmentId, first) = await scene.RankAsync(person, "A,B,C,D");
        scene.Clock.Advance(TimeSpan.FromMinutes(3));
        var second = Assert.IsType<SubmitOutcome.Recorded>(await scene.ReviseAsync(person, assignmentId, first, "D,C,B,A")).JudgementId;
        scene.Clock.Advance(TimeSpan.FromMinutes(3));
        Assert.IsType<SubmitOutcome.Recorded>(await scene.ReviseAsync(person, assignmentId, second, "B,A=C,D"));

        await using var data = scene.Data();
        var order = (await data.Assignments.SingleAsync()).PresentedOrder;
        var kept = await data.Judgements.WithSuperseded().OrderBy(row => row.Revision).ToListAsync();
        Assert.Equal([1, 2, 3], kept.Select(row => row.Revision));
        Assert.Equal(["A,B,C,D", "D,C,B,A", "B,A=C,D"], kept.Select(row => PresentationOrder.ToPositions(row.Answer.Ranking, order).ToString()));
        Assert.Equal([kept[1].SubmittedAt, kept[2].SubmittedAt, null], kept.Select(row => row.SupersededAt));
        Assert.Equal(kept[2].Id, (await data.Judgements.SingleAsync()).Id);
        await scene.AssertPlacesAddUpAsync();
    }

    [Fact]
    public async Task TwentyRevisionsAtOnce_OneWins_AndTheOthersAreToldOfTheConflict()
    {
        await using var scene = await StudyScene.CreateAsync();
        var (assignmentId, first) = await scene.RankAsync(scene.People[0]);
        string[] rankings = ["B,A,C,D", "C,A,B,D", "D,A,B,C", "A=B,C,D"];
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(attempt =>
            scene.ReviseAsync(scene.People[0], assignmentId, first, rankings[attempt % rankings.Length])));
        Assert.Single(outcomes.OfType<SubmitOutcome.Recorded>());
        // Those that said the same as the winner have nothing to be told.
        Assert.Equal(4, outcomes.OfType<SubmitOutcome.AlreadyRecorded>().Count());
        Assert.Equal(15, outcomes.OfType<SubmitOutcome.Conflict>().Count());
        await using var data = scene.Data();
        Assert.Equal(2, await data.Judgements.WithSuperseded().CountAsync());
        await scene.AssertPlacesAddUpAsync();
    }

    [Fact]
    public async Task SameRevisionTwentyTimesAtOnce_IsRecordedOnce()
    {
        await using var scene = await StudyScene.CreateAsync();
        var (assignmentId, first) = await scene.RankAsync(scene.People[0]);
        var judgementId = Guid.NewGuid();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => scene.ReviseAsync(scene.People[0], assignmentId, first, "D,A,B,C", judgementId)));
        Assert.Single(outcomes.OfType<SubmitOutcome.Recorded>());
        Assert.Equal(19, outcomes.OfType<SubmitOutcome.AlreadyRecorded>().Count());
        await using var data = scene.Data();
        Assert.Equal(2, await data.Judgements.WithSuperseded().CountAsync());
    }

    [Fact]
    public async Task LateCopyOfARevisedSubmit_ChangesNothing()
    {
        await using var scene = await StudyScene.CreateAsync();
        var assignmentId = await scene.LeaseAsync(scene.People[0]);
        var first = Guid.NewGuid();
        await scene.SubmitAsync(scene.People[0], assignmentId, "A,B,C,D", judgementId: first);
        await scene.ReviseAsync(scene.People[0], assignmentId, first, "D,C,B,A");
        Assert.IsType<SubmitOutcome.AlreadyRecorded>(await scene.SubmitAsync(scene.People[0], assignmentId, "A,B,C,D", judgementId: first));
        await using var data = scene.Data();
        Assert.Equal(2, (await data.Judgements.SingleAsync()).Revision);
    }

    [Fact]
    public async Task TabThatShowsAnOlderAnswer_CannotOverwriteANewerOne()
    {
        await using var scene = await StudyScene.CreateAsync();
        var (assignmentId, first) = await scene.RankAsync(scene.People[0]);
        await scene.ReviseAsync(scene.People[0], assignmentId, first, "D,C,B,A");
        Assert.IsType<SubmitOutcome.Conflict>(await scene.ReviseAsync(scene.People[0], assignmentId, first, "C,A,B,D"));
        Assert.IsType<SubmitOutcome.Conflict>(await scene.SubmitAsync(scene.People[0], assignmentId, "C,A,B,D"));
    }

    [Theory]
    [InlineData(StudyStatus.Paused)]
    [InlineData(StudyStatus.Closed)]
    public async Task StudyThatIsNotOpen_TakesNoRevision(StudyStatus status)
    {
        await using var scene = await StudyScene.CreateAsync();
        var (assignmentId, first) = await scene.RankAsync(scene.People[0]);
        await scene.SetStatusAsync(status);
        Assert.IsType<SubmitOutcome.StudyClosed>(await scene.ReviseAsync(scene.People[0], assignmentId, first, "D,C,B,A"));
    }

    [Fact]
    public async Task StudyWhoseTimeIsOver_TakesNothing()
    {
        await using var scene = await StudyScene.CreateAsync();
        var (assignmentId, first) = await scene.RankAsync(scene.People[0]);
        var next = await scene.LeaseAsync(scene.People[0]);
        await scene.ChangeStudyAsync(study => study.ClosesAt = scene.Clock.GetUtcNow());
        Assert.IsType<SubmitOutcome.StudyClosed>(await scene.ReviseAsync(scene.People[0], assignmentId, first, "D,C,B,A"));
        Assert.IsType<SubmitOutcome.StudyClosed>(await scene.SubmitAsync(scene.People[0], next));
        Assert.IsType<DraftOutcome.StudyClosed>(await scene.DraftAsync(scene.People[0], next, "B", sequence: 1));
        Assert.IsType<UndoOutcome.StudyClosed>(await scene.UndoAsync(scene.People[0], first));
    }

    [Fact]
    public async Task StudyWithoutRevisions_RefusesThem()
    {
        await using var scene = await StudyScene.CreateAsync();
        var (assignmentId, first) = await scene.RankAsync(scene.People[0]);
        await scene.ChangeStudyAsync(study => study.AllowsRevision = false);
        Assert.IsType<SubmitOutcome.NotRevisable>(await scene.ReviseAsync(scene.People[0], assignmentId, first, "D,C,B,A"));
        await using var data = scene.Data();
        Assert.Equal(1, await data.Judgements.WithSuperseded().CountAsync());
    }

    [Fact]
    public async Task AttentionCheck_CannotBeRevised_ButARepeatCan()
    {
        await using var scene = await StudyScene.CreateAsync();
        await scene.ChangeStudyAsync(study => study.AttentionChecks = [new("Put B first.", ["one", "two", "three", "four"], 1)]);
        var (first, _) = await scene.RankAsync(scene.People[0]);
        await using var data = scene.Data();
        var shown = await data.Assignments.SingleAsync();
        var check = Further(shown, slot: 1, promptId: null, checkIndex: 0, repeatOf: null);
        var repeat = Further(shown, slot: 2, shown.PromptId, checkIndex: null, repeatOf: first);
        data.Assignments.AddRange(check, repeat);
        await data.SaveChangesAsync();

        var checkJudgement = Assert.IsType<SubmitOutcome.Recorded>(await scene.SubmitAsync(scene.People[0], check.Id)).JudgementId;
        var repeatJudgement = Assert.IsType<SubmitOutcome.Recorded>(await scene.SubmitAsync(scene.People[0], repeat.Id)).JudgementId;
        Assert.IsType<SubmitOutcome.NotRevisable>(await scene.ReviseAsync(scene.People[0], check.Id, checkJudgement, "D,C,B,A"));
        Assert.IsType<SubmitOutcome.Recorded>(await scene.ReviseAsync(scene.People[0], repeat.Id, repeatJudgement, "D,C,B,A"));
        await scene.AssertPlacesAddUpAsync();
    }

    [Fact]
    public async Task SomeoneElsesJudgement_CannotBeRevised()
    {
        await using var scene = await StudyScene.CreateAsync();
        var (assignmentId, first) = await scene.RankAsync(scene.People[0]);
        Assert.IsType<SubmitOutcome.NotYours>(await scene.ReviseAsync(scene.People[1], assignmentId, first, "D,C,B,A"));
        Assert.IsType<UndoOutcome.NotYours>(await scene.UndoAsync(scene.People[1], first));
    }

    [Fact]
    public async Task RevisingWithWhatStandsAlready_IsHarmless()
    {
        await using var scene = await StudyScene.CreateAsync();
        var (assignmentId, first) = await scene.RankAsync(scene.People[0]);
        Assert.IsType<SubmitOutcome.Invalid>(await scene.ReviseAsync(scene.People[0], assignmentId, first, "A,B"));
        Assert.IsType<SubmitOutcome.Recorded>(await scene.ReviseAsync(scene.People[0], assignmentId, first, "D,C,B,A"));
        Assert.IsType<SubmitOutcome.AlreadyRecorded>(await scene.SubmitAsync(scene.People[0], assignmentId, "D,C,B,A"));
    }

    [Fact]
    public async Task SkippedItem_TakesNoJudgement_AndSaysSo()
    {
        await using var scene = await StudyScene.CreateAsync();
        var assignmentId = await scene.LeaseAsync(scene.People[0]);
        await scene.Leaser.SkipAsync(new(scene.People[0]), assignmentId, "too long");
        Assert.IsType<SubmitOutcome.Skipped>(await scene.SubmitAsync(scene.People[0], assignmentId));
        Assert.IsType<DraftOutcome.Skipped>(await scene.DraftAsync(scene.People[0], assignmentId, "A", sequence: 1));
        await using var data = scene.Data();
        Assert.Equal((0, 0), (await data.Judgements.WithSuperseded().CountAsync(), await data.JudgementDrafts.CountAsync()));
        await scene.AssertPlacesAddUpAsync();
    }

    [Fact]
    public async Task SkippingAndSubmittingAtOnce_IsOneOfTheTwo()
    {
        await using var scene = await StudyScene.CreateAsync(prompts: 12, overlap: 1);
        for (var round = 0; round < 10; round++)
        {
            var assignmentId = await scene.LeaseAsync(scene.People[0]);
            var submit = scene.SubmitAsync(scene.People[0], assignmentId);
            var skip = scene.Leaser.SkipAsync(new(scene.People[0]), assignmentId, "too long");
            Assert.Equal(await submit is SubmitOutcome.Recorded, await skip is SkipOutcome.AlreadySubmitted);
            await scene.AssertPlacesAddUpAsync();
        }
    }

    private static Assignment Further(Assignment shown, int slot, long? promptId, int? checkIndex, Guid? repeatOf) => new()
    {
        StudyId = shown.StudyId,
        AnnotatorId = shown.AnnotatorId,
        PromptId = promptId,
        CheckIndex = checkIndex,
        RepeatOfId = repeatOf,
        Slot = slot,
        PresentedOrder = [.. shown.PresentedOrder.Reverse()],
        State = AssignmentState.Leased,
        LeasedAt = shown.LeasedAt,
        LeasedUntil = shown.LeasedUntil,
    };
}
