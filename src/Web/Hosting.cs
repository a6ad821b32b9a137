using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Options;
using PersonalLlm.Data.Postgres;
using PersonalLlm.Web.Database;

namespace PersonalLlm.Web;

/// <summary>Where the program lives, what it reads, and how it says that it is ready or cannot start.</summary>
internal static class Hosting
{
    private const string Settings = "appsettings.json";

    /// <summary>The checkout when run from one, else the published program's folder; never the caller's.</summary>
    public static string HomeFolder { get; } = FindHomeFolder();

    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            // Watching the settings would watch every folder below the home folder, the database's among them.
            Args = ["--hostBuilder:reloadConfigOnChange=false", .. args],
            ContentRootPath = HomeFolder,
        });
        // First, so that everything else wins: further files, environment variables (ASPNETCORE_URLS too), command line.
        foreach (var source in builder.Configuration.Sources.OfType<JsonConfigurationSource>().Where(source => source.Path == Settings).ToList())
            builder.Configuration.Sources.Remove(source);
        builder.Configuration.Sources.Insert(0, new JsonConfigurationSource
        {
            FileProvider = new PhysicalFileProvider(AppContext.BaseDirectory),
            Path = Settings,
        });
        builder.WebHost.UseStaticWebAssets();
        // What serves the pages is nobody else's business.
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        return builder;
    }

    /// <summary>Starts the database and takes the steps; Ctrl-C is heard already, though no host listens yet.</summary>
    public static async Task PrepareAsync(
        this WebApplication app, IReadOnlyList<StartUpStep> steps, CancellationToken cancellationToken = default)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        await app.Services.GetRequiredService<DatabasePreparation>().RunAsync(steps, stopping.Token);

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stopping.Cancel();
        }
    }

    /// <summary>Prints the address once the program answers; links that are secret are printed by those who make them.</summary>
    public static void AnnounceWhenReady(this WebApplication app) => app.Lifetime.ApplicationStarted.Register(() =>
        Console.Out.WriteLine($"PersonalLLM is ready at {string.Join(" and ", app.Urls)} (Ctrl-C stops it)."));

    /// <summary>
    /// The exit code of an expected end: 1, with one sentence on standard error, when a person can put it right; 0 when the
    /// program was asked to stop while it was still starting. Null: a broken promise, which keeps its stack trace.
    /// </summary>
    public static int? ExitCodeOf(Exception failure)
    {
        switch (failure)
        {
            case DatabaseUnavailableException or OptionsValidationException or IOException { InnerException: AddressInUseException }:
                Console.Error.WriteLine(failure.Message);
                return 1;
            case OperationCanceledException:
                return 0;
            default:
                return null;
        }
    }

    private static string FindHomeFolder()
    {
        // A published program carries its wwwroot, wherever it was put, even inside a checkout.
        if (Directory.Exists(Path.Combine(AppContext.BaseDirectory, "wwwroot")))
            return AppContext.BaseDirectory;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "PersonalLlm.Web.sln")))
                return folder.FullName;
        }

        return AppContext.BaseDirectory;
    }
}
