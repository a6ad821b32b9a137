using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using PersonalLlm.Data.Postgres;

namespace PersonalLlm.Web.Database;

/// <summary>
/// The database of this program: the configured one, or an embedded server that runs as long as the program does. The host
/// disposes it after it has stopped serving, so requests end first and the database last.
/// </summary>
internal sealed class DatabaseServer(
    IOptions<DatabaseOptions> options, IHostEnvironment environment, ILogger<EmbeddedPostgres> logger) : IAsyncDisposable
{
    private EmbeddedPostgres? _embedded;
    private string? _connectionString;

    public string ConnectionString => _connectionString
        ?? throw new InvalidOperationException("The database was asked for before it was started.");

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.ConnectionString is { Length: > 0 } configured)
        {
            _connectionString = configured;
            return;
        }

        _embedded = await EmbeddedPostgres.StartAsync(EmbeddedOptions(options.Value), logger, cancellationToken);
        _connectionString = _embedded.ConnectionString("personalllm");
    }

    public async ValueTask DisposeAsync()
    {
        if (_embedded is not null)
            await _embedded.DisposeAsync();
    }

    private EmbeddedPostgresOptions EmbeddedOptions(DatabaseOptions database)
    {
        var folder = Path.GetFullPath(Path.Combine(environment.ContentRootPath, database.DataFolder, "postgres"));
        return new EmbeddedPostgresOptions
        {
            Folder = folder,
            FallbackFolder = database.DataFolder == DatabaseOptions.DefaultDataFolder ? $"/var/lib/personalllm/{ShortHash(folder)}" : null,
            Binaries = database.Binaries is { Length: > 0 } binaries ? Path.GetFullPath(Path.Combine(environment.ContentRootPath, binaries)) : null,
            PackageFolders = [Path.Combine(environment.ContentRootPath, "src", "Web", "node_modules"), Path.Combine(AppContext.BaseDirectory, "postgres")],
            Port = database.Port,
        };
    }

    private static string ShortHash(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..8];
}
