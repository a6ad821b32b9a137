using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using PersonalLlm.Data.Accounts;

namespace PersonalLlm.Web.Features.Account;

/// <summary>What the browser asks the server before it makes or uses a passkey. The answer comes back with a page's form.</summary>
internal static class PasskeyEndpoints
{
    public static IEndpointRouteBuilder MapPasskeys(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/account/passkey/new", ForNewAccountAsync).AllowAnonymous().RequireRateLimiting(AccountFeature.SecretForms);
        routes.MapPost("/account/passkey/add", ForOwnAccountAsync).RequireAuthorization();
        routes.MapPost("/account/passkey/use", ForSignInAsync).AllowAnonymous().RequireRateLimiting(AccountFeature.SecretForms);
        return routes;
    }

    // The id is drawn here: the passkey is bound to it and the account is made with it when the form arrives.
    private static async Task<IResult> ForNewAccountAsync(
        [FromForm] string key, [FromForm] string email, Registrar registrar, SignInManager<ApplicationUser> signIn)
    {
        var (state, _) = await registrar.LookUpAsync(key);
        return state == LinkState.Open
            ? await CreationOptionsAsync(signIn, Guid.NewGuid(), email)
            : Results.Text("This link is not open any more. Reload the page to see why.", statusCode: StatusCodes.Status410Gone);
    }

    // The parameter makes the antiforgery check happen: it only guards endpoints that read a form.
    private static async Task<IResult> ForOwnAccountAsync(
        [FromForm] IFormCollection form, HttpContext http, UserManager<ApplicationUser> people, SignInManager<ApplicationUser> signIn) =>
        await people.GetUserAsync(http.User) is { } person
            ? await CreationOptionsAsync(signIn, person.Id, person.Email!)
            : Results.Unauthorized();

    // No list of somebody's passkeys goes out: it would tell strangers who has an account.
    private static async Task<IResult> ForSignInAsync([FromForm] IFormCollection form, SignInManager<ApplicationUser> signIn) =>
        Results.Text(await signIn.MakePasskeyRequestOptionsAsync(null), "application/json");

    private static async Task<IResult> CreationOptionsAsync(SignInManager<ApplicationUser> signIn, Guid id, string email) =>
        Results.Text(
            await signIn.MakePasskeyCreationOptionsAsync(new() { Id = id.ToString(), Name = email, DisplayName = email }),
            "application/json");
}
