namespace PersonalLlm.Web.Features.Studies;

internal static class StudiesFeature
{
    public static IServiceCollection AddStudies(this IServiceCollection services) => services.AddSingleton<StudyLauncher>();

    public static IEndpointRouteBuilder MapStudies(this IEndpointRouteBuilder routes) => routes;
}
