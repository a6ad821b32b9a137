using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PersonalLlm.Data.Accounts;

namespace PersonalLlm.Web.Tests.Database;

public sealed class StartUpTests(PersonalLlmApplication application) : IClassFixture<PersonalLlmApplication>
{
    [Fact]
    public async Task TheFirstStart_MakesOneKey_AndKeepsItInTheDatabase()
    {
        await using var context = application.CreateContext();
        var key = Assert.Single(await context.DataProtectionKeys.ToListAsync());
        Assert.StartsWith("key-", key.Name, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnotherInstanceOnTheSameDatabase_ReadsWhatTheFirstProtected()
    {
        var secret = application.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("test").Protect("a cookie");
        await using var other = application.WithWebHostBuilder(_ => { });
        Assert.Equal("a cookie", other.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("test").Unprotect(secret));
    }

    [Fact]
    public async Task TheFirstStart_MakesTheRoles()
    {
        await using var context = application.CreateContext();
        Assert.Equal(Roles.All.Order(), await context.Roles.Select(role => role.Name!).Order().ToListAsync());
    }
}
