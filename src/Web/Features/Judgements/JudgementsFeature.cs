using Microsoft.Extensions.DependencyInjection.Extensions;
using PersonalLlm.Web.Features.Judgements.Language;
using PersonalLlm.Web.Features.Judgements.Participants;
using PersonalLlm.Web.Live;

namespace PersonalLlm.Web.Features.Judgements;

internal static class JudgementsFeature
{
    public static IServiceCollection AddJudgements(this IServiceCollection services)
    {
        services.AddOptions<JudgementOptions>().BindConfiguration(JudgementOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddAnnotatorLanguage();
        services.AddSingleton<JudgementFeed>();
        services.AddSingleton<ExpiredLeases>();
        services.AddSingleton<AssignmentLeaser>();
        services.AddSingleton<JudgementRecorder>();
        services.AddSingleton<JudgementUndoer>();
        services.AddSingleton<PromptTexts>();
        services.AddSingleton<RankingTaskReader>();
        services.AddSingleton<PreviousItems>();
        services.AddSingleton<StudySteps>();
        services.AddSingleton<ArrivalReader>();
        services.AddSingleton<StudyDoorkeeper>();
        services.AddSingleton<ParticipantRegistrar>();
        services.AddSingleton<StepKeeper>();
        services.AddSingleton<StudyFinisher>();
        services.AddSingleton<Withdrawal>();
        return services;
    }

    public static IEndpointRouteBuilder MapJudgements(this IEndpointRouteBuilder routes) => routes.MapParticipants().MapJudgementEndpoints().MapJudgementExport();
}
