using Microsoft.Extensions.Logging.Console;

namespace PersonalLlm.Web.Cli;

/// <summary>
/// A verb that needs the database: the same settings, server, tables and features as when serving, but nobody listens. A
/// server that another instance uses is shared and left running.
/// </summary>
internal static class WithDatabase
{
    /// <returns>The verb's exit code; 1 when the database cannot be used, with one sentence on standard error.</returns>
    public static async Task<int> RunAsync(
        Func<IServiceProvider, CancellationToken, Task<int>> verb, CancellationToken cancellationToken)
    {
        var builder = Program.CreateBuilder([]);
        // Standard output belongs to the verb's answer.
        builder.Logging.AddFilter(level => level >= LogLevel.Warning);
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        await using var app = builder.Build();
        try
        {
            await app.PrepareAsync(Program.StartUpSteps, cancellationToken);
            await using var scope = app.Services.CreateAsyncScope();
            return await verb(scope.ServiceProvider, cancellationToken);
        }
        catch (Exception failure) when (Hosting.ExitCodeOf(failure) is { } exitCode)
        {
            return exitCode;
        }
    }
}
