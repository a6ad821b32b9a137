using PersonalLlm.Web;
using PersonalLlm.Web.Cli;
using PersonalLlm.Web.Components;
using PersonalLlm.Web.Database;
using PersonalLlm.Web.Features.Account;
using PersonalLlm.Web.Features.Dashboards;
using PersonalLlm.Web.Features.Datasets;
using PersonalLlm.Web.Features.Judgements;
using PersonalLlm.Web.Features.Judgements.Language;
using PersonalLlm.Web.Features.Population;
using PersonalLlm.Web.Features.Population.Opinions;
using PersonalLlm.Web.Features.Studies;
using PersonalLlm.Web.Features.Studies.Rehearsals;
using PersonalLlm.Web.Security;

if (CommandLine.IsVerb(args))
    return await CommandLine.RunAsync(args);

await using var app = CreateBuilder(args).Build();
app.UseSecurityHeaders();
app.UseExceptionHandler("/status/500", createScopeForErrors: true);
if (!app.Environment.IsDevelopment())
    app.UseHsts();
app.UseStatusPages();
app.UseNulRefusal();
app.UseAnnotatorLanguage();
app.UseRouting();
app.UseAuthentication();
app.UseRateLimiter();
app.UseAuthorization();
app.UseAntiforgery();
app.MapStaticAssets().AllowAnonymous();
app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
app.MapAccounts();
app.MapDatasets();
app.MapPopulation();
app.MapOpinions();
app.MapStudies();
app.MapJudgements();
app.MapDashboards();
app.MapHealth();
app.AnnounceWhenReady();
try
{
    await app.PrepareAsync(StartUpSteps);
    await app.RunAsync();
    return 0;
}
catch (Exception failure) when (Hosting.ExitCodeOf(failure) is { } exitCode)
{
    return exitCode;
}

public partial class Program
{
    /// <summary>What has to be true before the first request, in this order, after the database has its tables.</summary>
    internal static IReadOnlyList<StartUpStep> StartUpSteps { get; } =
    [
        new("Roles", (services, _) => services.EnsureRolesAsync()),
        new("Rehearsals", (services, cancellationToken) => services.GetRequiredService<RehearsalKeeper>().DeleteOldAsync(cancellationToken)),
        new("Demo", (services, cancellationToken) => services.GetRequiredService<DemoContent>().SeedAsync(cancellationToken)),
    ];

    /// <summary>Everything the program is made of; verbs that need the database build the same host without starting it.</summary>
    internal static WebApplicationBuilder CreateBuilder(string[] args)
    {
        var builder = Hosting.CreateBuilder(args.FirstOrDefault() == "serve" ? args[1..] : args);
        builder.Services.AddRazorComponents().AddInteractiveServerComponents();
        builder.Services.AddDatabase();
        builder.Services.AddAccounts();
        builder.Services.AddDatasets();
        builder.Services.AddPopulation();
        builder.Services.AddOpinions();
        builder.Services.AddStudies();
        builder.Services.AddJudgements();
        builder.Services.AddDashboards();
        return builder;
    }
}
