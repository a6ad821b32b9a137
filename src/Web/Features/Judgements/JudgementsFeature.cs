namespace PersonalLlm.Web.Features.Judgements;

internal static class JudgementsFeature
{
    public static IServiceCollection AddJudgements(this IServiceCollection services) => services;

    public static IEndpointRouteBuilder MapJudgements(this IEndpointRouteBuilder routes) => routes;
}
