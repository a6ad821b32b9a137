using System.Buffers.Binary;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using PersonalLlm.Data;
using PersonalLlm.Data.Accounts;
using PersonalLlm.Engine.Population;
using PersonalLlm.Testing;
using static Microsoft.Playwright.Assertions;

namespace PersonalLlm.E2E;

/// <summary>The whole way once: a file, a study, three people, a killed server, and numbers that somebody else computes too.</summary>
public sealed class MainJourneyTests(BrowserFixture browser) : IClassFixture<BrowserFixture>
{
    private const int Prompts = 4;
    private const int People = 3;

    [RealDataFact("alpaca8_scored.jsonl.gz")]
    public async Task FromAFile_ThroughThreePeopleAndAKilledServer_ToNumbersThatHold()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var server = await ServerProcess.StartAsync(("Database:ConnectionString", database.ConnectionString), ("Datasets:Demo", "false"));
        var admin = await browser.OpenAsync(server.Address);
        await AccountScene.JoinAsync(admin, await AccountScene.SetupLinkAsync(server), "admin@example.org");

        await ImportAsync(admin, RealData.Find("alpaca8_scored.jsonl.gz")!);
        var studyLink = await MakeStudyAsync(admin);
        var annotators = new List<IPage>();
        for (var person = 0; person < People; person++)
        {
            var link = await AccountScene.InviteAsync(admin, Roles.Annotator);
            annotators.Add(await browser.OpenAsync(server.Address));
            await AccountScene.JoinAsync(annotators[^1], link, $"annotator{person}@example.org");
        }

        await RankByKeysAloneAsync(annotators[0], studyLink);
        await RankThroughAKilledServerAsync(annotators[1], studyLink, server);
        await RankAsync(annotators[2], studyLink, done: 0, "HGFEDCBA");

