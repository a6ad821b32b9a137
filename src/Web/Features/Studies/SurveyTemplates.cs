using PersonalLlm.Data.Studies;

namespace PersonalLlm.Web.Features.Studies;

/// <summary>Questions to begin a survey with; a study takes a copy and changes it as it likes.</summary>
/// <param name="About">When to take it, in a sentence.</param>
internal sealed record SurveyTemplate(string Name, string About, IReadOnlyList<SurveyQuestion> Questions);

internal static class SurveyTemplates
{
    private const string WhoIsHere = "So that we can say whose opinions the study heard, and whose it did not.";

    private static readonly SurveyQuestion s_use = new(
        "llm_use", "How often do you use chatbots or other programs that answer you with a large language model?", SurveyQuestionKind.Choice,
        ["Never", "Once or a few times in my life", "A few times a year", "About monthly", "About weekly", "Every day"],
        "What people expect of an answer changes with how many they have seen.");

    public static IReadOnlyList<SurveyTemplate> All { get; } =
    [
        new("Demographics", "Who takes part, in the groups of the PRISM study (Kirk et al., 2024), in our own words.",
        [
            new("age", "How old are you?", SurveyQuestionKind.Choice,
                ["18–24 years", "25–34 years", "35–44 years", "45–54 years", "55–64 years", "65 years or older"], WhoIsHere),
            new("gender", "What is your gender?", SurveyQuestionKind.Choice, ["Woman", "Man", "Non-binary", "I describe it in another way"], WhoIsHere),
            new("education", "Which level of education have you completed?", SurveyQuestionKind.Choice,
                ["No school certificate", "Primary school", "Secondary school", "Vocational training", "Some university, no degree", "Bachelor’s degree or equal", "Master’s degree or equal", "Doctorate or equal"],
                WhoIsHere),
            new("employment", "What describes your situation at work best?", SurveyQuestionKind.Choice,
                ["Working full-time", "Working part-time", "Looking for work", "Student", "At home with family or household", "Retired", "Unable to work"], WhoIsHere),
            new("region", "In which part of the world do you live?", SurveyQuestionKind.Choice,
                ["Africa", "Asia", "Australia and Oceania", "Europe", "Latin America and the Caribbean", "Middle East", "Northern America"], WhoIsHere),
            new("country", "In which country did you mostly grow up?", SurveyQuestionKind.Text, [], "Customs and language shape what reads as helpful or polite."),
            new("english", "How well do you read English?", SurveyQuestionKind.Scale,
                ["With difficulty", "Simple texts", "Most texts", "Fluently", "It is my first language"],
                "The texts are in English; some differences between them are fine ones."),
            new("first_language", "Which is your first language?", SurveyQuestionKind.Text, [], "Customs and language shape what reads as helpful or polite."),
            s_use,
        ]),
        new("Demographics, short", "Four questions, a minute.",
        [
            new("age", "How old are you?", SurveyQuestionKind.Choice, ["18–29 years", "30–44 years", "45–59 years", "60 years or older"], WhoIsHere),
            new("gender", "What is your gender?", SurveyQuestionKind.Choice, ["Woman", "Man", "Non-binary", "I describe it in another way"], WhoIsHere),
            new("english", "How well do you read English?", SurveyQuestionKind.Scale,
                ["With difficulty", "Simple texts", "Most texts", "Fluently", "It is my first language"],
                "The texts are in English; some differences between them are fine ones."),
            s_use,
        ]),
        new("What matters in an answer", "Stated preferences, to compare with the ranked ones.",
        [
            .. new (string Key, string Quality)[]
            {
                ("correct", "the facts are right"), ("complete", "nothing important is missing"), ("brief", "it is short"), ("clear", "it is easy to follow"),
                ("warm", "it is friendly"), ("candid", "it says what it does not know"), ("safe", "it avoids what could do harm"), ("values", "it fits my values"),
            }.Select(item => new SurveyQuestion(
                $"matters_{item.Key}", $"How much does it matter to you that {item.Quality}?", SurveyQuestionKind.Scale,
                ["Not at all", "A little", "Somewhat", "Much", "Very much"], item.Key == "correct" ? "To see whether what people say matters to them is what they choose." : "")),
        ]),
        new("Looking back", "After the ranking: how it went.",
        [
            new("difficulty", "How hard was it to decide?", SurveyQuestionKind.Scale, ["Very easy", "Easy", "In between", "Hard", "Very hard"], "Hard choices are noisier; we would like to know.", IsAfter: true),
            new("trouble", "Did something get in your way?", SurveyQuestionKind.Choices,
                ["Texts were too long", "Texts were too much alike", "I did not know the subject", "The page was hard to use", "I was interrupted"], "So that the next study is better.", IsAfter: true),
            new("remarks", "Is there anything else you would like to tell us?", SurveyQuestionKind.Text, [], "Please write nothing that says who you are.", IsAfter: true),
        ]),
    ];
}
