namespace PersonalLlm.Web.Features.Datasets;

internal static class DatasetsFeature
{
    public static IServiceCollection AddDatasets(this IServiceCollection services) => services;

    public static IEndpointRouteBuilder MapDatasets(this IEndpointRouteBuilder routes) => routes;
}
