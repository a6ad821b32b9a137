using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using PersonalLlm.Data.Studies;

namespace PersonalLlm.Web.Features.Account;

/// <summary>How a browser without an account proves which annotators it is: a signed and encrypted cookie that names nobody.</summary>
internal static class ParticipantCookie
{
    public const string Scheme = "participant";
    private const string AnnotatorClaim = "annotator";

    public static void AddParticipantCookie(this AuthenticationBuilder authentication) => authentication.AddCookie(Scheme, cookie =>
    {
        cookie.Cookie.Name = "participant";
        cookie.Cookie.SameSite = SameSiteMode.Lax;
        cookie.Cookie.HttpOnly = true;
        cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        cookie.ExpireTimeSpan = TimeSpan.FromDays(30);
        cookie.SlidingExpiration = true;
        // The account's scheme answers those whom neither knows: it stands beside this one in every policy.
        cookie.Events.OnRedirectToLogin = _ => Task.CompletedTask;
        cookie.Events.OnRedirectToAccessDenied = _ => Task.CompletedTask;
    });

    /// <summary>The account or the annotators behind a request; somebody that no row knows when there is neither.</summary>
    public static Visitor AsVisitor(this ClaimsPrincipal person) => new(
        Guid.TryParse(person.FindFirstValue(ClaimTypes.NameIdentifier), out var userId) ? userId : Guid.Empty,
        [.. person.FindAll(AnnotatorClaim).Select(claim => Guid.Parse(claim.Value))]);

    /// <summary>Makes the browser this annotator as well, beside those of other studies that it is already.</summary>
    public static async Task SignInAnnotatorAsync(this HttpContext http, Guid annotatorId)
    {
        var known = (await http.AuthenticateAsync(Scheme)).Principal?.AsVisitor().AnnotatorIds ?? [];
        var identity = new ClaimsIdentity(known.Append(annotatorId).Distinct().Select(id => new Claim(AnnotatorClaim, id.ToString())), Scheme);
        await http.SignInAsync(Scheme, new(identity), new() { IsPersistent = true });
    }

    /// <summary>True when the request carries at least one annotator without an account.</summary>
    public static bool IsParticipant(this ClaimsPrincipal person) => person.HasClaim(claim => claim.Type == AnnotatorClaim);
}
