using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using PersonalLlm.Data.Accounts;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Testing;
using static Microsoft.Playwright.Assertions;

namespace PersonalLlm.E2E;

/// <summary>A study designed in the browser with everything turned on, opened, and changed as far as a locked one can be.</summary>
public sealed class StudyDesignTests(ServerFixture server, BrowserFixture browser) : IClassFixture<ServerFixture>, IClassFixture<BrowserFixture>
{
    private static readonly string s_pictures = Path.Combine(Checkout.Folder, "artifacts", "pictures");

    [Fact]
    public async Task AStudyWithEverythingTurnedOn_IsDesignedOpenedAndAmended()
    {
        var scene = await RankingScene.CreateAsync(server, browser, prompts: 12, responses: 5);
        var page = await scene.EnterAsync(Roles.Researcher);
        var complaints = await AccountScene.ComplaintsAsync(page);
        await page.GotoAsync("/studies/new", new() { WaitUntil = WaitUntilState.NetworkIdle });

        await page.GetByLabel("Data set", new() { Exact = true }).SelectOptionAsync(new SelectOptionValue { Label = $"{scene.Code} (12 prompts)" });
        await Expect(page.Locator("[data-count='prompts']")).ToHaveTextAsync("12");
        await SaveAsync(page, expectRefusal: "Give the study a name; annotators see it.");
        await FillAsync(page, "Name", "Everything");
        await page.GetByLabel("Those that contain some words").CheckAsync();
        await FillAsync(page, "Words in the prompt", "BOIL AN EGG");
        await Expect(page.Locator("[data-count='prompts']")).ToHaveTextAsync("12");
        await page.GetByLabel("Cover the names").CheckAsync();
        await page.GetByLabel("Best and worst").CheckAsync();
        await FillAsync(page, "Responses shown of each prompt", "4");
        await page.GetByLabel("How sure they are").CheckAsync();
        await page.GetByLabel("A comment in their own words").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Begin with a list" }).ClickAsync();
        await FillAsync(page, "People per prompt", "5");
        await FillAsync(page, "Prompts per person", "10");
        await FillAsync(page, "Repeats per person", "11");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a check" }).ClickAsync();
        await page.GetByLabel("People from a recruitment platform").CheckAsync();
        await FillAsync(page, "Return address", "http://example.org/");
        await FillAsync(page, "Closes (UTC)", "2099-05-01T12:00");
        await FillAsync(page, "How many may join", "40");
        await page.GetByRole(AriaRole.Button, new() { Name = "Begin with a text" }).ClickAsync();
        await page.GetByLabel("Questions to begin with").SelectOptionAsync("Demographics, short");
        await page.GetByLabel("Language of the pages").SelectOptionAsync("de");
        // 12 prompts × 5 people / 10 prompts each.
        await Expect(page.Locator("[data-forecast='judgements']")).ToHaveTextAsync("60");
        await Expect(page.Locator("[data-forecast='people']")).ToHaveTextAsync("6");

        // An unfinished draft is saved all the same, and says at each field what is missing.
        await SaveAsync(page);
        await page.WaitForURLAsync("**/design");
        await Expect(page.Locator("[data-problem='return-address']")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-problem='repeats']")).ToHaveTextAsync("Only 10 repeats fit into what one person judges.");
        await Expect(page.Locator("#problems li")).ToHaveCountAsync(3);
        await page.GetByRole(AriaRole.Link, new() { Name = "Only 10 repeats fit" }).ClickAsync();
        await Expect(page.Locator("#repeats")).ToBeFocusedAsync();
        await LookAsync(page, "problems");
        await page.ReloadAsync(new() { WaitUntil = WaitUntilState.NetworkIdle });
        await Expect(page.GetByLabel("Name", new() { Exact = true })).ToHaveValueAsync("Everything");

        await FillAsync(page, "Return address", "https://example.org/back?code={code}");
        await FillAsync(page, "Repeats per person", "2");
        await FillAsync(page, "What people agree to", "You may stop at any time.");
        // Leaving is asked about once, and the work is kept.
        await page.GetByRole(AriaRole.Link, new() { Name = "Studies" }).First.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Stay" }).ClickAsync();
        await SaveAsync(page);
        await Expect(page.GetByText("ready to be opened")).ToBeVisibleAsync();
        await LookAsync(page, "ready");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save and go on" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Open", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Pause" })).ToBeVisibleAsync();

        var study = await StudyAsync("Everything");
        Assert.Equal((StudyStatus.Open, 1, Instrument.BestWorst, 5, 40), (study.Status, study.Version, study.Instrument.Kind, study.Overlap, study.Quota));
        Assert.Equal((10, 4, 2), (study.Assignment.PromptsPerAnnotator, study.Assignment.ResponsesPerPrompt, study.Assignment.Repeats));
        Assert.Equal((StudyAccess.Platform, SelfNamingPolicy.Mask, "de"), (study.Access, study.SelfNaming, study.Language));
        Assert.Equal((1, 4, 7), (study.AttentionChecks.Count, study.Survey.Count, study.Instrument.Reasons.Count));
        Assert.Equal(new DateTimeOffset(2099, 5, 1, 12, 0, 0, TimeSpan.Zero), study.ClosesAt);

        await page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Design", Exact = true }).ClickAsync();
        await FillAsync(page, "People per prompt", "6");
        await FillAsync(page, "Consent text", "You may stop whenever you like.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the next version" }).ClickAsync();
        await Expect(page.GetByText("Version 2 is locked.")).ToBeVisibleAsync();
        await LookAsync(page, "locked");

