using System.Diagnostics;

namespace PersonalLlm.Data.Postgres;

/// <summary>What the server writes about itself into <c>postmaster.pid</c> of its cluster.</summary>
internal sealed record PostmasterPidFile(int ProcessId, int Port, string Status)
{
    private const string Name = "postmaster.pid";

    public bool IsReady => Status == "ready";

    /// <summary>Null when there is none, or when a crash left it without a process id.</summary>
    public static PostmasterPidFile? Read(string cluster)
    {
        try
        {
            using var file = new FileStream(
                Path.Combine(cluster, Name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(file);
            var lines = reader.ReadToEnd().Split('\n');
            if (!int.TryParse(lines[0], out var processId))
                return null;
            var port = lines.Length > 3 && int.TryParse(lines[3], out var written) ? written : 0;
            return new PostmasterPidFile(processId, port, lines.Length > 7 ? lines[7].Trim() : "");
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>True when the process is alive and serves this cluster: numbers are reused, so being alive is not enough.</summary>
    public bool IsServing(string cluster)
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                var commandLine = File.ReadAllText($"/proc/{ProcessId}/cmdline").Split('\0');
                return Path.GetFileName(commandLine[0]) == "postgres" && commandLine.Contains(cluster);
            }

            using var process = Process.GetProcessById(ProcessId);
            return process.ProcessName == "postgres";
        }
        catch (Exception gone) when (gone is IOException or ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>
    /// Makes a pid file harmless whose process is not a server of this cluster. The number is overwritten rather than the file
    /// deleted: it also names the shared memory, by which PostgreSQL itself refuses to start beside an orphan of the old server.
    /// </summary>
    public static void Disarm(string cluster)
    {
        const string numberNobodyHas = "2147483647";
        var path = Path.Combine(cluster, Name);
        if (!File.Exists(path))
            return;
        var lines = File.ReadAllLines(path);
        if (lines.Length < 7)
        {
            File.Delete(path);
            return;
        }

        lines[0] = numberNobodyHas;
        File.WriteAllLines(path, lines);
    }
}
