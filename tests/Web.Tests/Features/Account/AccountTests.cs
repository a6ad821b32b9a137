using System.Collections.Concurrent;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PersonalLlm.Data;
using PersonalLlm.Data.Accounts;
using PersonalLlm.Web.Features.Account;

namespace PersonalLlm.Web.Tests.Features.Account;

public class AccountTests(PersonalLlmApplication application) : IClassFixture<PersonalLlmApplication>
{
    [Theory]
    [InlineData("/account/register")]
    [InlineData("/Account/Register")]
    [InlineData("/register")]
    public async Task Registration_HasNoPage(string path)
    {
        var visitor = await application.VisitAsAsync(Roles.Admin);
        using var answer = await visitor.Http.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory]
    [InlineData("/account/join")]
    [InlineData("/account/join?key=guessed")]
    [InlineData("/account/setup?key=guessed")]
    public async Task Joining_NeedsALinkThatWasIssued(string path)
    {
        var visitor = application.Visit();
        var html = await visitor.Http.GetStringAsync(path);
        Assert.Contains("is not known here", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<form method=\"post\" class=\"stack\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invitation_MakesOneAccountWithItsRole_AndThenNoOther()
    {
        var issued = await InScope<Registrar, IssuedInvitation>(registrar => registrar.InviteAsync(Roles.Researcher, "for the test"));
        var page = $"/account/join?key={issued.Secret}";
        var visitor = application.Visit();
        using var joined = await JoinAsync(visitor, page, "first@example.org");
        Assert.Equal("/account?done=joined", Visitor.Destination(joined));
        Assert.Contains("Your role: researcher.", await visitor.Http.GetStringAsync("/account"), StringComparison.Ordinal);
        Assert.Contains("has made its one account already", await application.Visit().Http.GetStringAsync(page), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invitation_MakesOneAccount_WhenItIsUsedManyTimesAtOnce()
    {
        var issued = await InScope<Registrar, IssuedInvitation>(registrar => registrar.InviteAsync(Roles.Annotator, ""));
        var joinings = await Task.WhenAll(Enumerable.Range(0, 8).Select(attempt =>
            InScope<Registrar, Joining>(registrar => registrar.JoinAsync(issued.Secret, Guid.NewGuid(), $"crowd-{attempt}@example.org", Visitor.Password, passkey: null))));
        Assert.Single(joinings, joining => joining.Person is not null);
        Assert.Equal(7, joinings.Count(joining => joining.Link == LinkState.Used));
        await using var data = await Contexts.CreateDbContextAsync();
        Assert.Equal(1, await data.Users.CountAsync(person => person.Email!.StartsWith("crowd-")));
    }

    [Fact]
    public async Task OneAddress_GetsOneAccount_WhenItJoinsByManyLinksAtOnce()
    {
        var joinings = await Task.WhenAll(Enumerable.Range(0, 8).Select(async attempt =>
        {
            var issued = await InScope<Registrar, IssuedInvitation>(registrar => registrar.InviteAsync(Roles.Annotator, $"attempt {attempt}"));
            return await InScope<Registrar, Joining>(registrar => registrar.JoinAsync(issued.Secret, Guid.NewGuid(), "twin@example.org", Visitor.Password, passkey: null));
        }));
        Assert.Single(joinings, joining => joining.Person is not null);
        Assert.All(joinings.Where(joining => joining.Person is null), joining => Assert.Contains("has an account already", Assert.Single(joining.Problems), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Invitation_StaysOpen_WhenTheAccountCouldNotBeMade()
    {
        var issued = await InScope<Registrar, IssuedInvitation>(registrar => registrar.InviteAsync(Roles.Annotator, ""));
        var page = $"/account/join?key={issued.Secret}";
        var visitor = application.Visit();
        using var tooShort = await visitor.SendFormAsync(page, "join", ("Input.Email", "short@example.org"), ("Input.Password", "short"), ("Input.Repeat", "short"));
        Assert.Contains("at least 12 characters", await tooShort.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var joined = await JoinAsync(visitor, page, "short@example.org");
        Assert.Equal(HttpStatusCode.Redirect, joined.StatusCode);
    }

    [Fact]
    public async Task Invitation_SaysWhyItIsNotOpen()
    {
        var revoked = await InScope<Registrar, IssuedInvitation>(async registrar =>
        {
            var issued = await registrar.InviteAsync(Roles.Annotator, "");
            await registrar.RevokeAsync(issued.Invitation.Id);
            return issued;
        });
        var expired = await InScope<Registrar, IssuedInvitation>(registrar => registrar.InviteAsync(Roles.Annotator, "", TimeSpan.FromSeconds(-1)));
        Assert.Contains("has been taken back", await application.Visit().Http.GetStringAsync($"/account/join?key={revoked.Secret}"), StringComparison.Ordinal);
        Assert.Contains("has run out", await application.Visit().Http.GetStringAsync($"/account/join?key={expired.Secret}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invitation_IsKeptOnlyAsAHash()
    {
        var issued = await InScope<Registrar, IssuedInvitation>(registrar => registrar.InviteAsync(Roles.Annotator, ""));
        await using var data = await Contexts.CreateDbContextAsync();
        var kept = await data.Invitations.SingleAsync(invitation => invitation.Id == issued.Invitation.Id);
        Assert.Matches("^[0-9A-F]{64}$", kept.SecretHash);
        Assert.True(issued.Secret.Length >= 43, "a secret of 256 bits");
    }

    [Theory]
    [InlineData("/account/two-factor", "/account/two-factor")]
    [InlineData("https://elsewhere.example/", "/")]
    [InlineData("//elsewhere.example/", "/")]
    [InlineData("/\\elsewhere.example/", "/")]
    public async Task SignIn_GoesBackOnlyToThisApplication(string returnUrl, string expected)
    {
        var person = await application.AddPersonAsync(Roles.Annotator);
        using var answer = await application.Visit().SignInAsync(person.Email!, returnUrl: returnUrl);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal(expected, Visitor.Destination(answer));
    }

    [Fact]
    public async Task SignIn_TellsAStrangerNothingAboutWhoHasAnAccount()
    {
        var person = await application.AddPersonAsync(Roles.Annotator);
        using var wrongPassword = await application.Visit().SignInAsync(person.Email!, "wrong wrong wrong");
        using var nobody = await application.Visit().SignInAsync("nobody@example.org", "wrong wrong wrong");
        Assert.Equal(Said(await wrongPassword.Content.ReadAsStringAsync()), Said(await nobody.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task SignIn_IsLockedAfterFiveWrongPasswords_EvenForTheRightOne()
    {
        var person = await application.AddPersonAsync(Roles.Annotator);
        var visitor = application.Visit();
        for (var attempt = 0; attempt < 5; attempt++)
            (await visitor.SignInAsync(person.Email!, "wrong wrong wrong")).Dispose();
        using var right = await visitor.SignInAsync(person.Email!);
        Assert.Contains("This account is locked. After 5 wrong passwords it rests for 15 minutes", await right.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignInCookie_IsOutOfReachForScriptsAndForOtherSites()
    {
        var person = await application.AddPersonAsync(Roles.Annotator);
        using var plain = await application.Visit().SignInAsync(person.Email!);
        var cookie = Assert.Single(plain.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith("personalllm=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        var safe = new Visitor(application.CreateClient(new() { AllowAutoRedirect = false, BaseAddress = new("https://localhost") }));
        using var overTls = await safe.SignInAsync(person.Email!);
        Assert.Contains("; secure", Assert.Single(overTls.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith("personalllm=", StringComparison.Ordinal)), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task SigningOut_EndsTheVisit()
    {
        var visitor = await application.VisitAsAsync(Roles.Annotator);
        var page = await visitor.Http.GetStringAsync("/account");
        var token = WebUtility.HtmlDecode(Regex.Match(page, "name=\"__RequestVerificationToken\" value=\"([^\"]+)\"").Groups[1].Value);
        using var signedOut = await visitor.Http.PostAsync("/account/sign-out", new FormUrlEncodedContent([new("__RequestVerificationToken", token)]));
        Assert.Equal("/", Visitor.Destination(signedOut));
        using var after = await visitor.Http.GetAsync("/account");
        Assert.Equal(HttpStatusCode.Redirect, after.StatusCode);
    }

    [Fact]
    public async Task ALockedPerson_LosesTheVisitThatIsOpen()
    {
        await using var impatient = application.WithWebHostBuilder(host => host.ConfigureServices(services =>
            services.PostConfigure<SecurityStampValidatorOptions>(stamp => stamp.ValidationInterval = TimeSpan.Zero)));
        await application.AddPersonAsync(Roles.Admin);
        var person = await impatient.AddPersonAsync(Roles.Annotator);
        var visitor = impatient.Visit();
        (await visitor.SignInAsync(person.Email!)).Dispose();
        using var before = await visitor.Http.GetAsync("/account");
        Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        Assert.Equal(PersonChange.Done, await InScope<PeopleKeeper, PersonChange>(keeper => keeper.LockAsync(person.Id)));
        using var after = await visitor.Http.GetAsync("/account");
        Assert.Equal(HttpStatusCode.Redirect, after.StatusCode);
    }

    [Theory]
    [InlineData("/account")]
    [InlineData("/account/two-factor")]
    [InlineData("/account/passkeys")]
    public async Task LookingAtAPage_SignsOutNobody(string page)
    {
        var person = await application.AddPersonAsync(Roles.Annotator);
        var visitor = application.Visit();
        (await visitor.SignInAsync(person.Email!)).Dispose();
        using var answer = await visitor.Http.GetAsync(page);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await using var data = await Contexts.CreateDbContextAsync();
        Assert.Equal(person.SecurityStamp, (await data.Users.SingleAsync(kept => kept.Id == person.Id)).SecurityStamp);
    }

    [Fact]
    public async Task PasswordLink_WorksOnce()
    {
        var person = await application.AddPersonAsync(Roles.Annotator);
        var reset = await InScope<PeopleKeeper, (ApplicationUser Person, string Token)?>(keeper => keeper.PasswordResetAsync(person.Email!));
        var link = application.Services.GetRequiredService<AccountLinks>().ForPasswordReset(reset!.Value.Person, reset.Value.Token, "http://localhost/");
        const string chosen = "another horse altogether";
        var visitor = application.Visit();
        using var saved = await visitor.SendFormAsync(link, "reset", ("Input.Password", chosen), ("Input.Repeat", chosen));
        Assert.Equal("/account/sign-in?done=reset", Visitor.Destination(saved));
        Assert.Contains("This link has been used", await visitor.Http.GetStringAsync(link), StringComparison.Ordinal);
        using var signedIn = await visitor.SignInAsync(person.Email!, chosen);
        Assert.Equal(HttpStatusCode.Redirect, signedIn.StatusCode);
    }

    [Fact]
    public async Task ManyAttempts_AreTurnedAwayInWords()
    {
        await using var strict = application.WithWebHostBuilder(host => host.UseSetting("Account:AttemptsPerMinute", "3"));
        var visitor = strict.Visit();
        HttpResponseMessage answer = null!;
        for (var attempt = 0; attempt < 4; attempt++)
            answer = await visitor.SignInAsync("nobody@example.org", "wrong wrong wrong");
        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.Contains("Wait a minute", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFormWithoutItsToken_IsRefusedInWords()
    {
        // In development Blazor explains itself to the developer instead.
        await using var production = application.WithWebHostBuilder(host => host.UseEnvironment("Production"));
        using var answer = await production.Visit().Http.PostAsync("/account/sign-in", new FormUrlEncodedContent([new("_handler", "sign-in")]));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("Go back, reload the page", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> JoinAsync(Visitor visitor, string page, string email) =>
        visitor.SendFormAsync(page, "join", ("Input.Email", email), ("Input.Password", Visitor.Password), ("Input.Repeat", Visitor.Password));

    private static string Said(string html) => Regex.Match(html, "role=\"alert\">([^<]+)<").Groups[1].Value;

    private IDbContextFactory<PersonalLlmDbContext> Contexts => application.Services.GetRequiredService<IDbContextFactory<PersonalLlmDbContext>>();

    private Task<TResult> InScope<T, TResult>(Func<T, Task<TResult>> work)
        where T : notnull => application.InScopeAsync(work);
}

/// <summary>What is true only while nobody, or only one person, is admin: each test has an application of its own.</summary>
public class FirstAndLastAdminTests : IAsyncLifetime
{
    private readonly PersonalLlmApplication _application = new();
    private readonly ConcurrentQueue<string> _log = [];

    public Task InitializeAsync() => _application.InitializeAsync();

    public async Task DisposeAsync() => await ((IAsyncLifetime)_application).DisposeAsync();

    [Fact]
    public async Task SetupLink_MakesTheFirstAdmin_AndThenNobody()
    {
        var setup = await RenewAsync();
        var page = $"/account/setup?key={setup!.Secret}";
        var visitor = _application.Visit();
        using var joined = await visitor.SendFormAsync(page, "join", ("Input.Email", "ada@example.org"), ("Input.Password", Visitor.Password), ("Input.Repeat", Visitor.Password));
        Assert.Equal("/account?done=joined", Visitor.Destination(joined));
        using var people = await visitor.Http.GetAsync("/people");
        Assert.Equal(HttpStatusCode.OK, people.StatusCode);
        Assert.Contains("has made its one account already", await _application.Visit().Http.GetStringAsync(page), StringComparison.Ordinal);
        Assert.Null(await RenewAsync());
    }

    [Fact]
    public async Task SetupLink_IsReplacedByTheNextOne()
    {
        var older = await RenewAsync();
        var newer = await RenewAsync();
        Assert.Contains("A newer set-up link has replaced this one", await _application.Visit().Http.GetStringAsync($"/account/setup?key={older!.Secret}"), StringComparison.Ordinal);
        Assert.Contains("Make the first account", await _application.Visit().Http.GetStringAsync($"/account/setup?key={newer!.Secret}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SetupLink_DoesNothing_OnceThereIsAnAdmin()
    {
        var setup = await RenewAsync();
        await _application.AddPersonAsync(Roles.Admin);
        Assert.Contains("The first administrator is there already", await _application.Visit().Http.GetStringAsync($"/account/setup?key={setup!.Secret}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheLastAdmin_CanNeitherLoseTheRoleNorBeLocked()
    {
        var only = await _application.AddPersonAsync(Roles.Admin);
        Assert.Equal(PersonChange.LastAdmin, await KeepAsync(keeper => keeper.TakeRoleAsync(only.Id, Roles.Admin)));
        Assert.Equal(PersonChange.LastAdmin, await KeepAsync(keeper => keeper.LockAsync(only.Id)));
        var visitor = _application.Visit();
        (await visitor.SignInAsync(only.Email!)).Dispose();
        using var people = await visitor.Http.GetAsync("/people");
        Assert.Equal(HttpStatusCode.OK, people.StatusCode);
    }

    [Fact]
    public async Task OfTwoAdminsWhoRemoveEachOtherAtOnce_OneIsLeft()
    {
        var admins = new[] { await _application.AddPersonAsync(Roles.Admin), await _application.AddPersonAsync(Roles.Admin) };
        var changes = await Task.WhenAll(admins.Select(admin => KeepAsync(keeper => keeper.TakeRoleAsync(admin.Id, Roles.Admin))));
        Assert.Equal([PersonChange.Done, PersonChange.LastAdmin], changes.Order());
    }

    [Fact]
    public async Task Secrets_AreNeverLogged()
    {
        await using var logged = _application.WithWebHostBuilder(host => host.ConfigureLogging(logging => logging
            .AddProvider(new LogQueue(_log))
            .AddFilter("PersonalLlm", LogLevel.Trace)
            .AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Debug)
            .AddFilter("Microsoft.AspNetCore.Identity", LogLevel.Trace)));
        var setup = await logged.InScopeAsync((Registrar registrar) => registrar.RenewSetupLinkAsync());
        var visitor = logged.Visit();
        using var joined = await visitor.SendFormAsync($"/account/setup?key={setup!.Secret}", "join", ("Input.Email", "ada@example.org"), ("Input.Password", Visitor.Password), ("Input.Repeat", Visitor.Password));
        Assert.Equal(HttpStatusCode.Redirect, joined.StatusCode);
        var reset = await logged.InScopeAsync((PeopleKeeper keeper) => keeper.PasswordResetAsync("ada@example.org"));
        var link = logged.Services.GetRequiredService<AccountLinks>().ForPasswordReset(reset!.Value.Person, reset.Value.Token, "http://localhost/");
        (await logged.Visit().Http.GetAsync(link)).Dispose();
        (await logged.Visit().SignInAsync("ada@example.org", "wrong wrong wrong")).Dispose();

        Assert.Contains(_log, line => line.Contains("INSERT INTO \"AspNetUsers\"", StringComparison.Ordinal));
        foreach (var secret in new[] { setup.Secret, Visitor.Password, "wrong wrong wrong", reset.Value.Token, link[(link.IndexOf("token=", StringComparison.Ordinal) + 6)..] })
            Assert.DoesNotContain(_log, line => line.Contains(secret, StringComparison.Ordinal));
    }

    private Task<IssuedInvitation?> RenewAsync() => _application.InScopeAsync((Registrar registrar) => registrar.RenewSetupLinkAsync());

    private Task<PersonChange> KeepAsync(Func<PeopleKeeper, Task<PersonChange>> change) => _application.InScopeAsync(change);

    private sealed class LogQueue(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public bool IsEnabled(LogLevel logLevel) => true;
        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue(formatter(state, exception) + exception);
        public void Dispose()
        {
        }
    }
}
