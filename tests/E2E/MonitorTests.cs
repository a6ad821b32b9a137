using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using PersonalLlm.Data.Accounts;
using PersonalLlm.Data.Studies;
using PersonalLlm.Testing;
using static Microsoft.Playwright.Assertions;

namespace PersonalLlm.E2E;

/// <summary>The page on which a researcher watches over a study.</summary>
public sealed class MonitorTests(ServerFixture server, BrowserFixture browser) : IClassFixture<ServerFixture>, IClassFixture<BrowserFixture>
{
    private static readonly string s_pictures = Path.Combine(Checkout.Folder, "artifacts", "pictures");

    [Fact]
    public async Task Researcher_SeesWhoIsWorthALook_ExcludesThemWithAReason_AndNobodyIsNamed()
    {
        Study study;
        await using (var data = server.CreateContext())
            study = await WatchedStudy.CreateAsync(data);
        var page = await browser.OpenAsync(server.Address);
        var complaints = await AccountScene.ComplaintsAsync(page);
        await AccountScene.JoinAsync(page, await AccountScene.InvitationAsync(server, Roles.Researcher), $"{Guid.NewGuid():n}@example.org");
        await page.GotoAsync($"/studies/{study.Id}", new() { WaitUntil = WaitUntilState.NetworkIdle });

        await Expect(page.Locator("[data-step='Completed']")).ToHaveTextAsync("5");
        var first = page.Locator("[data-annotator='1']");
        await Expect(first).ToContainTextAsync("first in 6 of 6");
        await first.GetByRole(AriaRole.Button, new() { Name = "Exclude… annotator 1" }).ClickAsync();
        await page.GetByLabel("Why leave annotator 1 out of analyses?").FillAsync("Always the first place");
        await page.GetByRole(AriaRole.Button, new() { Name = "Exclude", Exact = true }).ClickAsync();
        await Expect(first).ToContainTextAsync("Excluded from analyses");
        await using (var data = server.CreateContext())
            Assert.Equal("Always the first place", await data.Annotators.Where(row => row.StudyId == study.Id && row.Number == 1).Select(row => row.ExclusionReason).SingleAsync());
        Assert.DoesNotContain("crowd-", await page.ContentAsync(), StringComparison.Ordinal);

        await page.GetByRole(AriaRole.Button, new() { Name = "Return the item of annotator 4" }).ClickAsync();
        await Expect(page.GetByText("Nobody has an item in hand")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "Annotator 5" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Repeats side by side" })).ToBeVisibleAsync();
        Assert.DoesNotContain("crowd-", await page.ContentAsync(), StringComparison.Ordinal);
        Assert.Equal("", string.Join('\n', complaints));
        await PicturesAsync(page, $"/studies/{study.Id}", "monitor");
        await PicturesAsync(page, $"/studies/{study.Id}/annotators/4", "annotator");
    }

    [Fact]
    public async Task SimulatedParticipants_WalkTheDemo_AndAPreviewSaysThatNothingCounts()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var demo = await ServerProcess.StartAsync(("Database:ConnectionString", database.ConnectionString));
        var page = await browser.OpenAsync(demo.Address);
        await AccountScene.JoinAsync(page, await AccountScene.SetupLinkAsync(demo), "admin@example.org");
        await using var data = database.CreateContext();
        var studyId = await data.Studies.Select(study => study.Id).SingleAsync();
        await page.GotoAsync($"/studies/{studyId}", new() { WaitUntil = WaitUntilState.NetworkIdle });

        await page.GetByLabel("Simulated participants").FillAsync("9");
        await page.GetByRole(AriaRole.Button, new() { Name = "simulated participants" }).ClickAsync();
        await Expect(page.Locator("[data-run='done']")).ToBeVisibleAsync(new() { Timeout = 120_000 });
        await Expect(page.Locator("[data-ending='Trouble']")).ToHaveCountAsync(0);
        await Expect(page.Locator("[data-holds='no']")).ToHaveCountAsync(0);
        await Expect(page.Locator("[data-holds='yes']").First).ToBeVisibleAsync();
        await page.GetByText("Time of the server's answers").First.ClickAsync();
        await page.Locator("section.card", new() { Has = page.Locator("#rehearsal") }).ScreenshotAsync(new() { Path = Path.Combine(s_pictures, "simulated-run.png") });
        await page.GetByRole(AriaRole.Link, new() { Name = "The rehearsal's own page" }).ClickAsync();
        await Expect(page.Locator("[data-annotator]").First).ToContainTextAsync("simulated", new() { Timeout = 30_000 });
        await page.ScreenshotAsync(new() { Path = Path.Combine(s_pictures, "rehearsal.png"), FullPage = true });
        Assert.Equal(0, await data.Annotators.CountAsync(row => row.StudyId == studyId));

        await page.GotoAsync($"/studies/{studyId}", new() { WaitUntil = WaitUntilState.NetworkIdle });
        await page.GetByRole(AriaRole.Button, new() { Name = "Preview as participant" }).ClickAsync();
        await Expect(page.GetByText("Preview: nothing here counts.")).ToBeVisibleAsync();
        await page.ScreenshotAsync(new() { Path = Path.Combine(s_pictures, "preview.png"), FullPage = true });
    }

    private async Task PicturesAsync(IPage page, string address, string name)
    {
        foreach (var theme in new[] { "light", "dark" })
        {
            foreach (var width in new[] { 1280, 390 })
            {
                await page.Context.AddCookiesAsync([new() { Name = "theme", Value = theme, Url = server.Address.ToString() }]);
                await page.SetViewportSizeAsync(width, 900);
                await page.GotoAsync(address, new() { WaitUntil = WaitUntilState.NetworkIdle });
                await AccountScene.AssertAccessibleAsync(page);
                await page.ScreenshotAsync(new() { Path = Path.Combine(s_pictures, $"{name}-{theme}-{width}.png"), FullPage = true });
                Assert.True(await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, $"{address} is too wide at {width} px.");
            }
        }
    }
}
