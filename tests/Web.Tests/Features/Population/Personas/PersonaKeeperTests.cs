using System.Net;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PersonalLlm.Data.Accounts;
using PersonalLlm.Data.Population;
using PersonalLlm.Engine.Datasets;
using PersonalLlm.Testing;
using PersonalLlm.Web.Features.Population.Personas;

namespace PersonalLlm.Web.Tests.Features.Population.Personas;

public sealed class PersonaKeeperTests(PersonalLlmApplication application) : IClassFixture<PersonalLlmApplication>
{
    private PersonaKeeper Keeper => application.Services.GetRequiredService<PersonaKeeper>();

    [Fact]
    public async Task WhatWasImported_IsDownloadedAndImportedAgain_TheSame()
    {
        var datasetId = await DatasetAsync();
        var rows = string.Concat(Enumerable.Range(0, 14).Select(prompt => $"One,,p{prompt},{(prompt == 3 ? "" : $"{prompt % 5}")}\n"))
            + "\"Two, the second\",\"Wants \"\"rigour\"\", and lines\nof it\",p5,\"C,A=B\"\n";
        var first = await KeepAsync("First", datasetId, "persona,persona_text,prompt_id,choice\n" + rows);
        var researcher = await application.VisitAsAsync(Roles.Researcher);
        var csv = await researcher.Http.GetStringAsync($"/populations/personas/{first.Id}/choices.csv");
        var again = await KeepAsync("Second", datasetId, csv);

        Assert.Equal((PersonaSource.File, PersonaStatus.Complete, 14), (again.Source, again.Status, again.Provenance.Prompts));
        Assert.Equal(["One", "Two, the second"], again.Personas.Select(persona => persona.Name));
        Assert.Equal([1, 0], again.Personas.Select(persona => persona.Unusable));
        Assert.Equal("Wants \"rigour\", and lines\nof it", again.Personas[1].Text);
        Assert.Equal(first.Personas.Select(Words), again.Personas.Select(Words));
        Assert.Equal([(5, 2)], PersonaChoices.Made(again.Personas[1].Choices));
        Assert.Equal(HttpStatusCode.NotFound, (await researcher.Http.GetAsync($"/populations/personas/{int.MaxValue}/choices.csv")).StatusCode);

        static string Words(Persona persona) => $"{persona.Name}|{persona.Text}|{persona.Unusable}|{string.Join(' ', PersonaChoices.Unpack(persona.Choices))}";
    }

    [Fact]
    public async Task AFileWithOneWrongLine_KeepsNothing()
    {
        var datasetId = await DatasetAsync();
        var table = await ReadAsync(datasetId, "persona,prompt_id,choice\na,p0,0\na,p99,0\n");
        Assert.Equal("Line 3: the data set has no prompt with the id \"p99\".", (await Keeper.KeepAsync("Wrong", datasetId, table, "f.csv", "00")).Problem);
        await using var data = application.CreateContext();
        Assert.False(await data.PersonaCohorts.AnyAsync(cohort => cohort.DatasetId == datasetId));
        var right = await ReadAsync(datasetId, "persona,prompt_id,choice\na,p0,0\n");
        Assert.Equal("Give the personas a name of at most 200 characters.", (await Keeper.KeepAsync(" ", datasetId, right, "f.csv", "00")).Problem);
        Assert.Equal("The data set was removed meanwhile; choose another one.", (await Keeper.KeepAsync("Late", int.MaxValue, right, "f.csv", "00")).Problem);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Keeper.KeepAsync("Racing", datasetId, right, "f.csv", "00")));
        Assert.Single(outcomes, outcome => outcome.Id is not null);
        Assert.All(outcomes.Where(outcome => outcome.Id is null), outcome => Assert.Contains("already has personas", outcome.Problem));
    }

    [Fact]
    public void TheLibrary_HasPersonasThatDiffer_InAtMostThreeSentences()
    {
        Assert.InRange(PersonaLibrary.Texts.Count, 24, 40);
        Assert.Equal(PersonaLibrary.Texts.Count, PersonaLibrary.Texts.Select(persona => persona.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.Null(PersonaKeeper.FindProblem(new("x", 1, PersonaLibrary.Texts, 1, 0)));
        Assert.All(PersonaLibrary.Texts, persona => Assert.InRange(persona.Text.Split(". ").Length, 1, 3));
    }

    [Theory]
    [InlineData("B", 5, 1)]
    [InlineData("  b \n", 5, 1)]
    [InlineData("**E**", 5, 4)]
    [InlineData("(A).", 5, 0)]
    [InlineData("E", 4, null)]
    [InlineData("Answer B", 5, null)]
    [InlineData("B C", 5, null)]
    [InlineData("2", 5, null)]
    [InlineData("", 5, null)]
    [InlineData("Я", 5, null)]
    public void AnAnswer_CountsOnlyWhenItIsOneOfferedLetter(string answer, int offered, int? place) => Assert.Equal(place, PersonaQuestion.Parse(answer, offered));

    [Fact]
    public void BracesInTexts_StayWhatTheyAre()
    {
        var prompt = new PersonaPrompt(0, "What is {answers}?", ["{persona} and {letters}", "second"]);
        var sent = PersonaQuestion.Make(PersonaQuestion.Instruction, "Likes {prompt}.", prompt, [1, 0]);
        Assert.Contains("Likes {prompt}.", sent[0].Text);
        Assert.Contains("What is {answers}?", sent[1].Text);
        Assert.Contains("<answer letter=\"B\">\n{persona} and {letters}\n</answer>", sent[1].Text);
        Assert.EndsWith("Reply with one letter only: A or B.", sent[1].Text.Trim(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Personas:Endpoint", "ftp://somewhere", "must be an address that begins with http")]
    [InlineData("Personas:Endpoint", "http://localhost:1/v1", "belong together")]
    [InlineData("Personas:MaximumConcurrency", "0", "MaximumConcurrency")]
    [InlineData("Personas:TimeoutSeconds", "0", "TimeoutSeconds")]
    public void SettingsThatCannotBe_AreRefusedAtTheStart(string name, string value, string words)
    {
        using var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection([new(name, value)]).Build()).AddPersonas().BuildServiceProvider();
        Assert.Contains(words, Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IStartupValidator>().Validate()).Message);
    }

    private async Task<PersonaCohort> KeepAsync(string name, int datasetId, string csv)
    {
        var (id, problem) = await Keeper.KeepAsync(name, datasetId, await ReadAsync(datasetId, csv), "choices.csv", new string('0', 64));
        Assert.Null(problem);
        await using var data = application.CreateContext();
        return await data.PersonaCohorts.AsNoTracking().Include(cohort => cohort.Personas.OrderBy(persona => persona.Index)).SingleAsync(cohort => cohort.Id == id);
    }

    private async Task<PersonaTable> ReadAsync(int datasetId, string csv) =>
        await PersonaChoiceFile.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(csv)), await Keeper.ChoosableAsync(datasetId));

    private async Task<int> DatasetAsync()
    {
        await using var data = application.CreateContext();
        return (await JudgedStudy.CreateAsync(data, people: 0)).DatasetId;
    }
}
