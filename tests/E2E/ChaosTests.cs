using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Playwright;
using PersonalLlm.Data;
using PersonalLlm.Data.Accounts;
using PersonalLlm.Data.Judgements;
using PersonalLlm.Data.Postgres;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Studies;
using PersonalLlm.Testing;
using Xunit.Abstractions;

namespace PersonalLlm.E2E;

/// <summary>
/// People with and without an account rank while everything is taken from under them. Each has a seed, so that a bad day can be
/// lived again as far as races allow: PERSONALLLM_CHAOS_SEED; how much is done: PERSONALLLM_CHAOS_JUDGEMENTS.
/// </summary>
public sealed class ChaosTests(BrowserFixture browser, ITestOutputHelper output) : IClassFixture<BrowserFixture>
{
    private const int WithAccount = 6;
    private const int WithoutAccount = 6;
    private const int AtABrowser = 2;
    private const int Overlap = 4;
    private const int Blows = 9;
    private static readonly int s_judgements = Setting("PERSONALLLM_CHAOS_JUDGEMENTS", 240);
    private static readonly int s_seed = Setting("PERSONALLLM_CHAOS_SEED", 2026);
    private static readonly AttentionCheck s_check = new("Put the second one first, please.", ["A text.", "This one first.", "Another.", "One more."], 1);

    /// <summary>What people were told, or meant: the answer of each assignment, in the letters that they saw.</summary>
    private readonly ConcurrentDictionary<Guid, string> _meant = new();
    private readonly ConcurrentDictionary<string, int> _events = new();
    private readonly CancellationTokenSource _givingUp = new(TimeSpan.FromSeconds(60 + s_judgements));

    [Fact]
    public async Task WhateverBreaks_NothingIsLost_NothingIsThereTwice_AndThePlacesAddUp()
    {
        // A database of its own, because it is killed as well.
        var folder = Path.Combine(Path.GetTempPath(), $"personalllm-chaos-{Guid.NewGuid():n}");
        var watch = Stopwatch.StartNew();
        output.WriteLine($"Seed {s_seed}, {s_judgements} judgements.");
        try
        {
            await using var server = await ServerProcess.StartAsync(
                ("Database:DataFolder", folder), ("Datasets:Demo", "false"), ("Account:AttemptsPerMinute", "10000"), ("Judgements:Lease", "00:00:45"));
            await using var postgres = await EmbeddedPostgres.StartAsync(TestServer.Options(Path.Combine(folder, "postgres")) with { IsDurable = true }, NullLogger.Instance);
            await using var services = TestDatabase.Services(postgres.ConnectionString("personalllm"));
            var contexts = services.GetRequiredService<IDbContextFactory<PersonalLlmDbContext>>();
            var invited = await StudyAsync(contexts, StudyAccess.Accounts);
            var recruited = await StudyAsync(contexts, StudyAccess.Platform);
            var emails = new List<string>();
            for (var person = 0; person < WithAccount + AtABrowser; person++)
                emails.Add(await invited.PersonAsync(Roles.Annotator));

            var people = new List<Task>();
            people.AddRange(emails.Take(WithAccount).Select((email, number) => RankAsync(server.Address, invited.Code, number, person => person.SignInAsync(email, RankingScene.Password))));
            people.AddRange(Enumerable.Range(0, WithoutAccount).Select(number => RankAsync(
                server.Address, recruited.Code, WithAccount + number, person => person.JoinAsync($"/s/{recruited.Code}?PROLIFIC_PID=person{number}&STUDY_ID=eggs&SESSION_ID=s{number}"))));
            people.AddRange(emails.Skip(WithAccount).Select((email, number) => RankAtABrowserAsync(server.Address, invited, email, number)));
            var everybody = Task.WhenAll(people);
            await BreakThingsAsync(server, folder, everybody);
            await everybody;

            output.WriteLine($"{_meant.Count} judgements in {watch.Elapsed.TotalSeconds:0} s: {string.Join(", ", _events.OrderBy(one => one.Key).Select(one => $"{one.Value} × {one.Key}"))}.");
            await AssertNothingIsLostAsync(contexts);
        }
        finally
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
    }

    private static Task<RankingScene> StudyAsync(IDbContextFactory<PersonalLlmDbContext> contexts, StudyAccess access) => RankingScene.CreateAsync(
        contexts.CreateDbContext, s_judgements / 2 / Overlap, responses: 4, Overlap,
        study =>
        {
            study.Access = access;
            study.Assignment = new() { Repeats = 2, RepeatLag = 8 };
            study.AttentionChecks = [s_check];
        });

