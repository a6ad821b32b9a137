using PersonalLlm.Web.Security;

namespace PersonalLlm.Web.Features.Studies;

internal static class StudiesFeature
{
    public static IServiceCollection AddStudies(this IServiceCollection services) =>
        services.AddSingleton<StudyLauncher>().AddSingleton<StudySteward>().AddSingleton<AnnotatorReader>().AddSingleton<SimulatedPass>();

    public static IEndpointRouteBuilder MapStudies(this IEndpointRouteBuilder routes) => routes;
}
