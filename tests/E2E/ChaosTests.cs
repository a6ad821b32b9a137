using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using PersonalLlm.Data;
using PersonalLlm.Data.Accounts;
using PersonalLlm.Data.Postgres;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Studies;
using PersonalLlm.Testing;

namespace PersonalLlm.E2E;

public sealed class ChaosTests
{
    private const int People = 8;
    private const int Overlap = 3;
    private const int Judgements = 150;
    private const int Seed = 2026;

    [Fact]
    public async Task ServerAndDatabaseKilledAgainAndAgain_EveryAcknowledgedJudgementIsThereOnce_AndNoPlaceIsLost()
    {
        // A database of its own, because it is killed as well.
        var folder = Path.Combine(Path.GetTempPath(), $"personalllm-chaos-{Guid.NewGuid():n}");
        try
        {
            await using var server = await ServerProcess.StartAsync(
                ("Database:DataFolder", folder), ("Datasets:Demo", "false"), ("Account:AttemptsPerMinute", "10000"), ("Judgements:Lease", "00:00:03"));
            await using var postgres = await EmbeddedPostgres.StartAsync(TestServer.Options(Path.Combine(folder, "postgres")) with { IsDurable = true }, NullLogger.Instance);
            await using var services = TestDatabase.Services(postgres.ConnectionString("personalllm"));
            var contexts = services.GetRequiredService<IDbContextFactory<PersonalLlmDbContext>>();
            var scene = await RankingScene.CreateAsync(contexts.CreateDbContext, prompts: Judgements / Overlap, responses: 4, Overlap);
            var emails = new List<string>();
            for (var person = 0; person < People; person++)
                emails.Add(await scene.PersonAsync(Roles.Annotator));

            var acknowledged = new ConcurrentDictionary<Guid, string>();
            var people = emails.Select((email, number) => RankUntilNothingIsLeftAsync(server.Address, scene.Code, email, number, acknowledged)).ToArray();
            var random = new Random(Seed);
            for (var blow = 1; blow <= 4; blow++)
            {
                // Somewhere in the work, never after it.
                var after = Judgements * (blow - 1) / 5 + random.Next(Judgements / 5);
                await RankingScene.EventuallyAsync(() => Task.FromResult(acknowledged.Count >= after));
                await Task.Delay(random.Next(40));
                if (blow == 2)
                    Process.GetProcessById(PostmasterOf(folder)).Kill();
                else
                {
                    await server.KillAsync();
                    await server.StartAsync();
                }
            }
            await Task.WhenAll(people).WaitAsync(TimeSpan.FromSeconds(60));

            await using var data = await contexts.CreateDbContextAsync();
            var stored = await data.Judgements.AsNoTracking().Include(row => row.Assignment).ToListAsync();
            Assert.Equal(Judgements, stored.Count);
            Assert.Equal(stored.Count, stored.DistinctBy(row => (row.Assignment!.AnnotatorId, row.Assignment.PromptId)).Count());
            Assert.Equal(
                acknowledged.OrderBy(one => one.Key).Select(one => (one.Key, one.Value)),
                stored.OrderBy(row => row.AssignmentId).Select(row => (row.AssignmentId, RankingScene.AsSeen(row))));
            var places = await data.StudyPrompts.Select(item => new
            {
                item.Taken,
                Held = data.Assignments.Count(row => row.PromptId == item.PromptId && row.State != AssignmentState.Expired),
            }).ToListAsync();
            Assert.All(places, place => Assert.Equal((Overlap, Overlap), (place.Taken, place.Held)));
        }
        finally
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>As the page's script does it: whatever was not answered is sent again, word for word, until it is.</summary>
    private static async Task RankUntilNothingIsLeftAsync(Uri address, string code, string email, int number, ConcurrentDictionary<Guid, string> acknowledged)
    {
        using var person = new HttpAnnotator(address, number);
        await InsistAsync(async () =>
        {
            await person.SignInAsync(email, RankingScene.Password);
            return true;
        });
        for (var waits = 0; waits < 16;)
        {
            if (await InsistAsync(() => person.NextAsync(code)) is not { } prompt)
            {
                // Full for now: somebody else's lease may still run out and come back.
                waits++;
                await Task.Delay(250);
                continue;
            }
            var ranks = person.Rank(prompt);
            Assert.Contains(await InsistAsync(() => person.SaveDraftAsync(prompt, ranks.Take(2), prompt.Sequence + 1)), new[] { "saved", "older", "leaseExpired" });
            var outcome = await InsistAsync(() => person.SubmitAsync(prompt, ranks, prompt.Sequence + 1));
            Assert.Contains(outcome, new[] { "recorded", "alreadyRecorded", "leaseExpired" });
            if (outcome != "leaseExpired")
                Assert.True(acknowledged.TryAdd(prompt.AssignmentId, HttpAnnotator.AsText(ranks)), "One assignment was handed out again after it was recorded.");
        }
    }

    private static async Task<T> InsistAsync<T>(Func<Task<T>> act)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return await act();
            }
            catch (Exception away) when (tries < 200 && away is HttpRequestException or TaskCanceledException)
            {
                await Task.Delay(100);
            }
        }
    }

    private static int PostmasterOf(string folder) =>
        int.Parse(File.ReadLines(Path.Combine(folder, "postgres", "cluster", "postmaster.pid")).First(), CultureInfo.InvariantCulture);
}
