using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PersonalLlm.Data.Postgres;
using PersonalLlm.Testing;

namespace PersonalLlm.Data.Tests.Postgres;

/// <summary>
/// The test assembly run as a program: it starts the server of a folder, commits a row, says so, and waits to be killed. Only
/// another process can show what kill −9 of a program leaves behind.
/// </summary>
internal static class Owner
{
    public const string Row = "committed before the kill";

    public static async Task Main(string[] args)
    {
        var server = await EmbeddedPostgres.StartAsync(TestServer.Options(args[0]), NullLogger.Instance);
        await using (var connection = new NpgsqlConnection(server.ConnectionString("postgres")))
        {
            await connection.OpenAsync();
            await using var insert = new NpgsqlCommand($"CREATE TABLE owner_row AS SELECT '{Row}' AS text", connection);
            await insert.ExecuteNonQueryAsync();
        }

        Console.WriteLine("committed");
        await Task.Delay(Timeout.Infinite);
    }
}