        // What is downloaded is what the hash is of.
        var hash = await page.Locator("[data-hash='2']").TextContentAsync();
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "design.json" }).First.ClickAsync());
        var bytes = await File.ReadAllBytesAsync(await download.PathAsync());
        Assert.Equal(hash, Convert.ToHexStringLower(SHA256.HashData(bytes)));
        Assert.Equal(6, (int?)JsonNode.Parse(bytes)!["overlap"]);
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task AnEmptyListOfStudies_OffersTemplates_ThatFillTheDesign()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var own = await ServerProcess.StartAsync(("Database:ConnectionString", database.ConnectionString));
        var page = await browser.OpenAsync(own.Address);
        await AccountScene.JoinAsync(page, await AccountScene.SetupLinkAsync(own), "admin@example.org");
        await using (var data = database.CreateContext())
            await data.Studies.ExecuteDeleteAsync();
        await page.GotoAsync("/studies", new() { WaitUntil = WaitUntilState.NetworkIdle });
        await LookAsync(page, "none");
        await page.Locator(".card", new() { HasText = "Pairs with strength" }).GetByRole(AriaRole.Link).ClickAsync();
        await Expect(page.GetByLabel("Pair with strength")).ToBeCheckedAsync();
        await Expect(page.GetByLabel("Responses shown of each prompt")).ToHaveValueAsync("2");
        await Expect(page.GetByLabel("People per prompt")).ToHaveValueAsync("5");
    }

    private static async Task FillAsync(IPage page, string label, string value)
    {
        var field = page.GetByLabel(label, new() { Exact = true });
        await field.FillAsync(value);
        await field.BlurAsync();
    }

    private static async Task SaveAsync(IPage page, string? expectRefusal = null)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        if (expectRefusal is null)
            await Expect(page.Locator(".save-bar")).ToContainTextAsync("Saved ");
        else
            await Expect(page.Locator(".save-bar")).ToContainTextAsync(expectRefusal);
    }

    private async Task<Study> StudyAsync(string name)
    {
        await using var data = server.CreateContext();
        return await data.Studies.AsNoTracking().SingleAsync(study => study.Name == name);
    }

    private static async Task LookAsync(IPage page, string name)
    {
        foreach (var (theme, width) in new[] { ("light", 1280), ("dark", 390) })
        {
            await page.SetViewportSizeAsync(width, 900);
            await page.EvaluateAsync("theme => document.documentElement.dataset.theme = theme", theme);
            await page.ScreenshotAsync(new() { Path = Path.Combine(s_pictures, $"study-design-{name}-{theme}-{width}.png"), FullPage = true });
            await AccountScene.AssertAccessibleAsync(page);
            Assert.True(await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, $"{name} is wider than {width} px.");
        }
        await page.SetViewportSizeAsync(1280, 900);
    }
}
