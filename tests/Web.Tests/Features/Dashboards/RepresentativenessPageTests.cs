using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PersonalLlm.Data.Accounts;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Population;
using PersonalLlm.Testing;
using PersonalLlm.Web.Features.Dashboards;

namespace PersonalLlm.Web.Tests.Features.Dashboards;

public sealed class RepresentativenessPageTests(PersonalLlmApplication application) : IClassFixture<PersonalLlmApplication>
{
    private const int People = 30;

    private DashboardReader Reader => application.Services.GetRequiredService<DashboardReader>();

    [Fact]
    public async Task Groups_HoldWhoSaidSo_AndWhoPreferredNotToSayIsInNone()
    {
        var made = await SceneAsync();
        var study = (await Reader.ReadAsync(made.StudyId))!;
        var questions = await DemographicGroups.ReadAsync(application.Contexts, study);
        // Own words make no groups.
        Assert.Equal(["where", "reads", "english", "years"], questions.Select(question => question.Key));
        var where = questions[0];
        Assert.Equal(["north", "south", "nowhere"], where.Groups.Select(group => group.Name));
        // Number 1, 4, 7 … are north, 2, 5, 8 … south, 3, 6, 9 … prefer not to say; number 30 was excluded and number 29 never answered.
        Assert.Equal(Enumerable.Range(0, 10).Select(third => (3 * third) + 1), Numbers(where.Groups[0]));
        Assert.Equal(Enumerable.Range(0, 9).Select(third => (3 * third) + 2), Numbers(where.Groups[1]));
        Assert.Equal((9, 1), (where.PreferNotToSay, where.NoAnswer));
        // Several options: some people are in both groups. A scale's step is its number.
        Assert.Equal(Enumerable.Range(1, 28), Numbers(questions[1].Groups[0]));
        Assert.Equal(Enumerable.Range(1, 14), Numbers(questions[1].Groups[1]));
        Assert.Equal(Enumerable.Range(1, 28).Where(number => number % 2 == 0), Numbers(questions[2].Groups[1]));
        // 1 … 28, cut at 7.75, 14.5 and 21.25.
        Assert.Equal(["at most 7.75", "above 7.75, at most 14.5", "above 14.5, at most 21.25", "above 21.25"], questions[3].Groups.Select(group => group.Name));
        Assert.Equal([7, 7, 7, 7], questions[3].Groups.Select(group => group.AnnotatorIndexes.Count));

        IEnumerable<int> Numbers(PeopleGroup group) => group.AnnotatorIndexes.Select(annotatorIndex => study.AnnotatorNumbers[annotatorIndex]).Order();
    }

    [Theory]
    [InlineData(new[] { 30, 30, 30, 30 }, new[] { "at most 30" }, new[] { 4 })]
    [InlineData(new[] { 20, 30, 30, 30, 30, 90 }, new[] { "at most 30", "above 30" }, new[] { 5, 1 })]
    [InlineData(new int[0], new string[0], new int[0])]
    public void EqualNumbers_StayTogether(int[] numbers, string[] names, int[] sizes)
    {
        var question = DemographicGroups.Of(
            new SurveyQuestion("age", "Age", SurveyQuestionKind.Number, []), [.. numbers.Select((number, index) => (index, new[] { number.ToString(CultureInfo.InvariantCulture) }))], 10);
        Assert.Equal(names, question.Groups.Select(group => group.Name));
        Assert.Equal(sizes, question.Groups.Select(group => group.AnnotatorIndexes.Count));
    }

