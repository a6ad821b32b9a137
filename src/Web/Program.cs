using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Web.Cli;
using PersonalLlm.Web.Components;
using PersonalLlm.Web.Features.Account;
using PersonalLlm.Web.Features.Dashboards;
using PersonalLlm.Web.Features.Datasets;
using PersonalLlm.Web.Features.Judgements;
using PersonalLlm.Web.Features.Population;
using PersonalLlm.Web.Features.Studies;
using PersonalLlm.Web.Security;

if (CommandLine.IsVerb(args))
    return await CommandLine.RunAsync(args);

var app = CreateBuilder(args).Build();
app.UseSecurityHeaders();
app.UseExceptionHandler("/status/500", createScopeForErrors: true);
if (!app.Environment.IsDevelopment())
    app.UseHsts();
app.UseWhen(
    context => !context.Request.Path.StartsWithSegments("/api"),
    pages => pages.UseStatusCodePagesWithReExecute("/status/{0}", createScopeForStatusCodePages: true));
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
app.MapStudies();
app.MapJudgements();
app.MapDashboards();
await app.Services.GetRequiredService<IDbContextFactory<PersonalLlmDbContext>>().CreateDbContext().Database.MigrateAsync();
await app.Services.EnsureRolesAsync();
await app.Services.GetRequiredService<DemoContent>().SeedAsync();
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
        builder.Services.AddPersonalLlmData(services => services.GetRequiredService<IConfiguration>().GetConnectionString("PersonalLlm")
            ?? throw new InvalidOperationException("There is no connection string named PersonalLlm."));
        builder.Services.AddAccounts();
        builder.Services.AddDatasets();
        builder.Services.AddPopulation();
        builder.Services.AddStudies();
        builder.Services.AddJudgements();
        builder.Services.AddDashboards();
        return builder;
    }
}
