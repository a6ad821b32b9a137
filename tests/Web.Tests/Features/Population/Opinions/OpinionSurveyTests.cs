using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PersonalLlm.Data.Accounts;
using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Web.Features.Population.Opinions;
using PersonalLlm.Web.Tests.Cli;

namespace PersonalLlm.Web.Tests.Features.Population.Opinions;

public sealed class OpinionSurveyTests(PersonalLlmApplication application) : IClassFixture<PersonalLlmApplication>, IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("personalllm-opinions-");

    private OpinionImporter Importer => application.Services.GetRequiredService<OpinionImporter>();

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task TheExample_IsReadAsItIs_AndIsKeptExactly()
    {
        var (reading, problem) = await ExampleAsync();
        Assert.Null(problem);
        Assert.Equal((8, 40), (reading!.Tables.Questions.Count, reading.Tables.Answers.Count));
        var (id, refusal) = await Importer.KeepAsync("  Kept exactly ", reading);
        Assert.Null(refusal);
        await using var context = application.CreateContext();
        var kept = await context.OpinionSurveys.SingleAsync(survey => survey.Id == id);
        Assert.Equal("Kept exactly", kept.Name);
        Assert.Equal(JsonSerializer.Serialize(reading.Tables), JsonSerializer.Serialize(kept.Tables));
        Assert.Equal("Should an answer say how sure it is?", kept.Tables.Questions[2].Text);
    }

    [Fact]
    public async Task AWrongTable_KeepsNothing_AndSaysWhereAndHowToMendIt()
    {
        var (questions, choices, people) = (await TableAsync("questions"), await TableAsync("choices"), await TableAsync("people"));
        var wrong = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(people).Replace("overall,tone,neutral", "overall,tone,loud", StringComparison.Ordinal));
        var (reading, problem) = await OpinionImporter.ReadAsync(questions, choices, wrong);
        Assert.Null(reading);
        Assert.Matches("^humans: line [0-9]+: question tone has no option \"loud\"; it has \"like a friend\", ", problem);
    }

    [Fact]
    public async Task ANameStandsOnce_AlsoWhenTwoAskForItAtOnce()
    {
        var (reading, _) = await ExampleAsync();
        Assert.Contains("name", (await Importer.KeepAsync(" ", reading!)).Problem, StringComparison.Ordinal);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Importer.KeepAsync("Racing", reading!)));
        Assert.Single(outcomes, outcome => outcome.Id is not null);
        Assert.All(outcomes.Where(outcome => outcome.Id is null), outcome => Assert.StartsWith("There is a survey called “Racing” already", outcome.Problem, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("alpha=0.4&users=300&seed=9&generator=numpy-legacy")]
    [InlineData("")]
    public async Task ThePagesJson_IsWhatTheVerbWritesForTheSameTablesAndPopulation(string query)
    {
        var id = (await Importer.KeepAsync($"Beside the verb {query}", (await ExampleAsync()).Reading!)).Id;
        var visitor = await application.VisitAsAsync(Roles.Researcher);
        using var page = JsonDocument.Parse(await visitor.Http.GetStringAsync($"/opinions/{id}/representativeness.json?{query}"));
        var population = page.RootElement.GetProperty("population");
        var (exitCode, output, error) = await ProgramProcess.RunAsync(
        [
            "opinionqa", "--questions", await FileAsync("questions"), "--choices", await FileAsync("choices"), "--humans", await FileAsync("people"),
            "--alpha", population.GetProperty("concentration").ToString(), "--users", population.GetProperty("users").ToString(), "--seed", population.GetProperty("seed").ToString(),
            "--generator", population.GetProperty("generator").ToString(), "--json", "-",
        ]);
        Assert.Equal((0, ""), (exitCode, error));
        using var verb = JsonDocument.Parse(output);
        foreach (var field in verb.RootElement.EnumerateObject().Where(field => field.Name != "inputs"))
            Assert.Equal(field.Value.GetRawText(), page.RootElement.GetProperty(field.Name).GetRawText());
        foreach (var (table, name) in new[] { ("questions", "questions"), ("choices", "choices"), ("humans", "people") })
        {
            var (here, there) = (page.RootElement.GetProperty("inputs").GetProperty(table), verb.RootElement.GetProperty("inputs").GetProperty(table));
            Assert.Equal(there.GetProperty("sha256").GetString(), here.GetProperty("sha256").GetString());
            Assert.EndsWith($": {name}", here.GetProperty("file").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task ThePage_ShowsEveryGroup_AndTheQuestionsOfTheGroupInItsAddress_TheWorstFirst()
    {
        var reading = (await ExampleAsync()).Reading!;
        var id = (await Importer.KeepAsync("Shown", reading)).Id;
        var visitor = await application.VisitAsAsync(Roles.Researcher);
        var html = WebUtility.HtmlDecode(await visitor.Http.GetStringAsync($"/opinions/{id}?alpha=1&users=200&seed=3&group=group%20B&normaliser=paper-normaliser"));
        var settings = OpinionSettings.Read(reading.Tables.RewardModels, OpinionPage.GroupsOf(reading.Tables), "1", "200", "3", null, "paper-normaliser", "group B", out var problem);
        Assert.Null(problem);
        var numbers = OpinionNumbers.Of(reading.Tables, settings.Spec);
        foreach (var group in numbers.Range.Where(group => group.Name != "overall"))
            Assert.Contains($"data-estimate=\"range:{group.Name}\" data-value=\"{group.Estimate.Value:R}\"", html, StringComparison.Ordinal);
        Assert.Contains($"data-estimate=\"overall\" data-value=\"{numbers.Paper[0].Estimate.Value:R}\"", html, StringComparison.Ordinal);
        var distances = numbers.Distances(reading.Tables, "group B", OrdinalNormalizer.Paper);
        Assert.Equal(1 - numbers.Paper.Single(group => group.Name == "group B").Estimate.Value!.Value, distances.Average(question => question.Distance), 1e-12);
        Assert.Equal(distances.Select(question => question.Question.Id), Questions(html));
        Assert.Contains("not comparable", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("alpha=0", "alpha must be a number above 0, or 3 of them joined by commas, but it is \"0\".")]
    [InlineData("alpha=1,2", "alpha must be a number above 0, or 3 of them joined by commas, but it is \"1,2\".")]
    [InlineData("users=1", "users must be a whole number from 2 to 10000, but it is \"1\".")]
    [InlineData("seed=-1", "seed must be a whole number from 0 to 4294967295, but it is \"-1\".")]
    [InlineData("generator=dice", "generator must be native or numpy-legacy, but it is \"dice\".")]
    [InlineData("normaliser=none", "normaliser must be range or paper-normaliser, but it is \"none\".")]
    [InlineData("group=nobody", "The survey has no group \"nobody\".")]
    public async Task AMistypedAddress_IsAnsweredInOneSentence(string query, string sentence)
    {
        var id = (await Importer.KeepAsync($"Mistyped {query}", (await ExampleAsync()).Reading!)).Id;
        var visitor = await application.VisitAsAsync(Roles.Researcher);
        Assert.Contains(sentence, WebUtility.HtmlDecode(await visitor.Http.GetStringAsync($"/opinions/{id}?{query}")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIsNotThere_IsNotFound()
    {
        var visitor = await application.VisitAsAsync(Roles.Researcher);
        foreach (var path in new[] { "/opinions/123456", "/opinions/123456/representativeness.json", "/opinions/example/secrets.csv" })
        {
            using var answer = await visitor.Http.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    private static IEnumerable<string> Questions(string html) => html.Split("data-question=\"").Skip(1).Select(rest => rest[..rest.IndexOf('"', StringComparison.Ordinal)]);

    private static async Task<(OpinionReading? Reading, string? Problem)> ExampleAsync() =>
        await OpinionImporter.ReadAsync(await TableAsync("questions"), await TableAsync("choices"), await TableAsync("people"));

    private static async Task<byte[]> TableAsync(string table)
    {
        using var bytes = new MemoryStream();
        await using var csv = OpinionsFeature.OpenExample(table)!;
        await csv.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    private async Task<string> FileAsync(string table)
    {
        var path = Path.Combine(folder.FullName, table + ".csv");
        await File.WriteAllBytesAsync(path, await TableAsync(table));
        return path;
    }
}
