using Microsoft.Extensions.Localization;
using PersonalLlm.Web.Features.Judgements.Language;

namespace PersonalLlm.Web.Features.Judgements;

/// <summary>What became of a submit, a skip or an undo, in one sentence each, for scripts and for the page that comes after a redirect.</summary>
internal static class OutcomeWords
{
    /// <summary>The sentence for <c>?after=…</c> of a redirect; null when there is nothing to say.</summary>
    public static string? After(string? after, IStringLocalizer<AnnotatorWords> words) => after switch
    {
        "conflict" => Conflict(words),
        "late" => LeaseExpired(words),
        "refused" => NotRevisable(words),
        "changeIncomplete" => words["Your change lacked something, so it was not recorded. What you submitted before stays."],
        "skipped" => Skipped(words),
        "skipReason" => SkipReason(words),
        "tooLate" => UndoTooLate(words),
        "revised" => UndoRevised(words),
        _ => null,
    };

    public static string Conflict(IStringLocalizer<AnnotatorWords> words) =>
        words["You submitted another ranking of this prompt before, from another tab or device. That one is kept; this one was not recorded."];

    public static string LeaseExpired(IStringLocalizer<AnnotatorWords> words) =>
        words["The time for this prompt ran out and others have taken its places meanwhile. Your ranking is kept with your draft, but it cannot be counted."];

    public static string StudyClosed(IStringLocalizer<AnnotatorWords> words) =>
        words["The study takes no judgements at the moment. Your ranking is kept, and you can submit it when the study is open again."];

    public static string NotRevisable(IStringLocalizer<AnnotatorWords> words) =>
        words["What you submitted about this prompt cannot be changed any more. It stays as it is."];

    public static string Skipped(IStringLocalizer<AnnotatorWords> words) =>
        words["You skipped this prompt before, in another tab or on another device, so nothing was recorded about it."];

    public static string SkipReason(IStringLocalizer<AnnotatorWords> words) =>
        words["Say in a few words why you skip this prompt."];

    public static string UndoTooLate(IStringLocalizer<AnnotatorWords> words) =>
        words["It is too late to undo this. Your ranking stays recorded."];

    public static string UndoRevised(IStringLocalizer<AnnotatorWords> words) =>
        words["This was changed meanwhile, so there is nothing to undo. What you submitted last stays recorded."];
}
