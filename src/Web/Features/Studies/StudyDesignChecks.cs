using System.Text.RegularExpressions;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Studies;

namespace PersonalLlm.Web.Features.Studies;

/// <summary>What is wrong with a design, each problem at its field and in a sentence.</summary>
internal static partial class StudyDesignChecks
{
    /// <summary>More than these nobody keeps apart, and there are nine number keys.</summary>
    public const int MostShown = 8;

    private const int LongestText = 20_000;

    /// <summary>What keeps the study from being opened.</summary>
    public static IReadOnlyList<DesignProblem> Problems(StudyDesign design, PromptChoiceResult prompts, DateTimeOffset now) =>
    [
        .. Unsaveable(design), .. OfPrompts(design, prompts), .. OfInstrument(design, prompts), .. OfSession(design, prompts),
        .. OfChecks(design), .. OfAccess(design), .. OfTexts(design), .. OfSurvey(design), .. OfTime(design, now),
    ];

    /// <summary>What keeps even a draft from being saved.</summary>
    public static IEnumerable<DesignProblem> Unsaveable(StudyDesign design)
    {
        if (string.IsNullOrWhiteSpace(design.Name))
            yield return new("name", "Give the study a name; annotators see it.");
        else if (design.Name.Trim().Length > StudyDesign.LongestName)
            yield return new("name", $"The name is longer than {StudyDesign.LongestName} characters.");
        if (design.DatasetId == 0)
            yield return new("dataset", "Choose a data set.");
    }

    private static IEnumerable<DesignProblem> OfPrompts(StudyDesign design, PromptChoiceResult prompts)
    {
        if (design.Selection.Choice == PromptChoice.Sample && design.Selection.SampleSize < 1)
            yield return new("size", "A sample has at least one prompt.");
        else if (design.Selection.Choice == PromptChoice.Filter && string.IsNullOrWhiteSpace(design.Selection.Words))
            yield return new("words", "Say which words the prompts contain.");
        else if (design.DatasetId != 0 && prompts.Count == 0)
            yield return new("choice", design.SelfNaming == SelfNamingPolicy.Exclude && prompts.SelfNamingPrompts > 0
                ? "No prompt is left: each has a response that says which model wrote it. Cover the names instead."
                : "None of these prompts can be judged: a prompt needs at least two responses.");
    }

    private static IEnumerable<DesignProblem> OfInstrument(StudyDesign design, PromptChoiceResult prompts)
    {
        if (design.Assignment.ResponsesPerPrompt < 2)
            yield return new("shown", "Show at least two responses of each prompt.");
        else if (prompts.MostShown(design.Assignment) > MostShown)
            yield return new("shown", $"Show at most {MostShown} responses of each prompt: some here have {prompts.MostResponses}, more than people keep apart.");
        if (prompts.Count == 0 || design.Assignment.ResponsesPerPrompt < 2)
            yield break;
        foreach (var problem in design.Instrument.Problems(prompts.FewestShown(design.Assignment), prompts.MostShown(design.Assignment)))
            yield return new("instrument", problem);
        if (design.Instrument.Kind == Instrument.BestWorst && prompts.FewestShown(design.Assignment) < 3)
            yield return new("instrument", "Best–worst needs at least three responses of each prompt; with two it is a pair.");
    }

    private static IEnumerable<DesignProblem> OfSession(StudyDesign design, PromptChoiceResult prompts)
    {
        var assignment = design.Assignment;
        if (design.Overlap is < 1 or > StudyDesign.MostPeople)
            yield return new("overlap", $"Each prompt is judged by 1 to {StudyDesign.MostPeople:N0} people.");
        if (assignment.PromptsPerAnnotator < 1)
            yield return new("per-annotator", "Each person gets at least one prompt; leave it empty for all of them.");
        if (assignment.Repeats < 0)
            yield return new("repeats", "The number of repeats is 0 or more.");
        if (assignment.RepeatLag is < 1 or > 1000)
            yield return new("lag", "The second showing comes 1 to 1,000 items after the first.");
        else if (prompts.Count > 0 && assignment.Repeats > 0
            && SessionPlan.RepeatsThatFit(assignment, prompts.Count, design.AttentionChecks.Count) is var fit && fit < assignment.Repeats)
            yield return new("repeats", fit == 0
                ? $"No repeat fits: the items of one person are fewer than the {assignment.RepeatLag} that must lie between."
                : $"Only {fit} {(fit == 1 ? "repeat fits" : "repeats fit")} into what one person judges.");
    }

