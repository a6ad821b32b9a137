using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using PersonalLlm.Data;

namespace PersonalLlm.Web.Database;

internal static class DatabaseRegistration
{
    public static IServiceCollection AddDatabase(this IServiceCollection services)
    {
        services.AddOptions<DatabaseOptions>().BindConfiguration("Database").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<DatabaseServer>();
        services.AddSingleton<DatabasePreparation>();
        services.AddPersonalLlmData(provider => provider.GetRequiredService<DatabaseServer>().ConnectionString);
        services.AddDataProtection().SetApplicationName("PersonalLLM");
        services.AddOptions<KeyManagementOptions>().Configure<IServiceProvider>(
            (keys, provider) => keys.XmlRepository = new DataProtectionKeyStore(provider));
        services.AddHealthChecks().AddCheck<DatabaseHealth>("database", timeout: TimeSpan.FromSeconds(5));
        return services;
    }

    /// <summary>Live: the process answers. Ready: the database does too.</summary>
    public static IEndpointRouteBuilder MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks("/healthz/live", new HealthCheckOptions { Predicate = _ => false }).AllowAnonymous();
        routes.MapHealthChecks("/healthz/ready").AllowAnonymous();
        return routes;
    }
}
