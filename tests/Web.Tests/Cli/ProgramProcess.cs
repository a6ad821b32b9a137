using System.Diagnostics;
using System.Globalization;

namespace PersonalLlm.Web.Tests.Cli;

/// <summary>The built program, run as its users run it.</summary>
internal static class ProgramProcess
{
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(string[] arguments, string? locale = null)
    {
        using var process = Start(arguments, locale);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }

    /// <summary>Runs it and presses Ctrl-C once it has worked for a while.</summary>
    /// <param name="arguments">Of something that takes much longer.</param>
    /// <param name="worked">How much of the processor it has used by then.</param>
    public static async Task<(int ExitCode, string Error)> InterruptAsync(string[] arguments, TimeSpan worked)
    {
        using var process = Start(arguments, locale: null);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        while (!process.HasExited && process.TotalProcessorTime < worked)
        {
            await Task.Delay(20);
            process.Refresh();
        }
        using var signal = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await process.WaitForExitAsync();
        await output;
        return (process.ExitCode, await error);
    }

    private static Process Start(string[] arguments, string? locale)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Program).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (locale is not null)
            start.Environment["LC_ALL"] = locale;
        return Process.Start(start)!;
    }
}
