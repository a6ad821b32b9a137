using Bunit;
using Microsoft.Extensions.DependencyInjection;
using PersonalLlm.Data.Studies;
using PersonalLlm.Web.Features.Studies;

namespace PersonalLlm.Web.Tests.Features.Studies;

public sealed class StudyActionsTests : BunitContext
{
    [Fact]
    public async Task Closing_IsAskedOnce_AndSaysHowManyHaveAnItemInHand()
    {
        await using var scene = await DraftScene.CreateAsync();
        var studyId = await scene.SaveAsync();
        await scene.Launcher.OpenAsync(studyId);
        await using (var data = scene.Data())
        {
            var annotator = new Annotator { StudyId = studyId, Number = 1 };
            data.Assignments.Add(new() { StudyId = studyId, Annotator = annotator, PresentedOrder = [0, 1], LeasedUntil = DateTimeOffset.UtcNow.AddMinutes(5), PromptId = (await scene.StudyAsync(studyId)).Prompts[0].PromptId });
            await data.SaveChangesAsync();
        }
        var actions = await RenderAsync(scene, studyId);
        Click(actions, "Close…");
        actions.WaitForState(() => actions.Markup.Contains("One person has an item in hand.", StringComparison.Ordinal));
        Assert.Equal(StudyStatus.Open, (await scene.StatusAsync(studyId)).Status);
        Click(actions, "Keep it as it is");
        Assert.DoesNotContain("in hand", actions.Markup, StringComparison.Ordinal);
        Click(actions, "Close…");
        actions.WaitForState(() => actions.Markup.Contains("in hand", StringComparison.Ordinal));
        Click(actions, "Close the study");
        await UntilAsync(async () => (await scene.StatusAsync(studyId)).Status == StudyStatus.Closed);
    }

    [Fact]
    public async Task ADraftThatIsNotReady_SaysWhyInThePage_AndStaysADraft()
    {
        await using var scene = await DraftScene.CreateAsync();
        var studyId = await scene.SaveAsync(design => (design.Overlap, design.Quota) = (0, 0));
        var actions = await RenderAsync(scene, studyId);
        Click(actions, "Open");
        Assert.Equal(2, actions.WaitForElement("[role=alert]").QuerySelectorAll("li").Length);
        Assert.Equal((StudyStatus.Draft, 0), await scene.StatusAsync(studyId));
    }

    [Fact]
    public async Task Deleting_IsAskedOnce()
    {
        await using var scene = await DraftScene.CreateAsync();
        var draft = await scene.SaveAsync();
        var actions = await RenderAsync(scene, draft);
        Click(actions, "Delete…");
        Click(actions, "Delete the draft");
        await UntilAsync(async () => await scene.Drafter.ReadAsync(draft) is null);
    }

    [Fact]
    public async Task AnOpenedStudy_IsNotOfferedForDeletion()
    {
        await using var scene = await DraftScene.CreateAsync();
        var opened = await scene.SaveAsync();
        await scene.Launcher.OpenAsync(opened);
        Assert.DoesNotContain("Delete", (await RenderAsync(scene, opened)).Markup, StringComparison.Ordinal);
    }

    private static void Click(IRenderedComponent<StudyActions> actions, string button) =>
        actions.FindAll("button").Single(own => own.TextContent.Trim() == button).Click();

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var attempt = 0; attempt < 200; attempt++)
        {
            if (await holds())
                return;
            await Task.Delay(25);
        }
        Assert.Fail("It did not come true within five seconds.");
    }

    private async Task<IRenderedComponent<StudyActions>> RenderAsync(DraftScene scene, int studyId)
    {
        Services.AddSingleton(scene.Launcher);
        var study = await scene.StudyAsync(studyId);
        return Render<StudyActions>(parameters => parameters.Add(own => own.Study, study));
    }
}
