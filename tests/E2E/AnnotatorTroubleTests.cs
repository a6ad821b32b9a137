using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using PersonalLlm.Data.Studies;
using static Microsoft.Playwright.Assertions;

namespace PersonalLlm.E2E;

/// <summary>What real browsers, phones, networks and researchers do to a ranking page.</summary>
public sealed class AnnotatorTroubleTests(ServerFixture server, BrowserFixture browser) : IClassFixture<ServerFixture>, IClassFixture<BrowserFixture>
{
    private static readonly BrowserNewContextOptions s_phone = new() { ViewportSize = new() { Width = 390, Height = 844 }, HasTouch = true, IsMobile = true };

    [Fact]
    public async Task Finger_DragsByTheHandle_AndASecondFingerDoesNotDisturb()
    {
        var scene = await RankingScene.CreateAsync(server, browser);
        var page = await scene.EnterAsync(options: s_phone);
        await scene.OpenAsync(page);
        var touch = await page.Context.NewCDPSessionAsync(page);
        var from = await MiddleAsync(RankingScene.Card(page, 'A').Locator("[data-grip]"));
        var to = await MiddleAsync(page.Locator("[data-slot='3']"));
        var elsewhere = (X: 195f, Y: 300f);

        await TouchAsync("touchStart", from);
        for (var step = 1; step <= 6; step++)
            await TouchAsync("touchMove", (from.X + (to.X - from.X) * step / 6, from.Y + (to.Y - from.Y) * step / 6));
        await TouchAsync("touchStart", to, elsewhere);
        // One point fewer: that finger is lifted.
        await TouchAsync("touchMove", to);
        await RankingScene.SummaryIsAsync(page, "No ranks yet");
        await TouchAsync("touchEnd");
        await RankingScene.SummaryIsAsync(page, "3 A · without a rank: B, C, D");

        Task TouchAsync(string type, params (float X, float Y)[] fingers) => touch.SendAsync("Input.dispatchTouchEvent", new Dictionary<string, object>
        {
            ["type"] = type,
            ["touchPoints"] = fingers.Select((finger, id) => new Dictionary<string, object> { ["x"] = finger.X, ["y"] = finger.Y, ["id"] = id }).ToArray(),
        });
    }

