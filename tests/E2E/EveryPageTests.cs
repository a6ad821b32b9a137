using System.Reflection;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using PersonalLlm.Data.Judgements;
using PersonalLlm.Data.Population;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Datasets;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Testing;
using PersonalLlm.Web.Features.Population.Personas;

namespace PersonalLlm.E2E;

/// <summary>What is true of every page there is: the demo as an admin sees it, in both themes, on a laptop and on a phone.</summary>
public sealed class EveryPageTests(BrowserFixture browser) : IClassFixture<BrowserFixture>
{
    private static readonly string s_pictures = Path.Combine(Checkout.Folder, "artifacts", "pictures");

    [Fact]
    public async Task EveryPage_IsAccessible_FitsThePhone_AndKeepsToItsContentSecurityPolicy()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var server = await ServerProcess.StartAsync(("Database:ConnectionString", database.ConnectionString));
        var admin = await browser.OpenAsync(server.Address);
        var setup = await AccountScene.SetupLinkAsync(server);
        await AccountScene.JoinAsync(admin, setup, "admin@example.org");
        var addresses = await AddressesAsync(database, setup);
        var state = await admin.Context.StorageStateAsync();

        foreach (var theme in new[] { "light", "dark" })
        {
            foreach (var width in new[] { 1280, 390 })
            {
                await using var context = await browser.Browser.NewContextAsync(new()
                {
                    BaseURL = server.Address.ToString(),
                    ViewportSize = new() { Width = width, Height = width == 390 ? 844 : 900 },
                    StorageState = state,
                });
                await context.AddCookiesAsync([new() { Name = "theme", Value = theme, Url = server.Address.ToString() }]);
                var page = await context.NewPageAsync();
                var complaints = await AccountScene.ComplaintsAsync(page);
                foreach (var (template, address) in addresses)
                {
                    await page.GotoAsync(address, new() { WaitUntil = WaitUntilState.NetworkIdle });
                    await page.Locator("h1").First.WaitForAsync();
                    var picture = $"{template.Trim('/').Replace('/', '-').Replace(':', '-')}-{theme}-{width}.png";
                    await page.ScreenshotAsync(new() { Path = Path.Combine(s_pictures, picture), FullPage = true });
                    await AccountScene.AssertAccessibleAsync(page);
                    var overflow = await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth");
                    Assert.True(overflow <= 0, $"{address} is {overflow} px wider than the window ({theme}, {width}).");
                }
                Assert.Equal("", string.Join('\n', complaints));
            }
        }
    }

    /// <summary>An address for every route of the program; a page that nobody thought of here fails the test.</summary>
    private static async Task<List<(string Template, string Address)>> AddressesAsync(TestDatabase database, string setup)
    {
        await using var data = database.CreateContext();
        var study = await data.Studies.Include(study => study.Prompts).SingleAsync();
        await JudgeAsync(data, study);
        var cohort = await data.Cohorts.Select(cohort => cohort.Id).SingleAsync();
        var survey = await SurveyAsync(data);
        var personas = await PersonasAsync(data, study);
        var known = new Dictionary<string, string>
        {
            ["/"] = "/",
            ["/account"] = "/account",
            ["/account/join"] = "/account/join?key=unknown",
            ["/account/passkeys"] = "/account/passkeys",
            ["/account/password"] = "/account/password",
            ["/account/reset"] = "/account/reset",
            ["/account/setup"] = setup,
            ["/account/sign-in"] = "/account/sign-in",
            ["/account/sign-in/code"] = "/account/sign-in/code",
            ["/account/two-factor"] = "/account/two-factor",
            ["/datasets"] = "/datasets",
            ["/datasets/import"] = "/datasets/import",
            ["/datasets/{DatasetId:int}"] = $"/datasets/{study.DatasetId}",
            ["/datasets/{DatasetId:int}/characteristics"] = $"/datasets/{study.DatasetId}/characteristics?of=study:{study.Id}",
            ["/datasets/{DatasetId:int}/prompts/{PromptId:long}"] = $"/datasets/{study.DatasetId}/prompts/{study.Prompts[0].PromptId}",
            ["/opinions"] = "/opinions",
            ["/opinions/import"] = "/opinions/import",
            ["/opinions/{SurveyId:int}"] = $"/opinions/{survey}",
            ["/people"] = "/people",
            ["/populations"] = "/populations",
            ["/populations/{CohortId:int}"] = $"/populations/{cohort}",
            ["/populations/compare"] = $"/populations/compare?dataset={study.DatasetId}&left=study:{study.Id}&right=personas:{personas}",
            ["/populations/new"] = "/populations/new",
            ["/populations/personas"] = "/populations/personas",
            ["/populations/personas/new"] = "/populations/personas/new",
            ["/populations/personas/{CohortId:int}"] = $"/populations/personas/{personas}",
            ["/s/{Code}"] = "/s/demo",
            ["/s/{Code}/done"] = "/s/demo/done",
            ["/s/{Code}/items"] = "/s/demo/items",
            ["/s/{Code}/practice"] = "/s/demo/practice",
            ["/s/{Code}/survey"] = "/s/demo/survey",
            ["/s/{Code}/withdraw"] = "/s/demo/withdraw",
            ["/s/{Code}/withdraw/{Token}"] = "/s/demo/withdraw/unknown",
            ["/s/{Code}/rank"] = "/s/demo/rank",
            ["/status/{Code:int?}"] = "/status/404",
            ["/studies"] = "/studies",
            ["/studies/new"] = "/studies/new",
            ["/studies/{Id:int}/design"] = $"/studies/{study.Id}/design",
            ["/studies/{Id:int}"] = $"/studies/{study.Id}",
            ["/studies/{StudyId:int}/annotators/{Number:int}"] = $"/studies/{study.Id}/annotators/1",
            ["/studies/{StudyId:int}/dashboard"] = $"/studies/{study.Id}/dashboard",
            ["/studies/{StudyId:int}/representativeness"] = $"/studies/{study.Id}/representativeness?alpha=0.3",
        };
        var routes = typeof(Program).Assembly.GetTypes().SelectMany(type => type.GetCustomAttributes<RouteAttribute>()).Select(route => route.Template)
            .Order(StringComparer.Ordinal).ToList();
        Assert.Equal(routes, known.Keys.Order(StringComparer.Ordinal));
        return [.. routes.Select(route => (route, known[route]))];
    }

    /// <summary>Twelve personas who mostly agree, half-way through the data set, paused because the chat model failed.</summary>
    private static async Task<int> PersonasAsync(Data.PersonalLlmDbContext data, Study study)
    {
        var random = new Random(9);
        var prompts = await data.Prompts.Where(prompt => prompt.DatasetId == study.DatasetId).Select(prompt => prompt.Responses.Count).ToListAsync();
        var cohort = new PersonaCohort
        {
            Name = "Twelve voices",
            DatasetId = study.DatasetId,
            Source = PersonaSource.ChatModel,
            Status = PersonaStatus.Paused,
            Message = "localhost:8000 failed (HTTP 503). It kept failing, so nothing more was asked.",
            Provenance = new(null, null, "a-chat-model", "localhost:8000", PersonaQuestion.Instruction, 3, prompts.Count),
            CreatedAt = DateTimeOffset.UtcNow,
        };
        cohort.Personas.AddRange(PersonaLibrary.Texts.Take(12).Select((persona, index) => new Persona
        {
            Index = index,
            Name = persona.Name,
            Text = persona.Text,
            Choices = PersonaChoices.Pack([.. prompts.Select((responses, prompt) => prompt % 2 == 0 ? PersonaVotes.NotAsked : random.Next(3) > 0 ? 1 : random.Next(responses))]),
        }));
        data.Add(cohort);
        await data.SaveChangesAsync();
        return cohort.Id;
    }

    /// <summary>As many groups as OpinionQA has, on questions of two to five options.</summary>
    private static async Task<int> SurveyAsync(Data.PersonalLlmDbContext data)
    {
        var random = new Random(5);
        var questions = Enumerable.Range(0, 30).Select(number => new OpinionQuestion(
            $"Q{number + 1}", [.. Enumerable.Range(1, 2 + (number % 4)).Select(option => $"option {option}")], [.. Enumerable.Range(1, 2 + (number % 4)).Select(option => (double)option)])
        {
            Text = "How much of an answer should be in lists, and how much in sentences?",
        }).ToList();
        string[] groups = [OpinionTables.Everybody, .. Enumerable.Range(1, 60).Select(number => $"{(number % 2 == 0 ? "Political party" : "Education")}: group number {number}")];
        var survey = new OpinionSurvey
        {
            Name = "Sixty groups",
            Tables = new(
                questions, ["brief", "thorough", "warm"], [.. Enumerable.Range(0, 90).Select(_ => random.NextDouble())],
                [.. groups.SelectMany(group => questions.Select((question, index) => new OpinionAnswers(group, index, [.. question.Options.Select(_ => 1 + (double)random.Next(40))])))]),
            Sha256 = "",
            ImportedAt = DateTimeOffset.UtcNow,
        };
        data.OpinionSurveys.Add(survey);
        await data.SaveChangesAsync();
        return survey.Id;
    }

    /// <summary>People of two ages, each with a taste of their own for the six voices of the demo, so that figures have something to show.</summary>
    private static async Task JudgeAsync(Data.PersonalLlmDbContext data, Study study)
    {
        const int people = 26;
        const int voices = 6;
        var random = new Random(3);
        study.Overlap = people;
        study.Survey = [new("age", "How old are you?", SurveyQuestionKind.Choice, ["Below 40", "40 or older", "I describe it in another way"]), new("calm", "How calm are you?", SurveyQuestionKind.Number, [])];
        for (var number = 1; number <= people; number++)
        {
            var annotator = new Annotator { StudyId = study.Id, Number = number, JoinedAt = DateTimeOffset.UtcNow };
            data.Annotators.Add(annotator);
            data.Add(new SurveyAnswer { AnnotatorId = annotator.Id, QuestionKey = "age", Values = number % 9 == 0 ? [] : [study.Survey[0].Options[number % 2]] });
            data.Add(new SurveyAnswer { AnnotatorId = annotator.Id, QuestionKey = "calm", Values = [$"{number}"] });
            var taste = Enumerable.Range(0, voices).Select(_ => random.NextSingle()).ToArray();
            foreach (var item in study.Prompts.OrderBy(item => item.Index).Take(16))
            {
                item.Taken++;
                data.Judgements.Add(new Judgement
                {
                    Id = Guid.NewGuid(),
                    Assignment = new()
                    {
                        StudyId = study.Id,
                        PromptId = item.PromptId,
                        Annotator = annotator,
                        PresentedOrder = [.. Enumerable.Range(0, voices)],
                        State = AssignmentState.Submitted,
                    },
                    Answer = new() { Ranking = Ranking.OfUtilities([.. taste.Select(liking => liking + random.NextSingle())]) },
                    SubmittedAt = DateTimeOffset.UtcNow,
                });
            }
        }
        await data.SaveChangesAsync();
    }
}
