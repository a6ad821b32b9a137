using PersonalLlm.Web.Features.Account;
using PersonalLlm.Web.Features.Studies.Rehearsals;
using PersonalLlm.Web.Security;

namespace PersonalLlm.Web.Features.Studies;

internal static class StudiesFeature
{
    public static IServiceCollection AddStudies(this IServiceCollection services) => services
        .AddSingleton<SelfNamingScanner>().AddSingleton<StudyDrafter>().AddSingleton<StudyLauncher>()
        .AddSingleton<StudySteward>().AddSingleton<AnnotatorReader>().AddSingleton<SimulatedPass>()
        .AddSingleton<RehearsalKeeper>().AddSingleton<SimulatedParticipants>();

    public static IEndpointRouteBuilder MapStudies(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/studies/{studyId:int}/design.json", LockedDesign.DownloadAsync).RequireAuthorization(Policies.Research);
        return routes;
    }
}
