using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Identity;
using PersonalLlm.Data.Accounts;

namespace PersonalLlm.Web.Features.Account;

/// <summary>Who may do what. Every page and endpoint names one of these or says that anybody may come in.</summary>
internal static class Policies
{
    /// <summary>Rank responses: anybody who is signed in with a role, or who joined a study without an account.</summary>
    public const string Annotate = "annotate";

    /// <summary>Data sets, populations, studies, dashboards: researchers and admins.</summary>
    public const string Research = "research";

    /// <summary>People and the running of the place: admins.</summary>
    public const string Administer = "administer";

    public static IServiceCollection AddPolicies(this IServiceCollection services)
    {
        services.AddAuthorizationBuilder()
            .AddPolicy(Annotate, policy => policy
                .AddAuthenticationSchemes(IdentityConstants.ApplicationScheme, ParticipantCookie.Scheme)
                .RequireAssertion(context => context.User.IsParticipant() || context.User.HasRole()))
            .AddPolicy(Research, policy => policy.RequireRole(Roles.Researcher, Roles.Admin))
            .AddPolicy(Administer, policy => policy.RequireRole(Roles.Admin))
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        return services;
    }

    /// <summary>True when the account has any role: it may rank.</summary>
    public static bool HasRole(this ClaimsPrincipal person) => Roles.All.Any(person.IsInRole);
}
