using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using PersonalLlm.Data.Postgres;

namespace PersonalLlm.Data.Tests.Postgres;

public sealed class EmbeddedPostgresTests(PostgresFolderFixture folder) : IClassFixture<PostgresFolderFixture>
{
    [Fact]
    public async Task ASecondStart_IsWarm_AndFindsWhatTheFirstStored()
    {
        await using (var first = await folder.StartAsync())
            await PostgresFolderFixture.AskAsync(first, "CREATE TABLE warm AS SELECT 42 AS answer");
        var watch = Stopwatch.StartNew();
        await using var second = await folder.StartAsync();
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"The warm start took {watch.Elapsed}.");
        Assert.False(second.WasRunning);
        Assert.Equal(42, await PostgresFolderFixture.AskAsync(second, "SELECT answer FROM warm"));
    }

    [Theory]
    [InlineData("listen_addresses", "127.0.0.1")]
    [InlineData("unix_socket_directories", "")]
    [InlineData("max_wal_size", "256MB")]
    [InlineData("password_encryption", "scram-sha-256")]
    [InlineData("data_checksums", "on")]
    public async Task TheServer_IsClosedToTheNetwork_AndSmall(string setting, string value)
    {
        await using var server = await folder.StartAsync();
        Assert.Equal(value, await PostgresFolderFixture.AskAsync(server, $"SHOW {setting}"));
    }

    [Theory]
    [InlineData("fsync")]
    [InlineData("synchronous_commit")]
    [InlineData("full_page_writes")]
    public async Task OutsideTests_WhatIsAcknowledgedIsOnDisk(string setting)
    {
        await using var server = await folder.StartAsync(options => options with { IsDurable = true });
        Assert.Equal("on", await PostgresFolderFixture.AskAsync(server, $"SHOW {setting}"));
    }

    [Fact]
    public async Task AWrongPassword_IsRefused()
    {
        await using var server = await folder.StartAsync();
        var wrong = new NpgsqlConnectionStringBuilder(server.ConnectionString("postgres")) { Password = "guess", Pooling = false };
        await using var connection = new NpgsqlConnection(wrong.ConnectionString);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => connection.OpenAsync());
        Assert.Equal(PostgresErrorCodes.InvalidPassword, refused.SqlState);
    }

    [Fact]
    public void ThePasswordFile_IsReadableForItsOwnerOnly()
    {
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder.Folder, "password")));
    }

    [Fact]
    public async Task TwoInstances_ShareOneServer_AndTheLastOneOutStopsIt()
    {
        var first = await folder.StartAsync();
        var second = await folder.StartAsync();
        Assert.True(second.WasRunning);
        Assert.Equal(first.Port, second.Port);

        await first.DisposeAsync();
        Assert.Equal(1, await PostgresFolderFixture.AskAsync(second, "SELECT 1"));

        await second.DisposeAsync();
        Assert.False(File.Exists(folder.PidFile));
    }

    [Fact]
    public async Task AServerThatSurvivedItsProgram_IsAdopted_WithEveryCommittedRow()
    {
        using (var owner = Process.Start(new ProcessStartInfo("dotnet", [typeof(Owner).Assembly.Location, folder.Folder]) { RedirectStandardOutput = true })!)
        {
            Assert.Equal("committed", await owner.StandardOutput.ReadLineAsync());
            owner.Kill();
            await owner.WaitForExitAsync();
        }

        await using (var server = await folder.StartAsync())
        {
            Assert.True(server.WasRunning);
            Assert.Equal(Owner.Row, await PostgresFolderFixture.AskAsync(server, "SELECT text FROM owner_row"));
        }

        Assert.False(File.Exists(folder.PidFile), "Nobody uses the adopted server any more, so it should have been stopped.");
    }

    [Fact]
    public async Task AKilledServer_ComesBackOnTheSamePort_WithEveryCommittedRow()
    {
        await using var first = await folder.StartAsync(options => options with { IsDurable = true, SupervisionInterval = TimeSpan.FromMilliseconds(50) });
        await using var second = await folder.StartAsync(options => options with { IsDurable = true, SupervisionInterval = TimeSpan.FromMilliseconds(50) });
        await PostgresFolderFixture.AskAsync(first, "CREATE TABLE killed AS SELECT 7 AS answer");
        var processId = PostmasterPidFile.Read(Path.Combine(folder.Folder, "cluster"))!.ProcessId;
        using (var postmaster = Process.GetProcessById(processId))
            postmaster.Kill();

        Assert.Equal(7, await EventuallyAsync(() => PostgresFolderFixture.AskAsync(first, "SELECT answer FROM killed")));
        Assert.Equal(first.Port, second.Port);
        Assert.NotEqual(processId, PostmasterPidFile.Read(Path.Combine(folder.Folder, "cluster"))!.ProcessId);
    }

    [Fact]
    public async Task APidFileWhoseNumberSomebodyElseHasNow_DoesNotPreventTheStart()
    {
        await File.WriteAllTextAsync(folder.PidFile, $"{Environment.ProcessId}\n{folder.Folder}/cluster\n1\n5432\n\n127.0.0.1\n  1234567         0\nready   \n");
        await using var server = await folder.StartAsync();
        Assert.False(server.WasRunning);
        Assert.Equal(1, await PostgresFolderFixture.AskAsync(server, "SELECT 1"));
    }

    [Fact]
    public async Task AnEmptyPidFile_DoesNotPreventTheStart()
    {
        await File.WriteAllTextAsync(folder.PidFile, "");
        await using var server = await folder.StartAsync();
        Assert.Equal(1, await PostgresFolderFixture.AskAsync(server, "SELECT 1"));
    }

    [Fact]
    public async Task AnotherMajorVersion_IsRefusedBeforeItTouchesTheData()
    {
        var file = Path.Combine(folder.Folder, "cluster", "PG_VERSION");
        var version = await File.ReadAllTextAsync(file);
        await File.WriteAllTextAsync(file, "9\n");
        try
        {
            var sentence = await folder.RefusalAsync();
            Assert.Contains($"The database in {folder.Folder} was made by PostgreSQL 9 and only PostgreSQL ", sentence, StringComparison.Ordinal);
            Assert.Contains("Database:Binaries", sentence, StringComparison.Ordinal);
        }
        finally
        {
            await File.WriteAllTextAsync(file, version);
        }
    }

    [Fact]
    public async Task ATakenPort_IsNamed()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var sentence = await folder.RefusalAsync(options => options with { Port = port });
        Assert.StartsWith($"Port {port} on 127.0.0.1 is taken by another program", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ALostPasswordFile_IsNamed()
    {
        var file = Path.Combine(folder.Folder, "password");
        File.Move(file, file + ".away");
        try
        {
            Assert.Contains(file, await folder.RefusalAsync(), StringComparison.Ordinal);
        }
        finally
        {
            File.Move(file + ".away", file);
        }
    }

    [Fact]
    public async Task AFolderOfProgramsWithoutPostgres_IsNamed()
    {
        var sentence = await folder.RefusalAsync(options => options with { Binaries = Path.GetTempPath() });
        Assert.Contains("holds no working initdb, pg_ctl and postgres", sentence, StringComparison.Ordinal);
    }

    /// <summary>Asks again while the server is coming back.</summary>
    private static async Task<object?> EventuallyAsync(Func<Task<object?>> ask)
    {
        for (var watch = Stopwatch.StartNew(); ; await Task.Delay(50))
        {
            try
            {
                return await ask();
            }
            catch (NpgsqlException) when (watch.Elapsed < TimeSpan.FromSeconds(30))
            {
                // Still down.
            }
        }
    }
}
