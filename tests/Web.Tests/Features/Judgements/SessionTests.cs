using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Studies;
using PersonalLlm.Web.Features.Judgements;

namespace PersonalLlm.Web.Tests.Features.Judgements;

/// <summary>What one annotator gets, item by item, and what of it takes places from others.</summary>
public sealed class SessionTests
{
    private static readonly TimeSpan s_longerThanALease = TimeSpan.FromMinutes(31);
    private static readonly AttentionCheck s_check = new("Put the response that says “here” first.", ["not me", "nor me", "here", "not this one"], ExpectedIndex: 2);

    [Fact]
    public async Task Session_HasItsPromptsItsChecksAndItsRepeats_AndThenIsOver()
    {
        await using var scene = await StudyScene.CreateAsync(prompts: 30, overlap: 1, people: 1, design: study =>
        {
            study.Assignment = new() { PromptsPerAnnotator = 12, Repeats = 3, RepeatLag = 8 };
            study.AttentionChecks = [s_check, s_check];
        });
        var items = await WorkAsync(scene, scene.People[0]);

        Assert.Equal(12, items.Count(item => item.TakesPlace));
        Assert.Equal([0, 1], items.Where(item => item.CheckIndex is not null).Select(item => item.CheckIndex!.Value).Order());
        Assert.Equal(Enumerable.Range(0, 17), items.Select(item => item.Slot));
        var repeats = items.Where(item => item.RepeatOfId is not null).ToList();
        Assert.Equal(3, repeats.Count);
        foreach (var repeat in repeats)
        {
            var first = items.Single(item => item.Id == repeat.RepeatOfId);
            Assert.Equal(first.PromptId, repeat.PromptId);
            Assert.True(repeat.Slot - first.Slot >= 8);
            Assert.NotEqual(first.PresentedOrder, repeat.PresentedOrder);
            Assert.Equal(first.PresentedOrder.Order(), repeat.PresentedOrder.Order());
        }
        await using var data = scene.Data();
        Assert.Equal(12, await data.StudyPrompts.SumAsync(item => item.Taken));
        Assert.IsType<LeaseOutcome.NothingLeft>(await scene.Leaser.NextAsync(StudyScene.Code, new(scene.People[0])));
    }

    [Fact]
    public async Task CheckAndRepeat_LookLikeAnyOtherItem()
    {
        await using var scene = await StudyScene.CreateAsync(prompts: 3, people: 1, design: study =>
        {
            study.Assignment = new() { Repeats = 1, RepeatLag = 2 };
            study.AttentionChecks = [s_check];
        });
        for (var slot = 0; slot < 5; slot++)
        {
            var assignmentId = await scene.LeaseAsync(scene.People[0]);
            var task = await scene.Reader.ReadAsync(assignmentId, new(scene.People[0]));
            Assert.Equal((slot, slot, 5), (task!.Slot, task.Progress.Done, task.Progress.Total));
            Assert.Equal(4, task.Responses.Count);
            await using var data = scene.Data();
            var row = await data.Assignments.SingleAsync(item => item.Id == assignmentId);
            if (row.CheckIndex is not null)
            {
                Assert.Equal(s_check.Prompt, task.Prompt);
                Assert.Equal(row.PresentedOrder.Select(index => s_check.Responses[index]), task.Responses);
            }
            else
            {
                Assert.Equal(row.PresentedOrder.Select(index => $"Response {index}"), task.Responses);
            }
            await scene.SubmitAsync(scene.People[0], assignmentId);
        }
        var welcome = await scene.Reader.WelcomeAsync(StudyScene.Code, new(scene.People[0]));
        Assert.Equal((5, 5), (welcome!.Progress.Done, welcome.Progress.Total));
    }

    [Fact]
    public async Task SomeOfTheResponses_AreShown_AndTheRepeatShowsTheSameOnes()
    {
        await using var scene = await StudyScene.CreateAsync(prompts: 3, responses: 6, people: 1, design: study =>
            study.Assignment = new() { ResponsesPerPrompt = 2, Repeats = 1, RepeatLag = 1 });
        var items = await WorkAsync(scene, scene.People[0], "A,B");
        Assert.All(items, item => Assert.Equal(2, item.PresentedOrder.Length));
        var repeat = items.Single(item => item.RepeatOfId is not null);
        Assert.Equal(items.Single(item => item.Id == repeat.RepeatOfId).PresentedOrder.Reverse(), repeat.PresentedOrder);
    }

