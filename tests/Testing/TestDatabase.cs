using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using PersonalLlm.Data;
using PersonalLlm.Data.Postgres;

namespace PersonalLlm.Testing;

/// <summary>A database of one's own, with all tables and no rows, dropped at the end.</summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    private const long TemplateLock = 7_305_224_117;

    // A new build may bring a new migration, so every build has its own template.
    private static readonly string s_template = $"template_{typeof(PersonalLlmDbContext).Module.ModuleVersionId:n}";

    private readonly EmbeddedPostgres _server;
    private readonly string _name;
    private readonly ServiceProvider _services;

    private TestDatabase(EmbeddedPostgres server, string name)
    {
        _server = server;
        _name = name;
        ConnectionString = server.ConnectionString(name);
        _services = Services(ConnectionString);
    }

    public string ConnectionString { get; }

    public IDbContextFactory<PersonalLlmDbContext> Contexts => _services.GetRequiredService<IDbContextFactory<PersonalLlmDbContext>>();

    public PersonalLlmDbContext CreateContext() => Contexts.CreateDbContext();

    public static async Task<TestDatabase> CreateAsync()
    {
        var server = await TestServer.EnterAsync();
        await using var admin = await OpenAsync(server);
        await EnsureTemplateAsync(server, admin);
        return await CreateAsync(server, admin, s_template);
    }

    /// <summary>Without any table, for tests of how tables come about.</summary>
    public static async Task<TestDatabase> CreateEmptyAsync()
    {
        var server = await TestServer.EnterAsync();
        await using var admin = await OpenAsync(server);
        return await CreateAsync(server, admin, "template0");
    }

    private static async Task<TestDatabase> CreateAsync(EmbeddedPostgres server, NpgsqlConnection admin, string template)
    {
        var name = $"test_{Guid.NewGuid():n}";
        await ExecuteAsync(admin, $"CREATE DATABASE {name} TEMPLATE {template}");
        return new TestDatabase(server, name);
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await using (var connection = new NpgsqlConnection(ConnectionString))
            NpgsqlConnection.ClearPool(connection);
        await using (var admin = await OpenAsync(_server))
            await ExecuteAsync(admin, $"DROP DATABASE {_name} WITH (FORCE)");
        await TestServer.LeaveAsync();
    }

    private static async Task EnsureTemplateAsync(EmbeddedPostgres server, NpgsqlConnection admin)
    {
        await ExecuteAsync(admin, $"SELECT pg_advisory_lock({TemplateLock})");
        var existing = await NamesAsync(admin, $"SELECT datname FROM pg_database WHERE datname = '{s_template}'");
        if (existing.Count == 0)
        {
            // What a killed run or an older build left behind; a database that somebody still uses stays.
            var left = await NamesAsync(admin, "SELECT datname FROM pg_database d WHERE (datname LIKE 'test\\_%' OR datname LIKE 'template\\_%') AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datname = d.datname)");
            foreach (var name in left)
                await ExecuteAsync(admin, $"DROP DATABASE IF EXISTS {name}");
            var making = s_template + "_new";
            await ExecuteAsync(admin, $"CREATE DATABASE {making}");
            await using (var services = Services(server.ConnectionString(making) + ";Pooling=false"))
            await using (var context = await services.GetRequiredService<IDbContextFactory<PersonalLlmDbContext>>().CreateDbContextAsync())
                await context.Database.MigrateAsync();
            await ExecuteAsync(admin, $"ALTER DATABASE {making} RENAME TO {s_template}");
        }

        await ExecuteAsync(admin, $"SELECT pg_advisory_unlock({TemplateLock})");
    }

    public static ServiceProvider Services(string connectionString) =>
        new ServiceCollection().AddLogging().AddPersonalLlmData(_ => connectionString).BuildServiceProvider();

    private static async Task<NpgsqlConnection> OpenAsync(EmbeddedPostgres server)
    {
        var connection = new NpgsqlConnection(server.ConnectionString("postgres") + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<List<string>> NamesAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var names = new List<string>();
        while (await reader.ReadAsync())
            names.Add(reader.GetString(0));
        return names;
    }
}
