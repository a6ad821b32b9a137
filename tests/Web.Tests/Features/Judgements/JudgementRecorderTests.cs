using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Studies;
using PersonalLlm.Web.Features.Judgements;

namespace PersonalLlm.Web.Tests.Features.Judgements;

public sealed class JudgementRecorderTests
{
    [Fact]
    public async Task Ranking_IsStoredByWhatStoodAtEachPosition()
    {
        await using var scene = await StudyScene.CreateAsync();
        var assignmentId = await scene.LeaseAsync(scene.People[0]);
        Assert.IsType<SubmitOutcome.Recorded>(await scene.SubmitAsync(scene.People[0], assignmentId, "C,A=D,B"));
        await using var data = scene.Data();
        var judgement = await data.Judgements.Include(row => row.Assignment).SingleAsync();
        Assert.Equal(PresentationOrder.ToResponses(Ranking.Parse("C,A=D,B"), judgement.Assignment!.PresentedOrder), judgement.Answer.Ranking);
        Assert.Equal(AssignmentState.Submitted, judgement.Assignment.State);
    }

    [Fact]
    public async Task SubmittingTwentyTimesAtOnce_RecordsOnce()
    {
        await using var scene = await StudyScene.CreateAsync();
        var assignmentId = await scene.LeaseAsync(scene.People[0]);
        var judgementId = Guid.NewGuid();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => scene.SubmitAsync(scene.People[0], assignmentId, judgementId: judgementId)));
        Assert.Single(outcomes.OfType<SubmitOutcome.Recorded>());
        Assert.Equal(19, outcomes.OfType<SubmitOutcome.AlreadyRecorded>().Count());
        await using var data = scene.Data();
        Assert.Equal(1, await data.Judgements.CountAsync());
        await scene.AssertPlacesAddUpAsync();
    }

    [Fact]
    public async Task IdOfAnotherJudgement_NeitherReplacesItNorStopsThisOne()
    {
        await using var scene = await StudyScene.CreateAsync();
        var taken = Guid.NewGuid();
        await scene.SubmitAsync(scene.People[0], await scene.LeaseAsync(scene.People[0]), judgementId: taken);
        Assert.IsType<SubmitOutcome.Recorded>(await scene.SubmitAsync(scene.People[1], await scene.LeaseAsync(scene.People[1]), judgementId: taken));
        await using var data = scene.Data();
        Assert.Equal(2, await data.Judgements.CountAsync());
        await scene.AssertPlacesAddUpAsync();
    }

    [Fact]
    public async Task TwoTabsWithDifferentRankings_KeepTheFirst_AndTellTheSecond()
    {
        await using var scene = await StudyScene.CreateAsync();
        var assignmentId = await scene.LeaseAsync(scene.People[0]);
        var shared = Guid.NewGuid();
        var outcomes = await Task.WhenAll(
            scene.SubmitAsync(scene.People[0], assignmentId, "A,B,C,D", judgementId: shared),
            scene.SubmitAsync(scene.People[0], assignmentId, "D,C,B,A", judgementId: shared));
        Assert.Single(outcomes.OfType<SubmitOutcome.Recorded>());
        Assert.Single(outcomes.OfType<SubmitOutcome.Conflict>());
    }

    [Theory]
    [InlineData("", false, "Nothing is ranked yet. Give every response a rank; equal ranks are fine.")]
    [InlineData("C,A", false, "Still without a rank: B, D.")]
    [InlineData("C,A", true, "You ticked “None is acceptable” and ranked only some. Rank B, D as well, or clear the ranking.")]
    [InlineData("A,B,C,D,E", false, "Only 4 responses were shown, but E has a rank.")]
    public async Task IncompleteRanking_IsRefusedInWords(string ranking, bool allBad, string reason)
    {
        await using var scene = await StudyScene.CreateAsync();
        var assignmentId = await scene.LeaseAsync(scene.People[0]);
        var invalid = Assert.IsType<SubmitOutcome.Invalid>(await scene.SubmitAsync(scene.People[0], assignmentId, ranking, allBad));
        Assert.Equal(reason, Assert.Single(invalid.Problems).ToString());
        await using var data = scene.Data();
        Assert.Empty(await data.Judgements.ToListAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("A=B=C=D")]
    [InlineData("A,B,C,D")]
    public async Task NoneIsAcceptable_GoesWithAnEmptyOrACompleteRanking(string ranking)
    {
        await using var scene = await StudyScene.CreateAsync();
        Assert.IsType<SubmitOutcome.Recorded>(await scene.SubmitAsync(scene.People[0], await scene.LeaseAsync(scene.People[0]), ranking, allBad: true));
        await using var data = scene.Data();
        Assert.True((await data.Judgements.SingleAsync()).Answer.AllBad);
    }

    [Fact]
    public async Task SomeoneElsesAssignment_CanNeitherBeDraftedNorSubmitted()
    {
        await using var scene = await StudyScene.CreateAsync();
        var assignmentId = await scene.LeaseAsync(scene.People[0]);
        Assert.IsType<DraftOutcome.NotYours>(await scene.DraftAsync(scene.People[1], assignmentId, "A", sequence: 1));
        Assert.IsType<SubmitOutcome.NotYours>(await scene.SubmitAsync(scene.People[1], assignmentId));
        Assert.Null(await scene.Reader.ReadAsync(assignmentId, new(scene.People[1])));
    }

    [Fact]
    public async Task OlderDraft_NeverOverwritesANewerOne()
    {
        await using var scene = await StudyScene.CreateAsync();
        var assignmentId = await scene.LeaseAsync(scene.People[0]);
        Assert.IsType<DraftOutcome.Saved>(await scene.DraftAsync(scene.People[0], assignmentId, "B,A", sequence: 5));
        var older = Assert.IsType<DraftOutcome.Older>(await scene.DraftAsync(scene.People[0], assignmentId, "A", sequence: 4));
        Assert.Equal(("B,A", 5), (older.Answer.Ranking.ToString(), older.Sequence));
        Assert.IsType<DraftOutcome.Saved>(await scene.DraftAsync(scene.People[0], assignmentId, "B,A", sequence: 5));
    }

    [Fact]
    public async Task DraftsArrivingTogether_LeaveTheNewest()
    {
        await using var scene = await StudyScene.CreateAsync();
        var assignmentId = await scene.LeaseAsync(scene.People[0]);
        await Task.WhenAll(Enumerable.Range(1, 20).Select(sequence => scene.DraftAsync(scene.People[0], assignmentId, sequence == 20 ? "D" : "A", sequence)));
        await using var data = scene.Data();
        Assert.Equal(20, (await data.JudgementDrafts.SingleAsync()).Sequence);
    }

    [Fact]
    public async Task Submitting_ClearsTheDraft_AndALaterDraftIsToldSo()
    {
        await using var scene = await StudyScene.CreateAsync();
        var assignmentId = await scene.LeaseAsync(scene.People[0]);
        await scene.DraftAsync(scene.People[0], assignmentId, "A", sequence: 1);
        await scene.SubmitAsync(scene.People[0], assignmentId);
        Assert.IsType<DraftOutcome.AlreadySubmitted>(await scene.DraftAsync(scene.People[0], assignmentId, "B", sequence: 2));
        await using var data = scene.Data();
        Assert.Empty(await data.JudgementDrafts.ToListAsync());
    }

    [Fact]
    public async Task LateSubmit_IsRecorded_WhileAPlaceIsFree()
    {
        await using var scene = await StudyScene.CreateAsync(prompts: 1, overlap: 2);
        var assignmentId = await scene.LeaseAsync(scene.People[0]);
        scene.Clock.Advance(TimeSpan.FromHours(5));
        await scene.LeaseAsync(scene.People[1]);
        Assert.IsType<SubmitOutcome.Recorded>(await scene.SubmitAsync(scene.People[0], assignmentId));
        await scene.AssertPlacesAddUpAsync();
    }

    [Fact]
    public async Task LateSubmit_IsRefused_WhenOthersFilledThePlace()
    {
        await using var scene = await StudyScene.CreateAsync(prompts: 1, overlap: 1);
        var assignmentId = await scene.LeaseAsync(scene.People[0]);
        scene.Clock.Advance(TimeSpan.FromHours(5));
        await scene.LeaseAsync(scene.People[1]);
        Assert.IsType<SubmitOutcome.LeaseExpired>(await scene.SubmitAsync(scene.People[0], assignmentId));
        await scene.AssertPlacesAddUpAsync();
    }

    [Theory]
    [InlineData(StudyStatus.Paused)]
    [InlineData(StudyStatus.Closed)]
    public async Task StudyThatIsNotOpen_KeepsTheDraft_AndRefusesTheSubmit(StudyStatus status)
    {
        await using var scene = await StudyScene.CreateAsync();
        var assignmentId = await scene.LeaseAsync(scene.People[0]);
        await scene.SetStatusAsync(status);
        Assert.IsType<SubmitOutcome.StudyClosed>(await scene.SubmitAsync(scene.People[0], assignmentId));
        Assert.IsType<DraftOutcome.StudyClosed>(await scene.DraftAsync(scene.People[0], assignmentId, "A", sequence: 1));
        await using var data = scene.Data();
        Assert.Equal(1, await data.JudgementDrafts.CountAsync());
    }

    [Fact]
    public async Task RecordedJudgement_IsAnnouncedToItsStudyOnly_UntilTheGuestLeaves()
    {
        await using var scene = await StudyScene.CreateAsync();
        var heard = new TaskCompletionSource();
        var elsewhere = 0;
        using var other = scene.Feed.Subscribe(scene.StudyId + 1, () => { elsewhere++; return Task.CompletedTask; });
        var guest = scene.Feed.Subscribe(scene.StudyId, () => { heard.SetResult(); return Task.CompletedTask; });
        await scene.SubmitAsync(scene.People[0], await scene.LeaseAsync(scene.People[0]));
        await heard.Task.WaitAsync(TimeSpan.FromSeconds(10));

        guest.Dispose();
        // A second call would throw inside the guest, because the task is complete already.
        await scene.SubmitAsync(scene.People[1], await scene.LeaseAsync(scene.People[1]));
        Assert.Equal(0, elsewhere);
    }

    [Theory]
    [InlineData(new[] { "1", "2", "2", "4" }, "A,B=C,D")]
    [InlineData(new[] { "1", "2", "2", "3" }, "A,B=C,D")]
    [InlineData(new[] { "4", "", "1", "" }, "C,A")]
    [InlineData(new[] { "", "", "" }, "")]
    public void RanksOfTheForm_AreAWeakOrder(string[] ranks, string ranking) =>
        Assert.Equal(ranking, PageFields.WeakOrder(ranks)!.ToString());

    [Fact]
    public void RankThatIsNoNumber_IsRefused() => Assert.Null(PageFields.WeakOrder(["1", "first"]));
}
