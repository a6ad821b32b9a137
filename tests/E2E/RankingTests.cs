using System.Collections.Concurrent;
using Microsoft.Playwright;
using PersonalLlm.Data.Accounts;
using static Microsoft.Playwright.Assertions;

namespace PersonalLlm.E2E;

public sealed class RankingTests(ServerFixture server, BrowserFixture browser) : IClassFixture<ServerFixture>, IClassFixture<BrowserFixture>
{
    private static readonly BrowserNewContextOptions s_phone = new() { ViewportSize = new() { Width = 390, Height = 844 }, HasTouch = true, IsMobile = true };

    [Fact]
    public async Task Keyboard_IsEnough()
    {
        var scene = await RankingScene.CreateAsync(server, browser);
        var page = await scene.EnterAsync();
        await scene.OpenAsync(page);
        while (!await page.EvaluateAsync<bool>("document.activeElement.matches('article')"))
            await page.Keyboard.PressAsync("Tab");

        // Numbers out of order mean what they say: A third, B first.
        foreach (var key in new[] { "3", "ArrowRight", "1", "ArrowRight", "2", "ArrowRight", "4" })
            await page.Keyboard.PressAsync(key);
        await RankingScene.SummaryIsAsync(page, "1 B · 2 C · 3 A · 4 D");
        await page.Keyboard.PressAsync("=");
        await RankingScene.SummaryIsAsync(page, "1 B · 2 C · 3 A = D");
        await page.Keyboard.PressAsync("ArrowLeft");
        await page.Keyboard.PressAsync("ArrowUp");
        await RankingScene.SummaryIsAsync(page, "1 C · 2 B · 3 A = D");
        await page.Keyboard.PressAsync("Backspace");
        await RankingScene.SummaryIsAsync(page, "2 B · 3 A = D · without a rank: C");
        await page.Keyboard.PressAsync("1");
        await page.Keyboard.PressAsync("?");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByText("1 of 2")).ToBeVisibleAsync();
        Assert.Equal("C,B,A=D", RankingScene.AsSeen(Assert.Single(await scene.JudgementsAsync())));
    }

    [Fact]
    public async Task Thumb_IsEnough_OnAPhone()
    {
        var scene = await RankingScene.CreateAsync(server, browser, prompts: 1, responses: 6);
        var page = await scene.EnterAsync(options: s_phone);
        await page.GotoAsync($"/s/{scene.Code}");
        await page.GetByRole(AriaRole.Link, new() { Name = "Start" }).TapAsync();
        await page.Locator("form[data-ready]").WaitForAsync();
        foreach (var letter in "CAFBED")
            await RankingScene.GiveRank(page, letter).TapAsync();
        await RankingScene.Card(page, 'A').GetByRole(AriaRole.Button, new() { Name = "Tie A with the rank above" }).TapAsync();
        await RankingScene.SummaryIsAsync(page, "1 A = C · 3 F · 4 B · 5 E · 6 D");
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), "The page scrolls sideways.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Submit ranking" }).TapAsync();
        await page.WaitForURLAsync("**/done");
        Assert.Equal("A=C,F,B,E,D", RankingScene.AsSeen(Assert.Single(await scene.JudgementsAsync())));
    }

    [Theory]
    [InlineData(1280, 900)]
    [InlineData(390, 844)]
    public async Task Drag_ByTheHandle_PutsAtARank_AndOntoAnotherTies(int width, int height)
    {
        var scene = await RankingScene.CreateAsync(server, browser);
        var page = await scene.EnterAsync(options: new() { ViewportSize = new() { Width = width, Height = height } });
        await scene.OpenAsync(page);
        await DragAsync(page, RankingScene.Card(page, 'A').Locator("[data-grip]"), page.Locator("[data-slot='2']"));
        await RankingScene.SummaryIsAsync(page, "2 A · without a rank: B, C, D");
        await DragAsync(page, RankingScene.Card(page, 'B').Locator("[data-grip]"), page.Locator("[data-slot='2']"));
        await RankingScene.SummaryIsAsync(page, "2 A = B · without a rank: C, D");
        await DragAsync(page, page.Locator("[data-slots] [data-position='0'] [data-grip]"), page.Locator("[data-slot='1']"));
        await RankingScene.SummaryIsAsync(page, "1 A · 2 B · without a rank: C, D");
    }

    [Fact]
    public async Task Scrolling_NeverReorders()
    {
        var scene = await RankingScene.CreateAsync(server, browser);
        var page = await scene.EnterAsync();
        await scene.OpenAsync(page);
        await DragAsync(page, RankingScene.Card(page, 'A').Locator(".text"), page.Locator("[data-slot='1']"));
        await RankingScene.SummaryIsAsync(page, "No ranks yet");
    }

    [Fact]
    public async Task WithoutJavaScript_TheFormIsEnough_AndKeepsWhatWasFilledIn()
    {
        var scene = await RankingScene.CreateAsync(server, browser, prompts: 1);
        var page = await scene.EnterAsync(options: new() { JavaScriptEnabled = false });
        await page.GotoAsync(scene.RankPath);
        await page.GetByLabel("Rank of response A").SelectOptionAsync("2");
        await page.GetByLabel("Rank of response B").SelectOptionAsync("1");
        await RankingScene.SubmitAsync(page);
        await Expect(page.GetByText("Still without a rank: C, D.")).ToBeVisibleAsync();
        await Expect(page.GetByLabel("Rank of response B")).ToHaveValueAsync("1");
        Assert.Empty(await scene.JudgementsAsync());

        await page.GetByLabel("Rank of response C").SelectOptionAsync("2");
        await page.GetByLabel("Rank of response D").SelectOptionAsync("4");
        await RankingScene.SubmitAsync(page);
        await page.WaitForURLAsync("**/done");
        Assert.Equal("B,A=C,D", RankingScene.AsSeen(Assert.Single(await scene.JudgementsAsync())));
    }

    [Fact]
    public async Task UntouchedPage_CannotBecomeAJudgement_AndSaysWhatIsMissing()
    {
        var scene = await RankingScene.CreateAsync(server, browser);
        var page = await scene.EnterAsync();
        await scene.OpenAsync(page);
        await RankingScene.SubmitAsync(page);
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Nothing is ranked yet.");
        Assert.True(await page.EvaluateAsync<bool>("document.activeElement.matches('[data-problem]')"), "The focus did not move to the explanation.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Go to C" }).ClickAsync();
        Assert.Equal("2", await page.EvaluateAsync<string>("document.activeElement.dataset.position"));
        Assert.Empty(await scene.JudgementsAsync());
    }

    [Fact]
    public async Task NoneIsAcceptable_NeedsNoRanking_ButNoHalfOne()
    {
        var scene = await RankingScene.CreateAsync(server, browser, prompts: 1);
        var page = await scene.EnterAsync();
        await scene.OpenAsync(page);
        await page.GetByLabel("None is acceptable").CheckAsync();
        await RankingScene.RankAsync(page, "A");
        await RankingScene.SubmitAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Clear the ranking" }).ClickAsync();
        await RankingScene.SubmitAsync(page);
        await page.WaitForURLAsync("**/done");
        var judgement = Assert.Single(await scene.JudgementsAsync());
        Assert.True(judgement.Answer.AllBad);
        Assert.Equal(0, judgement.Answer.Ranking.RankedCount);
    }

    [Fact]
    public async Task Reload_KeepsTheDraft_AndSoDoesAnotherDevice()
    {
        var scene = await RankingScene.CreateAsync(server, browser);
        var email = await scene.PersonAsync(Roles.Annotator);
        var page = await browser.OpenAsync(server.Address);
        await RankingScene.SignInAsync(page, email);
        await scene.OpenAsync(page);
        await RankingScene.RankAsync(page, "BD");
        // At once: the server may not have it yet.
        await page.ReloadAsync();
        await RankingScene.SummaryIsAsync(page, "1 B · 2 D · without a rank: A, C");
        await RankingScene.EventuallyAsync(async () => (await scene.DraftAsync())?.Answer.Ranking.RankedCount == 2);

        var elsewhere = await browser.OpenAsync(server.Address);
        await RankingScene.SignInAsync(elsewhere, email);
        await scene.OpenAsync(elsewhere);
        await RankingScene.SummaryIsAsync(elsewhere, "1 B · 2 D · without a rank: A, C");
        // Newer work from the other device wins over older work here.
        await RankingScene.RankAsync(elsewhere, "AC");
        await RankingScene.StatusHasAsync(elsewhere, "Saved");
        await page.EvaluateAsync("localStorage.clear()");
        await RankingScene.Card(page, 'B').PressAsync("Backspace");
        await RankingScene.StatusHasAsync(page, "newer version");
        await RankingScene.SummaryIsAsync(page, "1 B · 2 D · 3 A · 4 C");
    }

    [Fact]
    public async Task ServerKilledWhileRankingAndWhileSubmitting_LosesNothing_AndRecordsOnce()
    {
        var scene = await RankingScene.CreateAsync(server, browser, prompts: 1);
        var page = await scene.EnterAsync();
        await scene.OpenAsync(page);
        await RankingScene.RankAsync(page, "D");
        await RankingScene.StatusHasAsync(page, "Saved");

        await server.Server.KillAsync();
        await RankingScene.RankAsync(page, "CB");
        await RankingScene.StatusHasAsync(page, "Not reachable: kept on this device; trying again");
        await server.Server.StartAsync();
        await RankingScene.StatusHasAsync(page, "Saved");
        Assert.Equal(3, (await scene.DraftAsync())!.Answer.Ranking.RankedCount);

        await server.Server.KillAsync();
        await RankingScene.RankAsync(page, "A");
        await RankingScene.SubmitAsync(page);
        await RankingScene.StatusHasAsync(page, "your submitted answer is kept on this device");
        // The person gives up and closes the tab; the study's page sends what they wanted.
        var context = page.Context;
        await page.CloseAsync();
        await server.Server.StartAsync();
        page = await context.NewPageAsync();
        await page.GotoAsync($"/s/{scene.Code}");
        await page.WaitForURLAsync("**/done");
        Assert.Equal("D,C,B,A", RankingScene.AsSeen(Assert.Single(await scene.JudgementsAsync())));
    }

    [Fact]
    public async Task AnswerThatNeverArrives_IsAskedForAgain_AndRecordsOnce()
    {
        var scene = await RankingScene.CreateAsync(server, browser, prompts: 1);
        var page = await scene.EnterAsync();
        await scene.OpenAsync(page);
        await RankingScene.RankAsync(page, "ABCD");
        var dropped = 0;
        await page.RouteAsync("**/rank/*", async route =>
        {
            if (route.Request.Method == "POST" && dropped++ == 0)
            {
                await route.FetchAsync();
                await route.AbortAsync();
            }
            else
                await route.ContinueAsync();
        });
        await RankingScene.SubmitAsync(page);
        await page.WaitForURLAsync("**/done");
        Assert.True(dropped > 1, "The first answer was not dropped.");
        Assert.Single(await scene.JudgementsAsync());
    }

    [Fact]
    public async Task TwoTabs_ShowTheSameRanking_AndRecordOnce()
    {
        var scene = await RankingScene.CreateAsync(server, browser);
        var first = await scene.EnterAsync();
        await scene.OpenAsync(first);
        var second = await first.Context.NewPageAsync();
        await scene.OpenAsync(second);
        await RankingScene.RankAsync(first, "BA");
        await RankingScene.SummaryIsAsync(second, "1 B · 2 A · without a rank: C, D");
        await RankingScene.RankAsync(second, "DC");
        await RankingScene.SummaryIsAsync(first, "1 B · 2 A · 3 D · 4 C");
        await RankingScene.SubmitAsync(first);
        await RankingScene.StatusHasAsync(second, "submitted in another tab");
        await Expect(second.GetByRole(AriaRole.Button, new() { Name = "Submit ranking" })).ToBeDisabledAsync();
        await Expect(first.GetByText("1 of 2")).ToBeVisibleAsync();
        Assert.Equal("B,A,D,C", RankingScene.AsSeen(Assert.Single(await scene.JudgementsAsync())));
    }

    [Fact]
    public async Task SignedOut_KeepsTheRanking_AndLeadsBackHere()
    {
        var scene = await RankingScene.CreateAsync(server, browser);
        var email = await scene.PersonAsync(Roles.Annotator);
        var page = await browser.OpenAsync(server.Address);
        await RankingScene.SignInAsync(page, email);
        await scene.OpenAsync(page);
        await page.Context.ClearCookiesAsync(new() { Name = "personalllm" });
        await RankingScene.RankAsync(page, "CA");
        await RankingScene.StatusHasAsync(page, "You have been signed out. Your answer is kept on this device.");
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in again" }).ClickAsync();
        await page.GetByLabel("E-mail").FillAsync(email);
        await page.GetByLabel("Password").FillAsync(RankingScene.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await page.WaitForURLAsync($"**{scene.RankPath}");
        await RankingScene.SummaryIsAsync(page, "1 C · 2 A · without a rank: B, D");
        await RankingScene.StatusHasAsync(page, "Saved");
    }

    [Fact]
    public async Task Blindness_NoFrameNamesAResponseModel_AndThereIsNoCircuit()
    {
        var scene = await RankingScene.CreateAsync(server, browser);
        var page = await scene.EnterAsync();
        var bodies = new ConcurrentBag<string>();
        var sockets = 0;
        var reading = new ConcurrentBag<Task>();
        page.WebSocket += (_, _) => sockets++;
        page.Response += (_, response) => reading.Add(KeepAsync(response));
        await page.GotoAsync($"/s/{scene.Code}");
        await scene.OpenAsync(page);
        await RankingScene.RankAsync(page, "AB");
        await RankingScene.StatusHasAsync(page, "Saved");
        await page.ReloadAsync();
        await page.Locator("form[data-ready]").WaitForAsync();
        await Task.WhenAll(reading);

        Assert.Equal(0, sockets);
        Assert.Contains(bodies, body => body.Contains("Text number 0", StringComparison.Ordinal));
        Assert.DoesNotContain(bodies, body => body.Contains(RankingScene.SecretModel, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(bodies, body => body.Contains("_framework/blazor", StringComparison.Ordinal));
        Assert.DoesNotContain(bodies, body => body.Contains("presentedOrder", StringComparison.OrdinalIgnoreCase));

        async Task KeepAsync(IResponse response)
        {
            try
            {
                bodies.Add(await response.TextAsync());
            }
            catch (PlaywrightException)
            {
                // Redirects have no body.
            }
        }
    }

    [Fact]
    public async Task SomeoneElsesWork_CanNeitherBeReadNorWritten()
    {
        var scene = await RankingScene.CreateAsync(server, browser);
        var owner = await scene.EnterAsync();
        await scene.OpenAsync(owner);
        await RankingScene.RankAsync(owner, "DCBA");
        await RankingScene.StatusHasAsync(owner, "Saved");
        var form = owner.Locator("form[data-board]");
        var (assignment, judgement) = (await form.GetAttributeAsync("data-assignment"), await form.GetAttributeAsync("data-judgement"));

        var other = await scene.EnterAsync();
        await scene.OpenAsync(other);
        Assert.NotEqual(assignment, await other.Locator("form[data-board]").GetAttributeAsync("data-assignment"));
        const string Write = """
            async ([assignmentId, judgementId, path]) => {
              const token = document.querySelector('input[name=__RequestVerificationToken]').value;
              const draft = await fetch(`${path}/${judgementId}/draft`, { method: 'PUT', headers: { 'content-type': 'application/json', RequestVerificationToken: token },
                body: JSON.stringify({ assignmentId, answer: { ranking: 'A', allBad: false }, sequence: 999 }) });
              const unsigned = await fetch(`${path}/${judgementId}/draft`, { method: 'PUT', headers: { 'content-type': 'application/json' },
                body: JSON.stringify({ assignmentId, answer: { ranking: 'A', allBad: false }, sequence: 999 }) });
              const body = new URLSearchParams({ __RequestVerificationToken: token, AssignmentId: assignmentId, Sequence: 999 });
              for (const rank of '1234') body.append('Rank', rank);
              const submit = await fetch(`${path}/${judgementId}`, { method: 'POST', headers: { accept: 'application/json' }, body });
              return [draft.status, unsigned.status, submit.status, (await draft.text()) + (await submit.text())];
            }
            """;
        var answers = await other.EvaluateAsync<System.Text.Json.JsonElement>(Write, new[] { assignment, judgement, scene.RankPath });
        Assert.Equal([404, 400, 404], answers.EnumerateArray().Take(3).Select(status => status.GetInt32()));
        Assert.DoesNotContain("Text number", answers[3].GetString(), StringComparison.Ordinal);
        Assert.Empty(await scene.JudgementsAsync());
        await owner.ReloadAsync();
        await RankingScene.SummaryIsAsync(owner, "1 D · 2 C · 3 B · 4 A");
    }

    [Theory]
    [InlineData("light", 1280)]
    [InlineData("dark", 1280)]
    [InlineData("light", 390)]
    [InlineData("dark", 390)]
    public async Task Axe_FindsNothingSerious(string theme, int width)
    {
        var scene = await RankingScene.CreateAsync(server, browser, prompts: 1);
        var page = await scene.EnterAsync(Roles.Researcher, new() { ViewportSize = new() { Width = width, Height = 844 } });
        await page.Context.AddCookiesAsync([new() { Name = "theme", Value = theme, Url = server.Address.ToString() }]);
        var broken = new ConcurrentBag<string>();
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
                broken.Add($"{page.Url}: {message.Text}");
        };
        await page.GotoAsync($"/s/{scene.Code}");
        await AccountScene.AssertAccessibleAsync(page);
        await scene.OpenAsync(page);
        await page.Locator(".katex").First.WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await RankingScene.RankAsync(page, "AB");
        await RankingScene.SubmitAsync(page);
        await AccountScene.AssertAccessibleAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Help" }).ClickAsync();
        await AccountScene.AssertAccessibleAsync(page);
        await page.Keyboard.PressAsync("Escape");
        await RankingScene.RankAsync(page, "CD");
        await RankingScene.SubmitAsync(page);
        await page.WaitForURLAsync("**/done");
        await AccountScene.AssertAccessibleAsync(page);

        var studyId = (await scene.JudgementsAsync())[0].Assignment!.StudyId;
        foreach (var path in new[] { "/studies", "/studies/new", $"/studies/{studyId}" })
        {
            await page.GotoAsync(path);
            await page.Locator("h1").WaitForAsync();
            await AccountScene.AssertAccessibleAsync(page);
        }
        Assert.Empty(broken);
    }

    private static async Task DragAsync(IPage page, ILocator from, ILocator to)
    {
        await from.ScrollIntoViewIfNeededAsync();
        await from.HoverAsync();
        await page.Mouse.DownAsync();
        var box = (await to.BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + box.Width / 2 - 8, box.Y + box.Height / 2 - 8);
        await page.Mouse.MoveAsync(box.X + box.Width / 2, box.Y + box.Height / 2, new() { Steps = 4 });
        await page.Mouse.UpAsync();
    }
}
