using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Rewards;
using PersonalLlm.Data.Studies;
using PersonalLlm.Web.Security;

namespace PersonalLlm.Web.Features.Studies.Rehearsals;

/// <summary>What came of the wish to send simulated participants.</summary>
internal sealed record RunOutcome(SimulatedRun? Run, IReadOnlyList<string> Problems);

/// <summary>
/// Sends simulated participants through a rehearsal of a study, by the same addresses as people and over the network. A run lives in
/// this process only: when that ends, what is left is a rehearsal like any other, to be looked at or thrown away.
/// </summary>
internal sealed partial class SimulatedParticipants(
    IDbContextFactory<PersonalLlmDbContext> contexts, RehearsalKeeper rehearsals, RewardMatrixLoader rewards, SimulatedPass passes, IServer server,
    IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<SimulatedParticipants> log) : IDisposable
{
    public const int MostParticipants = 500;

    /// <summary>At a time; real people on the same server shall not notice.</summary>
    private const int AtOnce = 8;

    private readonly ConcurrentDictionary<int, SimulatedRun> latest = new();
    private readonly SemaphoreSlim starting = new(1);

    /// <summary>The newest run of a study since the program started; null when there was none.</summary>
    public SimulatedRun? Latest(int studyId) => latest.GetValueOrDefault(studyId);

    /// <summary>Starts them and returns; a run that is under way is returned instead. Rehearsals of earlier runs are thrown away.</summary>
    /// <param name="studyId">The study to try.</param>
    /// <param name="participants">1 … <see cref="MostParticipants"/>.</param>
    /// <param name="seed">Of their tastes and whims.</param>
    /// <param name="researcherId">Who asks for it.</param>
    public async Task<RunOutcome> StartAsync(int studyId, int participants, uint seed, Guid? researcherId)
    {
        await starting.WaitAsync();
        try
        {
            if (Latest(studyId) is { IsRunning: true } underWay)
                return new(underWay, []);
            if (Address is null)
                return new(null, ["This server does not say at which address it listens, so nobody can be sent there."]);
            foreach (var earlier in (await rehearsals.ListAsync(studyId)).Where(row => row.Simulated > 0))
                await rehearsals.DeleteAsync(earlier.Id);
            var made = await rehearsals.MakeAsync(studyId, researcherId);
            if (made.Id is not { } rehearsalId)
                return new(null, made.Problems);
            Latest(studyId)?.Dispose();
            var run = new SimulatedRun(studyId, rehearsalId, made.Code, participants, seed, clock.GetUtcNow());
            latest[studyId] = run;
            _ = Task.Run(() => RunAsync(run));
            return new(run, []);
        }
        finally
        {
            starting.Release();
        }
    }

    public void Dispose() => starting.Dispose();

    private async Task RunAsync(SimulatedRun run)
    {
        var start = Stopwatch.GetTimestamp();
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(run.Stopping, lifetime.ApplicationStopping);
        try
        {
            var tastes = await SimulatedTastes.ReadAsync(contexts, rewards, run.RehearsalId, run.Participants, run.Seed, stopping.Token);
            await Parallel.ForEachAsync(
                Enumerable.Range(0, run.Participants),
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stopping.Token },
                async (number, cancellation) => run.Ended(await VisitAsync(run, tastes, number, cancellation)));
            run.Tastes = (tastes.HasRewards, tastes.UnknownTexts);
            var findings = await RehearsalFindings.ReadAsync(contexts, run, stopping.Token);
            run.Finish(Stopwatch.GetElapsedTime(start), findings, null);
        }
        catch (OperationCanceledException)
        {
            run.Finish(Stopwatch.GetElapsedTime(start), [], "It was stopped before the end.");
        }
        catch (Exception exception)
        {
            // Nobody waits for this task: the page shows the sentence, the log has the rest.
            LogFailure(log, exception);
            run.Finish(Stopwatch.GetElapsedTime(start), [], $"It broke off: {exception.Message}");
        }
    }

    private async Task<Visit> VisitAsync(SimulatedRun run, SimulatedTastes tastes, int number, CancellationToken cancellation)
    {
        var participantId = $"simulated-{run.Seed}-{number + 1}";
        // Everybody a browser of their own.
        using var handler = new SocketsHttpHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = false, UseProxy = false };
        using var http = new HttpClient(handler) { BaseAddress = Address, Timeout = TimeSpan.FromMinutes(1) };
        var participant = new SimulatedParticipant(http, run, tastes, number, participantId, passes.Issue(run.RehearsalId, participantId));
        return await participant.WalkAsync(cancellation);
    }

    /// <summary>Where this server listens, as seen from its own machine; plain HTTP where there is a choice.</summary>
    private Uri? Address => server.Features.Get<IServerAddressesFeature>()?.Addresses
        .OrderBy(address => address.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? 0 : 1)
        .Select(address => BindingAddress.Parse(address))
        .Where(address => !address.IsUnixPipe && !address.IsNamedPipe)
        .Select(address => new UriBuilder(address.Scheme, address.Host is "*" or "+" or "0.0.0.0" or "[::]" ? "localhost" : address.Host, address.Port, address.PathBase).Uri)
        .FirstOrDefault();

    [LoggerMessage(Level = LogLevel.Warning, Message = "Simulated participants broke off.")]
    private static partial void LogFailure(ILogger logger, Exception exception);
}
