using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using PersonalLlm.Data;
using PersonalLlm.Data.Accounts;

namespace PersonalLlm.Web.Features.Account;

internal static class AccountFeature
{
    /// <summary>Rate limit for forms that check a secret.</summary>
    public const string SecretForms = "secret-forms";

    public static IServiceCollection AddAccounts(this IServiceCollection services)
    {
        services.AddOptions<AccountOptions>().BindConfiguration("Account").ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<AccountLinks>();
        services.AddScoped<Registrar>();
        services.AddScoped<PeopleKeeper>();
        services.AddHostedService<SetupLinkPrinter>();
        services.AddPolicies();
        services.AddCascadingAuthenticationState();
        services.AddScoped<AuthenticationStateProvider, AccountRevalidation>();
        var authentication = services.AddAuthentication(IdentityConstants.ApplicationScheme);
        authentication.AddIdentityCookies();
        authentication.AddParticipantCookie();
        services.AddIdentityCore<ApplicationUser>()
            .AddRoles<IdentityRole<Guid>>()
            .AddEntityFrameworkStores<PersonalLlmDbContext>()
            .AddSignInManager()
            .AddDefaultTokenProviders();
        services.AddOptions<IdentityOptions>().Configure<IOptions<AccountOptions>>((identity, account) =>
        {
            identity.User.RequireUniqueEmail = true;
            // Length is what makes a password hard to guess; rules about characters only make it hard to remember.
            identity.Password.RequiredLength = 12;
            identity.Password.RequiredUniqueChars = 4;
            identity.Password.RequireDigit = false;
            identity.Password.RequireLowercase = false;
            identity.Password.RequireUppercase = false;
            identity.Password.RequireNonAlphanumeric = false;
            identity.Lockout.MaxFailedAccessAttempts = account.Value.WrongPasswordsBeforeLock;
            identity.Lockout.DefaultLockoutTimeSpan = TimeSpan.FromMinutes(account.Value.LockMinutes);
        });
        services.Configure<IdentityPasskeyOptions>(passkey =>
        {
            // Found without a user name, and as good as password and second step together.
            passkey.ResidentKeyRequirement = "required";
            passkey.UserVerificationRequirement = "required";
        });
        services.Configure<SecurityStampValidatorOptions>(stamp => stamp.ValidationInterval = AccountRevalidation.Interval);
        services.ConfigureApplicationCookie(AccountCookie);
        services.AddAntiforgery(antiforgery =>
        {
            antiforgery.Cookie.Name = "personalllm-forms";
            antiforgery.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
        services.AddRateLimiter(limiter =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limiter.AddPolicy(SecretForms, PerAddress);
        });
        return services;
    }

    public static IEndpointRouteBuilder MapAccounts(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/account/sign-out", SignOutAsync).RequireAuthorization();
        routes.MapPasskeys();
        return routes;
    }

    private static void AccountCookie(CookieAuthenticationOptions cookie)
    {
        cookie.Cookie.Name = "personalllm";
        cookie.Cookie.HttpOnly = true;
        cookie.Cookie.SameSite = SameSiteMode.Lax;
        cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        cookie.ExpireTimeSpan = TimeSpan.FromDays(14);
        cookie.SlidingExpiration = true;
        cookie.LoginPath = "/account/sign-in";
        cookie.ReturnUrlParameter = "returnUrl";
        cookie.Events.OnRedirectToLogin = context => IsForPeople(context.Request)
            ? Redirect(context.Response, context.RedirectUri)
            : Refuse(context.Response, StatusCodes.Status401Unauthorized);
        cookie.Events.OnRedirectToAccessDenied = context => Refuse(context.Response, StatusCodes.Status403Forbidden);
    }

    // A script that asks for JSON is served better by a number than by a form in HTML.
    private static bool IsForPeople(HttpRequest request) =>
        !request.Path.StartsWithSegments("/api") && !request.Path.StartsWithSegments("/_blazor");

    private static Task Redirect(HttpResponse response, string address)
    {
        response.Redirect(address);
        return Task.CompletedTask;
    }

    private static Task Refuse(HttpResponse response, int status)
    {
        response.StatusCode = status;
        return Task.CompletedTask;
    }

    private static RateLimitPartition<string> PerAddress(HttpContext context) =>
        HttpMethods.IsPost(context.Request.Method)
            ? RateLimitPartition.GetFixedWindowLimiter(
                context.Connection.RemoteIpAddress?.ToString() ?? "unknown",
                _ => new FixedWindowRateLimiterOptions
                {
                    PermitLimit = context.RequestServices.GetRequiredService<IOptions<AccountOptions>>().Value.AttemptsPerMinute,
                    Window = TimeSpan.FromMinutes(1),
                })
            : RateLimitPartition.GetNoLimiter("reading");

    private static async Task<IResult> SignOutAsync(HttpContext http, IAntiforgery antiforgery, SignInManager<ApplicationUser> signIn)
    {
        if (!await antiforgery.IsRequestValidAsync(http))
            return Results.StatusCode(StatusCodes.Status400BadRequest);
        await signIn.SignOutAsync();
        return Results.LocalRedirect("/");
    }
}
