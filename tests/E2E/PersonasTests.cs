using Microsoft.Playwright;
using PersonalLlm.Testing;
using static Microsoft.Playwright.Assertions;

namespace PersonalLlm.E2E;

public sealed class PersonasTests(BrowserFixture browser) : IClassFixture<BrowserFixture>
{
    [Fact]
    public async Task PersonasArePlayed_ThroughAKill_TakenOutAndInAgain_AndComparedWithSimulatedUsers()
    {
        const int personas = 3;
        const int prompts = 8;
        await using var chat = await ChatServer.StartAsync();
        chat.Answer = async (request, context) =>
        {
            await Task.Delay(60);
            // Somebody who likes what stands second, and one who cannot decide.
            await ChatServer.Say(context, request.Question.Contains("appointments", StringComparison.Ordinal) ? "Hard to say." : "B");
        };
        await using var database = await TestDatabase.CreateAsync();
        await using var server = await ServerProcess.StartAsync(
            ("Database:ConnectionString", database.ConnectionString), ("Personas:Endpoint", chat.Address), ("Personas:Model", "a-model"), ("Personas:ApiKey", "sk-nobody-sees-this"));
        var page = await browser.OpenAsync(server.Address);
        await AccountScene.JoinAsync(page, await AccountScene.SetupLinkAsync(server), "admin@example.org");
        var complaints = await AccountScene.ComplaintsAsync(page);

        await OpenAsync("/populations");
        await page.GetByRole(AriaRole.Link, new() { Name = "Personas" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "New personas" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "None" }).ClickAsync();
        await page.GetByLabel("In a hurry").CheckAsync();
        await page.GetByLabel("Sceptic").CheckAsync();
        await page.GetByLabel("Your own persona").FillAsync("Gardener");
        await page.GetByLabel("What this person wants from an answer").FillAsync("You want to hear about soil, weather and patience.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add", Exact = true }).ClickAsync();
        await page.GetByLabel("Prompts, of").FillAsync($"{prompts}");
        await page.GetByLabel("Prompts, of").BlurAsync();
        await Expect(page.Locator("[data-calls]")).ToHaveTextAsync($"{personas * prompts} questions");
        await page.GetByRole(AriaRole.Button, new() { Name = "Dry run" }).ClickAsync();
        await Expect(page.GetByText("Unusable: it is not one of the letters alone.")).ToHaveCountAsync(5);
        await page.GetByText("What was sent").First.ClickAsync();
        await Expect(page.Locator(".trial pre").Nth(1)).ToContainTextAsync("<answer letter=\"A\">");
        var asked = chat.Requests.Count;
        await page.GetByLabel("Name of these personas").FillAsync("Three voices");
        await page.GetByRole(AriaRole.Button, new() { Name = $"Ask {personas * prompts} questions" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Progress" })).ToBeVisibleAsync();
        await RankingScene.EventuallyAsync(() => Task.FromResult(chat.Requests.Count >= asked + 6));
        Assert.Empty(complaints);
        await server.KillAsync();
        await server.StartAsync();
        await OpenAsync("/populations/personas");
        // That the server went away in between.
        complaints.Clear();
        await page.GetByRole(AriaRole.Link, new() { Name = "Three voices" }).ClickAsync();
        await Expect(page.Locator("[data-status]")).ToHaveTextAsync("complete", new() { Timeout = 30_000 });
        Assert.InRange(chat.Requests.Count - asked, personas * prompts, (personas * prompts) + 12);
        await Expect(page.Locator(".who tbody tr").Nth(0)).ToContainTextAsync("In a hurry");
        Assert.Equal($"{prompts}", await page.Locator(".who tbody tr").Nth(0).Locator("td.numeric").Nth(1).InnerTextAsync());
        await page.Locator("figure svg").First.WaitForAsync();
        Assert.DoesNotContain("sk-nobody", await page.ContentAsync(), StringComparison.Ordinal);

        var saved = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():n}.csv");
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "Download the choices" }).ClickAsync());
        await download.SaveAsAsync(saved);
        await OpenAsync("/populations/personas/new?from=file");
        await page.GetByLabel("JSONL or CSV").SetInputFilesAsync(saved);
        await Expect(page.GetByText("What was found in")).ToBeVisibleAsync();
        await page.GetByLabel("Name of these personas").FillAsync("The same three");
        await page.GetByRole(AriaRole.Button, new() { Name = "Keep 3 personas" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "The same three" })).ToBeVisibleAsync();
        File.Delete(saved);

        await page.GetByRole(AriaRole.Link, new() { Name = "Compare with other groups" }).ClickAsync();
        await page.GetByLabel("Right", new() { Exact = true }).SelectOptionAsync(new SelectOptionValue { Label = "Three voices" });
        await Expect(page.Locator("[data-estimate='distance']")).ToHaveAttributeAsync("data-value", "0");
        await page.GetByLabel("Left", new() { Exact = true }).SelectOptionAsync(new SelectOptionValue { Label = "Simulated users, α = 1" });
        await page.WaitForURLAsync("**left=alpha%3A1&right=personas%3A*");
        await Expect(page.Locator("[data-estimate='distance']")).Not.ToHaveAttributeAsync("data-value", "0");
        var difference = await page.Locator("[data-estimate='difference-entropy']").GetAttributeAsync("data-value");
        await page.GetByRole(AriaRole.Button, new() { Name = "Swap" }).ClickAsync();
        await page.WaitForURLAsync("**left=personas%3A*&right=alpha%3A1");
        await Expect(page.Locator("[data-estimate='difference-entropy']")).ToHaveAttributeAsync("data-value", difference![0] == '-' ? difference[1..] : "-" + difference);
        var json = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "Download as JSON" }).ClickAsync());
        Assert.EndsWith(".json", json.SuggestedFilename, StringComparison.Ordinal);
        Assert.Empty(complaints);

        // Until the page has its circuit: a link that is clicked while it comes about may lead nowhere.
        Task OpenAsync(string address) => page.GotoAsync(address, new() { WaitUntil = WaitUntilState.NetworkIdle });
    }
}
