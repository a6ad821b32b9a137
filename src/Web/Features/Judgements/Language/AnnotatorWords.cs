using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;
using PersonalLlm.Engine.Judgements;

namespace PersonalLlm.Web.Features.Judgements.Language;

/// <summary>
/// The words of the annotators' pages. The English text is the key, so that a page reads as it will be seen:
/// <c>@Words["{0} of {1}", done, total]</c>. German is in AnnotatorWords.de.resx; a test names every text it lacks.
/// </summary>
internal sealed class AnnotatorWords;

internal static class AnnotatorWordsExtensions
{
    /// <summary>The texts that the browser's scripts say; a test keeps the list equal to what they ask for.</summary>
    internal static IReadOnlyList<string> OfScripts { get; } =
    [
        ", best",
        ", better",
        ", equal",
        ", not marked",
        ", rank {0} of {1}",
        ", rank {0} of {1}, tied with {2}",
        ", rated {0} of {1}",
        ", without a rank",
        ", without a rating",
        ", worst",
        "Best",
        "Best not marked, worst {0}",
        "Best {0}, worst not marked",
        "Best {0}, worst {1}",
        "Changed in another tab.",
        "Choose the best response and the worst.",
        "Choose the best response as well.",
        "Choose the worst response as well.",
        "Clear the answer",
        "Clear the ranking",
        "Clear the ratings",
        "Done:",
        "Go back to the start of the study",
        "Go to response {0}",
        "Go to {0}",
        "Load it again",
        "Load the page again",
        "Next prompt",
        "No ranks yet",
        "No ratings yet",
        "Not reachable: kept on this device; trying again",
        "Not reachable: your submitted answer is kept on this device and will be sent. You may close this page.",
        "Not saved yet: what you submitted before still counts.",
        "Nothing is chosen yet",
        "Nothing is marked yet",
        "Nothing is ranked above {0} to tie it with.",
        "Nothing is ranked yet. Give every response a rank of its own.",
        "Nothing is ranked yet. Give every response a rank; equal ranks are fine.",
        "Nothing is ranked yet. Rank the best {0}.",
        "Nothing is rated yet. Give every response a rating from 1 to {0}.",
        "Offline – kept on this device",
        "Rank the best {0}: {1} of them so far.",
        "Rank {0}",
        "Rank {0}: empty",
        "Rank {0}: response {1}",
        "Recorded. Thank you.",
        "Saved {0}",
        "Saving…",
        "Say which response is better, or that both are equal.",
        "Say which response is better.",
        "Sign in again",
        "Still without a rank: {0}.",
        "Still without a rating: {0}.",
        "Submitting…",
        "This answer was submitted in another tab.",
        "This browser no longer knows who you are. Your answer is kept on this device.",
        "This page is out of date; your answer is kept on this device.",
        "This prompt belongs to another account.",
        "This study asks for an order without ties.",
        "Tie with the rank above",
        "Tie {0} with the rank above",
        "Undo is possible for {0} second.",
        "Undo is possible for {0} seconds.",
        "Untie",
        "Untie {0}",
        "Worst",
        "You have been signed out. Your answer is kept on this device.",
        "You have not seen {0} yet. Have a look, or submit all the same.",
        "You ticked “None is acceptable” and ranked fewer than {0}. Rank the best {0}, or clear the ranking.",
        "You ticked “None is acceptable” and ranked only some. Rank {0} as well, or clear the ranking.",
        "You ticked “None is acceptable” and rated only some. Rate {0} as well, or clear the ratings.",
        "without a rank: {0}",
        "without a rating: {0}",
        "{0}: empty",
        "“Equal” is not an answer here: say which response is better, if only a little.",
    ];

    /// <summary>One thing or several: <c>Words.Count(n, "{0} prompt", "{0} prompts")</c>. Both languages have these two forms.</summary>
    public static string Count(this IStringLocalizer<AnnotatorWords> words, int count, string one, string many) =>
        count == 1 ? words[one, count] : words[many, count];

    /// <summary>What the engine has to say about an answer. Its English texts are among the translated ones.</summary>
    public static string Say(this IStringLocalizer<AnnotatorWords> words, AnswerProblem problem) => words[problem.Pattern, [.. problem.Arguments]];

    /// <summary>A text with elements of its own, <c>Words.Markup("… &lt;em&gt;you&lt;/em&gt; …")</c>; it takes no values, because they would not be encoded.</summary>
    public static MarkupString Markup(this IStringLocalizer<AnnotatorWords> words, string text) => new(words[text]);

    /// <summary>1st, 2nd, 3rd; in German 1., 2., 3.</summary>
    public static string Ordinal(this IStringLocalizer<AnnotatorWords> _, int rank) => CultureInfo.CurrentUICulture.TwoLetterISOLanguageName == "de"
        ? $"{rank}."
        : (rank % 100 is 11 or 12 or 13 ? 0 : rank % 10) switch
        {
            1 => $"{rank}st",
            2 => $"{rank}nd",
            3 => $"{rank}rd",
            _ => $"{rank}th",
        };

    /// <summary>What words.js reads: the scripts' texts in the page's language, by their English. Empty on an English page.</summary>
    public static string ForScripts(this IStringLocalizer<AnnotatorWords> words) => JsonSerializer.Serialize(
        OfScripts.Select(text => words[text]).Where(text => !text.ResourceNotFound).ToDictionary(text => text.Name, text => text.Value));
}
