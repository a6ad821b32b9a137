using System.Globalization;
using Microsoft.Extensions.Primitives;
using PersonalLlm.Data.Studies;

namespace PersonalLlm.Web.Features.Judgements.Participants;

public enum SurveyProblem
{
    /// <summary>Neither answered nor "prefer not to say".</summary>
    Missing,

    /// <summary>An answer, and "prefer not to say" as well.</summary>
    Both,

    NotANumber,
    TooLong,
}

/// <summary>What a participant filled in of a survey, and what is wrong with it. Nothing is chosen before they choose.</summary>
public sealed class SurveyForm
{
    public const int LongestText = 2000;

    /// <summary>Largest number that is an answer.</summary>
    public const int LargestNumber = 1_000_000;

    private const string None = "none";
    private readonly Dictionary<string, Entry> _entries;

    private SurveyForm(IReadOnlyList<SurveyQuestion> questions, Func<string, StringValues> field)
    {
        Questions = questions;
        _entries = questions.ToDictionary(question => question.Key, question => Entry.Of(question, field(Field(question)), field(NoneField(question))));
    }

    public IReadOnlyList<SurveyQuestion> Questions { get; }

    public IReadOnlyList<SurveyQuestion> Unfinished => [.. Questions.Where(question => ProblemOf(question) is not null)];

    public static SurveyForm Empty(IReadOnlyList<SurveyQuestion> questions) => new(questions, _ => default);

    public static SurveyForm Read(IReadOnlyList<SurveyQuestion> questions, IFormCollection form) => new(questions, name => form[name]);

    /// <summary>Name of the fields that answer a question. Options are named by their 0-based position.</summary>
    public static string Field(SurveyQuestion question) => $"answer-{question.Key}";

    /// <summary>Name of the box "prefer not to say"; with one choice of several it is one of the choices.</summary>
    public static string NoneField(SurveyQuestion question) => IsOneOf(question) ? Field(question) : $"none-{question.Key}";

    public static string OptionValue(int optionIndex) => optionIndex.ToString(CultureInfo.InvariantCulture);

    public static string NoneValue => None;

    public bool IsChosen(SurveyQuestion question, int optionIndex) => _entries[question.Key].Options.Contains(optionIndex);

    public bool IsNone(SurveyQuestion question) => _entries[question.Key].IsNone;

    public string Written(SurveyQuestion question) => _entries[question.Key].Text;

    public SurveyProblem? ProblemOf(SurveyQuestion question) => _entries[question.Key] switch
    {
        { IsNone: true, HasAnswer: true } => SurveyProblem.Both,
        { IsNone: false, HasAnswer: false } => SurveyProblem.Missing,
        { Text.Length: > LongestText } => SurveyProblem.TooLong,
        { IsNone: false, Text: var text } when question.Kind == SurveyQuestionKind.Number
            && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= LargestNumber) => SurveyProblem.NotANumber,
        _ => null,
    };

    /// <summary>The answer as it is kept: see <see cref="SurveyAnswer.Values"/>.</summary>
    public string[] ValuesOf(SurveyQuestion question) => (question.Kind, _entries[question.Key]) switch
    {
        (_, { IsNone: true }) => [],
        (SurveyQuestionKind.Scale, var entry) => [.. entry.Options.Select(optionIndex => (optionIndex + 1).ToString(CultureInfo.InvariantCulture))],
        (SurveyQuestionKind.Choice or SurveyQuestionKind.Choices, var entry) => [.. entry.Options.Select(optionIndex => question.Options[optionIndex])],
        (SurveyQuestionKind.Number, var entry) => [int.Parse(entry.Text, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture)],
        (_, var entry) => [entry.Text],
    };

    private static bool IsOneOf(SurveyQuestion question) => question.Kind is SurveyQuestionKind.Choice or SurveyQuestionKind.Scale;

    private sealed record Entry(int[] Options, string Text, bool IsNone)
    {
        public bool HasAnswer => Options.Length > 0 || Text.Length > 0;

        public static Entry Of(SurveyQuestion question, StringValues values, StringValues none) => new(
            question.Options.Count == 0 ? [] : [.. Indexes(values, question).Take(IsOneOf(question) ? 1 : int.MaxValue)],
            question.Options.Count > 0 ? "" : values.ToString().Trim(),
            none.Contains(None));

        private static IEnumerable<int> Indexes(StringValues values, SurveyQuestion question) => values
            .Select(value => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var optionIndex) ? optionIndex : -1)
            .Where(optionIndex => optionIndex >= 0 && optionIndex < question.Options.Count)
            .Distinct().Order();
    }
}
