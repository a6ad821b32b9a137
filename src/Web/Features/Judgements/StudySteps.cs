using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Studies;

namespace PersonalLlm.Web.Features.Judgements;

/// <summary>What a participant does in a study, in this order.</summary>
internal enum StudyStep
{
    /// <summary>Read what it is about, agree, begin.</summary>
    Join,

    Survey,
    Practice,
    Rank,
    ClosingSurvey,
    Done,
}

/// <summary>The one place that knows in which order the steps of a study come, and which of them a study has.</summary>
internal sealed class StudySteps(IDbContextFactory<PersonalLlmDbContext> contexts)
{
    /// <summary>The step that the visitor has to take next; null when there is no such study.</summary>
    /// <param name="studyCode">The study's code.</param>
    /// <param name="visitor">Who asks.</param>
    /// <param name="rankingIsOver">True when there is nothing left for them to rank, which only the <see cref="AssignmentLeaser"/> knows.</param>
    /// <param name="cancellation">Stops the question.</param>
    public async Task<StudyStep?> NextAsync(string studyCode, Visitor visitor, bool rankingIsOver = false, CancellationToken cancellation = default)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        var found = await data.Studies.AsNoTracking().Where(study => study.Code == studyCode)
            .Select(study => new
            {
                Study = study,
                AsksConsent = study.ConsentTexts.Any(),
                Annotator = data.Annotators.Of(visitor).SingleOrDefault(own => own.StudyId == study.Id),
            })
            .SingleOrDefaultAsync(cancellation);
        return found is null ? null : Next(found.Study, found.AsksConsent, found.Annotator, rankingIsOver);
    }

    /// <param name="study">The study.</param>
    /// <param name="asksConsent">Whether it has a consent text.</param>
    /// <param name="annotator">Who the visitor is in it; null when they have not joined.</param>
    /// <param name="rankingIsOver">True when there is nothing left for them to rank.</param>
    public static StudyStep Next(Study study, bool asksConsent, Annotator? annotator, bool rankingIsOver) => (study, annotator) switch
    {
        // Invited people of a study that asks nothing first begin by taking the first prompt.
        (_, null) => IsBegunByRanking(study, asksConsent) ? StudyStep.Rank : StudyStep.Join,
        (_, { CompletedAt: not null }) => StudyStep.Done,
        (_, { ConsentVersion: null }) when asksConsent => StudyStep.Join,
        (_, { SurveyedAt: null }) when Asks(study, after: false) => StudyStep.Survey,
        ({ HasPractice: true }, { PracticedAt: null }) => StudyStep.Practice,
        _ when !rankingIsOver => StudyStep.Rank,
        (_, { ClosingSurveyAt: null }) when Asks(study, after: true) => StudyStep.ClosingSurvey,
        _ => StudyStep.Done,
    };

    /// <summary>Where a step is done.</summary>
    public static string Address(string studyCode, StudyStep step) => $"/s/{Uri.EscapeDataString(studyCode)}" + step switch
    {
        StudyStep.Join => "",
        StudyStep.Survey => "/survey",
        StudyStep.Practice => "/practice",
        StudyStep.Rank => "/rank",
        StudyStep.ClosingSurvey => "/survey?after=1",
        _ => "/done",
    };

    // A rehearsal always has its door: simulated participants have no account that could begin without it.
    private static bool IsBegunByRanking(Study study, bool asksConsent) =>
        study is { Access: StudyAccess.Accounts, HasPractice: false, Quota: null, RehearsalOfId: null } && !asksConsent && !Asks(study, after: false);

    private static bool Asks(Study study, bool after) => study.Survey.Any(question => question.IsAfter == after);
}