    private async Task AssertNothingIsLostAsync(IDbContextFactory<PersonalLlmDbContext> contexts)
    {
        await using var data = await contexts.CreateDbContextAsync();
        var stored = await data.Judgements.AsNoTracking().Include(row => row.Assignment).ToListAsync();
        Assert.Equal(
            _meant.OrderBy(one => one.Key).Select(one => (one.Key, one.Value)),
            stored.OrderBy(row => row.AssignmentId).Select(row => (row.AssignmentId, RankingScene.AsSeen(row))));

        // Every place is taken, by as many people as were asked for, and by nobody twice.
        Assert.Equal(s_judgements, stored.Count(row => row.Assignment is { PromptId: not null, RepeatOfId: null }));
        Assert.Equal(stored.Count, stored.DistinctBy(row => (row.Assignment!.AnnotatorId, row.Assignment.PromptId, row.Assignment.CheckIndex, row.Assignment.RepeatOfId)).Count());
        var places = await data.StudyPrompts.Select(item => new
        {
            item.Taken,
            Held = data.Assignments.Count(row => row.PromptId == item.PromptId && row.RepeatOfId == null && row.State == AssignmentState.Submitted),
        }).ToListAsync();
        Assert.All(places, place => Assert.Equal((Overlap, Overlap), (place.Taken, place.Held)));

        // What was taken back stays on record, behind the one that counts.
        var all = await data.Judgements.WithSuperseded().AsNoTracking().ToListAsync();
        Assert.All(all.GroupBy(row => row.AssignmentId), rows =>
        {
            Assert.Single(rows, row => row.SupersededAt is null);
            Assert.Equal(Enumerable.Range(1, rows.Count()), rows.Select(row => row.Revision).Order());
        });

        // Repeats are of the same person's own items, at least as far apart as designed; a check comes once.
        var assignments = await data.Assignments.AsNoTracking().Include(row => row.RepeatOf).ToListAsync();
        foreach (var own in assignments.Where(row => row.State == AssignmentState.Submitted).GroupBy(row => row.AnnotatorId))
        {
            Assert.InRange(own.Count(row => row.CheckIndex is not null), 0, 1);
            Assert.InRange(own.Count(row => row.RepeatOfId is not null), 0, 2);
            Assert.All(own.Where(row => row.RepeatOf is not null), row =>
            {
                Assert.Equal((row.AnnotatorId, row.PromptId), (row.RepeatOf!.AnnotatorId, row.RepeatOf.PromptId));
                Assert.True(row.Slot - row.RepeatOf.Slot >= 8, $"A repeat came after {row.Slot - row.RepeatOf.Slot} items.");
            });
        }
        Assert.Equal(WithAccount + WithoutAccount + AtABrowser, await data.Annotators.CountAsync());
    }

    /// <summary>Kills the server or the database at random instants until everybody is done.</summary>
    private async Task BreakThingsAsync(ServerProcess server, string folder, Task everybody)
    {
        var random = new Random(s_seed);
        for (var blow = 0; blow < Blows; blow++)
        {
            // Somewhere in each part of the work, never after it.
            var after = s_judgements * blow / (Blows + 1) + random.Next(s_judgements / (Blows + 1));
            while (_meant.Count < after && !everybody.IsCompleted)
                await Task.Delay(20);
            await Task.Delay(random.Next(200));
            if (random.Next(3) == 0)
            {
                Happened("database killed");
                Process.GetProcessById(PostmasterOf(folder)).Kill();
            }
            else
            {
                Happened("server killed");
                await server.KillAsync();
                await server.StartAsync();
            }
        }
    }

    /// <summary>Somebody who clicks twice, closes tabs, has another one open, and changes their mind.</summary>
    private async Task RankAsync(Uri address, string code, int number, Func<HttpAnnotator, Task> enter)
    {
        using var person = new HttpAnnotator(address, number);
        var random = new Random(s_seed * 31 + number);
        await InsistAsync(async () =>
        {
            await enter(person);
            return true;
        });
        for (var waits = 0; waits < 40;)
        {
            if (await InsistAsync(() => person.NextAsync(code)) is not { } prompt)
            {
                // Full for now: what somebody else has in hand may still come back.
                waits++;
                await Task.Delay(250);
                continue;
            }
            waits = 0;
            // Nobody reads faster than this.
            await Task.Delay(random.Next(250));
            var ranks = person.Rank(prompt);
            var sequence = prompt.Sequence + 1;
            if (random.Next(4) == 0)
            {
                Happened("second tab");
                await Task.WhenAll(
                    InsistAsync(() => person.SaveDraftAsync(prompt, ranks.Take(2), sequence)), InsistAsync(() => person.SaveDraftAsync(prompt, ranks.Take(3), sequence + 1)));
                sequence += 2;
            }
            if (random.Next(6) == 0)
            {
                // The click is gone with the tab, or it was just in time: the next visit tells.
                Happened("tab closed after submit");
                using var closing = new CancellationTokenSource(random.Next(1, 25));
                try
                {
                    await person.SubmitAsync(prompt, ranks, sequence, closing.Token);
                    _meant[prompt.AssignmentId] = HttpAnnotator.AsText(ranks);
                    continue;
                }
                catch (Exception lost) when (lost is HttpRequestException or OperationCanceledException or IOException)
                {
                    // Word for word again below, as the page does when it is opened again.
                }
            }
            var clicks = random.Next(6) == 0 ? 2 : 1;
            if (clicks == 2)
                Happened("double click");
            var outcomes = await Task.WhenAll(Enumerable.Range(0, clicks).Select(_ => InsistAsync(() => person.SubmitAsync(prompt, ranks, sequence))));
            Assert.All(outcomes, outcome => Assert.Contains(outcome, new[] { "recorded", "alreadyRecorded" }));
            Assert.True(_meant.TryAdd(prompt.AssignmentId, HttpAnnotator.AsText(ranks)), "One assignment was handed out again after it was recorded.");
            if (random.Next(6) == 0 && await InsistAsync(() => person.UndoAsync(prompt)) == "undone")
            {
                Happened("undo");
                Assert.True(_meant.TryRemove(prompt.AssignmentId, out _));
            }
        }
    }

