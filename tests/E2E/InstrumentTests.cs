using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using PersonalLlm.Data.Judgements;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Studies;
using static Microsoft.Playwright.Assertions;

namespace PersonalLlm.E2E;

/// <summary>What each instrument asks, by keys alone, by a thumb, and with no script; and what surrounds an answer: reading, undo, change, skip.</summary>
public sealed class InstrumentTests(ServerFixture server, BrowserFixture browser) : IClassFixture<ServerFixture>, IClassFixture<BrowserFixture>
{
    private static BrowserNewContextOptions Phone => new() { ViewportSize = new() { Width = 390, Height = 844 }, HasTouch = true, IsMobile = true };

    /// <summary>Responses, keys with the focus on the first response, what is said then, and the scores or the ranking that are kept, as seen.</summary>
    public static TheoryData<Instrument, int, string[], string, string> ByKeys => new()
    {
        { Instrument.TopK, 4, ["2", "ArrowRight", "1", "ArrowRight", "ArrowRight", "3"], "1 B · 2 A · 3 D", "B,A,D" },
        { Instrument.BestWorst, 4, ["w", "ArrowRight", "b", "ArrowRight", "ArrowRight", "w"], "Best B, worst D", "0 1 0 -1" },
        { Instrument.Pairwise, 2, ["ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft"], "B is better than A", "-2 2" },
        { Instrument.Likert, 3, ["5", "ArrowRight", "7", "ArrowDown", "ArrowRight", "1", "ArrowUp"], "B 6 · A 5 · C 2", "5 6 2" },
    };

    [Theory]
    [MemberData(nameof(ByKeys))]
    public async Task Keys_AreEnough(Instrument kind, int responses, string[] keys, string summary, string kept)
    {
        var (scene, page) = await OpenAsync(new() { Kind = kind }, responses);
        while (!await page.EvaluateAsync<bool>("document.activeElement.matches('article')"))
            await page.Keyboard.PressAsync("Tab");
        foreach (var key in keys)
            await page.Keyboard.PressAsync(key);
        await RankingScene.SummaryIsAsync(page, summary);
        await page.Keyboard.PressAsync("?");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/done");
        Assert.Equal(kept, Seen(Assert.Single(await scene.JudgementsAsync())));
    }