    [Theory]
    [InlineData("Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }")]
    [InlineData("Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('forbidden', 'SecurityError'); } })")]
    public async Task StorageFullOrForbidden_TheServersDraftIsEnough(string sabotage)
    {
        var scene = await RankingScene.CreateAsync(server, browser, prompts: 1);
        var page = await scene.EnterAsync();
        var complaints = await AccountScene.ComplaintsAsync(page);
        await page.AddInitScriptAsync(sabotage);
        await scene.OpenAsync(page);
        await RankingScene.RankAsync(page, "BD");
        await RankingScene.StatusHasAsync(page, "Saved");
        await page.ReloadAsync();
        await RankingScene.SummaryIsAsync(page, "1 B · 2 D · without a rank: A, C");
        await RankingScene.RankAsync(page, "AC");
        await RankingScene.SubmitAsync(page);
        await page.WaitForURLAsync("**/done");
        Assert.Equal("B,D,A,C", RankingScene.AsSeen(Assert.Single(await scene.JudgementsAsync())));
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task Offline_KeepsOn_AndSendsByItselfWhenTheNetworkIsBack()
    {
        var scene = await RankingScene.CreateAsync(server, browser, prompts: 1);
        var page = await scene.EnterAsync(options: s_phone);
        await scene.OpenAsync(page);
        await page.Context.SetOfflineAsync(true);
        await RankingScene.RankAsync(page, "CABD");
        await RankingScene.StatusHasAsync(page, "Offline – kept on this device");
        await RankingScene.SubmitAsync(page);
        await RankingScene.StatusHasAsync(page, "your submitted answer is kept on this device");
        await page.Context.SetOfflineAsync(false);
        await page.WaitForURLAsync("**/done");
        Assert.Equal("C,A,B,D", RankingScene.AsSeen(Assert.Single(await scene.JudgementsAsync())));
    }

    [Fact]
    public async Task PausedInTheMiddle_SaysSo_AndTheSameButtonSubmitsWhenItIsOpenAgain()
    {
        var scene = await RankingScene.CreateAsync(server, browser, prompts: 1);
        var page = await scene.EnterAsync();
        await scene.OpenAsync(page);
        await SetAsync(scene, StudyStatus.Paused);
        await RankingScene.RankAsync(page, "DCBA");
        await RankingScene.StatusHasAsync(page, "The study takes no judgements at the moment. Your ranking is kept");
        await RankingScene.SubmitAsync(page);
        await RankingScene.StatusHasAsync(page, "you can submit it when the study is open again");
        await page.ReloadAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "This study is paused" })).ToBeVisibleAsync();

        await SetAsync(scene, StudyStatus.Open);
        await page.GetByRole(AriaRole.Link, new() { Name = "Look again" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Continue" }).ClickAsync();
        await RankingScene.SummaryIsAsync(page, "1 D · 2 C · 3 B · 4 A");
        await RankingScene.SubmitAsync(page);
        await page.WaitForURLAsync("**/done");
        Assert.Single(await scene.JudgementsAsync());
    }

    [Fact]
    public async Task LeaseLostToSomebodyElse_IsSaid_AndTheNextPromptIsOneClickAway()
    {
        var scene = await RankingScene.CreateAsync(server, browser, prompts: 2, overlap: 1);
        var page = await scene.EnterAsync();
        await scene.OpenAsync(page);
        await RankingScene.RankAsync(page, "ABCD");
        await RankingScene.StatusHasAsync(page, "Saved");
        await using (var data = server.CreateContext())
        {
            await data.Assignments.Where(row => row.Study!.Code == scene.Code).ExecuteUpdateAsync(set => set.SetProperty(row => row.LeasedUntil, DateTimeOffset.UtcNow.AddMinutes(-1)));
            await data.StudyPrompts.Where(item => item.Study!.Code == scene.Code && item.Taken == 0).ExecuteUpdateAsync(set => set.SetProperty(item => item.Taken, 1));
        }
        // The other prompt has no place left, so the newcomer gets the one whose lease ran out.
        var other = await scene.EnterAsync();
        await scene.OpenAsync(other);
        await RankingScene.SubmitAsync(page);
        await RankingScene.StatusHasAsync(page, "The time for this prompt ran out and others have taken its places meanwhile.");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Submit ranking" })).ToBeDisabledAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Next prompt" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "All places are taken at the moment" })).ToBeVisibleAsync();
        Assert.Empty(await scene.JudgementsAsync());
    }

    [Fact]
    public async Task EarlierPage_FromTheBackButton_ShowsThePromptThatIsNowDue()
    {
        var scene = await RankingScene.CreateAsync(server, browser);
        var page = await scene.EnterAsync();
        await page.GotoAsync($"/s/{scene.Code}");
        await page.GetByRole(AriaRole.Link, new() { Name = "Start" }).ClickAsync();
        await page.Locator("form[data-ready]").WaitForAsync();
        var first = await page.Locator("form[data-board]").GetAttributeAsync("data-assignment");
        await RankingScene.RankAsync(page, "ABCD");
        await RankingScene.SubmitAsync(page);
        await Expect(page.GetByText("1 of 2")).ToBeVisibleAsync();
        await page.GoBackAsync();
        await page.GoForwardAsync();
        await page.Locator("form[data-ready]").WaitForAsync();
        Assert.NotEqual(first, await page.Locator("form[data-board]").GetAttributeAsync("data-assignment"));
        await RankingScene.SummaryIsAsync(page, "No ranks yet");
        Assert.Single(await scene.JudgementsAsync());
    }

    [Fact]
    public async Task Tables_KeepTheirWordsWhole_AndRightToLeftTextsStartAtTheRight()
    {
        const string Table = "| Player | Seasons active | Batting average | Home runs | Runs batted in |\n|--|--|--|--|--|\n| Somebody | 1995 to 2014 | .310 | 260 | 1311 |";
        var scene = await RankingScene.CreateAsync(server, browser, prompts: 1, responses: 2);
        await using (var data = server.CreateContext())
        {
            await data.Responses.Where(row => row.Prompt!.Dataset!.Name == scene.Code).ExecuteUpdateAsync(
                set => set.SetProperty(row => row.Text, row => row.Index == 0 ? Table : "مرحبا، هذه إجابة.\n\n- النقطة الأولى\n\nIn English again."));
        }
        var page = await scene.EnterAsync(options: s_phone);
        await scene.OpenAsync(page);
        Assert.True(await page.Locator("th").First.EvaluateAsync<bool>("cell => cell.getBoundingClientRect().height < 90"), "A word of the table's head is broken into letters.");
        Assert.True(await page.Locator("table").EvaluateAsync<bool>("table => table.scrollWidth > table.clientWidth"), "The wide table does not scroll by itself.");
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), "The page scrolls sideways.");
        Assert.Equal("rtl", await page.GetByText("النقطة الأولى").EvaluateAsync<string>("item => getComputedStyle(item.parentElement).direction"));
    }

    [Fact]
    public async Task PageSourceHeadersAndDraftAnswers_SayNothingAboutWhereAResponseStands()
    {
        var scene = await RankingScene.CreateAsync(server, browser, prompts: 1, responses: 5);
        var orders = new HashSet<string>();
        for (var person = 0; person < 3; person++)
        {
            var page = await scene.EnterAsync();
            var drafts = new ConcurrentBag<string>();
            page.Response += async (_, response) =>
            {
                if (response.Url.EndsWith("/draft", StringComparison.Ordinal))
                    drafts.Add(await response.TextAsync());
            };
            var answer = (await page.GotoAsync(scene.RankPath))!;
            var source = await answer.TextAsync();
            var headers = await answer.AllHeadersAsync();
            // Blazor's own, encrypted with the server's keys.
            Assert.All(Regex.Matches(source, "<!--(.{0,40})"), comment => Assert.StartsWith("Blazor-Server-Component-State:CfDJ8", comment.Groups[1].Value, StringComparison.Ordinal));
            Assert.Contains("no-store", headers["cache-control"], StringComparison.Ordinal);
            Assert.DoesNotContain(headers.Keys, name => name is "server" or "x-powered-by");
            await page.Locator("form[data-ready]").WaitForAsync();
            await RankingScene.RankAsync(page, "CA");
            await RankingScene.StatusHasAsync(page, "Saved");

            // Texts apart, one position's markup is another's with the letter changed.
            var cards = await page.Locator("article[data-position]").EvaluateAllAsync<string[]>(
                "cards => cards.map(card => card.outerHTML)");
            Assert.All(cards, card => Assert.DoesNotContain(RankingScene.SecretModel, card, StringComparison.OrdinalIgnoreCase));
            await using var data = server.CreateContext();
            var hidden = await data.Responses.Where(row => row.Prompt!.Dataset!.Name == scene.Code).Select(row => row.Id).ToListAsync();
            var attributes = await page.Locator("form[data-board], form[data-board] *").EvaluateAllAsync<string[]>(
                "elements => elements.flatMap(element => [...element.attributes].map(attribute => attribute.value))");
            Assert.DoesNotContain(attributes, value => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 99 && hidden.Contains(number));
            Assert.All(drafts, draft => Assert.DoesNotContain("order", draft, StringComparison.OrdinalIgnoreCase));
            orders.Add(string.Join(',', await page.Locator("article .text > * > p:first-child").AllInnerTextsAsync()));
        }
        Assert.Equal(3, orders.Count);
    }

    private static async Task<(float X, float Y)> MiddleAsync(ILocator of)
    {
        var box = (await of.BoundingBoxAsync())!;
        return (box.X + box.Width / 2, box.Y + box.Height / 2);
    }

    private async Task SetAsync(RankingScene scene, StudyStatus status)
    {
        await using var data = server.CreateContext();
        await data.Studies.Where(row => row.Code == scene.Code).ExecuteUpdateAsync(set => set.SetProperty(row => row.Status, status));
    }
}