    [Fact]
    public async Task WhenOthersHaveAllPlaces_TheChecksStillCome_AndThenItIsFull()
    {
        await using var scene = await StudyScene.CreateAsync(prompts: 2, overlap: 1, people: 2, design: study => study.AttentionChecks = [s_check]);
        await scene.LeaseAsync(scene.People[0]);
        var second = await scene.LeaseAsync(scene.People[1]);
        await scene.SubmitAsync(scene.People[1], second);
        var check = await scene.LeaseAsync(scene.People[1]);
        await using (var data = scene.Data())
            Assert.Equal(0, (await data.Assignments.SingleAsync(row => row.Id == check)).CheckIndex);
        await scene.SubmitAsync(scene.People[1], check);
        Assert.IsType<LeaseOutcome.StudyFull>(await scene.Leaser.NextAsync(StudyScene.Code, new(scene.People[1])));
        Assert.True((await scene.Reader.WelcomeAsync(StudyScene.Code, new(scene.People[1])))!.IsFull);
    }

    [Fact]
    public async Task CheckWhoseTimeRanOut_IsTakenUpAgain_OnTheSameRow()
    {
        await using var scene = await StudyScene.CreateAsync(prompts: 3, overlap: 2, people: 2, design: study =>
        {
            study.Assignment = new() { PromptsPerAnnotator = 2 };
            study.AttentionChecks = [s_check];
        });
        await scene.SubmitAsync(scene.People[0], await scene.LeaseAsync(scene.People[0]));
        var check = await scene.LeaseAsync(scene.People[0]);
        scene.Clock.Advance(s_longerThanALease);
        await scene.LeaseAsync(scene.People[1]);
        await using (var data = scene.Data())
        {
            var row = await data.Assignments.SingleAsync(item => item.Id == check);
            Assert.Equal((0, AssignmentState.Expired), (row.CheckIndex, row.State));
        }
        await scene.AssertPlacesAddUpAsync();
        Assert.Equal(check, await scene.LeaseAsync(scene.People[0]));
    }

    [Fact]
    public async Task SkippedPrompt_ReturnsItsPlace_IsNotOfferedAgain_AndAnotherTakesItsSlot()
    {
        await using var scene = await StudyScene.CreateAsync(prompts: 3, overlap: 1, people: 2, design: study => study.Assignment = new() { PromptsPerAnnotator = 2 });
        var person = scene.People[0];
        var skipped = await scene.LeaseAsync(person);
        await scene.DraftAsync(person, skipped, "B,A", sequence: 1);
        Assert.IsType<SkipOutcome.Skipped>(await scene.Leaser.SkipAsync(new(person), skipped, " I do not know this field. "));
        Assert.IsType<SkipOutcome.Skipped>(await scene.Leaser.SkipAsync(new(person), skipped, "again"));
        await scene.AssertPlacesAddUpAsync();

        var items = await WorkAsync(scene, person);
        Assert.Equal([0, 1], items.Select(item => item.Slot));
        Assert.IsType<LeaseOutcome.NothingLeft>(await scene.Leaser.NextAsync(StudyScene.Code, new(person)));
        await using var data = scene.Data();
        var row = await data.Assignments.SingleAsync(item => item.Id == skipped);
        Assert.Equal((AssignmentState.Skipped, "I do not know this field."), (row.State, row.SkipReason));
        Assert.DoesNotContain(items, item => item.PromptId == row.PromptId);
        Assert.Equal(0, await data.JudgementDrafts.CountAsync());
        // The place is there for somebody else.
        var others = await scene.LeaseAsync(scene.People[1]);
        Assert.Equal(row.PromptId, (await data.Assignments.SingleAsync(item => item.Id == others)).PromptId);
    }

    [Fact]
    public async Task Skipping_IsTheirOwnAffair_AndTooLateAfterTheSubmit()
    {
        await using var scene = await StudyScene.CreateAsync();
        var assignment = await scene.LeaseAsync(scene.People[0]);
        Assert.IsType<SkipOutcome.NotYours>(await scene.Leaser.SkipAsync(new(scene.People[1]), assignment, null));
        await scene.SubmitAsync(scene.People[0], assignment);
        Assert.IsType<SkipOutcome.AlreadySubmitted>(await scene.Leaser.SkipAsync(new(scene.People[0]), assignment, null));
        await scene.AssertPlacesAddUpAsync();
    }

    [Fact]
    public async Task WhoeverSkipsEverything_HasNothingLeft()
    {
        await using var scene = await StudyScene.CreateAsync(prompts: 2);
        for (var prompt = 0; prompt < 2; prompt++)
            await scene.Leaser.SkipAsync(new(scene.People[0]), await scene.LeaseAsync(scene.People[0]), null);
        Assert.IsType<LeaseOutcome.NothingLeft>(await scene.Leaser.NextAsync(StudyScene.Code, new(scene.People[0])));
        await using var data = scene.Data();
        Assert.Equal(0, await data.StudyPrompts.SumAsync(item => item.Taken));
    }

