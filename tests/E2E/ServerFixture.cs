using PersonalLlm.Data;
using PersonalLlm.Testing;

namespace PersonalLlm.E2E;

/// <summary>The program with a database of its own, without the demo: <c>IClassFixture&lt;ServerFixture&gt;</c>.</summary>
public sealed class ServerFixture : IAsyncLifetime
{
    private TestDatabase? _database;
    private ServerProcess? _server;

    public Uri Address => Server.Address;
    internal ServerProcess Server => _server ?? throw new InvalidOperationException("The fixture has not been initialised.");

    /// <summary>What independent code sees in the same database.</summary>
    public PersonalLlmDbContext CreateContext() => _database!.CreateContext();

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        _server = await ServerProcess.StartAsync(
            ("Database:ConnectionString", _database.ConnectionString), ("Datasets:Demo", "false"), ("Account:AttemptsPerMinute", "10000"));
    }

    public async Task DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        if (_database is not null)
            await _database.DisposeAsync();
    }
}