    [Fact]
    public async Task PageAndJson_SaySameNumbers_AndNothingAboutGroupsOfFewerThanTen()
    {
        var made = await SceneAsync();
        var visitor = await application.VisitAsAsync(Roles.Researcher);
        const string Query = "cohort=&alpha=0.5&users=80&seed=6&beta=infinity";
        var html = WebUtility.HtmlDecode(await visitor.Http.GetStringAsync($"/studies/{made.StudyId}/representativeness?{Query}"));
        using var json = JsonDocument.Parse(await visitor.Http.GetStringAsync($"/api/studies/{made.StudyId}/representativeness?{Query}"));
        var numbers = json.RootElement.GetProperty("numbers");

        var study = (await Reader.ReadAsync(made.StudyId))!;
        var rewards = (await Reader.ReadRewardsAsync(study))!;
        var users = PopulationSampler.Sample(new PopulationSpec(rewards.RewardModels, 0.5, 80, 6));
        var north = study.Rankings.Where(one => study.AnnotatorNumbers[one.AnnotatorIndex] % 3 == 1 && study.AnnotatorNumbers[one.AnnotatorIndex] < 29).ToArray();
        var expected = new RankRepresentativeness(rewards, users, north).Of("", [], 0, 2, 2).Everybody.Value.Value;
        Assert.Equal(expected!.Value, Group("where", "north").GetProperty("value").GetProperty("value").GetDouble(), 1e-12);
        Assert.Equal(10, Group("where", "north").GetProperty("people").GetInt32());
        Assert.Contains($"data-estimate=\"where:north\" data-value=\"{Group("where", "north").GetProperty("value").GetProperty("value").GetDouble():R}\"", html, StringComparison.Ordinal);
        Assert.Contains($"data-estimate=\"everybody\" data-value=\"{numbers.GetProperty("everybody").GetProperty("value").GetProperty("value").GetDouble():R}\"", html, StringComparison.Ordinal);

        foreach (var group in new[] { Group("where", "south"), Group("years", "at most 7.75") })
        {
            Assert.Equal(JsonValueKind.Null, group.GetProperty("people").ValueKind);
            Assert.Equal(JsonValueKind.Null, group.GetProperty("judgements").ValueKind);
            foreach (var estimate in new[] { "value", "matched" })
            {
                Assert.Equal(JsonValueKind.Null, group.GetProperty(estimate).GetProperty("value").ValueKind);
                Assert.Equal(0, group.GetProperty(estimate).GetProperty("n").GetInt32());
                Assert.Equal("the group has fewer than 10 people", group.GetProperty(estimate).GetProperty("undefinedBecause").GetString());
            }
        }
        Assert.DoesNotContain("data-estimate=\"where:south\" data-value", html, StringComparison.Ordinal);
        Assert.Contains("Fewer than 10 people, so not shown: south.", html, StringComparison.Ordinal);
        Assert.Contains("9 people preferred not to say; 1 person has not answered.", html, StringComparison.Ordinal);

        JsonElement Group(string question, string name) => numbers.GetProperty("questions").EnumerateArray().Single(one => one.GetProperty("key").GetString() == question)
            .GetProperty("groups").EnumerateArray().Single(one => one.GetProperty("name").GetString() == name);
    }

    [Fact]
    public async Task WhereResponsesWereNotCompared_ThePageSaysSo()
    {
        var made = await SceneAsync();
        await using (var context = application.CreateContext())
        {
            var study = await context.Studies.SingleAsync(row => row.Id == made.StudyId);
            study.Instrument = study.Instrument with { Kind = Instrument.BestWorst };
            await context.SaveChangesAsync();
        }
        var visitor = await application.VisitAsAsync(Roles.Researcher);
        var html = WebUtility.HtmlDecode(await visitor.Http.GetStringAsync($"/studies/{made.StudyId}/representativeness"));
        Assert.Contains("those in between were not compared with each other", html, StringComparison.Ordinal);
        Assert.Contains("Undefined because nobody has ranked all responses of a prompt.", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("alpha=x", "alpha must be a number from 0.001 to 1000, or one per reward model with commas between them, but it is \"x\".")]
    [InlineData("cohort=999999", "The data set has no population number 999999.")]
    public async Task AMistypedAddress_IsAnsweredInOneSentence(string query, string sentence)
    {
        var made = await SceneAsync();
        var visitor = await application.VisitAsAsync(Roles.Researcher);
        Assert.Contains(sentence, WebUtility.HtmlDecode(await visitor.Http.GetStringAsync($"/studies/{made.StudyId}/representativeness?{query}")), StringComparison.Ordinal);
        using var answer = await visitor.Http.GetAsync($"/api/studies/{made.StudyId}/representativeness?{query}");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        using var missing = await visitor.Http.GetAsync("/api/studies/99999999/representativeness");
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    private async Task<JudgedStudy> SceneAsync()
    {
        await using var context = application.CreateContext();
        var made = await JudgedStudy.CreateAsync(context, People);
        var study = await context.Studies.SingleAsync(row => row.Id == made.StudyId);
        study.Survey =
        [
            new("where", "Where do you live?", SurveyQuestionKind.Choice, ["north", "south", "nowhere"]),
            new("words", "In your own words?", SurveyQuestionKind.Text, []),
            new("reads", "What do you read?", SurveyQuestionKind.Choices, ["news", "novels"]),
            new("english", "How well do you read English?", SurveyQuestionKind.Scale, ["badly", "well"]),
            new("years", "For how many years?", SurveyQuestionKind.Number, []),
        ];
        foreach (var annotator in await context.Annotators.Where(row => row.StudyId == made.StudyId && row.Kind == AnnotatorKind.Human).ToListAsync())
        {
            if (annotator.Number == 30)
                annotator.ExclusionReason = "sped through";
            if (annotator.Number == 29)
                continue;
            Say("where", annotator.Number % 3 == 1 ? "north" : annotator.Number % 3 == 2 ? "south" : null);
            Say("words", "mine");
            context.Add(new SurveyAnswer { AnnotatorId = annotator.Id, QuestionKey = "reads", Values = annotator.Number <= 14 ? ["novels", "news"] : ["news"] });
            Say("english", annotator.Number % 2 == 0 ? "2" : "1");
            Say("years", $"{annotator.Number}");

            void Say(string key, string? value) => context.Add(new SurveyAnswer { AnnotatorId = annotator.Id, QuestionKey = key, Values = value is null ? [] : [value] });
        }
        await context.SaveChangesAsync();
        return made;
    }
}
