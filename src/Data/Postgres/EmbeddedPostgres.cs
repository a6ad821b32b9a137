using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace PersonalLlm.Data.Postgres;

/// <summary>
/// A PostgreSQL server of our own on 127.0.0.1. It is started, or adopted when it survived the program; brought back on the
/// same port when it dies; shared by all instances of the program on one folder; and stopped by the last of them.
/// </summary>
public sealed partial class EmbeddedPostgres : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);

    private readonly EmbeddedPostgresOptions _options;
    private readonly PostgresFolder _folder;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _leaving = new();
    private FolderLock? _use;
    private Task _supervision = Task.CompletedTask;

    private EmbeddedPostgres(EmbeddedPostgresOptions options, PostgresFolder folder, ILogger logger)
    {
        _options = options;
        _folder = folder;
        _logger = logger;
    }

    public int Port { get; private set; }

    /// <summary>The folder in use, which may be the fallback.</summary>
    public string Folder => _folder.Root;

    public string Version => _folder.Binaries.Version;

    /// <summary>True when the server was running already: another instance uses it, or it survived its program.</summary>
    public bool WasRunning { get; private set; }

    public string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = IPAddress.Loopback.ToString(),
        Port = Port,
        Username = PostgresFolder.SuperUser,
        Password = File.ReadAllText(_folder.PasswordFile).Trim(),
        Database = database,
    }.ConnectionString;

    /// <exception cref="DatabaseUnavailableException">With one sentence that says what is wrong and what to do.</exception>
    public static async Task<EmbeddedPostgres> StartAsync(
        EmbeddedPostgresOptions options, ILogger logger, CancellationToken cancellationToken = default)
    {
        var root = await PostgresFolder.OpenAsync(options, logger);
        using var change = await FolderLock.TakeAloneAsync(PostgresFolder.ChangeLockIn(root), s_patience, cancellationToken);
        var folder = await PostgresFolder.PrepareAsync(root, options, logger, cancellationToken);
        var server = new EmbeddedPostgres(options, folder, logger);
        await server.StartOrAdoptAsync(options.Port, cancellationToken);
        server._use = FolderLock.TryShare(folder.UseLock)
            ?? throw new DatabaseUnavailableException($"Another program holds {folder.UseLock}; end it and start again.");
        server._supervision = server.SuperviseAsync(server._leaving.Token);
        return server;
    }

    /// <summary>Leaves the server to the other instances that use it, or stops it when there are none.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_use is null)
            return;
        await _leaving.CancelAsync();
        await _supervision;
        using (await FolderLock.TakeAloneAsync(_folder.ChangeLock, s_patience, CancellationToken.None))
        {
            _use.Dispose();
            _use = null;
            using var last = FolderLock.TryTakeAlone(_folder.UseLock);
            if (last is not null)
                await StopAsync();
        }

        _leaving.Dispose();
    }

    private async Task StartOrAdoptAsync(int port, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        if (await FindRunningAsync(cancellationToken) is { } running)
        {
            Port = running.Port;
            WasRunning = true;
            LogAdopted(_logger, Version, Port, running.ProcessId);
            return;
        }

        PostmasterPidFile.Disarm(_folder.Cluster);
        await LaunchAsync(port, cancellationToken);
        LogStarted(_logger, Version, Port, watch.ElapsedMilliseconds, _folder.Root);
    }

    /// <summary>The running server, once it accepts connections; null when there is none, or when it ended while we waited.</summary>
    private async Task<PostmasterPidFile?> FindRunningAsync(CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (PostmasterPidFile.Read(_folder.Cluster) is { } found && found.IsServing(_folder.Cluster))
        {
            if (found.IsReady)
                return found;
            if (watch.Elapsed > s_patience)
                throw new DatabaseUnavailableException(
                    $"The PostgreSQL server with process id {found.ProcessId} has not become ready for {s_patience.TotalSeconds:0} seconds; see {_folder.Log}.");
            await Task.Delay(50, cancellationToken);
        }

        return null;
    }

    private async Task LaunchAsync(int wantedPort, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var port = wantedPort == 0 ? FreePort() : wantedPort;
            var logStart = new FileInfo(_folder.Log) is { Exists: true } log ? log.Length : 0;
            var launched = await Tool.RunAsync(
                _folder.Binaries.Program("pg_ctl"),
                ["start", "-w", "-t", "120", "-D", _folder.Cluster, "-l", _folder.Log, "-o", ServerArguments(port)],
                _folder.Account.Name, _folder.Root, cancellationToken);
            if (launched.Succeeded)
            {
                Port = port;
                return;
            }

            var words = ReadLogFrom(logStart) + launched.Output;
            var isWorthAnotherTry = (wantedPort == 0 && ServerFailure.IsPortTaken(words)) || ServerFailure.IsOrphanStillThere(words);
            if (isWorthAnotherTry && watch.Elapsed < TimeSpan.FromSeconds(30))
                await Task.Delay(200, cancellationToken);
            else if (ServerFailure.IsPortTaken(words))
                throw new DatabaseUnavailableException(
                    $"Port {port} on 127.0.0.1 is taken by another program; choose another Database:Port, or 0 for any free one.");
            else
                throw new DatabaseUnavailableException(ServerFailure.Describe(words, _folder));
        }
    }

    private string ServerArguments(int port)
    {
        var settings = new Dictionary<string, string>
        {
            ["port"] = $"{port}",
            ["listen_addresses"] = "127.0.0.1",
            ["unix_socket_directories"] = "",
            ["max_wal_size"] = "256MB",
            ["max_connections"] = "200",
        };
        foreach (var name in _options.IsDurable ? [] : new[] { "fsync", "synchronous_commit", "full_page_writes" })
            settings[name] = "off";
        foreach (var (name, value) in _options.Settings)
            settings[name] = value;
        return string.Join(' ', settings.Select(setting => $"-c \"{setting.Key}={setting.Value}\""));
    }

    private string ReadLogFrom(long start)
    {
        if (!File.Exists(_folder.Log))
            return "";
        using var file = new FileStream(_folder.Log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Seek(start, SeekOrigin.Begin);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    }

    private async Task SuperviseAsync(CancellationToken leaving)
    {
        var failures = 0;
        try
        {
            while (true)
            {
                await Task.Delay(failures == 0 ? _options.SupervisionInterval : BackOff(failures), leaving);
                if (PostmasterPidFile.Read(_folder.Cluster) is { } found && found.IsServing(_folder.Cluster))
                    failures = 0;
                else
                    failures = await TryBringBackAsync(leaving) ? 0 : failures + 1;
            }
        }
        catch (OperationCanceledException)
        {
            // The program is leaving.
        }
    }

    private static TimeSpan BackOff(int failures) => TimeSpan.FromSeconds(Math.Min(30, Math.Pow(2, failures - 1)));

    /// <summary>On the same port, so that connection strings in pools stay true. Another instance may have been faster.</summary>
    private async Task<bool> TryBringBackAsync(CancellationToken leaving)
    {
        try
        {
            using var change = await FolderLock.TakeAloneAsync(_folder.ChangeLock, s_patience, leaving);
            LogDied(_logger, Port);
            await StartOrAdoptAsync(Port, leaving);
            return true;
        }
        catch (Exception failure) when (failure is DatabaseUnavailableException or IOException or UnauthorizedAccessException)
        {
            LogStillDown(_logger, failure.Message);
            return false;
        }
    }

    private async Task StopAsync()
    {
        var stopped = await Tool.RunAsync(
            _folder.Binaries.Program("pg_ctl"), ["stop", "-w", "-t", "60", "-m", "fast", "-D", _folder.Cluster], _folder.Account.Name, _folder.Root);
        if (stopped.Succeeded)
            LogStopped(_logger, Port);
        else
            LogNotStopped(_logger, stopped.Output.Trim());
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [LoggerMessage(LogLevel.Information, "PostgreSQL {Version} started on port {Port} in {Milliseconds} ms; it keeps its data in {Folder}.")]
    private static partial void LogStarted(ILogger logger, string version, int port, long milliseconds, string folder);

    [LoggerMessage(LogLevel.Information, "PostgreSQL {Version} was already running on port {Port} (process {ProcessId}).")]
    private static partial void LogAdopted(ILogger logger, string version, int port, int processId);

    [LoggerMessage(LogLevel.Warning, "PostgreSQL on port {Port} ended unexpectedly; starting it again.")]
    private static partial void LogDied(ILogger logger, int port);

    [LoggerMessage(LogLevel.Error, "PostgreSQL is still down: {Reason}")]
    private static partial void LogStillDown(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Information, "PostgreSQL on port {Port} stopped.")]
    private static partial void LogStopped(ILogger logger, int port);

    [LoggerMessage(LogLevel.Error, "PostgreSQL did not stop: {Reason}")]
    private static partial void LogNotStopped(ILogger logger, string reason);
}
