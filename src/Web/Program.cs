using PersonalLlm.Web.Cli;
using PersonalLlm.Web.Components;
using PersonalLlm.Web.Features.Account;
using PersonalLlm.Web.Features.Dashboards;
using PersonalLlm.Web.Features.Datasets;
using PersonalLlm.Web.Features.Judgements;
using PersonalLlm.Web.Features.Population;
using PersonalLlm.Web.Features.Studies;

if (CommandLine.IsVerb(args))
    return await CommandLine.RunAsync(args);

var app = CreateBuilder(args).Build();
app.UseAntiforgery();
app.MapStaticAssets();
app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
app.MapAccounts();
app.MapDatasets();
app.MapPopulation();
app.MapStudies();
app.MapJudgements();
app.MapDashboards();
await app.RunAsync();
return 0;

public partial class Program
{
    /// <summary>Everything the program is made of; verbs that need the database build the same host without starting it.</summary>
    internal static WebApplicationBuilder CreateBuilder(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args.FirstOrDefault() == "serve" ? args[1..] : args);
        builder.WebHost.UseStaticWebAssets();
        builder.Services.AddRazorComponents().AddInteractiveServerComponents();
        builder.Services.AddCascadingAuthenticationState();
        builder.Services.AddAuthentication();
        builder.Services.AddAuthorization();
        builder.Services.AddAccounts();
        builder.Services.AddDatasets();
        builder.Services.AddPopulation();
        builder.Services.AddStudies();
        builder.Services.AddJudgements();
        builder.Services.AddDashboards();
        return builder;
    }
}
