using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data.Studies;

namespace PersonalLlm.Data.Judgements;

public static class JudgementQueries
{
    /// <summary>Name of the filter that every query of judgements has: only the one that counts of each assignment.</summary>
    public const string Current = "current";

    /// <summary>With those that a revision or an undo took the place of.</summary>
    public static IQueryable<Judgement> WithSuperseded(this IQueryable<Judgement> judgements) => judgements.IgnoreQueryFilters([Current]);

    /// <summary>First judgements of the study's prompts: no repeats and no attention checks, which are not votes.</summary>
    public static IQueryable<Judgement> OfPrompts(this IQueryable<Judgement> judgements) =>
        judgements.Where(judgement => judgement.Assignment!.PromptId != null && judgement.Assignment.RepeatOfId == null);

    /// <summary>Those that figures of people rest on: no simulated annotators, and nobody whom a researcher left out.</summary>
    public static IQueryable<Judgement> OfPeople(this IQueryable<Judgement> judgements) =>
        judgements.Where(judgement => judgement.Assignment!.Annotator!.Kind == AnnotatorKind.Human && judgement.Assignment.Annotator.ExclusionReason == null);
}
