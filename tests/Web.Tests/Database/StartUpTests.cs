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

    [Theory]
    [InlineData(null, false)]
    [InlineData(Roles.Annotator, true)]
    [InlineData(Roles.Researcher, true)]
    [InlineData(Roles.Admin, true)]
    public async Task TheHost_SignsInEveryRoleThroughTheForm(string? role, bool isSignedIn)
    {
        using var client = await application.SignInAsync(role);
        // Signed in, the form sends one home; otherwise it is shown.
        var answer = await client.GetAsync("/account/sign-in");
        Assert.Equal(isSignedIn, answer.StatusCode == System.Net.HttpStatusCode.Redirect);
    }
}