    [Theory]
    [InlineData(Instrument.BestWorst, 3, new[] { "Response C is the best", "Response A is the worst" }, "Best C, worst A", "-1 0 1")]
    [InlineData(Instrument.Pairwise, 2, new[] { "A is much better than B" }, "A is much better than B", "3 -3")]
    [InlineData(Instrument.Likert, 2, new[] { "7", "1" }, "A 7 · B 1", "7 1")]
    public async Task Thumb_IsEnough_OnAPhone(Instrument kind, int responses, string[] taps, string summary, string kept)
    {
        var (scene, page) = await OpenAsync(new() { Kind = kind }, responses, Phone);
        for (var index = 0; index < taps.Length; index++)
        {
            var within = kind == Instrument.Likert ? RankingScene.Card(page, (char)('A' + index)) : page.Locator("form[data-board]");
            await within.GetByRole(AriaRole.Radio, new() { Name = taps[index], Exact = true }).TapAsync();
        }
        await RankingScene.SummaryIsAsync(page, summary);
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), "The page scrolls sideways.");
        await SubmitSeenOrNotAsync(page);
        await page.WaitForURLAsync("**/done");
        Assert.Equal(kept, Seen(Assert.Single(await scene.JudgementsAsync())));
    }

    [Theory]
    [InlineData(Instrument.BestWorst, 3, new[] { "Response B is the best" }, "Choose the worst response as well.", "Response A is the worst", "-1 1 0")]
    [InlineData(Instrument.Pairwise, 2, new string[0], "Say which response is better, or that both are equal.", "A and B are equally good", "0 0")]
    [InlineData(Instrument.Likert, 2, new[] { "4" }, "Still without a rating: B.", "6", "4 6")]
    public async Task WithoutJavaScript_TheFormIsEnough_AndSaysWhatIsMissing(Instrument kind, int responses, string[] first, string problem, string then, string kept)
    {
        var scene = await SceneAsync(new() { Kind = kind }, responses);
        var page = await scene.EnterAsync(options: new() { JavaScriptEnabled = false });
        await page.GotoAsync(scene.RankPath);
        foreach (var name in first)
            await page.GetByRole(AriaRole.Radio, new() { Name = name, Exact = true }).First.CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Submit answer" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync(problem);
        foreach (var name in first)
            await Expect(page.GetByRole(AriaRole.Radio, new() { Name = name, Exact = true }).First).ToBeCheckedAsync();
        await page.GetByRole(AriaRole.Radio, new() { Name = then, Exact = true }).Last.CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Submit answer" }).ClickAsync();
        await page.WaitForURLAsync("**/done");
        Assert.Equal(kept, Seen(Assert.Single(await scene.JudgementsAsync())));
    }

    [Fact]
    public async Task BestAndWorst_CanBeDragged_AndNoResponseIsBoth()
    {
        var (_, page) = await OpenAsync(new() { Kind = Instrument.BestWorst }, 4);
        await DragAsync(page, RankingScene.Card(page, 'C').Locator("[data-grip]"), page.Locator("[data-slot='Best']"));
        await RankingScene.SummaryIsAsync(page, "Best C, worst not marked");
        await DragAsync(page, RankingScene.Card(page, 'C').Locator("[data-grip]"), page.Locator("[data-slot='Worst']"));
        await RankingScene.SummaryIsAsync(page, "Best not marked, worst C");
    }

    [Fact]
    public async Task TopK_WhoComesInWhenAllRanksAreGiven_PutsOutTheLast()
    {
        var (_, page) = await OpenAsync(new() { Kind = Instrument.TopK, TopK = 2 }, 4);
        await RankingScene.RankAsync(page, "AB");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = ": response C" })).ToHaveCountAsync(0);
        await RankingScene.Card(page, 'C').PressAsync("1");
        await RankingScene.SummaryIsAsync(page, "1 C · 2 A");
        await RankingScene.Card(page, 'B').PressAsync("=");
        await RankingScene.SummaryIsAsync(page, "1 C · 2 A = B");
    }

    [Fact]
    public async Task WhatIsSaidBesideTheAnswer_SurvivesAReload_AndIsRecorded()
    {
        var (scene, page) = await OpenAsync(new() { Kind = Instrument.Pairwise, AsksConfidence = true, AsksComment = true, Reasons = ["Clearer", "Safer"] }, 2);
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "Safer" }).CheckAsync();
        await page.GetByRole(AriaRole.Radio, new() { Name = "4, sure" }).CheckAsync();
        await page.GetByLabel("Comment").FillAsync("B is shorter.");
        await page.ReloadAsync();
        await page.Locator("form[data-ready]").WaitForAsync();
        await Expect(page.GetByLabel("Comment")).ToHaveValueAsync("B is shorter.");
        await page.GetByRole(AriaRole.Radio, new() { Name = "B is slightly better than A" }).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Submit answer" }).ClickAsync();
        await page.WaitForURLAsync("**/done");
        var judgement = Assert.Single(await scene.JudgementsAsync());
        Assert.Equal(["Safer"], judgement.Answer.Reasons);
        Assert.Equal((4, "B is shorter."), (judgement.Answer.Confidence, judgement.Answer.Comment));
        Assert.True(judgement.Timing.ActiveMs > 0);
        Assert.All(judgement.Timing.ExposureMs, exposure => Assert.InRange(exposure, 1, judgement.Timing.ActiveMs!.Value));
        Assert.Equal([false, true], judgement.Timing.Touched);
        Assert.Equal(("tap", "1280x900"), (judgement.Timing.Input, judgement.Timing.Viewport));
    }

    [Fact]
    public async Task ResponseNeverSeen_GetsOneGentleWord_AndBlocksNothing()
    {
        var (scene, page) = await OpenAsync(new(), 4, Phone);
        await page.GetByLabel("None is acceptable").CheckAsync();
        await RankingScene.SubmitAsync(page);
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("You have not seen");
        Assert.Empty(await scene.JudgementsAsync());
        await RankingScene.SubmitAsync(page);
        await page.WaitForURLAsync("**/done");
        Assert.True(Assert.Single(await scene.JudgementsAsync()).Answer.AllBad);
    }

    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task Reading_TakesTheWholeWindow_KeepsTheRanksAtHand_AndGivesTheFocusBack(int width)
    {
        var (_, page) = await OpenAsync(new(), 4, new() { ViewportSize = new() { Width = width, Height = 844 } });
        await page.GetByRole(AriaRole.Button, new() { Name = "Read B over the whole window" }).ClickAsync();
        await Expect(RankingScene.Card(page, 'A')).ToBeHiddenAsync();
        var box = (await RankingScene.Card(page, 'B').BoundingBoxAsync())!;
        Assert.True(box.Width >= width - 1 && box.Height > 600, $"{box.Width} × {box.Height}");
        await AccountScene.AssertAccessibleAsync(page);
        await page.Keyboard.PressAsync("1");
        await RankingScene.SummaryIsAsync(page, "1 B · without a rank: A, C, D");
        await page.GetByRole(AriaRole.Button, new() { Name = "Next response" }).ClickAsync();
        await Expect(RankingScene.Card(page, 'C')).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(RankingScene.Card(page, 'A')).ToBeVisibleAsync();
        await Expect(RankingScene.Card(page, 'C')).ToBeFocusedAsync();
    }

    [Fact]
    public async Task Undo_BringsTheAnswerBack_AndTheOfferGoesAwayByItself()
    {
        var (scene, page) = await OpenAsync(new(), 3, prompts: 2);
        await RankingScene.RankAsync(page, "CAB");
        await RankingScene.SubmitAsync(page);
        await Expect(page.GetByText("1 of 2")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();
        await RankingScene.SummaryIsAsync(page, "1 C · 2 A · 3 B");
        Assert.Empty(await scene.JudgementsAsync());
        await RankingScene.SubmitAsync(page);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Undo" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Undo" })).ToHaveCountAsync(0, new() { Timeout = 15_000 });
        Assert.Equal("C,A,B", RankingScene.AsSeen(Assert.Single(await scene.JudgementsAsync())));
    }

    [Fact]
    public async Task PreviousItem_CanBeChanged_WhileTheStudyAllowsIt_AndEveryRevisionStays()
    {
        var (scene, page) = await OpenAsync(new(), 3, prompts: 2);
        await RankingScene.RankAsync(page, "CAB");
        await RankingScene.SubmitAsync(page);
        await page.GetByRole(AriaRole.Link, new() { Name = "Previous items" }).ClickAsync();
        await Expect(page.GetByText("1 C · 2 A · 3 B")).ToBeVisibleAsync();
        await AccountScene.AssertAccessibleAsync(page);
        await page.GetByRole(AriaRole.Link, new() { Name = "how do I boil an egg?" }).ClickAsync();
        await page.Locator("form[data-ready]").WaitForAsync();
        await RankingScene.Card(page, 'B').PressAsync("1");
        await RankingScene.StatusHasAsync(page, "Not saved yet");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save the change" }).ClickAsync();
        await page.WaitForURLAsync("**/items*");
        await Expect(page.GetByText("1 B · 2 C · 3 A")).ToBeVisibleAsync();
        var current = Assert.Single(await scene.JudgementsAsync());
        Assert.Equal((2, "B,C,A"), (current.Revision, RankingScene.AsSeen(current)));
        await using var data = server.CreateContext();
        Assert.Equal(2, await data.Judgements.WithSuperseded().CountAsync(row => row.AssignmentId == current.AssignmentId));

        await data.Studies.Where(row => row.Code == scene.Code).ExecuteUpdateAsync(set => set.SetProperty(row => row.AllowsRevision, false));
        await page.ReloadAsync();
        await Expect(page.GetByText("This study keeps answers as they were given")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "how do I boil an egg?" })).ToHaveCountAsync(0);
        await page.GotoAsync($"{scene.RankPath}?item={current.AssignmentId}");
        await Expect(page.GetByText("cannot be changed any more")).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Skip_AsksWhy_AndGoesOn(bool hasScript)
    {
        var scene = await SceneAsync(new(), 3, prompts: 2);
        var page = await scene.EnterAsync(options: new() { JavaScriptEnabled = hasScript });
        await page.GotoAsync(scene.RankPath);
        var first = await page.Locator("form[data-board]").GetAttributeAsync("data-assignment");
        await page.GetByText("Skip this one…").ClickAsync();
        await page.GetByLabel("Another reason").CheckAsync();
        await page.GetByLabel("In your words").FillAsync("I wrote it");
        await page.GetByRole(AriaRole.Button, new() { Name = "Skip it" }).ClickAsync();
        await Expect(page.Locator("form[data-board]")).Not.ToHaveAttributeAsync("data-assignment", first!);
        await using var data = server.CreateContext();
        var skipped = await data.Assignments.SingleAsync(row => row.Id == Guid.Parse(first!));
        Assert.Equal((AssignmentState.Skipped, "Other: I wrote it"), (skipped.State, skipped.SkipReason));
    }

    [Theory]
    [InlineData(Instrument.TopK, "light", 1280)]
    [InlineData(Instrument.BestWorst, "dark", 390)]
    [InlineData(Instrument.Pairwise, "light", 390)]
    [InlineData(Instrument.Pairwise, "dark", 1280)]
    [InlineData(Instrument.Likert, "light", 390)]
    [InlineData(Instrument.Likert, "dark", 1280)]
    public async Task Axe_FindsNothingSerious(Instrument kind, string theme, int width)
    {
        var scene = await SceneAsync(new() { Kind = kind, AsksConfidence = true, AsksComment = true, Reasons = ["Clearer", "Safer"] }, kind == Instrument.Pairwise ? 2 : 4);
        var page = await scene.EnterAsync(options: new() { ViewportSize = new() { Width = width, Height = 844 } });
        await page.Context.AddCookiesAsync([new() { Name = "theme", Value = theme, Url = server.Address.ToString() }]);
        await scene.OpenAsync(page);
        await page.Locator("form[data-board] button[type=submit]:not([form])").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await AccountScene.AssertAccessibleAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Help" }).ClickAsync();
        await AccountScene.AssertAccessibleAsync(page);
        await page.Keyboard.PressAsync("Escape");
        await page.GetByText("Skip this one…").ClickAsync();
        await AccountScene.AssertAccessibleAsync(page);
    }

    private Task<RankingScene> SceneAsync(InstrumentSpec spec, int responses, int prompts = 1) =>
        RankingScene.CreateAsync(server, browser, prompts, responses, design: study => study.Instrument = spec);

    private async Task<(RankingScene Scene, IPage Page)> OpenAsync(InstrumentSpec spec, int responses, BrowserNewContextOptions? options = null, int prompts = 1)
    {
        var scene = await SceneAsync(spec, responses, prompts);
        var page = await scene.EnterAsync(options: options);
        await scene.OpenAsync(page);
        return (scene, page);
    }

    // On a phone the second response may not have been in view, and its word is not what is tested here.
    private static async Task SubmitSeenOrNotAsync(IPage page)
    {
        var submit = page.GetByRole(AriaRole.Button, new() { Name = "Submit answer" });
        await submit.TapAsync();
        if (await page.GetByText("You have not seen").IsVisibleAsync())
            await submit.TapAsync();
    }

    /// <summary>The ranking, or the scores where there are some, in the order of the page.</summary>
    private static string Seen(Judgement judgement)
    {
        var answer = PresentationOrder.ToPositions(judgement.Answer, judgement.Assignment!.PresentedOrder);
        return answer.Scores.Length > 0 ? string.Join(' ', answer.Scores) : answer.Ranking.ToString();
    }

    private static async Task DragAsync(IPage page, ILocator from, ILocator to)
    {
        await from.HoverAsync();
        await page.Mouse.DownAsync();
        var box = (await to.BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + box.Width / 2 - 8, box.Y + box.Height / 2 - 8);
        await page.Mouse.MoveAsync(box.X + box.Width / 2, box.Y + box.Height / 2, new() { Steps = 4 });
        await page.Mouse.UpAsync();
    }
}
