using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using PersonalLlm.Data.Accounts;

namespace PersonalLlm.Web.Features.Account;

/// <summary>Ends an open circuit's rights soon after the account was locked, signed out everywhere, or given other roles.</summary>
internal sealed class AccountRevalidation(ILoggerFactory loggers, IServiceScopeFactory scopes, IOptions<IdentityOptions> identity)
    : RevalidatingServerAuthenticationStateProvider(loggers)
{
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    protected override TimeSpan RevalidationInterval => Interval;

    protected override async Task<bool> ValidateAuthenticationStateAsync(AuthenticationState state, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var people = scope.ServiceProvider.GetRequiredService<UserManager<ApplicationUser>>();
        var claims = identity.Value.ClaimsIdentity;
        return await people.GetUserAsync(state.User) is { } person
            && state.User.FindFirstValue(claims.SecurityStampClaimType) == await people.GetSecurityStampAsync(person)
            && state.User.FindAll(claims.RoleClaimType).Select(claim => claim.Value).ToHashSet()
                .SetEquals(await people.GetRolesAsync(person));
    }
}
