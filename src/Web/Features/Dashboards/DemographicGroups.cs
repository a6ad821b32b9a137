using System.Globalization;
using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Web.Features.Dashboards;

/// <summary>The groups into which one question of the survey divides those who have judged.</summary>
/// <param name="Key">Of the question.</param>
/// <param name="Text">As annotators read it.</param>
/// <param name="Groups">One per option, in its order, whether somebody gave it or not.</param>
/// <param name="PreferNotToSay">How many preferred not to say; they are in no group.</param>
/// <param name="NoAnswer">How many were not asked or have not answered yet; they are in no group.</param>
internal sealed record DemographicQuestion(string Key, string Text, IReadOnlyList<PeopleGroup> Groups, int PreferNotToSay, int NoAnswer);

internal static class DemographicGroups
{
    /// <summary>Groups of those who have judged, by every question whose answers are options, steps or numbers; own words make no groups.</summary>
    /// <param name="contexts">Where the answers are.</param>
    /// <param name="study">Whose annotators.</param>
    /// <param name="cancellation">Stops it half-way.</param>
    public static async Task<IReadOnlyList<DemographicQuestion>> ReadAsync(
        IDbContextFactory<PersonalLlmDbContext> contexts, StudyJudgements study, CancellationToken cancellation = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var survey = await context.Studies.Where(row => row.Id == study.StudyId).Select(row => row.Survey).SingleAsync(cancellation);
        var answers = await context.Set<SurveyAnswer>().Where(answer => answer.Annotator!.StudyId == study.StudyId)
            .Select(answer => new { answer.Annotator!.Number, answer.QuestionKey, answer.Values }).ToListAsync(cancellation);
        var indexOf = study.AnnotatorNumbers.Select((number, annotatorIndex) => (number, annotatorIndex)).ToDictionary();
        var byQuestion = answers.Where(answer => indexOf.ContainsKey(answer.Number)).ToLookup(answer => answer.QuestionKey, answer => (indexOf[answer.Number], answer.Values));
        return [.. survey.Where(question => question.Kind != SurveyQuestionKind.Text).Select(question => Of(question, [.. byQuestion[question.Key]], study.AnnotatorNumbers.Count))];
    }

    internal static DemographicQuestion Of(SurveyQuestion question, IReadOnlyList<(int AnnotatorIndex, string[] Values)> answers, int annotators)
    {
        var said = answers.Where(answer => answer.Values.Length > 0).ToList();
        return new DemographicQuestion(
            question.Key, question.Text, question.Kind == SurveyQuestionKind.Number ? Quarters(said) : Options(question, said), answers.Count - said.Count, annotators - answers.Count);
    }

    private static IReadOnlyList<PeopleGroup> Options(SurveyQuestion question, List<(int AnnotatorIndex, string[] Values)> answers) =>
    [
        .. question.Options.Select((option, index) => new PeopleGroup(
            option,
            // A scale is answered with the number of the step.
            [.. answers.Where(answer => answer.Values.Contains(question.Kind == SurveyQuestionKind.Scale ? (index + 1).ToString(CultureInfo.InvariantCulture) : option)).Select(answer => answer.AnnotatorIndex)])),
    ];

    /// <summary>Cut at the quartiles; equal numbers stay together, and a quarter in which nobody is has no name.</summary>
    private static IReadOnlyList<PeopleGroup> Quarters(List<(int AnnotatorIndex, string[] Values)> answers)
    {
        var numbers = answers.Where(answer => double.TryParse(answer.Values[0], NumberStyles.Float, CultureInfo.InvariantCulture, out _))
            .Select(answer => (answer.AnnotatorIndex, Number: double.Parse(answer.Values[0], CultureInfo.InvariantCulture))).ToList();
        if (Quartiles.Of(numbers.Select(one => one.Number)) is not { } quartiles)
            return [];
        double[] cuts = [.. new[] { quartiles.Low, quartiles.Median, quartiles.High }.Distinct()];
        return
        [
            .. numbers.GroupBy(one => cuts.Count(cut => one.Number > cut)).OrderBy(group => group.Key)
                .Select(group => new PeopleGroup(NameOf(group.Key), [.. group.Select(one => one.AnnotatorIndex)])),
        ];

        string NameOf(int quarter) => quarter == 0 ? $"at most {Text(cuts[0])}"
            : quarter == cuts.Length ? $"above {Text(cuts[^1])}"
            : $"above {Text(cuts[quarter - 1])}, at most {Text(cuts[quarter])}";

        static string Text(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);
    }
}
