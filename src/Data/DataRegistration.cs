using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.Extensions.DependencyInjection;
using PersonalLlm.Data.Rewards;

namespace PersonalLlm.Data;

/// <summary>The floor's single door.</summary>
public static class DataRegistration
{
    /// <summary>Registers the context factory; components and endpoints ask it for one context per operation.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="connectionString">Asked when the first context is made, after the database was started.</param>
    public static IServiceCollection AddPersonalLlmData(
        this IServiceCollection services, Func<IServiceProvider, string> connectionString)
    {
        services.AddIdentitySchema();
        services.AddDbContextFactory<PersonalLlmDbContext>((provider, options) =>
            options.UseNpgsql(connectionString(provider), postgres => postgres.EnableRetryOnFailure()));
        services.AddSingleton<RewardMatrixLoader>();
        services.AddScoped(provider => provider.GetRequiredService<IDbContextFactory<PersonalLlmDbContext>>().CreateDbContext());
        return services;
    }

    /// <summary>
    /// Schema version 3 brings the passkey table. Identity's context reads it from the application's options, so it is set
    /// where the tables are made and not left to the host to remember.
    /// </summary>
    internal static IServiceCollection AddIdentitySchema(this IServiceCollection services) =>
        services.Configure<IdentityOptions>(identity => identity.Stores.SchemaVersion = IdentitySchemaVersions.Version3);
}

/// <summary>For <c>dotnet ef migrations add</c> only; it never connects.</summary>
internal sealed class DesignTimeFactory : IDesignTimeDbContextFactory<PersonalLlmDbContext>
{
    public PersonalLlmDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<PersonalLlmDbContext>()
            .UseApplicationServiceProvider(new ServiceCollection().AddIdentitySchema().BuildServiceProvider())
            .UseNpgsql("Host=127.0.0.1;Database=design").Options);
}
