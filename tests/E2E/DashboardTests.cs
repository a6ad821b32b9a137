using System.Globalization;
using Microsoft.Playwright;
using PersonalLlm.Data.Accounts;
using PersonalLlm.Testing;
using static Microsoft.Playwright.Assertions;

namespace PersonalLlm.E2E;

public sealed class DashboardTests(ServerFixture server, BrowserFixture browser) : IClassFixture<ServerFixture>, IClassFixture<BrowserFixture>
{
    [Fact]
    public async Task Slider_MovesTheNumbersAndTheAddress_AndPeopleStay()
    {
        var (made, page) = await OpenAsync();
        var complaints = await AccountScene.ComplaintsAsync(page);
        await page.GotoAsync($"/studies/{made.StudyId}/dashboard?alpha=0.1&users=200&seed=1");
        await page.Locator("figure svg").First.WaitForAsync();
        var people = await ValueAsync(page, "humans-entropy");
        var few = await ValueAsync(page, "simulated-effective-reward-models");
        var drawn = await page.Locator("figure svg").First.InnerHTMLAsync();

        // From 0.1 up to 1, one step after the other, as fast as keys go.
        await page.GetByLabel("Concentration α of the simulated users").FocusAsync();
        for (var step = 0; step < 20; step++)
            await page.Keyboard.PressAsync("ArrowRight");

        await page.WaitForURLAsync("**alpha=1&users=200&seed=1**");
        await RankingScene.EventuallyAsync(async () => await ValueAsync(page, "simulated-effective-reward-models") > few + 0.5);
        Assert.Equal(people, await ValueAsync(page, "humans-entropy"));
        Assert.NotEqual(drawn, await page.Locator("figure svg").First.InnerHTMLAsync());
        await Expect(page.Locator("[data-headline]")).ToContainTextAsync("α = 1 ");

        // The address is the figure: whoever opens it sees the same numbers.
        await Expect(page.Locator(".panels")).ToHaveAttributeAsync("aria-busy", "false");
        string[] names = ["simulated-entropy", "matched-entropy", "agreement-within-simulated", "agreement-between", "agreement-within-humans"];
        var before = new List<double>();
        foreach (var name in names)
            before.Add(await ValueAsync(page, name));
        await page.ReloadAsync();
        await page.Locator("figure svg").First.WaitForAsync();
        for (var index = 0; index < names.Length; index++)
            Assert.Equal(before[index], await ValueAsync(page, names[index]));
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task Figures_AreSavedAsSvgPngAndCsv()
    {
        var (made, page) = await OpenAsync();
        await page.GotoAsync($"/studies/{made.StudyId}/dashboard");
        var figure = page.Locator("figure", new() { Has = page.Locator("svg") }).Last;
        await figure.WaitForAsync();
        foreach (var (kind, begins) in new[] { ("SVG", "<svg"), ("PNG", "\u0089PNG"), ("CSV", "Response model,People,People low") })
        {
            var download = await page.RunAndWaitForDownloadAsync(() => figure.GetByRole(AriaRole.Button, new() { Name = kind }).ClickAsync());
            Assert.Equal($"study-{made.StudyId}-win-shares.{kind.ToLowerInvariant()}", download.SuggestedFilename);
            await using var content = await download.CreateReadStreamAsync();
            var head = new byte[40];
            await content.ReadExactlyAsync(head);
            Assert.StartsWith(begins, string.Concat(head.Select(letter => (char)letter)), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(1280, "light")]
    [InlineData(1280, "dark")]
    [InlineData(390, "light")]
    [InlineData(390, "dark")]
    public async Task Pages_AreAccessibleAndFitTheScreen(int width, string theme)
    {
        var (made, page) = await OpenAsync(width, theme);
        foreach (var path in new[] { $"/studies/{made.StudyId}/dashboard", "/populations", "/populations/new", $"/populations/{made.CohortId}" })
        {
            await page.GotoAsync(path);
            if (path != "/populations")
                await page.Locator("figure svg").First.WaitForAsync();
            await AccountScene.AssertAccessibleAsync(page);
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{path} is wider than {width} px.");
        }
    }

    [Fact]
    public async Task Population_IsTriedOutAndKept()
    {
        var (made, page) = await OpenAsync();
        await page.GotoAsync($"/populations/{made.CohortId}");
        await page.Locator("figure svg").First.WaitForAsync();
        var hash = await page.Locator("[data-hash]").InnerTextAsync();
        var entropy = await ValueAsync(page, "entropy");
        await page.GetByLabel("Concentration α, exactly").FillAsync("3");
        await page.Keyboard.PressAsync("Tab");
        await RankingScene.EventuallyAsync(async () => await ValueAsync(page, "entropy") != entropy);
        Assert.NotEqual(hash, await page.Locator("[data-hash]").InnerTextAsync());
        await page.GetByLabel("Keep them under a new name").FillAsync("Everybody alike");
        await page.GetByRole(AriaRole.Button, new() { Name = "Keep", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Everybody alike");
        await page.GotoAsync("/populations");
        await Expect(page.GetByRole(AriaRole.Row, new() { Name = "Everybody alike" })).ToContainTextAsync("120");
    }

    private async Task<(JudgedStudy Made, IPage Page)> OpenAsync(int width = 1280, string? theme = null)
    {
        await using var data = server.CreateContext();
        var made = await JudgedStudy.CreateAsync(data);
        var page = await browser.OpenAsync(server.Address, width, theme: theme);
        await AccountScene.JoinAsync(page, await AccountScene.InvitationAsync(server, Roles.Researcher), $"{Guid.NewGuid():n}@example.org");
        return (made, page);
    }

    private static async Task<double> ValueAsync(IPage page, string name) =>
        double.Parse((await page.Locator($"[data-estimate='{name}']").GetAttributeAsync("data-value"))!, CultureInfo.InvariantCulture);
}
