using PersonalLlm.Web.Features.Account;
using PersonalLlm.Web.Features.Population.Personas;

namespace PersonalLlm.Web.Features.Population;

internal static class PopulationFeature
{
    public static IServiceCollection AddPopulation(this IServiceCollection services) => services.AddSingleton<CohortBuilder>().AddSingleton<VoterGroups>().AddPersonas();

    public static IEndpointRouteBuilder MapPopulation(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/populations/compare.json", CompareEndpoint.DownloadAsync).RequireAuthorization(Policies.Research);
        return routes.MapPersonas().MapCharacteristics();
    }
}
