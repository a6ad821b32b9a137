using System.Diagnostics;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;
using PersonalLlm.Data;
using PersonalLlm.Data.Postgres;

namespace PersonalLlm.Web.Database;

/// <summary>Something that has to be true before the first request. It runs at every start, so it must be harmless to repeat.</summary>
internal sealed record StartUpStep(string Name, Func<IServiceProvider, CancellationToken, Task> RunAsync);

/// <summary>
/// Starts the database and brings it to the shape this program expects. Several instances starting at once do it one after
/// another, so the first makes tables, keys and first rows, and the others find them.
/// </summary>
internal sealed partial class DatabasePreparation(
    DatabaseServer server, IServiceProvider services, ILogger<DatabasePreparation> logger)
{
    // Any number will do, as long as every instance of this program uses the same.
    private const long AdvisoryLock = 5_026_112_020;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    public async Task RunAsync(IReadOnlyList<StartUpStep> steps, CancellationToken cancellationToken)
    {
        await server.StartAsync(cancellationToken);
        await using var connection = await ConnectAsync(cancellationToken);
        await using (var takeLock = new NpgsqlCommand($"SELECT pg_advisory_lock({AdvisoryLock})", connection) { CommandTimeout = 0 })
            await takeLock.ExecuteNonQueryAsync(cancellationToken);
        await UpdateSchemaAsync(cancellationToken);
        // The first use makes the first key; two instances that make one each would not read one another's cookies.
        services.GetRequiredService<IDataProtectionProvider>().CreateProtector("first key").Protect("");
        foreach (var step in steps)
        {
            var watch = Stopwatch.StartNew();
            await step.RunAsync(services, cancellationToken);
            LogStep(logger, step.Name, watch.ElapsedMilliseconds);
        }
    }

    private async Task UpdateSchemaAsync(CancellationToken cancellationToken)
    {
        // Asked for only now: the context factory needs the connection string of the server that was just started.
        await using var context = await services.GetRequiredService<IDbContextFactory<PersonalLlmDbContext>>().CreateDbContextAsync(cancellationToken);
        // EF asks this table even when it cannot exist yet, and logs the answer as an error.
        await context.GetService<IHistoryRepository>().CreateIfNotExistsAsync(cancellationToken);
        var known = context.Database.GetMigrations();
        if ((await context.Database.GetAppliedMigrationsAsync(cancellationToken)).Except(known).FirstOrDefault() is { } unknown)
            throw new DatabaseUnavailableException(
                $"The database was made by another version of this program (it holds the migration {unknown}); start that version, or a newer one.");
        await context.Database.MigrateAsync(cancellationToken);
    }

    /// <summary>A connection outside the pool: it holds the lock and takes it along when it is closed.</summary>
    private async Task<NpgsqlConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        var where = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Pooling = false };
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var connection = new NpgsqlConnection(where.ConnectionString);
            try
            {
                await connection.OpenAsync(cancellationToken);
                return connection;
            }
            catch (PostgresException missing) when (missing.SqlState == PostgresErrorCodes.InvalidCatalogName)
            {
                await CreateDatabaseAsync(where, cancellationToken);
            }
            catch (NpgsqlException unreachable) when (unreachable.IsTransient && watch.Elapsed < s_patience)
            {
                LogWaiting(logger, where.Host, where.Port);
                await Task.Delay(1000, cancellationToken);
            }
            catch (NpgsqlException refused)
            {
                throw Unavailable(where, refused);
            }

            await connection.DisposeAsync();
        }
    }

    private static async Task CreateDatabaseAsync(NpgsqlConnectionStringBuilder where, CancellationToken cancellationToken)
    {
        var maintenance = new NpgsqlConnectionStringBuilder(where.ConnectionString) { Database = "postgres" };
        await using var connection = new NpgsqlConnection(maintenance.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            var name = new NpgsqlCommandBuilder().QuoteIdentifier(where.Database!);
            await using var create = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
            await create.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException raced) when (raced.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
        {
            // Another instance made it at the same moment.
        }
        catch (NpgsqlException refused)
        {
            throw Unavailable(where, refused);
        }
    }

    private static DatabaseUnavailableException Unavailable(NpgsqlConnectionStringBuilder where, NpgsqlException refused) => new(
        $"The database {where.Database} on {where.Host}:{where.Port} cannot be opened ({refused.Message}); check Database:ConnectionString.", refused);

    [LoggerMessage(LogLevel.Information, "{Step}: done in {Milliseconds} ms.")]
    private static partial void LogStep(ILogger logger, string step, long milliseconds);

    [LoggerMessage(LogLevel.Warning, "The database on {Host}:{Port} does not answer yet; trying again.")]
    private static partial void LogWaiting(ILogger logger, string? host, int port);
}
