namespace PersonalLlm.Web.Features.Account;

internal static class AccountFeature
{
    public static IServiceCollection AddAccounts(this IServiceCollection services) => services;

    public static IEndpointRouteBuilder MapAccounts(this IEndpointRouteBuilder routes) => routes;
}
