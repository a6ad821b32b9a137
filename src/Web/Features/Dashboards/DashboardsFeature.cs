namespace PersonalLlm.Web.Features.Dashboards;

internal static class DashboardsFeature
{
    public static IServiceCollection AddDashboards(this IServiceCollection services) => services;

    public static IEndpointRouteBuilder MapDashboards(this IEndpointRouteBuilder routes) => routes;
}
