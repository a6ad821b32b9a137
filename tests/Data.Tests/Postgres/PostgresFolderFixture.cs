using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PersonalLlm.Data.Postgres;
using PersonalLlm.Testing;

namespace PersonalLlm.Data.Tests.Postgres;

/// <summary>A folder with a database in it whose server is stopped between tests.</summary>
public sealed class PostgresFolderFixture : IAsyncLifetime
{
    /// <summary>Not below the checkout, where the account that runs PostgreSQL for root may not be able to go.</summary>
    public string Folder { get; } = NewPath();

    public string PidFile => Path.Combine(Folder, "cluster", "postmaster.pid");

    internal EmbeddedPostgresOptions Options => TestServer.Options(Folder) with { FallbackFolder = null };

    public static string NewPath() => Path.Combine(Path.GetTempPath(), $"personalllm-test-{Guid.NewGuid():n}");

    internal Task<EmbeddedPostgres> StartAsync(Func<EmbeddedPostgresOptions, EmbeddedPostgresOptions>? change = null) =>
        EmbeddedPostgres.StartAsync(change is null ? Options : change(Options), NullLogger.Instance);

    /// <summary>The one sentence by which a start is refused.</summary>
    internal async Task<string> RefusalAsync(Func<EmbeddedPostgresOptions, EmbeddedPostgresOptions>? change = null) =>
        (await Assert.ThrowsAsync<DatabaseUnavailableException>(() => StartAsync(change))).Message;

    public static async Task<object?> AskAsync(EmbeddedPostgres server, string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString("postgres") + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    public async Task InitializeAsync() => await (await StartAsync()).DisposeAsync();

    public Task DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        return Task.CompletedTask;
    }
}
