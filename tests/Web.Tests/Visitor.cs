using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using PersonalLlm.Data.Accounts;

namespace PersonalLlm.Web.Tests;

/// <summary>Somebody at a browser without JavaScript: keeps cookies, fills in forms, does not follow redirects.</summary>
public sealed partial class Visitor(HttpClient http)
{
    public const string Password = "correct horse battery staple";

    public HttpClient Http { get; } = http;

    /// <summary>Sends a form of a page as the browser would, with its hidden fields.</summary>
    /// <param name="page">Where the form is.</param>
    /// <param name="form">Its name (<c>FormName</c> or <c>@formname</c>).</param>
    /// <param name="fields">What is typed into it.</param>
    public async Task<HttpResponseMessage> SendFormAsync(string page, string form, params (string Name, string Value)[] fields)
    {
        var html = await Http.GetStringAsync(page);
        var token = Token().Match(html);
        Assert.True(token.Success, $"There is no form on {page}: {html}");
        var body = fields.Select(field => KeyValuePair.Create(field.Name, field.Value))
            .Append(new("_handler", form))
            .Append(new("__RequestVerificationToken", WebUtility.HtmlDecode(token.Groups[1].Value)));
        return await Http.PostAsync(page, new FormUrlEncodedContent(body));
    }

    public Task<HttpResponseMessage> SignInAsync(string email, string password = Password, string returnUrl = "/") =>
        SendFormAsync($"/account/sign-in?returnUrl={Uri.EscapeDataString(returnUrl)}", "sign-in", ("Input.Email", email), ("Input.Password", password));

    /// <summary>Where an answer sends the browser, as a path of this application; anywhere else fails the test.</summary>
    public static string? Destination(HttpResponseMessage answer)
    {
        if (answer.Headers.Location is not { } location)
            return null;
        var absolute = new Uri(new Uri("http://localhost"), location);
        Assert.Equal("localhost", absolute.Host);
        return absolute.PathAndQuery;
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}

internal static class VisitorExtensions
{
    public static Visitor Visit(this WebApplicationFactory<Program> application) =>
        new(application.CreateClient(new() { AllowAutoRedirect = false, HandleCookies = true }));

    /// <summary>A visitor who has signed in with a new account; without a role: nobody's account, a stranger.</summary>
    public static async Task<Visitor> VisitAsAsync(this WebApplicationFactory<Program> application, string? role)
    {
        var visitor = application.Visit();
        if (role is null)
            return visitor;
        var person = await application.AddPersonAsync(role);
        var answer = await visitor.SignInAsync(person.Email!);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        return visitor;
    }

    /// <summary>Calls a scoped service as a request would.</summary>
    public static async Task<TResult> InScopeAsync<T, TResult>(this WebApplicationFactory<Program> application, Func<T, Task<TResult>> work)
        where T : notnull
    {
        await using var scope = application.Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<T>());
    }

    public static async Task<ApplicationUser> AddPersonAsync(this WebApplicationFactory<Program> application, string role)
    {
        await using var scope = application.Services.CreateAsyncScope();
        var people = scope.ServiceProvider.GetRequiredService<UserManager<ApplicationUser>>();
        var email = $"{role}-{Guid.NewGuid():n}@example.org";
        var person = new ApplicationUser { UserName = email, Email = email };
        Assert.True((await people.CreateAsync(person, Visitor.Password)).Succeeded);
        Assert.True((await people.AddToRoleAsync(person, role)).Succeeded);
        return person;
    }
}