    private static IEnumerable<DesignProblem> OfChecks(StudyDesign design)
    {
        for (var index = 0; index < design.AttentionChecks.Count; index++)
        {
            var (check, field) = (design.AttentionChecks[index], $"check-{index}");
            if (string.IsNullOrWhiteSpace(check.Prompt) || check.Responses.Any(string.IsNullOrWhiteSpace))
                yield return new(field, $"Attention check {index + 1} has an empty text.");
            var least = design.Instrument.Kind == Instrument.BestWorst ? 3 : 2;
            var most = design.Instrument.Kind == Instrument.Pairwise ? 2 : MostShown;
            if (check.Responses.Count < least || check.Responses.Count > most)
                yield return new(field, $"Attention check {index + 1} needs {(least == most ? $"{least}" : $"{least} to {most}")} responses with this instrument.");
            else if (check.ExpectedIndex < 0 || check.ExpectedIndex >= check.Responses.Count)
                yield return new(field, $"Say which response of attention check {index + 1} must come first.");
        }
    }

    private static IEnumerable<DesignProblem> OfAccess(StudyDesign design)
    {
        if (design.Access != StudyAccess.Platform)
            yield break;
        string[] parameters = [design.Platform.ParticipantParameter, design.Platform.StudyParameter, design.Platform.SessionParameter];
        if (!parameters.All(parameter => ParameterName().IsMatch(parameter)))
            yield return new("participant-parameter", "The names of the link’s parameters consist of letters, digits, “_”, “-” and “.”.");
        else if (parameters.Distinct(StringComparer.OrdinalIgnoreCase).Count() < parameters.Length)
            yield return new("participant-parameter", "Two of the link’s parameters have the same name.");
        if (design.Platform.CompletionCode.Length > 40)
            yield return new("completion-code", "The completion code is longer than 40 characters.");
        if (design.Platform.ReturnAddress.Length > 0 && design.Platform.ReturnLink("code", "participant", "session") is null)
            yield return new("return-address", "The return address must be a whole address that begins with https:// and names its host itself.");
    }

    private static IEnumerable<DesignProblem> OfTexts(StudyDesign design)
    {
        if (design.ConsentText.Length > LongestText)
            yield return new("consent", $"The consent text is longer than {LongestText:N0} characters.");
        if (Placeholder().Match(design.ConsentText) is { Success: true } open)
            yield return new("consent", $"The consent text still has a gap to fill: “{open.Value}”.");
        if (design.Instructions.Length > LongestText)
            yield return new("instructions", $"The instructions are longer than {LongestText:N0} characters.");
    }

    private static IEnumerable<DesignProblem> OfSurvey(StudyDesign design)
    {
        for (var index = 0; index < design.Survey.Count; index++)
        {
            var (question, field) = (design.Survey[index], $"question-{index}");
            if (string.IsNullOrWhiteSpace(question.Text))
                yield return new(field, $"Question {index + 1} has no text.");
            if (!QuestionKey().IsMatch(question.Key))
                yield return new(field, $"The key of question {index + 1} consists of 1 to 60 lower-case letters, digits and “_”, and begins with a letter.");
            else if (design.Survey.Take(index).Any(earlier => earlier.Key == question.Key))
                yield return new(field, $"Two questions have the key “{question.Key}”; the export could not tell them apart.");
            if (HasOptions(question.Kind) && question.Options.Count < 2)
                yield return new(field, $"Question {index + 1} needs at least two options, one in each line.");
            else if (question.Options.Distinct(StringComparer.OrdinalIgnoreCase).Count() < question.Options.Count)
                yield return new(field, $"Two options of question {index + 1} are the same.");
        }
    }

    public static bool HasOptions(SurveyQuestionKind kind) => kind is SurveyQuestionKind.Choice or SurveyQuestionKind.Choices or SurveyQuestionKind.Scale;

    private static IEnumerable<DesignProblem> OfTime(StudyDesign design, DateTimeOffset now)
    {
        if (design.ClosesAt <= now)
            yield return new("closes", "The closing time lies in the past.");
        else if (design.OpensAt is { } opens && design.ClosesAt <= opens)
            yield return new("closes", "The study would close before it opens.");
        if (design.Quota < 1)
            yield return new("quota", "At least one person may join; leave it empty for no limit.");
        if (design.WithdrawalDays is < 0 or > 3650)
            yield return new("withdrawal", "Withdrawal is possible for 0 to 3,650 days.");
    }

    [GeneratedRegex("^[A-Za-z0-9_.-]{1,60}$")]
    private static partial Regex ParameterName();

    [GeneratedRegex("^[a-z][a-z0-9_]{0,59}$")]
    private static partial Regex QuestionKey();

    // What the starting text asks the researcher to fill in. A Markdown link has its address right behind.
    [GeneratedRegex(@"\[(?:Say|Name|Pay|Risks|The ethics|minutes)[^\]\n]*\](?!\()")]
    private static partial Regex Placeholder();
}
