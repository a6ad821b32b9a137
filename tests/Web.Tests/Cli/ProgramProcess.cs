using System.Diagnostics;

namespace PersonalLlm.Web.Tests.Cli;

/// <summary>The built program, run as its users run it.</summary>
internal static class ProgramProcess
{
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(string[] arguments, string? locale = null)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Program).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (locale is not null)
            start.Environment["LC_ALL"] = locale;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