    [Fact]
    public async Task Stratified_GivesEachAnnotatorTheSubsetsInEqualParts()
    {
        await using var scene = await StudyScene.CreateAsync(prompts: 12, overlap: 2, people: 2, design: study =>
        {
            study.Assignment = new() { PromptsPerAnnotator = 6, Strategy = AssignmentStrategy.Stratified };
        });
        // Nine prompts of one subset, three of the other.
        await using (var data = scene.Data())
            await data.Prompts.Where(prompt => prompt.Index >= 9).ExecuteUpdateAsync(set => set.SetProperty(prompt => prompt.Subset, "rare"));
        foreach (var person in scene.People)
        {
            var items = await WorkAsync(scene, person);
            await using var data = scene.Data();
            var rare = await data.Prompts.Where(prompt => prompt.Subset == "rare").Select(prompt => prompt.Id).ToListAsync();
            Assert.Equal(3, items.Count(item => rare.Contains(item.PromptId!.Value)));
        }
    }

    [Fact]
    public async Task BeforeItOpens_AndAfterItCloses_AStudyLeasesNothing()
    {
        await using var scene = await StudyScene.CreateAsync();
        var now = scene.Clock.GetUtcNow();
        await scene.ChangeStudyAsync(study => (study.OpensAt, study.ClosesAt) = (now.AddHours(1), now.AddHours(2)));
        Assert.Equal(new LeaseOutcome.StudyNotOpen(StudyStatus.Draft), await scene.Leaser.NextAsync(StudyScene.Code, new(scene.People[0])));
        scene.Clock.Advance(TimeSpan.FromHours(1));
        var assignment = await scene.LeaseAsync(scene.People[0]);
        Assert.IsType<RenewOutcome.Renewed>(await scene.Leaser.RenewAsync(new(scene.People[0]), assignment));
        scene.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(new LeaseOutcome.StudyNotOpen(StudyStatus.Closed), await scene.Leaser.NextAsync(StudyScene.Code, new(scene.People[0])));
        Assert.IsType<RenewOutcome.StudyClosed>(await scene.Leaser.RenewAsync(new(scene.People[0]), assignment));
    }

    [Fact]
    public async Task SignOfLife_KeepsTheItem_AndTakesItBackWhileAPlaceIsFree()
    {
        await using var scene = await StudyScene.CreateAsync(prompts: 1, overlap: 1, people: 2);
        var person = scene.People[0];
        var assignment = await scene.LeaseAsync(person);
        scene.Clock.Advance(TimeSpan.FromMinutes(20));
        Assert.Equal(new RenewOutcome.Renewed(scene.Clock.GetUtcNow() + TimeSpan.FromMinutes(30)), await scene.Leaser.RenewAsync(new(person), assignment));
        scene.Clock.Advance(TimeSpan.FromMinutes(20));
        Assert.IsType<LeaseOutcome.StudyFull>(await scene.Leaser.NextAsync(StudyScene.Code, new(scene.People[1])));

        scene.Clock.Advance(s_longerThanALease);
        var other = await scene.LeaseAsync(scene.People[1]);
        Assert.IsType<RenewOutcome.LeaseExpired>(await scene.Leaser.RenewAsync(new(person), assignment));
        await scene.Leaser.SkipAsync(new(scene.People[1]), other, null);
        Assert.IsType<RenewOutcome.Renewed>(await scene.Leaser.RenewAsync(new(person), assignment));
        await scene.SubmitAsync(person, assignment);
        Assert.IsType<RenewOutcome.AlreadyDone>(await scene.Leaser.RenewAsync(new(person), assignment));
        Assert.IsType<RenewOutcome.NotYours>(await scene.Leaser.RenewAsync(new(scene.People[1]), assignment));
        await scene.AssertPlacesAddUpAsync();
    }

