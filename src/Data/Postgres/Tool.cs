using System.ComponentModel;
using System.Diagnostics;

namespace PersonalLlm.Data.Postgres;

/// <summary>One run of a command-line program to its end.</summary>
internal sealed record Tool(int ExitCode, string Output)
{
    public bool Succeeded => ExitCode == 0;

    /// <param name="file">The program.</param>
    /// <param name="arguments">Passed as they are, without a shell.</param>
    /// <param name="account">The account to run as, when that is not our own.</param>
    /// <param name="folder">The working folder; it must be reachable for the account.</param>
    /// <param name="cancellationToken">Ends the program and what it started.</param>
    public static async Task<Tool> RunAsync(
        string file, IEnumerable<string> arguments, string? account, string folder, CancellationToken cancellationToken = default)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // The caller's PGHOST, PGDATA and friends are meant for other servers, and messages are recognised in English.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("PG", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        start.Environment["LC_ALL"] = "C";
        if (account is not null)
            start.UserName = account;

        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception refused)
        {
            return new Tool(-1, refused.Message);
        }

        using (process)
        {
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            try
            {
                await process.WaitForExitAsync(cancellationToken);
                return new Tool(process.ExitCode, await output + await errors);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw;
            }
        }
    }
}
