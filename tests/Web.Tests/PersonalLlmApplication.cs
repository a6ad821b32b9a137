using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PersonalLlm.Data;
using PersonalLlm.Data.Accounts;
using PersonalLlm.Testing;

namespace PersonalLlm.Web.Tests;

/// <summary>The real program on a database of its own: <c>IClassFixture&lt;PersonalLlmApplication&gt;</c>.</summary>
public sealed partial class PersonalLlmApplication : WebApplicationFactory<Program>, IAsyncLifetime
{
    private const string Password = "four words make it";

    private TestDatabase? _database;

    public IDbContextFactory<PersonalLlmDbContext> Contexts => Services.GetRequiredService<IDbContextFactory<PersonalLlmDbContext>>();

    public PersonalLlmDbContext CreateContext() => Contexts.CreateDbContext();

    public async Task InitializeAsync() => _database = await TestDatabase.CreateAsync();

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseSetting("Database:ConnectionString", _database!.ConnectionString);
        builder.UseSetting("Account:AttemptsPerMinute", "10000");
    }

    /// <summary>A browser that follows no redirects, so that a test sees where it is sent.</summary>
    public HttpClient CreateAnonymousClient() => CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });

    /// <summary>Signs a person with this role in through the form, as a browser would; null stays anonymous.</summary>
    public async Task<HttpClient> SignInAsync(string? role, string? email = null)
    {
        var client = CreateAnonymousClient();
        if (role is null)
            return client;
        var person = await EnsurePersonAsync(role, email ?? $"{role}@example.org");
        var answer = await SubmitAsync(client, "/account/sign-in", new() { ["Input.Email"] = person.Email!, ["Input.Password"] = Password });
        if (answer.StatusCode is not (HttpStatusCode.Redirect or HttpStatusCode.OK) || !answer.Headers.Contains("Set-Cookie"))
            throw new InvalidOperationException($"Signing in as {role} was answered with {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        return client;
    }

    /// <summary>Fills the first form of a page and sends it, with the hidden fields that the page put into it.</summary>
    public static async Task<HttpResponseMessage> SubmitAsync(HttpClient client, string page, Dictionary<string, string> fields)
    {
        var html = await client.GetStringAsync(page);
        var form = FormPattern().Match(html) is { Success: true } found ? found.Value : throw new InvalidOperationException($"{page} has no form.");
        foreach (Match hidden in HiddenFieldPattern().Matches(form))
            fields.TryAdd(WebUtility.HtmlDecode(hidden.Groups["name"].Value), WebUtility.HtmlDecode(hidden.Groups["value"].Value));
        return await client.PostAsync(page, new FormUrlEncodedContent(fields));
    }

    public async Task<ApplicationUser> EnsurePersonAsync(string role, string email)
    {
        await using var scope = Services.CreateAsyncScope();
        var people = scope.ServiceProvider.GetRequiredService<UserManager<ApplicationUser>>();
        if (await people.FindByEmailAsync(email) is { } existing)
            return existing;
        var person = new ApplicationUser { UserName = email, Email = email };
        foreach (var result in new[] { await people.CreateAsync(person, Password), await people.AddToRoleAsync(person, role) })
        {
            if (!result.Succeeded)
                throw new InvalidOperationException(result.ToString());
        }

        return person;
    }

    async Task IAsyncLifetime.DisposeAsync()
    {
        await DisposeAsync();
        await _database!.DisposeAsync();
    }

    [GeneratedRegex("<form.*?</form>", RegexOptions.Singleline)]
    private static partial Regex FormPattern();

    [GeneratedRegex("<input type=\"hidden\" name=\"(?<name>[^\"]*)\" value=\"(?<value>[^\"]*)\"")]
    private static partial Regex HiddenFieldPattern();
}
