using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using PersonalLlm.Testing;

namespace PersonalLlm.E2E;

/// <summary>The built program as a process of its own, which a test may kill and start again at the same address.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);

    private readonly IReadOnlyDictionary<string, string> _settings;
    private readonly StringBuilder _output = new();
    private Process? _process;

    private ServerProcess(int port, IReadOnlyDictionary<string, string> settings)
    {
        _settings = settings;
        // Passkeys belong to a name, so not 127.0.0.1.
        Address = new Uri($"http://localhost:{port}");
    }

    public Uri Address { get; }

    /// <summary>All that the program has written so far, over all its lives.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <param name="settings">For example <c>Database:ConnectionString</c> or <c>Database:DataFolder</c>.</param>
    public static async Task<ServerProcess> StartAsync(params (string Name, string Value)[] settings)
    {
        var server = new ServerProcess(FreePort(), settings.ToDictionary(setting => setting.Name, setting => setting.Value));
        await server.StartAsync();
        return server;
    }

    /// <summary>Starts it again, at the same address.</summary>
    public async Task StartAsync()
    {
        var start = new ProcessStartInfo("dotnet", [ProgramPath, "serve", "--urls", Address.ToString().TrimEnd('/')])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // Any folder but the checkout: where the program is called from must not matter.
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var (name, value) in _settings)
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await WaitUntilReadyAsync(_process);
    }

    /// <summary>kill −9: no goodbye to anybody.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks it to stop, as Ctrl-C and service managers do, and returns its exit code.</summary>
    public async Task<int> StopAsync()
    {
        using (var term = Process.Start("kill", ["-TERM", $"{_process!.Id}"]))
            await term.WaitForExitAsync();
        using var patience = new CancellationTokenSource(s_patience);
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
            await StopAsync();
        _process?.Dispose();
    }

    private async Task WaitUntilReadyAsync(Process process)
    {
        using var http = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(5) };
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < s_patience && !process.HasExited; await Task.Delay(50))
        {
            try
            {
                if ((await http.GetAsync("/healthz/ready")).IsSuccessStatusCode)
                    return;
            }
            catch (Exception notYet) when (notYet is HttpRequestException or TaskCanceledException)
            {
                // Nobody listens yet.
            }
        }

        // Its last words arrive a moment after its end.
        if (process.HasExited)
            await process.WaitForExitAsync();
        var ending = process.HasExited ? $"ended with exit code {process.ExitCode}" : $"did not become ready within {s_patience.TotalSeconds:0} s";
        throw new InvalidOperationException($"The program {ending}. It said:\n{Output}");
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_output)
            _output.AppendLine(line.Data);
    }

    /// <summary>Built with the same configuration as the test, in its own folder, where its static files are.</summary>
    private static string ProgramPath
    {
        get
        {
            var built = new DirectoryInfo(AppContext.BaseDirectory);
            return Path.Combine(Checkout.Folder, "src", "Web", "bin", built.Parent!.Name, built.Name, "PersonalLlm.Web.dll");
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
