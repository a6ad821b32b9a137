using Npgsql;

namespace PersonalLlm.Data.Postgres;

/// <summary>The right to do something that only one instance may do at a time. It ends when disposed, or by itself when the instance dies.</summary>
public sealed class SoleTurn : IAsyncDisposable
{
    /// <summary>A chat model plays a cohort of personas; the number beside it is the cohort's.</summary>
    public const int Personas = 1;

    private readonly NpgsqlConnection connection;

    private SoleTurn(NpgsqlConnection connection) => this.connection = connection;

    /// <summary>Takes the turn, or returns null when another instance has it.</summary>
    /// <param name="connectionString">Of the database.</param>
    /// <param name="what">Such as <see cref="Personas"/>.</param>
    /// <param name="number">Which of them.</param>
    /// <param name="cancellation">Ends the asking.</param>
    public static async Task<SoleTurn?> TryTakeAsync(string connectionString, int what, int number, CancellationToken cancellation)
    {
        // Outside the pool: closing the connection has to give the lock back.
        var turn = new SoleTurn(new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString));
        try
        {
            await turn.connection.OpenAsync(cancellation);
            await using var take = new NpgsqlCommand($"SELECT pg_try_advisory_lock({what}, {number})", turn.connection);
            if (await take.ExecuteScalarAsync(cancellation) is true)
                return turn;
        }
        catch
        {
            await turn.DisposeAsync();
            throw;
        }
        await turn.DisposeAsync();
        return null;
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
