// How many judgements a server takes from many people at once, and whether every one of them is there afterwards.
//   dotnet run -c Release --project tests/Load -- [--annotators 200] [--judgements 10000] [--drafts 3] [--pause MILLISECONDS] [--arrive MILLISECONDS] [--responses 6]
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using PersonalLlm.Data.Postgres;
using PersonalLlm.E2E;
using PersonalLlm.Load;
using PersonalLlm.Testing;

var annotators = Setting("annotators", 200);
var judgements = Setting("judgements", 10_000);
var drafts = Setting("drafts", 3);
var pause = Setting("pause", 0);
var arrive = Setting("arrive", 0);
var folder = Path.Combine(Path.GetTempPath(), $"personalllm-load-{Guid.NewGuid():n}");
try
{
    await using var server = await ServerProcess.StartAsync(
        ("Database:DataFolder", folder), ("Datasets:Demo", "false"), ("Account:AttemptsPerMinute", "100000"));
    await using var postgres = await EmbeddedPostgres.StartAsync(new()
    {
        Folder = Path.Combine(folder, "postgres"),
        PackageFolders = [Path.Combine(Checkout.Folder, "src", "Web", "node_modules")],
    }, NullLogger.Instance);
    var study = await LoadStudy.CreateAsync(postgres.ConnectionString("personalllm"), annotators, judgements, Setting("responses", 6));
    Console.WriteLine($"{annotators} annotators, {study.Prompts} prompts, overlap {study.Overlap}, {drafts} drafts each, pause {pause} ms, arrivals over {arrive} ms, {Environment.ProcessorCount} cores");

    var people = Enumerable.Range(0, annotators).Select(number => new HttpAnnotator(server.Address, number)).ToArray();
    await Parallel.ForEachAsync(people.Index(), async (person, _) => await person.Item.SignInAsync(LoadStudy.Email(person.Index), LoadStudy.Password));

    var acknowledged = new ConcurrentDictionary<Guid, string>();
    ConcurrentBag<double> arrivals = [], pages = [], saves = [], submits = [];
    var sampler = new WaitSampler(postgres.ConnectionString("personalllm"));
    var watch = Stopwatch.StartNew();
    await Task.WhenAll(people.Select(RankAllAsync));
    var took = watch.Elapsed;
    await sampler.DisposeAsync();
    foreach (var person in people)
        person.Dispose();

    Console.WriteLine($"{acknowledged.Count} judgements in {took.TotalSeconds:0.0} s: {acknowledged.Count / took.TotalSeconds:0} judgements/s, {(arrivals.Count + pages.Count + saves.Count + submits.Count) / took.TotalSeconds:0} requests/s");
    Print("first", arrivals);
    Print("page", pages);
    Print("draft", saves);
    Print("submit", submits);
    foreach (var (at, sessions) in sampler.Findings)
        Console.WriteLine($"{sessions,6:0.00} sessions  {at}");
    foreach (var connections in new[] { 1, 16 })
        Console.WriteLine($"raw insert loop, {connections} connection{(connections == 1 ? "" : "s")}: {await study.RawInsertsPerSecondAsync(connections):0} rows/s");
    var faults = await study.FaultsAsync(acknowledged);
    Console.WriteLine(faults.Count == 0 ? "nothing lost, nothing twice, overlap exact" : string.Join('\n', faults));
    return faults.Count == 0 ? 0 : 1;

    async Task RankAllAsync(HttpAnnotator person)
    {
        // The first page is also the moment of joining; the program has just started, and nothing in it is warm.
        await Task.Delay(Random.Shared.Next(arrive + 1));
        for (var prompt = await TimedAsync(arrivals, NextAsync); prompt is not null; prompt = await TimedAsync(pages, NextAsync))
        {
            var ranks = person.Rank(prompt);
            for (var draft = 1; draft <= drafts; draft++)
                Expect("saved", await TimedAsync(saves, () => person.SaveDraftAsync(prompt, ranks.Take(draft), draft)));
            Expect("recorded", await TimedAsync(submits, () => person.SubmitAsync(prompt, ranks, drafts)));
            acknowledged[prompt.AssignmentId] = HttpAnnotator.AsText(ranks);
        }

        Task<HandedPrompt?> NextAsync() => person.NextAsync(study.Code);
    }

    // People think; without a pause they are only as slow as the server.
    async Task<T> TimedAsync<T>(ConcurrentBag<double> times, Func<Task<T>> act)
    {
        if (pause > 0)
            await Task.Delay(Random.Shared.Next(2 * pause));
        var start = Stopwatch.GetTimestamp();
        var result = await act();
        times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        return result;
    }
}
finally
{
    if (Directory.Exists(folder))
        Directory.Delete(folder, recursive: true);
}

int Setting(string name, int fallback) =>
    Array.IndexOf(args, "--" + name) is >= 0 and var index ? int.Parse(args[index + 1], CultureInfo.InvariantCulture) : fallback;

static void Expect(string expected, string outcome)
{
    if (outcome != expected)
        throw new InvalidOperationException($"The server said {outcome}, not {expected}.");
}

static void Print(string name, IEnumerable<double> times)
{
    double[] sorted = [.. times.Order()];
    var at = string.Join("  ", new[] { .5, .95, .99 }.Select(share => $"p{100 * share:0} {sorted[(int)(share * (sorted.Length - 1))],6:0.0} ms"));
    Console.WriteLine($"{name,-6} {at}  (n = {sorted.Length})");
}
