using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using PersonalLlm.Data.Accounts;
using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;
using PersonalLlm.Testing;
using static Microsoft.Playwright.Assertions;

namespace PersonalLlm.E2E;

/// <summary>The sliders of a population, and the numbers that follow them: each recomputed here from the rows of the database.</summary>
public sealed class PopulationTests(ServerFixture server, BrowserFixture browser) : IClassFixture<ServerFixture>, IClassFixture<BrowserFixture>
{
    [Fact]
    public async Task EverySlider_MovesTheNumbers_ToThoseOfTheEngine_AndTheAddressKeepsThem()
    {
        var (made, page) = await OpenAsync();
        var scene = await Scene.ReadAsync(server, made.DatasetId);
        var complaints = await AccountScene.ComplaintsAsync(page);
        await page.GotoAsync($"/populations/new?dataset={made.DatasetId}");
        var spec = new PopulationSpec(scene.Rewards.RewardModels, 0.1, 1000, 0);
        await AssertShownAsync(page, scene, spec);

        await MoveAsync(page, "Concentration α of the simulated users", "ArrowRight", 10);
        await AssertShownAsync(page, scene, spec = spec with { Concentration = 0.32 });
        await page.WaitForURLAsync("**&alpha=0.32&**");

        // From infinity two steps down the scale of β.
        await MoveAsync(page, "Inverse temperature β", "ArrowLeft", 2);
        await AssertShownAsync(page, scene, spec = spec with { InverseTemperature = 83 });
        await Expect(page.GetByLabel("Inverse temperature β, exactly")).ToHaveValueAsync("83");
        await page.WaitForURLAsync("**&beta=83");

        await MoveAsync(page, "Users", "ArrowLeft", 3);
        await AssertShownAsync(page, scene, spec = spec with { Users = 100 });
        await page.WaitForURLAsync("**&users=100&**");

        await page.GetByRole(AriaRole.Button, new() { Name = "Another seed" }).ClickAsync();
        await AssertShownAsync(page, scene, spec = spec with { Seed = 1 });
        await page.WaitForURLAsync("**&seed=1&**");

        var withAll = spec;
        var names = scene.Rewards.RewardModels;
        await page.GetByRole(AriaRole.Checkbox, new() { Name = names[2], Exact = true }).UncheckAsync();
        await AssertShownAsync(page, scene, spec = spec with { RewardModels = [names[0], names[1], names[3]] });
        await page.WaitForURLAsync("**&model=**");

        await page.GetByLabel("Around mean weights").CheckAsync();
        await MoveAsync(page, $"Mean weight of {names[1]}, per cent", "ArrowRight", 17);
        await AssertShownAsync(page, scene, spec = spec with { Concentration = Concentration.Around([0.25, 0.5, 0.25], 0.32) });
        await Expect(page.GetByText("50 %", new() { Exact = true }).First).ToBeVisibleAsync();
        await page.WaitForURLAsync(address => Uri.UnescapeDataString(address).Contains("alpha=0.2", StringComparison.Ordinal) && address.Contains("model=", StringComparison.Ordinal));

        // Whoever opens the address sees the same numbers, and the back button goes one rest of the slider back.
        await page.ReloadAsync();
        await AssertShownAsync(page, scene, spec);
        await page.GoBackAsync();
        await page.WaitForURLAsync("**&alpha=0.32&**");
        await AssertShownAsync(page, scene, spec with { Concentration = 0.32 });
        await page.GoBackAsync();
        await AssertShownAsync(page, scene, withAll);

        await page.GetByRole(AriaRole.Button, new() { Name = "Back to the beginning" }).ClickAsync();
        await AssertShownAsync(page, scene, new PopulationSpec(names, 0.1, 1000, 0));
        await page.WaitForURLAsync($"**/populations/new?dataset={made.DatasetId}");
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task TheDiversityCurve_IsThatOfTheEngine_AndAUserIsLookedAtByNumber()
    {
        var (made, page) = await OpenAsync();
        var scene = await Scene.ReadAsync(server, made.DatasetId);
        await page.GotoAsync($"/populations/{made.CohortId}");
        var spec = new PopulationSpec(scene.Rewards.RewardModels, 0.2, 120, 3);
        await AssertShownAsync(page, scene, spec);
        var point = AlphaSweep.Of(scene.Rewards, spec, [1])[0];
        await EventuallyEqualAsync(page, "curve-agreement:1", point.Agreement.Value!.Value);
        await EventuallyEqualAsync(page, "curve-entropy:1", point.MeanEntropy.Value!.Value);

        var users = PopulationSampler.Sample(spec);
        await ClickUntilAsync(page, "Next", page.GetByRole(AriaRole.Button, new() { Name = "Previous", Disabled = false }));
        await page.WaitForURLAsync("**?user=1");
        await AssertLookedAtAsync(page, users, 1);
        await page.GetByLabel("User, 0 to 119").FillAsync("77");
        await page.Keyboard.PressAsync("Tab");
        await AssertLookedAtAsync(page, users, 77);
        await page.WaitForURLAsync("**?user=77");
        await page.ReloadAsync();
        await AssertLookedAtAsync(page, users, 77);

        // A click on the map looks at somebody as well: wherever a point lies under one of these places.
        var map = page.GetByRole(AriaRole.Img, new() { NameRegex = new("simulated users by their weights") });
        await EventuallyEqualAsync(page, "curve-agreement:1", point.Agreement.Value!.Value);
        await map.EvaluateAsync("element => element.scrollIntoView({ block: 'center' })");
        var box = (await map.BoundingBoxAsync())!;
        for (var place = 0; place < 400 && await page.GetByLabel("User, 0 to 119").InputValueAsync() == "77"; place++)
            await page.Mouse.ClickAsync(box.X + (box.Width * (0.1f + (0.04f * (place % 20)))), box.Y + (box.Height * (0.1f + (0.04f * (place / 20)))));
        await Expect(page.GetByLabel("User, 0 to 119")).Not.ToHaveValueAsync("77");
    }

    [Fact]
    public async Task AWrongAddress_IsAnsweredInOneSentence_AndAPopulationIsRenamedAndRemoved()
    {
        var (made, page) = await OpenAsync();
        await page.GotoAsync($"/populations/{made.CohortId}?alpha=much&users=50");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("alpha must be a number");
        await Expect(page.GetByLabel("Users, exactly")).ToHaveValueAsync("50");
        // What is typed before the circuit is there is lost to it.
        await page.Locator("figure svg").First.WaitForAsync();
        await page.GetByLabel("Users, exactly").FillAsync("1");
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("users must be a whole number from 2 to 10000");

        var unique = Guid.NewGuid().ToString("n")[..8];
        await page.GetByLabel("Keep them under a new name").FillAsync($"First {unique}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Keep", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync($"First {unique}");
        await page.GotoAsync("/populations");
        await ClickUntilAsync(page, $"Rename First {unique}", page.GetByLabel($"New name of First {unique}"));
        await page.GetByLabel($"New name of First {unique}").FillAsync($"Second {unique}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Rename", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = $"Remove Second {unique}" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove", Exact = true }).ClickAsync();
        await Expect(page.GetByText(unique)).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Attributes_AreComputedOnDemand()
    {
        var (made, page) = await OpenAsync();
        await using (var data = server.CreateContext())
        {
            // Texts that differ in more than one digit.
            for (var rest = 0; rest < 15; rest++)
            {
                var text = string.Join(' ', Enumerable.Repeat("the long word,", 1 + (rest * 7 % 5))) + (rest % 3 == 0 ? "\n- and a list" : " curiously!");
                await data.Responses.Where(response => response.Prompt!.DatasetId == made.DatasetId && response.DatasetIndex % 15 == rest)
                    .ExecuteUpdateAsync(row => row.SetProperty(response => response.Text, text));
            }
        }
        await page.GotoAsync($"/populations/{made.CohortId}?alpha=1&beta=0.5");
        await ClickUntilAsync(page, "Compute for 120 users", page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).Or(page.GetByText("have coefficients")));
        await Expect(page.GetByText("have coefficients")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await Expect(page.Locator("[data-story]")).ToContainTextAsync("prefer");
        Assert.Equal(1, await page.Locator("[data-estimate='user-coefficient:tokens']").CountAsync());
    }

    private static async Task AssertLookedAtAsync(IPage page, SimulatedUsers users, int userIndex) =>
        await RankingScene.EventuallyAsync(async () =>
            await page.Locator("[data-user-effective]").GetAttributeAsync("data-user-effective") is { } shown
            && Math.Abs(double.Parse(shown, CultureInfo.InvariantCulture) - users[userIndex].EffectiveNumber) < 1e-9);

    /// <summary>A click that comes before the page has its circuit is lost.</summary>
    private static Task ClickUntilAsync(IPage page, string button, ILocator appears) => RankingScene.EventuallyAsync(async () =>
    {
        if (await appears.CountAsync() > 0)
            return true;
        await page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();
        await Task.WhenAny(appears.First.WaitForAsync(), Task.Delay(1000));
        return await appears.CountAsync() > 0;
    });

    private static async Task MoveAsync(IPage page, string label, string key, int steps)
    {
        await page.GetByLabel(label, new() { Exact = true }).FocusAsync();
        for (var step = 0; step < steps; step++)
            await page.Keyboard.PressAsync(key);
    }

    private static async Task AssertShownAsync(IPage page, Scene scene, PopulationSpec spec)
    {
        foreach (var (name, value) in scene.Numbers(spec))
            await EventuallyEqualAsync(page, name, value);
    }

    private static async Task EventuallyEqualAsync(IPage page, string name, double value)
    {
        var shown = "nothing";
        for (var attempt = 0; attempt < 300; attempt++)
        {
            if (await page.Locator($"[data-estimate=\"{name}\"]").CountAsync() > 0)
                shown = await page.Locator($"[data-estimate=\"{name}\"]").First.GetAttributeAsync("data-value", new() { Timeout = 5000 });
            if (double.TryParse(shown, CultureInfo.InvariantCulture, out var number) && Math.Abs(number - value) < 1e-9)
                return;
            await Task.Delay(50);
        }
        Assert.Fail($"{name} should be {value} but {page.Url} shows {shown}.");
    }

    private async Task<(JudgedStudy Made, IPage Page)> OpenAsync()
    {
        await using var data = server.CreateContext();
        var made = await JudgedStudy.CreateAsync(data);
        var page = await browser.OpenAsync(server.Address);
        await AccountScene.JoinAsync(page, await AccountScene.InvitationAsync(server, Roles.Researcher), $"{Guid.NewGuid():n}@example.org");
        return (made, page);
    }

    /// <summary>The data set, read from its rows.</summary>
    private sealed record Scene(RewardMatrix Rewards, string[] ResponseModels, string?[] Subsets)
    {
        public static async Task<Scene> ReadAsync(ServerFixture server, int datasetId)
        {
            await using var data = server.CreateContext();
            var columns = await data.DatasetRewards.Include(reward => reward.Chunks).Include(reward => reward.RewardModel).Where(reward => reward.DatasetId == datasetId)
                .OrderBy(reward => reward.RewardModel!.Name).ToListAsync();
            var responses = await data.Responses.Where(response => response.Prompt!.DatasetId == datasetId).OrderBy(response => response.DatasetIndex)
                .Select(response => new { response.ResponseModel!.Name, Prompt = response.Prompt!.Index }).ToListAsync();
            var values = new float[responses.Count * columns.Count];
            for (var column = 0; column < columns.Count; column++)
            {
                var raw = MemoryMarshal.Cast<byte, float>(columns[column].Chunks.Single().Values);
                for (var response = 0; response < raw.Length; response++)
                    values[(response * columns.Count) + column] = new RewardConstants(columns[column].Mean, columns[column].StandardDeviation).Apply(raw[response]);
            }
            var prompts = responses.Max(response => response.Prompt) + 1;
            return new Scene(
                new RewardMatrix([.. columns.Select(column => column.RewardModel!.Name)], [.. Enumerable.Range(0, prompts + 1).Select(prompt => prompt * JudgedStudy.Responses)], values),
                [.. responses.Select(response => response.Name)],
                new string?[prompts]);
        }

        public IEnumerable<(string Name, double Value)> Numbers(PopulationSpec spec)
        {
            var rewards = Rewards.Select([.. Enumerable.Range(0, Rewards.PromptCount)], spec.RewardModels);
            var users = PopulationSampler.Sample(spec);
            var votes = VoteCounter.CountFirstChoices(rewards, users);
            var summary = Diversity.Summarize(votes, ResponseModels, Subsets, 0, 10);
            yield return ("entropy", summary.MeanEntropy.Value!.Value);
            yield return ("effective-responses", summary.EffectiveResponses.Value!.Value);
            yield return ("agreement", PairwiseAgreement.WithinSimulated(VoteCounter.CountPairs(rewards, users)).Value!.Value);
            yield return ("overlap", FirstChoiceOverlap.Mean(votes, 0, 10).Value!.Value);
            yield return ("effective-reward-models", Diversity.EffectiveRewardModels(users, 0, 10).Value!.Value);
            yield return ("gini-weights", Gini.OfWeights(users, 0, 10).Value!.Value);
            yield return ("majority:0.50", summary.MajorityCurve[0].Share.Value!.Value);
            foreach (var share in summary.WinShares)
                yield return ($"win-share:{share.Name}", share.Estimate.Value!.Value);
        }
    }
}
