using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace PersonalLlm.Data.Postgres;

/// <summary>
/// One instance's turn to bring the database into shape, while others wait: the first makes tables, keys and first rows, and
/// the others find them. It ends when disposed, or by itself when the instance dies.
/// </summary>
public sealed partial class PreparationTurn : IAsyncDisposable
{
    // Any number will do, as long as every instance of this program uses the same.
    private const long AdvisoryLock = 5_026_112_020;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly NpgsqlConnection _connection;

    private PreparationTurn(NpgsqlConnection connection) => _connection = connection;

    /// <summary>Waits for a server that is still starting, makes the database when it is missing, and waits for the turn.</summary>
    /// <exception cref="DatabaseUnavailableException">With one sentence that says what is wrong.</exception>
    public static async Task<PreparationTurn> TakeAsync(string connectionString, ILogger logger, CancellationToken cancellationToken)
    {
        // Outside the pool: closing the connection has to give the lock back.
        var where = Parse(connectionString);
        var turn = new PreparationTurn(await ConnectAsync(where, logger, cancellationToken));
        try
        {
            await using var wait = new NpgsqlCommand($"SELECT pg_advisory_lock({AdvisoryLock})", turn._connection) { CommandTimeout = 0 };
            await wait.ExecuteNonQueryAsync(cancellationToken);
            return turn;
        }
        catch
        {
            await turn.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static NpgsqlConnectionStringBuilder Parse(string connectionString)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        }
        catch (ArgumentException wrong)
        {
            throw new DatabaseUnavailableException($"Database:ConnectionString is not a PostgreSQL connection string ({wrong.Message.TrimEnd('.')}).", wrong);
        }
    }

    private static async Task<NpgsqlConnection> ConnectAsync(
        NpgsqlConnectionStringBuilder where, ILogger logger, CancellationToken cancellationToken)
    {
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
            await using var create = new NpgsqlCommand($"CREATE DATABASE \"{where.Database!.Replace("\"", "\"\"", StringComparison.Ordinal)}\"", connection);
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
        $"The database {where.Database} on {where.Host}:{where.Port} cannot be opened ({refused.Message.TrimEnd('.')}); check Database:ConnectionString.", refused);

    [LoggerMessage(LogLevel.Warning, "The database on {Host}:{Port} does not answer yet; trying again.")]
    private static partial void LogWaiting(ILogger logger, string? host, int port);
}