    [Fact]
    public async Task FullQuota_IsSaidBeforeConsent_AndSomebodyWhoLeavesGivesTheirPlaceBack()
    {
        await using var scene = await StudyScene.CreateAsync(prompts: 4, people: 3, design: study => study.Quota = 1);
        var (first, second) = (scene.People[0], scene.People[1]);
        var stranger = new PersonalLlm.Data.Studies.Visitor(Guid.Empty);
        Assert.False((await scene.Reader.WelcomeAsync(StudyScene.Code, stranger))!.IsFull);
        var half = await scene.LeaseAsync(first);
        Assert.True((await scene.Reader.WelcomeAsync(StudyScene.Code, stranger))!.IsFull);
        Assert.IsType<LeaseOutcome.StudyFull>(await scene.Leaser.NextAsync(StudyScene.Code, new(second)));

        scene.Clock.Advance(s_longerThanALease);
        Assert.False((await scene.Reader.WelcomeAsync(StudyScene.Code, stranger))!.IsFull);
        var taken = await scene.LeaseAsync(second);
        // Back too late: somebody else has the place. What they had in hand is still taken.
        Assert.IsType<LeaseOutcome.StudyFull>(await scene.Leaser.NextAsync(StudyScene.Code, new(first)));
        Assert.IsType<SubmitOutcome.Recorded>(await scene.SubmitAsync(first, half));
        Assert.IsType<LeaseOutcome.StudyFull>(await scene.Leaser.NextAsync(StudyScene.Code, new(first)));

        scene.Clock.Advance(s_longerThanALease);
        await scene.LeaseAsync(first);
        Assert.IsType<LeaseOutcome.StudyFull>(await scene.Leaser.NextAsync(StudyScene.Code, new(second)));
        await scene.AssertPlacesAddUpAsync();
    }

    [Fact]
    public async Task WhoeverFinished_KeepsTheirPlaceInTheQuota_AndWhoeverWithdrewDoesNot()
    {
        await using var scene = await StudyScene.CreateAsync(prompts: 4, people: 3, design: study => study.Quota = 1);
        await scene.LeaseAsync(scene.People[0]);
        await ChangeAnnotatorsAsync(row => row.CompletedAt = scene.Clock.GetUtcNow());
        scene.Clock.Advance(TimeSpan.FromDays(2));
        Assert.IsType<LeaseOutcome.StudyFull>(await scene.Leaser.NextAsync(StudyScene.Code, new(scene.People[1])));
        await ChangeAnnotatorsAsync(row => row.WithdrawnAt = scene.Clock.GetUtcNow());
        await scene.LeaseAsync(scene.People[1]);
        // Whoever withdrew does not come back by asking for a prompt.
        Assert.IsType<LeaseOutcome.NotJoined>(await scene.Leaser.NextAsync(StudyScene.Code, new(scene.People[0])));

        async Task ChangeAnnotatorsAsync(Action<Annotator> change)
        {
            await using var data = scene.Data();
            foreach (var annotator in await data.Annotators.ToListAsync())
                change(annotator);
            await data.SaveChangesAsync();
        }
    }

    [Fact]
    public async Task WithoutJoining_AStudyWithConsentOrForTheOutside_HandsOutNothing()
    {
        await using var scene = await StudyScene.CreateAsync(design: study => study.ConsentTexts.Add(new() { Version = 1, Text = "I agree." }));
        Assert.IsType<LeaseOutcome.NotJoined>(await scene.Leaser.NextAsync(StudyScene.Code, new(scene.People[0])));
        Assert.IsType<LeaseOutcome.NotJoined>(await scene.Leaser.NextAsync(StudyScene.Code, new(Guid.Empty)));
        await using var data = scene.Data();
        Assert.Equal(0, await data.Annotators.CountAsync());
    }

    [Fact]
    public async Task NameOfTheModel_IsCovered_WhereTheStudySaysSo()
    {
        await using var scene = await StudyScene.CreateAsync(prompts: 1, responses: 2, people: 1);
        await using (var data = scene.Data())
            await data.Responses.Where(response => response.Index == 0).ExecuteUpdateAsync(set => set.SetProperty(response => response.Text, "I am ChatGPT. Boil it."));
        var assignment = await scene.LeaseAsync(scene.People[0]);
        Assert.Contains("I am ChatGPT. Boil it.", (await scene.Reader.ReadAsync(assignment, new(scene.People[0])))!.Responses);
        await scene.ChangeStudyAsync(study => study.SelfNaming = SelfNamingPolicy.Mask);
        Assert.DoesNotContain((await scene.Reader.ReadAsync(assignment, new(scene.People[0])))!.Responses, text => text.Contains("ChatGPT", StringComparison.Ordinal));
    }

    /// <summary>Everything the person gets until they get nothing more, submitted; in the order in which it came.</summary>
    private static async Task<List<Assignment>> WorkAsync(StudyScene scene, Guid person, string ranking = "A,B,C,D")
    {
        var ids = new List<Guid>();
        while (await scene.Leaser.NextAsync(StudyScene.Code, new(person)) is LeaseOutcome.Leased leased)
        {
            ids.Add(leased.AssignmentId);
            Assert.IsType<SubmitOutcome.Recorded>(await scene.SubmitAsync(person, leased.AssignmentId, ranking));
        }
        await using var data = scene.Data();
        var rows = await data.Assignments.AsNoTracking().ToDictionaryAsync(row => row.Id);
        return [.. ids.Select(id => rows[id])];
    }
}
