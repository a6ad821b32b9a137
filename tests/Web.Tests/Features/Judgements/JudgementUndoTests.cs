using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data.Judgements;
using PersonalLlm.Data.Studies;
using PersonalLlm.Web.Features.Judgements;

namespace PersonalLlm.Web.Tests.Features.Judgements;

public sealed class JudgementUndoTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task Undo_MakesTheAnswerADraftAgain_InTheSamePlace_AndItComesBeforeTheNextItem()
    {
        await using var scene = await StudyScene.CreateAsync();
        var person = scene.People[0];
        var (assignmentId, judgementId) = await scene.RankAsync(person, "C,A=D,B");
        var next = await scene.LeaseAsync(person);
        scene.Clock.Advance(Moment);
        Assert.IsType<UndoOutcome.Undone>(await scene.UndoAsync(person, judgementId));
        await scene.AssertPlacesAddUpAsync();

        Assert.Equal(assignmentId, await scene.LeaseAsync(person));
        var task = await scene.Reader.ReadAsync(assignmentId, new(person));
        Assert.Equal("C,A=D,B", task!.Answer.Ranking.ToString());
        Assert.NotEqual(judgementId, task.JudgementId);
        Assert.Null(task.Revises);

        scene.Clock.Advance(Moment);
        Assert.IsType<SubmitOutcome.Recorded>(await scene.SubmitAsync(person, assignmentId, "C,A,D,B", judgementId: task.JudgementId));
        Assert.Equal(next, await scene.LeaseAsync(person));
        await using var data = scene.Data();
        Assert.Equal([(1, true), (2, false)], (await data.Judgements.WithSuperseded().OrderBy(row => row.Revision).ToListAsync()).Select(row => (row.Revision, row.SupersededAt is not null)));
        await scene.AssertPlacesAddUpAsync();
    }

    [Fact]
    public async Task Undo_IsHeardForFifteenSeconds_AndNotLonger()
    {
        await using var scene = await StudyScene.CreateAsync();
        var person = scene.People[0];
        var (_, early) = await scene.RankAsync(person);
        scene.Clock.Advance(TimeSpan.FromSeconds(15));
        Assert.IsType<UndoOutcome.Undone>(await scene.UndoAsync(person, early));
        var (_, late) = await scene.RankAsync(person);
        scene.Clock.Advance(TimeSpan.FromSeconds(15.1));
        Assert.IsType<UndoOutcome.TooLate>(await scene.UndoAsync(person, late));
        await scene.AssertPlacesAddUpAsync();
    }

    [Fact]
    public async Task DoubleClickOnUndo_UndoesOnce()
    {
        await using var scene = await StudyScene.CreateAsync();
        var (_, judgementId) = await scene.RankAsync(scene.People[0]);
        scene.Clock.Advance(Moment);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => scene.UndoAsync(scene.People[0], judgementId)));
        Assert.All(outcomes, outcome => Assert.IsType<UndoOutcome.Undone>(outcome));
        await using var data = scene.Data();
        Assert.Equal((1, 1), (await data.Judgements.WithSuperseded().CountAsync(), await data.JudgementDrafts.CountAsync()));
        await scene.AssertPlacesAddUpAsync();
    }

    [Fact]
    public async Task UndoWhileTheNextItemIsSubmitted_LosesNeither()
    {
        await using var scene = await StudyScene.CreateAsync(prompts: 8, overlap: 1);
        var person = scene.People[0];
        for (var round = 0; round < 3; round++)
        {
            var (assignmentId, judgementId) = await scene.RankAsync(person, "D,C,B,A");
            var next = await scene.LeaseAsync(person);
            scene.Clock.Advance(Moment);
            var undo = scene.UndoAsync(person, judgementId);
            var submit = scene.SubmitAsync(person, next);
            Assert.IsType<UndoOutcome.Undone>(await undo);
            Assert.IsType<SubmitOutcome.Recorded>(await submit);
            Assert.Equal(assignmentId, await scene.LeaseAsync(person));
            scene.Clock.Advance(Moment);
            Assert.IsType<SubmitOutcome.Recorded>(await scene.SubmitAsync(person, assignmentId));
            await scene.AssertPlacesAddUpAsync();
        }
        await using var data = scene.Data();
        Assert.Equal(6, await data.Judgements.CountAsync());
    }

    [Fact]
    public async Task UndoAgainstARevision_IsOneOfTheTwo_AndNothingCountsTwice()
    {
        await using var scene = await StudyScene.CreateAsync(prompts: 12, overlap: 1);
        for (var round = 0; round < 10; round++)
        {
            var (assignmentId, judgementId) = await scene.RankAsync(scene.People[0]);
            scene.Clock.Advance(Moment);
            var undo = scene.UndoAsync(scene.People[0], judgementId);
            var revise = scene.ReviseAsync(scene.People[0], assignmentId, judgementId, "D,C,B,A");
            Assert.IsType<SubmitOutcome.Recorded>(await revise);
            Assert.True(await undo is UndoOutcome.Undone or UndoOutcome.Revised);
            await using var data = scene.Data();
            Assert.Equal(2, (await data.Judgements.SingleAsync(row => row.AssignmentId == assignmentId)).Revision);
            await scene.AssertPlacesAddUpAsync();
        }
    }

    [Fact]
    public async Task UndoingARevision_PutsTheFormerBack()
    {
        await using var scene = await StudyScene.CreateAsync();
        var person = scene.People[0];
        var (assignmentId, first) = await scene.RankAsync(person);
        scene.Clock.Advance(TimeSpan.FromMinutes(5));
        var second = Assert.IsType<SubmitOutcome.Recorded>(await scene.ReviseAsync(person, assignmentId, first, "D,C,B,A")).JudgementId;
        scene.Clock.Advance(Moment);
        Assert.IsType<UndoOutcome.Undone>(await scene.UndoAsync(person, second));
        Assert.IsType<UndoOutcome.Undone>(await scene.UndoAsync(person, second));
        await using var data = scene.Data();
        Assert.Equal(first, (await data.Judgements.SingleAsync()).Id);
        await scene.AssertPlacesAddUpAsync();

        var third = Assert.IsType<SubmitOutcome.Recorded>(await scene.ReviseAsync(person, assignmentId, first, "C,D,A,B"));
        Assert.Equal(3, (await data.Judgements.SingleAsync(row => row.Id == third.JudgementId)).Revision);
        Assert.IsType<UndoOutcome.Revised>(await scene.UndoAsync(person, second));
    }

    [Fact]
    public async Task LateCopyOfAnUndoneSubmit_DoesNotUndoTheUndo()
    {
        await using var scene = await StudyScene.CreateAsync();
        var assignmentId = await scene.LeaseAsync(scene.People[0]);
        var judgementId = Guid.NewGuid();
        await scene.SubmitAsync(scene.People[0], assignmentId, judgementId: judgementId);
        scene.Clock.Advance(Moment);
        await scene.UndoAsync(scene.People[0], judgementId);
        Assert.IsType<SubmitOutcome.AlreadyRecorded>(await scene.SubmitAsync(scene.People[0], assignmentId, judgementId: judgementId));
        Assert.Equal(assignmentId, await scene.LeaseAsync(scene.People[0]));
        // Another answer under the id of the old page is a new judgement.
        Assert.IsType<SubmitOutcome.Recorded>(await scene.SubmitAsync(scene.People[0], assignmentId, "D,C,B,A", judgementId: judgementId));
        await scene.AssertPlacesAddUpAsync();
    }

    [Fact]
    public async Task DraftOfTheTabBefore_NeverReplacesWhatAnUndoPutBack()
    {
        await using var scene = await StudyScene.CreateAsync();
        var assignmentId = await scene.LeaseAsync(scene.People[0]);
        await scene.DraftAsync(scene.People[0], assignmentId, "A", sequence: 900);
        var judgementId = Assert.IsType<SubmitOutcome.Recorded>(await scene.SubmitAsync(scene.People[0], assignmentId, "C,A,B,D")).JudgementId;
        scene.Clock.Advance(Moment);
        await scene.UndoAsync(scene.People[0], judgementId);
        var older = Assert.IsType<DraftOutcome.Older>(await scene.DraftAsync(scene.People[0], assignmentId, "B", sequence: 901));
        Assert.Equal("C,A,B,D", older.Answer.Ranking.ToString());
        Assert.IsType<DraftOutcome.Saved>(await scene.DraftAsync(scene.People[0], assignmentId, "B", older.Sequence + 1));
    }

    [Fact]
    public async Task WhoeverHasCompleted_CannotUndo()
    {
        await using var scene = await StudyScene.CreateAsync();
        var (_, judgementId) = await scene.RankAsync(scene.People[0]);
        await using (var data = scene.Data())
            await data.Annotators.ExecuteUpdateAsync(set => set.SetProperty(row => row.CompletedAt, scene.Clock.GetUtcNow()));
        Assert.IsType<UndoOutcome.TooLate>(await scene.UndoAsync(scene.People[0], judgementId));
        await scene.AssertPlacesAddUpAsync();
    }
}