        await using var data = database.CreateContext();
        Assert.Equal(Prompts * People, await data.Judgements.CountAsync());
        Assert.All(await data.StudyPrompts.Select(item => item.Taken).ToListAsync(), taken => Assert.Equal(People, taken));
        await DashboardHoldsAsync(admin, data);
    }

    private static async Task ImportAsync(IPage page, string file)
    {
        await page.GotoAsync("/datasets/import", new() { WaitUntil = WaitUntilState.NetworkIdle });
        await page.Locator("#upload").SetInputFilesAsync(file);
        await Expect(page.Locator("#name")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await page.Locator("#name").FillAsync("Alpaca, scored");
        await page.Locator("#licence").FillAsync("CC BY-NC 4.0, research use only");
        await page.GetByRole(AriaRole.Button, new() { Name = "Import 719 prompts" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Open it" })).ToBeVisibleAsync(new() { Timeout = 60_000 });
    }

    private static async Task<string> MakeStudyAsync(IPage page)
    {
        await page.GotoAsync("/studies/new", new() { WaitUntil = WaitUntilState.NetworkIdle });
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Whose taste?");
        await page.GetByLabel("Data set", new() { Exact = true }).SelectOptionAsync(new SelectOptionValue { Label = "Alpaca, scored (719 prompts)" });
        await Expect(page.Locator("[data-count='prompts']")).ToHaveTextAsync("719");
        await page.GetByLabel("A random sample").ClickAsync();
        await page.GetByLabel("How many", new() { Exact = true }).FillAsync($"{Prompts}");
        await page.GetByLabel("People per prompt").FillAsync($"{People}");
        await page.GetByLabel("Begin with a guided practice item").UncheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Save and go on" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Open", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Pause" })).ToBeVisibleAsync();
        return await page.GetByLabel("Link for annotators").InputValueAsync();
    }

    private static async Task RankByKeysAloneAsync(IPage page, string studyLink)
    {
        await page.GotoAsync(studyLink);
        await TabToAsync(page, "a.button.primary");
        await page.Keyboard.PressAsync("Enter");
        for (var done = 0; done < Prompts; done++)
        {
            await ReadyAsync(page, done);
            await TabToAsync(page, "article");
            foreach (var rank in "51372846")
            {
                await page.Keyboard.PressAsync($"{rank}");
                await page.Keyboard.PressAsync("ArrowRight");
            }
            // From the last response (rank 6) back to the first (rank 5), which then ties with rank 4.
            for (var step = 0; step < 7; step++)
                await page.Keyboard.PressAsync("ArrowLeft");
            await page.Keyboard.PressAsync("=");
            await Expect(page.Locator("[data-summary]")).ToContainTextAsync("=");
            await page.Keyboard.PressAsync("Enter");
        }
        await page.WaitForURLAsync("**/done");
    }

    private static async Task RankThroughAKilledServerAsync(IPage page, string studyLink, ServerProcess server)
    {
        await RankAsync(page, studyLink, done: 0, "BADCFEHG", items: 1);
        await ReadyAsync(page, 1);
        await RankingScene.RankAsync(page, "CAB");
        await Expect(page.Locator("[data-status]")).ToContainTextAsync("Saved", new() { Timeout = 20_000 });

        await server.KillAsync();
        await RankingScene.RankAsync(page, "DE");
        await Expect(page.Locator("[data-status]")).ToContainTextAsync("this device", new() { Timeout = 20_000 });
        await server.StartAsync();

        await RankingScene.RankAsync(page, "FGH");
        await RankingScene.SubmitAsync(page);
        await ReadyAsync(page, 2);
        await RankAsync(page, studyLink, done: 2, "EFGHABCD");
    }

    private static async Task RankAsync(IPage page, string studyLink, int done, string bestFirst, int items = Prompts)
    {
        await page.GotoAsync(studyLink);
        await page.Locator("a.button.primary").ClickAsync();
        for (var last = Math.Min(Prompts, done + items); done < last; done++)
        {
            await ReadyAsync(page, done);
            await RankingScene.RankAsync(page, bestFirst);
            await RankingScene.SubmitAsync(page);
        }
        if (done == Prompts)
            await page.WaitForURLAsync("**/done");
        else
            await ReadyAsync(page, done);
    }

    private static async Task ReadyAsync(IPage page, int done)
    {
        await Expect(page.GetByText($"{done} of {Prompts}")).ToBeVisibleAsync(new() { Timeout = 30_000 });
        await page.Locator("form[data-ready]").WaitForAsync();
    }

    private static async Task TabToAsync(IPage page, string selector)
    {
        for (var presses = 0; !await page.EvaluateAsync<bool>("selector => document.activeElement.matches(selector)", selector); presses++)
        {
            Assert.True(presses < 40, $"Forty presses of Tab did not reach {selector}.");
            await page.Keyboard.PressAsync("Tab");
        }
    }

    // ---- the numbers, a second time: plain loops over plain rows ----

    private static async Task DashboardHoldsAsync(IPage page, PersonalLlmDbContext data)
    {
        var studyId = await data.Studies.Select(study => study.Id).SingleAsync();
        await page.GotoAsync($"/studies/{studyId}/dashboard?alpha=0.05&users=500&seed=7");
        var (humans, rewards, models) = await ReadAsync(data);
        var simulated = Simulate(rewards);

        await HoldsAsync("humans-entropy", MeanEntropy(humans.Select(prompt => prompt.Select(FirstChoices))), Prompts);
        await HoldsAsync("simulated-entropy", MeanEntropy(simulated.Select(prompt => prompt.Select(FirstChoices))), Prompts);
        await HoldsAsync("agreement-within-humans", Pairs(humans).Average(), People);
        await HoldsAsync("agreement-within-simulated", Pairs(simulated).Average(), 500);
        await HoldsAsync("agreement-between", humans.SelectMany((prompt, index) => prompt.Select(person => simulated[index].Average(user => TauB(person, user)))).Average(), People);
        foreach (var (model, share) in WinShares(humans, models))
            await HoldsAsync($"humans-win-share:{model}", share, People);
        foreach (var (model, share) in WinShares(simulated, models))
            await HoldsAsync($"simulated-win-share:{model}", share, Prompts);

        async Task HoldsAsync(string name, double value, int n)
        {
            // Tables of figures lie in closed disclosures, so it is enough that the number is in the page.
            var shown = page.Locator($"[data-estimate='{name}']").First;
            await shown.WaitForAsync(new() { State = WaitForSelectorState.Attached, Timeout = 30_000 });
            var number = await shown.GetAttributeAsync("data-value");
            Assert.True(number is not null, $"{name}: {await shown.TextContentAsync()}");
            Assert.True(Math.Abs(value - double.Parse(number, CultureInfo.InvariantCulture)) < 1e-9, $"{name} is shown as {number} but is {value:R}.");
            Assert.Equal($"{n}", await shown.GetAttributeAsync("data-n"));
        }
    }

    /// <summary>Ranks [prompts][people][responses], standardised rewards [prompts][responses][reward models], models [prompts][responses].</summary>
    private static async Task<(double[][][] Humans, double[][][] Rewards, string[][] Models)> ReadAsync(PersonalLlmDbContext data)
    {
        var rows = await data.Database.SqlQueryRaw<JudgementRow>(
            """SELECT a."PromptId", j."Ranking" FROM "Judgements" j JOIN "Assignments" a ON a."Id" = j."AssignmentId" """).ToListAsync();
        var prompts = await data.StudyPrompts.OrderBy(item => item.Index).Select(item => item.PromptId).ToListAsync();
        var responses = await data.Responses.Where(response => prompts.Contains(response.PromptId)).OrderBy(response => response.Index)
            .Select(response => new { response.PromptId, response.DatasetIndex, Model = response.ResponseModel!.Name }).ToListAsync();
        var columns = await data.DatasetRewards.OrderBy(reward => reward.RewardModel!.Name)
            .Select(reward => new { reward.RewardModelId, reward.Mean, reward.StandardDeviation }).ToListAsync();
        var standardised = new List<double[]>();
        foreach (var column in columns)
        {
            var chunks = await data.RewardChunks.Where(chunk => chunk.RewardModelId == column.RewardModelId).OrderBy(chunk => chunk.ChunkIndex).ToListAsync();
            var bytes = chunks.SelectMany(chunk => chunk.Values).ToArray();
            standardised.Add([.. Enumerable.Range(0, bytes.Length / 4)
                .Select(row => (BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(row * 4)) - column.Mean) / column.StandardDeviation)]);
        }
        return (
            [.. prompts.Select(prompt => rows.Where(row => row.PromptId == prompt).Select(row => RanksOf(row.Ranking)).ToArray())],
            [.. prompts.Select(prompt => responses.Where(response => response.PromptId == prompt)
                .Select(response => standardised.Select(column => column[response.DatasetIndex]).ToArray()).ToArray())],
            [.. prompts.Select(prompt => responses.Where(response => response.PromptId == prompt).Select(response => response.Model).ToArray())]);
    }

    /// <summary>"B,D=A,C" → 2, 1, 4, 2: the rank of A, of B, …</summary>
    private static double[] RanksOf(string ranking)
    {
        var tiers = ranking.Split(',').Select(tier => tier.Split('=')).ToArray();
        var ranks = new double[tiers.Sum(tier => tier.Length)];
        var better = 0;
        foreach (var tier in tiers)
        {
            foreach (var letter in tier)
                ranks[letter[0] - 'A'] = better + 1;
            better += tier.Length;
        }
        return ranks;
    }

    private static double[][][] Simulate(double[][][] rewards)
    {
        var names = Enumerable.Range(0, rewards[0][0].Length).Select(index => $"{index:00}").ToArray();
        var users = PopulationSampler.Sample(new(names, .05, 500, 7));
        return [.. rewards.Select(prompt => Enumerable.Range(0, users.Count).Select(user =>
        {
            var weights = users.WeightsOf(user).ToArray();
            var utilities = prompt.Select(response => response.Zip(weights, (z, w) => z * w).Sum()).ToArray();
            return utilities.Select(one => 1.0 + utilities.Count(other => other > one)).ToArray();
        }).ToArray())];
    }

    private static int[] FirstChoices(double[] ranks) => [.. Enumerable.Range(0, ranks.Length).Where(response => ranks[response] == 1)];

    private static double MeanEntropy(IEnumerable<IEnumerable<int[]>> prompts) => prompts.Average(prompt =>
    {
        var votes = prompt.ToArray();
        return -votes.SelectMany(choices => choices.Select(choice => (choice, part: 1.0 / choices.Length))).GroupBy(vote => vote.choice, vote => vote.part)
            .Select(parts => parts.Sum() / votes.Length).Sum(share => share * Math.Log(share));
    });

    private static IEnumerable<double> Pairs(double[][][] prompts) =>
        prompts.SelectMany(prompt => prompt.SelectMany((one, index) => prompt.Skip(index + 1).Select(other => TauB(one, other))));

    /// <summary>Kendall 1945, from the definition.</summary>
    private static double TauB(double[] one, double[] other)
    {
        double difference = 0, orderedByOne = 0, orderedByOther = 0;
        for (var a = 0; a < one.Length; a++)
            for (var b = a + 1; b < one.Length; b++)
            {
                int first = Math.Sign(one[a] - one[b]), second = Math.Sign(other[a] - other[b]);
                difference += first * second;
                orderedByOne += first * first;
                orderedByOther += second * second;
            }
        return difference / Math.Sqrt(orderedByOne * orderedByOther);
    }

    private static IEnumerable<(string Model, double Share)> WinShares(double[][][] prompts, string[][] models)
    {
        var votes = prompts.SelectMany((prompt, index) => prompt.SelectMany(ranks =>
        {
            var choices = FirstChoices(ranks);
            return choices.Select(choice => (Model: models[index][choice], Part: 1.0 / choices.Length));
        })).ToArray();
        return models.SelectMany(model => model).Distinct()
            .Select(model => (model, votes.Where(vote => vote.Model == model).Sum(vote => vote.Part) / votes.Sum(vote => vote.Part)));
    }

    private sealed record JudgementRow(long PromptId, string Ranking);
}