    /// <summary>Somebody at a real browser whose network comes and goes, who reloads and closes tabs.</summary>
    private async Task RankAtABrowserAsync(Uri address, RankingScene scene, string email, int number)
    {
        var random = new Random(s_seed * 37 + number);
        await using var context = await browser.Browser.NewContextAsync(new() { BaseURL = address.ToString(), ViewportSize = new() { Width = 1280, Height = 900 } });
        var page = await context.NewPageAsync();
        await InsistAsync(async () =>
        {
            await RankingScene.SignInAsync(page, email);
            return true;
        });
        for (var waits = 0; waits < 20;)
        {
            if (!await InsistAsync(() => OpenNextAsync(page, scene)))
            {
                waits++;
                await Task.Delay(500);
                continue;
            }
            waits = 0;
            var assignment = Guid.Parse((await page.Locator("form[data-board]").GetAttributeAsync("data-assignment"))!);
            if (_meant.ContainsKey(assignment))
            {
                // The page's own script is about to send what was clicked before.
                await Task.Delay(300);
                continue;
            }
            var order = "ABCD".ToCharArray();
            random.Shuffle(order);
            var isStillTheirs = true;
            for (var index = 0; index < order.Length; index++)
            {
                await RankingScene.Card(page, order[index]).PressAsync($"{index + 1}");
                if (random.Next(8) == 0)
                {
                    Happened("network cut");
                    await context.SetOfflineAsync(true);
                    await Task.Delay(random.Next(50, 400));
                    await context.SetOfflineAsync(false);
                }
                if (random.Next(10) == 0)
                {
                    Happened("reload");
                    // Whoever comes back late may find another prompt in hand; what was begun stays with the first.
                    isStillTheirs = await InsistAsync(() => OpenNextAsync(page, scene))
                        && await page.Locator("form[data-board]").GetAttributeAsync("data-assignment") == assignment.ToString();
                    if (!isStillTheirs)
                        break;
                }
            }
            if (!isStillTheirs)
                continue;
            await RankingScene.SummaryIsAsync(page, string.Join(" · ", order.Select((letter, index) => $"{index + 1} {letter}")));
            _meant[assignment] = string.Join(',', order);
            await RankingScene.SubmitAsync(page);
            if (random.Next(3) == 0)
            {
                Happened("browser tab closed after submit");
                await page.CloseAsync();
                page = await context.NewPageAsync();
            }
            else
                await page.WaitForFunctionAsync("assignment => document.querySelector('form[data-board]')?.dataset.assignment !== assignment", assignment.ToString(), new() { Timeout = 60_000 });
        }
    }

    /// <summary>False when nothing is left to rank for now.</summary>
    private static async Task<bool> OpenNextAsync(IPage page, RankingScene scene)
    {
        var answer = await page.GotoAsync(scene.RankPath);
        if (answer is null or { Status: >= 500 })
            throw new HttpRequestException($"The page answered {answer?.Status}.");
        if (!new Uri(page.Url).AbsolutePath.EndsWith("/rank", StringComparison.Ordinal))
            return false;
        await page.Locator("form[data-ready]").WaitForAsync();
        return true;
    }

    private void Happened(string what) => _events.AddOrUpdate(what, 1, (_, count) => count + 1);

    private async Task<T> InsistAsync<T>(Func<Task<T>> act)
    {
        while (true)
        {
            try
            {
                return await act();
            }
            catch (Exception away) when (away is HttpRequestException or TaskCanceledException or IOException or PlaywrightException or TimeoutException && !_givingUp.IsCancellationRequested)
            {
                await Task.Delay(100);
            }
        }
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;

    private static int PostmasterOf(string folder) =>
        int.Parse(File.ReadLines(Path.Combine(folder, "postgres", "cluster", "postmaster.pid")).First(), CultureInfo.InvariantCulture);
}
