using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using PersonalLlm.Data.Postgres;

namespace PersonalLlm.Testing;

/// <summary>
/// The PostgreSQL server of the tests: the product's own embedded one, on a folder that all test processes of this checkout
/// share. It runs while anybody needs it and keeps its cluster between runs, so that the next start is warm.
/// </summary>
internal static class TestServer
{
    private static readonly SemaphoreSlim s_gate = new(1);
    private static EmbeddedPostgres? s_server;
    private static int s_users;

    public static async Task<EmbeddedPostgres> EnterAsync()
    {
        await s_gate.WaitAsync();
        try
        {
            s_server ??= await EmbeddedPostgres.StartAsync(Options(Path.Combine(Checkout.Folder, "artifacts", "test-postgres")), NullLogger.Instance);
            s_users++;
            return s_server;
        }
        finally
        {
            s_gate.Release();
        }
    }

    public static async Task LeaveAsync()
    {
        await s_gate.WaitAsync();
        try
        {
            if (--s_users > 0)
                return;
            await s_server!.DisposeAsync();
            s_server = null;
        }
        finally
        {
            s_gate.Release();
        }
    }

    /// <summary>Settings for a server whose data nobody will miss.</summary>
    public static EmbeddedPostgresOptions Options(string folder) => new()
    {
        Folder = folder,
        // A checkout below /root is out of reach for the account that runs PostgreSQL when the tests run as root.
        FallbackFolder = Path.Combine(Path.GetTempPath(), $"personalllm-tests-{ShortHash(folder)}"),
        PackageFolders = [Path.Combine(Checkout.Folder, "src", "Web", "node_modules")],
        IsDurable = false,
        Settings = new Dictionary<string, string> { ["max_connections"] = "500", ["shared_buffers"] = "64MB" },
    };

    private static string ShortHash(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..8];
}
