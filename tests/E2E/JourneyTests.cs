using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using PersonalLlm.Data.Studies;
using PersonalLlm.Testing;
using static Microsoft.Playwright.Assertions;

namespace PersonalLlm.E2E;

/// <summary>A whole study with one way in alone: only keys, only what a screen reader is told, only a thumb.</summary>
public sealed partial class JourneyTests(ServerFixture server, BrowserFixture browser) : IClassFixture<ServerFixture>, IClassFixture<BrowserFixture>
{
    private static readonly BrowserNewContextOptions s_phone = new() { ViewportSize = new() { Width = 390, Height = 844 }, HasTouch = true, IsMobile = true, DeviceScaleFactor = 2 };
    private static readonly string s_pictures = Path.Combine(Checkout.Folder, "artifacts", "pictures");

    [Fact]
    public async Task OnlyKeys_RankSixLongResponses_TheFocusIsAlwaysSeen_AndNeverCaught()
    {
        var scene = await RankingScene.CreateAsync(server, browser, prompts: 1, responses: 6);
        var page = await scene.EnterAsync();
        await page.GotoAsync($"/s/{scene.Code}");
        await TabToAsync(page, "Start");
        await page.Keyboard.PressAsync("Enter");
        await page.Locator("form[data-ready]").WaitForAsync();
        await AssertNoTrapAsync(page, "Tab");
        await AssertNoTrapAsync(page, "Shift+Tab");

        // Onto the first response, and through its text, which is longer than its card.
        await TabToAsync(page, "Response A, without a rank");
        var card = page.GetByRole(AriaRole.Article, new() { Name = "Response A" });
        await page.Keyboard.PressAsync("PageDown");
        await page.WaitForFunctionAsync("() => document.activeElement.scrollTop > 50");
        await Expect(card).ToBeFocusedAsync();

        foreach (var key in new[] { "4", "ArrowRight", "2", "ArrowRight", "1", "ArrowRight", "6", "ArrowRight", "5", "ArrowRight", "3" })
        {
            await page.Keyboard.PressAsync(key);
            await AssertFocusIsSeenAsync(page);
        }
        await RankingScene.SummaryIsAsync(page, "1 C · 2 B · 3 F · 4 A · 5 E · 6 D");
        foreach (var key in new[] { "=", "ArrowLeft", "ArrowUp", "ArrowLeft", "Backspace" })
            await page.Keyboard.PressAsync(key);
        await AssertFocusIsSeenAsync(page);

        // An unfinished ranking is explained, and the explanation leads back to what is missing.
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Still without a rank: D.");
        await TabToAsync(page, "Go to D");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Article, new() { Name = "Response D" })).ToBeFocusedAsync();
        await AssertFocusIsSeenAsync(page);
        await page.Keyboard.PressAsync("6");
        await RankingScene.SummaryIsAsync(page, "1 C · 2 B = F · 4 E · 5 A · 6 D");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/done**");
        Assert.Equal("C,B=F,E,A,D", RankingScene.AsSeen(Assert.Single(await scene.JudgementsAsync())));
    }

    /// <summary>Presses Tab until something with the name has the focus; whatever it passes must be seen.</summary>
    private static async Task TabToAsync(IPage page, string name)
    {
        for (var presses = 0; presses < 80; presses++)
        {
            await page.Keyboard.PressAsync("Tab");
            await AssertFocusIsSeenAsync(page);
            if (await page.EvaluateAsync<string>(NameOfFocus) == name)
                return;
        }
        Assert.Fail($"Tab never came to “{name}”.");
    }

    private const string NameOfFocus = """
        () => {
          const it = document.activeElement;
          const by = it.getAttribute('aria-labelledby');
          return (it.getAttribute('aria-label') ?? (by ? by.split(' ').map(id => document.getElementById(id)?.textContent ?? '').join(' ') : it.textContent)).replace(/\s+/g, ' ').trim();
        }
        """;

    private static async Task AssertFocusIsSeenAsync(IPage page)
    {
        var problem = await page.EvaluateAsync<string?>("""
            () => {
              const it = document.activeElement;
              if (!it || it === document.body) return null;
              const what = it.outerHTML.slice(0, 120);
              const style = getComputedStyle(it);
              const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
              if (!outlined && style.boxShadow === 'none') return `no outline: ${what}`;
              const box = it.getBoundingClientRect();
              const left = Math.max(0, box.left), right = Math.min(innerWidth, box.right), top = Math.max(0, box.top), bottom = Math.min(innerHeight, box.bottom);
              if (right - left < 2 || bottom - top < 2) return `out of sight: ${what}`;
              // Something else may lie over a part of it, never over all of it.
              for (const across of [.1, .5, .9]) for (const down of [.1, .5, .9]) {
                const hit = document.elementFromPoint(left + (right - left) * across, top + (bottom - top) * down);
                if (hit && (it.contains(hit) || hit.contains(it))) return null;
              }
              return `covered: ${what}`;
            }
            """);
        Assert.True(problem is null, problem);
    }

    /// <summary>Goes around the whole page: the focus comes to every stop and gets out of every one.</summary>
    private static async Task AssertNoTrapAsync(IPage page, string key)
    {
        await page.EvaluateAsync("() => { document.activeElement?.blur(); window.stops = []; }");
        for (var presses = 0; presses < 150; presses++)
        {
            await page.Keyboard.PressAsync(key);
            await AssertFocusIsSeenAsync(page);
            var isAround = await page.EvaluateAsync<bool>("""
                () => {
                  const it = document.activeElement;
                  if (!it || it === document.body || window.stops[0] === it) return true;
                  if (window.stops.includes(it)) throw new Error(`caught at ${it.outerHTML.slice(0, 120)}`);
                  window.stops.push(it);
                  return false;
                }
                """);
            if (isAround && presses > 0)
            {
                Assert.True(await page.EvaluateAsync<int>("() => window.stops.length") >= 10);
                return;
            }
        }
        Assert.Fail($"{key} did not come around in 150 presses.");
    }

    [Fact]
    public async Task OnlyWhatAScreenReaderIsTold_IsEnoughToRankSixResponses()
    {
        var scene = await RankingScene.CreateAsync(server, browser, prompts: 1, responses: 6);
        var page = await scene.EnterAsync();
        await page.GotoAsync($"/s/{scene.Code}");
        (await Spoken.OfAsync(page)).AssertInOrder("welcome");
        await page.GetByRole(AriaRole.Link, new() { Name = "Start" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Rank these 6 responses" }).WaitForAsync();
        var submit = page.GetByRole(AriaRole.Button, new() { Name = "Submit ranking" });
        await page.GetByRole(AriaRole.Button, new() { Name = "Rank 1st: response A" }).WaitForAsync();
        var spoken = await Spoken.OfAsync(page);
        spoken.AssertInOrder("ranking");
        Assert.Equal(["Response A, without a rank", "Response B, without a rank", "Response C, without a rank", "Response D, without a rank", "Response E, without a rank", "Response F, without a rank"],
            spoken.Nodes.Where(node => node.Role == "article").Select(node => node.Name));
        Assert.Contains(spoken.Landmarks, landmark => landmark.Name == "Prompt");
        Assert.Contains(spoken.Landmarks, landmark => landmark.Name == "Responses");
        Assert.Contains(spoken.Landmarks, landmark => landmark.Name == "Your ranking");

        await submit.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Nothing is ranked yet.");

        var ranks = new[] { "1st", "2nd", "3rd", "4th", "5th", "6th" };
        for (var index = 0; index < ranks.Length; index++)
            await page.GetByRole(AriaRole.Button, new() { Name = $"Rank {ranks[index]}: response {"DACFEB"[index]}" }).ClickAsync();
        await AnnouncedAsync(page, "1 D · 2 A · 3 C · 4 F · 5 E · 6 B");
        await page.GetByRole(AriaRole.Button, new() { Name = "Tie C with the rank above" }).ClickAsync();
        await AnnouncedAsync(page, "1 D · 2 A = C · 4 F · 5 E · 6 B");
        await page.GetByRole(AriaRole.Button, new() { Name = "Move B up" }).ClickAsync();
        await AnnouncedAsync(page, "1 D · 2 A = C · 4 F · 5 B · 6 E");
        (await Spoken.OfAsync(page)).AssertInOrder("ranked");
        await page.GetByRole(AriaRole.Article, new() { NameRegex = TiedC() }).WaitForAsync();

        await submit.ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Thank you" }).WaitForAsync();
        (await Spoken.OfAsync(page)).AssertInOrder("thanks");
        Assert.Equal("D,A=C,F,B,E", RankingScene.AsSeen(Assert.Single(await scene.JudgementsAsync())));
    }

    [GeneratedRegex("Response C ?, rank 2 of 6, tied with A")]
    private static partial Regex TiedC();

    private static Task AnnouncedAsync(IPage page, string words) =>
        RankingScene.EventuallyAsync(async () => (await Spoken.OfAsync(page)).Announced.Contains(words, StringComparison.Ordinal));

    [Fact]
    public async Task OnlyAThumb_TapsAndDragsAndScrolls_AndEveryTargetIsLargeEnough()
    {
        var scene = await RankingScene.CreateAsync(server, browser, prompts: 1, responses: 6);
        var page = await scene.EnterAsync(options: s_phone);
        await page.GotoAsync($"/s/{scene.Code}");
        await AssertTargetsAsync(page, "Start");
        await page.GetByRole(AriaRole.Link, new() { Name = "Start" }).TapAsync();
        await page.Locator("form[data-ready]").WaitForAsync();
        await AssertTargetsAsync(page, "Rank 1st: response A", "Submit ranking");
        await using var thumb = await Thumb.OfAsync(page);

        // Sideways to the next responses and down through a text: neither ranks anything.
        var card = await page.GetByRole(AriaRole.Article, new() { Name = "Response A" }).BoundingBoxAsync();
        await thumb.SwipeAsync(card!.X + 200, card.Y + 200, 0, -120);
        await page.WaitForFunctionAsync("() => document.querySelector('article').scrollTop > 20");
        await thumb.SwipeAsync(card.X + 250, card.Y + 150, -220, 0);
        await page.WaitForFunctionAsync("() => document.querySelector('article').parentElement.scrollLeft > 50");
        await RankingScene.SummaryIsAsync(page, "No ranks yet");

        foreach (var letter in "CAFBED")
            await RankingScene.GiveRank(page, letter).TapAsync();
        await RankingScene.SummaryIsAsync(page, "1 C · 2 A · 3 F · 4 B · 5 E · 6 D");
        await AssertTargetsAsync(page, "Submit ranking");

        // The handle drags with a finger, and what it does can be done by tapping too (2.5.7).
        await thumb.DragAsync(page.GetByRole(AriaRole.Button, new() { Name = "Go to response D" }), page.Locator("[data-slot='2']"));
        await RankingScene.SummaryIsAsync(page, "1 C · 2 A = D · 4 F · 5 B · 6 E");
        await RestAsync(page, "Move E up");
        await page.GetByRole(AriaRole.Button, new() { Name = "Move E up" }).TapAsync();
        await RankingScene.SummaryIsAsync(page, "1 C · 2 A = D · 4 F · 5 E · 6 B");
        await RestAsync(page, "Untie D");
        await page.GetByRole(AriaRole.Button, new() { Name = "Untie D" }).TapAsync();
        await RankingScene.SummaryIsAsync(page, "1 C · 2 A · 3 D · 4 F · 5 E · 6 B");
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), "The page scrolls sideways.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Submit ranking" }).TapAsync();
        await page.WaitForURLAsync("**/done**");
        Assert.Equal("C,A,D,F,E,B", RankingScene.AsSeen(Assert.Single(await scene.JudgementsAsync())));
    }

    /// <summary>Waits until what was scrolled stands still: a finger on something that moves stops it and presses nothing.</summary>
    private static async Task RestAsync(IPage page, string name)
    {
        var button = page.GetByRole(AriaRole.Button, new() { Name = name });
        await button.ScrollIntoViewIfNeededAsync();
        await button.EvaluateAsync("""
            it => new Promise(rest => {
              let before = '', still = 0;
              const look = () => {
                const { x, y } = it.getBoundingClientRect();
                still = `${x},${y}` === before ? still + 1 : 0;
                before = `${x},${y}`;
                if (still > 45) rest(); else requestAnimationFrame(look);
              };
              look();
            })
            """);
    }

    /// <summary>WCAG 2.2, 2.5.8: 24 × 24 CSS pixels for all, links inside sentences excepted; 44 high for those that the work is done with.</summary>
    private static async Task AssertTargetsAsync(IPage page, params string[] large)
    {
        var small = await page.EvaluateAsync<string[]>("""
            () => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
              .filter(it => it.checkVisibility({ visibilityProperty: true }) && !it.closest('markdown-text, .skip-link, .sr-only') && !(it.matches('a') && it.closest('p')))
              .map(it => [it, (it.matches('input[type=checkbox], input[type=radio]') ? it.closest('label') ?? it : it).getBoundingClientRect()])
              .filter(([, box]) => box.width < 24 || box.height < 24)
              .map(([it, box]) => `${Math.round(box.width)} × ${Math.round(box.height)}: ${it.outerHTML.slice(0, 100)}`)
            """);
        Assert.Equal("", string.Join('\n', small));
        foreach (var name in large)
        {
            var box = await page.GetByRole(AriaRole.Button, new() { Name = name }).Or(page.GetByRole(AriaRole.Link, new() { Name = name })).First.BoundingBoxAsync();
            Assert.True(box is { Width: >= 44, Height: >= 44 }, $"“{name}” is {box?.Width} × {box?.Height}.");
        }
    }

    /// <summary>A finger, through the browser's own touch events.</summary>
    private sealed class Thumb(ICDPSession browser) : IAsyncDisposable
    {
        public static async Task<Thumb> OfAsync(IPage page) => new(await page.Context.NewCDPSessionAsync(page));

        public Task SwipeAsync(double x, double y, double right, double down) => MoveAsync((x, y), (x + right, y + down));

        public async Task DragAsync(ILocator handle, ILocator target)
        {
            await handle.ScrollIntoViewIfNeededAsync();
            var (from, to) = (Middle((await handle.BoundingBoxAsync())!), Middle((await target.BoundingBoxAsync())!));
            await MoveAsync(from, to);
        }

        private async Task MoveAsync((double X, double Y) from, (double X, double Y) to)
        {
            await TouchAsync("touchStart", from);
            for (var step = 1; step <= 10; step++)
                await TouchAsync("touchMove", (from.X + (to.X - from.X) * step / 10, from.Y + (to.Y - from.Y) * step / 10));
            await TouchAsync("touchEnd", null);
        }

        private async Task TouchAsync(string type, (double X, double Y)? at) => await browser.SendAsync("Input.dispatchTouchEvent", new()
        {
            ["type"] = type,
            ["touchPoints"] = at is { } point ? new object[] { new Dictionary<string, object> { ["x"] = point.X, ["y"] = point.Y } } : Array.Empty<object>(),
        });

        private static (double X, double Y) Middle(LocatorBoundingBoxResult box) => (box.X + box.Width / 2, box.Y + box.Height / 2);

        public async ValueTask DisposeAsync() => await browser.DetachAsync();
    }

    /// <summary>From the platform's link to the withdrawal; whatever is pressed is found by what it does, because its words differ.</summary>
    [Theory]
    [InlineData("en", 1280)]
    [InlineData("de", 1280)]
    [InlineData("de", 390)]
    public async Task EveryStepOfAWholeStudy_PassesTheRulesOfWcag22AA_InBothLanguages(string language, int width)
    {
        var scene = await RankingScene.CreateAsync(server, browser, prompts: 1, responses: 4, design: study =>
        {
            study.Language = language;
            study.Access = StudyAccess.Platform;
            study.HasPractice = true;
            study.Survey =
            [
                new("cook", "Do you cook?", SurveyQuestionKind.Choice, ["Daily", "Rarely"], "Eggs are easier for cooks."),
                new("years", "For how many years?", SurveyQuestionKind.Number, []),
                new("eggs", "What do you like about eggs?", SurveyQuestionKind.Text, []),
            ];
            study.ConsentTexts.Add(new() { Version = 1, Text = "**What we ask.** You rank responses.\n\nContact: ethics@example.org" });
        });
        var page = await browser.OpenAsync(server.Address, width, width == 390 ? 844 : 900);
        await page.GotoAsync($"/s/{scene.Code}?PROLIFIC_PID={language}{width}&STUDY_ID=eggs&SESSION_ID=visit");
        await LookAsync("consent");
        await page.Locator("button[value='agree']").ClickAsync();
        await page.WaitForURLAsync("**/survey");
        await page.Locator("main form button").Last.ClickAsync();
        await page.Locator("[role='alert']").WaitForAsync();
        await LookAsync("survey");
        foreach (var none in await page.Locator("main [type='radio'][value='none'], main [type='checkbox'][value='none']").AllAsync())
            await none.CheckAsync();
        await page.Locator("main form button").Last.ClickAsync();
        await page.WaitForURLAsync("**/practice");
        await LookAsync("practice");
        await page.Locator("button[name='Skip']").ClickAsync();
        await page.Locator("form[data-ready]").WaitForAsync();
        await LookAsync("rank");
        for (var position = 0; position < 4; position++)
            await page.Locator($"article[data-position='{position}']").PressAsync($"{position + 1}");
        await page.GotoAsync($"/s/{scene.Code}/items");
        await LookAsync("items");
        await scene.OpenAsync(page);
        await page.Locator("form[data-board] .finish [type='submit']").ClickAsync();
        await page.WaitForURLAsync("**/done**");
        await LookAsync("done");
        await page.GotoAsync($"/s/{scene.Code}/withdraw");
        await LookAsync("withdraw");

        async Task LookAsync(string step)
        {
            await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
            await page.ScreenshotAsync(new() { Path = Path.Combine(s_pictures, $"step-{step}-{language}-{width}.png"), FullPage = true });
            Assert.Equal(language, await page.EvaluateAsync<string>("() => document.documentElement.lang"));
            await AssertNoViolationAsync(page);
            (await Spoken.OfAsync(page)).AssertInOrder(step);
            Assert.Equal(0, await page.EvaluateAsync<int>("() => Math.max(0, document.documentElement.scrollWidth - innerWidth)"));
        }
    }

    private static async Task AssertNoViolationAsync(IPage page)
    {
        var result = await page.RunAxe(new AxeRunOptions
        {
            RunOnly = new() { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
        });
        Assert.Equal("", string.Join('\n', result.Violations.Where(violation => violation.Impact is "serious" or "critical" || violation.Tags.Any(tag => tag.StartsWith("wcag", StringComparison.Ordinal)))
            .Select(violation => $"{page.Url} {violation.Id}: {violation.Help} {string.Join(' ', violation.Nodes.Select(node => node.Html))}")));
    }

    /// <summary>320 CSS pixels is a window of 1280 at 400 %.</summary>
    [Theory]
    [InlineData("en")]
    [InlineData("de")]
    public async Task At400Percent_NothingIsCutOff_AndNothingScrollsSideways(string language)
    {
        var scene = await RankingScene.CreateAsync(server, browser, prompts: 1, responses: 4, design: study => study.Language = language);
        var page = await scene.EnterAsync(options: new() { ViewportSize = new() { Width = 320, Height = 256 } });
        foreach (var (name, path) in new[] { ("welcome", $"/s/{scene.Code}"), ("rank", scene.RankPath), ("done", $"/s/{scene.Code}/done") })
        {
            await page.GotoAsync(path, new() { WaitUntil = WaitUntilState.NetworkIdle });
            await page.ScreenshotAsync(new() { Path = Path.Combine(s_pictures, $"zoom-{name}-{language}.png"), FullPage = true });
            Assert.Equal(0, await page.EvaluateAsync<int>("() => Math.max(0, document.documentElement.scrollWidth - innerWidth)"));
        }
        await page.GotoAsync(scene.RankPath);
        await page.Locator("form[data-ready]").WaitForAsync();
        await RankingScene.Card(page, 'B').GetByRole(AriaRole.Button).First.ClickAsync();
        await RankingScene.SummaryIsAsync(page, language == "en" ? "1 B · without a rank: A, C, D" : "1 B · ohne Rang: A, C, D");
    }

    [Theory]
    [InlineData("ar", "كيف أسلق بيضة؟", "ضع البيضة في ماء بارد، ثم سخّن الماء حتى الغليان. انتظر **سبع دقائق**.\n\n1. ماء\n2. ملح\n3. `egg = boil(7)`")]
    [InlineData("he", "איך מבשלים ביצה?", "שימו את הביצה במים קרים והרתיחו. חכו **שבע דקות**.\n\n- מים\n- מלח\n\n| שלב | דקות |\n|---|---|\n| חימום | 3 |")]
    public async Task RightToLeft_TheRankingPageIsMirrored_AndStillFits(string language, string prompt, string response)
    {
        var scene = await RankingScene.CreateAsync(server, browser, prompts: 1, responses: 4, question: prompt, answer: _ => string.Join("\n\n", Enumerable.Repeat(response, 6)));
        foreach (var width in new[] { 1280, 390 })
        {
            var page = await scene.EnterAsync(options: new() { ViewportSize = new() { Width = width, Height = width == 390 ? 844 : 900 } });
            // No language of ours runs that way yet; the layout must be ready for one.
            await page.RouteAsync("**/rank", async route =>
            {
                var answer = await route.FetchAsync();
                await route.FulfillAsync(new() { Response = answer, Body = (await answer.TextAsync()).Replace("dir=\"ltr\"", "dir=\"rtl\"", StringComparison.Ordinal) });
            });
            await scene.OpenAsync(page);
            Assert.Equal("rtl", await page.EvaluateAsync<string>("() => getComputedStyle(document.body).direction"));
            await RankingScene.RankAsync(page, "BA");
            await page.ScreenshotAsync(new() { Path = Path.Combine(s_pictures, $"rtl-{language}-{width}.png") });
            Assert.Equal(0, await page.EvaluateAsync<int>("() => Math.max(0, document.documentElement.scrollWidth - innerWidth)"));
            Assert.True(await page.EvaluateAsync<bool>("() => getComputedStyle(document.querySelector('article p')).direction === 'rtl'"));
            var (first, second) = (await RankingScene.Card(page, 'A').BoundingBoxAsync(), await RankingScene.Card(page, 'B').BoundingBoxAsync());
            Assert.True(first!.X > second!.X, "The first response does not stand on the right.");
            if (width > 1000)
                Assert.True((await page.GetByRole(AriaRole.Region, new() { Name = "Your ranking" }).BoundingBoxAsync())!.X < second.X, "The ranking does not stand on the left.");
            await page.Context.CloseAsync();
        }
    }

    [Fact]
    public async Task DragInARightToLeftPage_PutsWhereItIsDropped()
    {
        var scene = await RankingScene.CreateAsync(server, browser, prompts: 1, responses: 4);
        var page = await scene.EnterAsync(options: new() { ViewportSize = new() { Width = 390, Height = 844 } });
        await scene.OpenAsync(page);
        await page.EvaluateAsync("() => { document.documentElement.dir = 'rtl'; }");
        await RankingScene.RankAsync(page, "AB");
        var (from, to) = (await page.GetByRole(AriaRole.Button, new() { Name = "Go to response B" }).BoundingBoxAsync(), await page.Locator("[data-slot='1']").BoundingBoxAsync());
        await page.Mouse.MoveAsync(from!.X + from.Width / 2, from.Y + from.Height / 2);
        await page.Mouse.DownAsync();
        // The right edge is where a line begins, so what is dropped there goes before.
        await page.Mouse.MoveAsync(to!.X + to.Width - 4, to.Y + to.Height / 2, new() { Steps = 8 });
        await page.Mouse.UpAsync();
        await RankingScene.SummaryIsAsync(page, "1 B · 2 A · without a rank: C, D");
    }
}
