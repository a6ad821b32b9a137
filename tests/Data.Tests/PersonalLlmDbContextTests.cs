using Microsoft.EntityFrameworkCore;
using Npgsql;
using PersonalLlm.Data.Accounts;

namespace PersonalLlm.Data.Tests;

public sealed class PersonalLlmDbContextTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>
{
    [Fact]
    public async Task Migrations_BringTheWholeModel()
    {
        await using var context = database.CreateContext();
        Assert.False(context.Database.HasPendingModelChanges());
        Assert.Empty(await context.Database.GetPendingMigrationsAsync());
    }

    [Fact]
    public async Task ADataProtectionKey_CannotBeStoredTwiceUnderOneName()
    {
        await using var context = database.CreateContext();
        context.DataProtectionKeys.AddRange(new DataProtectionKey { Name = "key", Xml = "<a />" }, new DataProtectionKey { Name = "key", Xml = "<b />" });
        var refused = await Assert.ThrowsAsync<DbUpdateException>(() => context.SaveChangesAsync());
        Assert.Equal(PostgresErrorCodes.UniqueViolation, Assert.IsType<PostgresException>(refused.InnerException).SqlState);
    }
}
