using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
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
        // Pooled: building what a context needs inside takes longer than many a query.
        services.AddPooledDbContextFactory<PersonalLlmDbContext>((provider, options) =>
            options.UseNpgsql(Prepared(connectionString(provider)), postgres => postgres.EnableRetryOnFailure()));
        services.AddSingleton<RewardMatrixLoader>();
        services.AddScoped(provider => provider.GetRequiredService<IDbContextFactory<PersonalLlmDbContext>>().CreateDbContext());
        return services;
    }

    // The same few dozen statements come again and again, and planning them takes the database longer than running them. A
    // connection string that names a number itself, 0 for a pooler that cannot keep statements, has the last word.
    private static string Prepared(string connectionString) =>
        connectionString.Replace(" ", "", StringComparison.Ordinal).Contains("MaxAutoPrepare=", StringComparison.OrdinalIgnoreCase)
            ? connectionString
            : new NpgsqlConnectionStringBuilder(connectionString) { MaxAutoPrepare = 100 }.ConnectionString;

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
