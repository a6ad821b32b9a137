using System.Globalization;
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
    private const string BrowserClaim = "sub";

    // A cookie has room for about four thousand characters.
    private const int MostStudies = 30;

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
        [.. Memberships(person).Select(membership => membership.AnnotatorId)]);

    /// <summary>As <see cref="AsVisitor"/>, on pages that are open to anybody: there nobody has read the participant cookie yet.</summary>
    public static async Task<Visitor> VisitorAsync(this HttpContext http) => http.User.AsVisitor() with
    {
        AnnotatorIds = (await http.AuthenticateAsync(Scheme)).Principal?.AsVisitor().AnnotatorIds ?? [],
    };

    /// <summary>Makes the browser this annotator, beside those of other studies that it is already; whoever it was in this study before is let go.</summary>
    public static async Task SignInAnnotatorAsync(this HttpContext http, int studyId, Guid annotatorId)
    {
        var known = (await http.AuthenticateAsync(Scheme)).Principal;
        var memberships = (known is null ? [] : Memberships(known)).Where(membership => membership.StudyId != studyId)
            .TakeLast(MostStudies - 1).Append(new(studyId, annotatorId));
        var identity = new ClaimsIdentity(memberships.Select(membership => new Claim(AnnotatorClaim, $"{membership.StudyId}:{membership.AnnotatorId}")), Scheme);
        // Forms are tied to this id, so that those that are open in other tabs stay valid when a study is joined here.
        identity.AddClaim(new(BrowserClaim, known?.FindFirstValue(BrowserClaim) ?? Guid.NewGuid().ToString()));
        await http.SignInAsync(Scheme, new(identity), new() { IsPersistent = true });
    }

    /// <summary>True when the request carries at least one annotator without an account.</summary>
    public static bool IsParticipant(this ClaimsPrincipal person) => person.HasClaim(claim => claim.Type == AnnotatorClaim);

    private readonly record struct Membership(int StudyId, Guid AnnotatorId);

    private static IEnumerable<Membership> Memberships(ClaimsPrincipal person) => person.FindAll(AnnotatorClaim)
        .Select(claim => claim.Value.Split(':'))
        .Select(parts => new Membership(int.Parse(parts[0], CultureInfo.InvariantCulture), Guid.Parse(parts[1])));
}
