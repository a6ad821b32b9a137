using System.Diagnostics;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Postgres;

namespace PersonalLlm.Web.Database;

/// <summary>Something that has to be true before the first request. It runs at every start, so it must be harmless to repeat.</summary>
internal sealed record StartUpStep(string Name, Func<IServiceProvider, CancellationToken, Task> RunAsync);

/// <summary>Starts the database and prepares it: tables, the first key, then the steps, one instance after another.</summary>
internal sealed partial class DatabasePreparation(
    DatabaseServer server, IServiceProvider services, ILogger<DatabasePreparation> logger)
{
    public async Task RunAsync(IReadOnlyList<StartUpStep> steps, CancellationToken cancellationToken)
    {
        await server.StartAsync(cancellationToken);
        await using var turn = await PreparationTurn.TakeAsync(server.ConnectionString, logger, cancellationToken);
        // Asked for only now: the context factory needs the connection string of the server that was just started.
        var contexts = services.GetRequiredService<IDbContextFactory<PersonalLlmDbContext>>();
        await using (var context = await contexts.CreateDbContextAsync(cancellationToken))
            await context.UpdateSchemaAsync(cancellationToken);
        // The first use makes the first key; two instances that make one each would not read one another's cookies.
        services.GetRequiredService<IDataProtectionProvider>().CreateProtector("first key").Protect("");
        foreach (var step in steps)
        {
            var watch = Stopwatch.StartNew();
            await step.RunAsync(services, cancellationToken);
            LogStep(logger, step.Name, watch.ElapsedMilliseconds);
        }
    }

    [LoggerMessage(LogLevel.Debug, "Start-up step {Step}: done in {Milliseconds} ms.")]
    private static partial void LogStep(ILogger logger, string step, long milliseconds);
}
