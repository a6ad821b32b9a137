using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PersonalLlm.Data;
using PersonalLlm.Testing;

namespace PersonalLlm.Web.Tests;

/// <summary>The real program on a database of its own, without the demo: <c>IClassFixture&lt;PersonalLlmApplication&gt;</c>.</summary>
public class PersonalLlmApplication : WebApplicationFactory<Program>, IAsyncLifetime
{
    private TestDatabase? _database;

    public IDbContextFactory<PersonalLlmDbContext> Contexts => Services.GetRequiredService<IDbContextFactory<PersonalLlmDbContext>>();

    public PersonalLlmDbContext CreateContext() => Contexts.CreateDbContext();

    public async Task InitializeAsync() => _database = await TestDatabase.CreateAsync();

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseSetting("Database:ConnectionString", _database!.ConnectionString);
        builder.UseSetting("Datasets:Demo", "false");
        // Every visitor of a test comes from the same address.
        builder.UseSetting("Account:AttemptsPerMinute", "10000");
    }

    async Task IAsyncLifetime.DisposeAsync()
    {
        await DisposeAsync();
        await _database!.DisposeAsync();
    }
}
