using System.Globalization;
using System.Text;
using Microsoft.Playwright;
using PersonalLlm.Data.Accounts;
using static Microsoft.Playwright.Assertions;

namespace PersonalLlm.E2E;

/// <summary>An opinion survey from three files to its numbers, and away again.</summary>
public sealed class OpinionSurveyTests(ServerFixture server, BrowserFixture browser) : IClassFixture<ServerFixture>, IClassFixture<BrowserFixture>
{
    [Fact]
    public async Task ThreeTables_AreReadCorrectedKeptMovedAndRemoved()
    {
        var scene = await RankingScene.CreateAsync(server, browser, prompts: 3, responses: 3);
        var page = await scene.EnterAsync(Roles.Researcher);
        var complaints = await AccountScene.ComplaintsAsync(page);
        await page.GotoAsync("/opinions", new() { WaitUntil = WaitUntilState.NetworkIdle });
        await Expect(page.GetByText("No survey yet")).ToBeVisibleAsync();
        await page.GotoAsync("/opinions/import", new() { WaitUntil = WaitUntilState.NetworkIdle });
        await UploadAsync("Questions", "question_id,option,ordinal\ntea,never,1\ntea,often,2\ntea,always,3\nwalks,no,1\nwalks,yes,2\n");
        await UploadAsync("Choices", "question_id,left,right\ntea,0.1,0.9\nwalks,0.2,0.8\n");
        await UploadAsync("People", "group,question_id,option,weight\noverall,tea,daily,1\n");
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("humans: line 2: question tea has no option \"daily\"; it has \"never\", \"often\", \"always\". Nothing was kept.");
        await UploadAsync("People", "group,question_id,option,weight\noverall,tea,never,1\noverall,tea,always,1\noverall,walks,no,4\nold,tea,always,2\n");
        await Expect(page.Locator("[data-count='questions']")).ToHaveTextAsync("2");
        await page.GetByLabel("Name of the survey").FillAsync("Tea and walks");
        await page.GetByRole(AriaRole.Button, new() { Name = "Keep this survey" }).ClickAsync();
        await page.WaitForURLAsync("**/opinions/*");

        await page.Locator("figure svg").First.WaitForAsync();
        var before = await ValueAsync("effective-reward-models");
        await page.GetByLabel("Concentration α, exactly").FillAsync("10");
        await page.GetByLabel("Concentration α, exactly").PressAsync("Tab");
        await page.WaitForURLAsync("**alpha=10&users=1000&seed=0&generator=native&normaliser=range&group=overall");
        await RankingScene.EventuallyAsync(async () => await ValueAsync("effective-reward-models") > before + 0.2);
        var overall = await ValueAsync("overall");
        await page.GetByLabel("People", new() { Exact = true }).SelectOptionAsync("old");
        await Expect(page.Locator("[data-question]")).ToHaveCountAsync(1);
        // The address is the page: whoever opens it sees the same.
        await page.WaitForURLAsync("**group=old");
        await page.ReloadAsync(new() { WaitUntil = WaitUntilState.NetworkIdle });
        Assert.Equal(overall, await ValueAsync("overall"));
        await Expect(page.Locator("[data-question]")).ToHaveCountAsync(1);

        await page.GotoAsync("/opinions", new() { WaitUntil = WaitUntilState.NetworkIdle });
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove Tea and walks" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove it" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("“Tea and walks” is gone.");
        Assert.Empty(complaints);

        async Task UploadAsync(string table, string csv) => await page.GetByLabel(table).SetInputFilesAsync(
            new FilePayload { Name = $"{table}.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes(csv) });

        async Task<double> ValueAsync(string name) =>
            double.Parse((await page.Locator($"[data-estimate='{name}']").First.GetAttributeAsync("data-value"))!, CultureInfo.InvariantCulture);
    }
}
