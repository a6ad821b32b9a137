using Microsoft.EntityFrameworkCore;
using PersonalLlm.Testing;

namespace PersonalLlm.Data.Tests;

/// <summary>One fresh database per test class: <c>IClassFixture&lt;DatabaseFixture&gt;</c>.</summary>
public sealed class DatabaseFixture : IAsyncLifetime
{
    private TestDatabase? _database;

    public string ConnectionString => Database.ConnectionString;
    public IDbContextFactory<PersonalLlmDbContext> Contexts => Database.Contexts;
    private TestDatabase Database => _database ?? throw new InvalidOperationException("The fixture has not been initialised.");

    public PersonalLlmDbContext CreateContext() => Database.CreateContext();

    public async Task InitializeAsync() => _database = await TestDatabase.CreateAsync();

    public async Task DisposeAsync() => await Database.DisposeAsync();
}
