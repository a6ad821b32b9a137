using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PersonalLlm.Data.Accounts;
using PersonalLlm.Data.Population;
using PersonalLlm.Engine.Datasets;
using PersonalLlm.Testing;
using PersonalLlm.Web.Features.Population;

namespace PersonalLlm.Web.Tests.Features.Population;

public sealed class GroupComparisonTests(PersonalLlmApplication application) : IClassFixture<PersonalLlmApplication>
{
    [Fact]
    public async Task PeopleAndSimulatedUsers_AreComparedOnThePromptsThatTwoPeopleJudged()
    {
        var (made, _, source) = await SceneAsync();
        var comparison = await CompareAsync(source, $"study:{made.StudyId}", $"cohort:{made.CohortId}");
        await using var data = application.CreateContext();
        var rows = await data.Judgements.Where(row => row.Assignment!.StudyId == made.StudyId && row.Assignment.Annotator!.Kind == Data.Studies.AnnotatorKind.Human)
            .Select(row => new { row.Assignment!.Prompt!.Index, row.Answer.Ranking }).ToListAsync();
        var shared = rows.GroupBy(row => row.Index).Where(prompt => prompt.Count() > 1).OrderBy(prompt => prompt.Key).ToList();
        Assert.Equal(11, shared.Count);
        Assert.Equal(shared.Count, comparison.Prompts);

        var simulated = (await GroupAsync(source, $"cohort:{made.CohortId}")).CountVotes(source);
        var distances = shared.Select(prompt =>
        {
            var people = new double[JudgedStudy.Responses];
            foreach (var ranking in prompt.Select(row => row.Ranking))
                foreach (var first in ranking.FirstChoices)
                    people[first] += 1.0 / ranking.FirstChoices.Count / prompt.Count();
            return (prompt.Key, Distance: people.Zip(simulated.Of(prompt.Key).ToArray(), (one, other) => Math.Abs(one - (other / 120))).Sum() / 2);
        }).ToList();
        Assert.Equal(distances.Average(one => one.Distance), comparison.Differences.Distance.Value!.Value, 9);
        Assert.Equal(distances.MaxBy(one => one.Distance).Key, comparison.MostDivergent[0].PromptIndex);
        Assert.Equal(comparison.Right.Diversity.MeanEntropy.Value!.Value - comparison.Left.Diversity.MeanEntropy.Value!.Value, comparison.Differences.Entropy.Value!.Value, 9);
        Assert.True(comparison.Agreement.IsDefined);
    }

    [Fact]
    public async Task PersonasBesideSimulatedUsers_SayWhyTheyHaveNoCorrelation()
    {
        var (made, personas, source) = await SceneAsync();
        var comparison = await CompareAsync(source, $"personas:{personas}", "alpha:0.05");
        // Two personas chose on ten prompts, and on one of those only one of them.
        Assert.Equal(9, comparison.Prompts);
        Assert.Equal(0, comparison.Left.Diversity.MeanEntropy.Value);
        Assert.Equal(1, comparison.Left.Overlap.Value);
        Assert.Equal("personas name a first choice only, and a correlation needs rankings", comparison.Agreement.UndefinedBecause);
        Assert.NotEqual(comparison.Left.Group.Color, comparison.Right.Group.Color);
        var same = await CompareAsync(source, $"cohort:{made.CohortId}", "alpha:1");
        Assert.Equal((14, true), (same.Prompts, same.Agreement.IsDefined));
        Assert.NotEqual(same.Left.Group.Color, same.Right.Group.Color);
    }

    [Fact]
    public async Task TheDownload_HoldsTheNumbersOfThePage_AndSaysWhyThereAreNone()
    {
        var (made, personas, source) = await SceneAsync();
        var researcher = await application.VisitAsAsync(Roles.Researcher);
        var comparison = await CompareAsync(source, $"study:{made.StudyId}", "archetypes");
        using var json = JsonDocument.Parse(await researcher.Http.GetStringAsync($"/populations/compare.json?dataset={made.DatasetId}&left=study:{made.StudyId}&right=archetypes"));
        Assert.Equal(comparison.Differences.Distance.Value, json.RootElement.GetProperty("differences").GetProperty("distance").GetProperty("value").GetDouble());
        Assert.Equal(comparison.Agreement.Low, json.RootElement.GetProperty("agreement").GetProperty("low").GetDouble());
        Assert.Equal(7, json.RootElement.GetProperty("left").GetProperty("voters").GetInt32());
        Assert.Equal("archetypes", json.RootElement.GetProperty("right").GetProperty("address").GetString());

        foreach (var (query, status, words) in new[]
        {
            ($"dataset={int.MaxValue}&left=alpha:1&right=archetypes", HttpStatusCode.NotFound, "There is no data set"),
            ($"dataset={made.DatasetId}&left=nobody&right=archetypes", HttpStatusCode.BadRequest, "names no group of voters"),
            ($"dataset={made.DatasetId}&left=alpha:1", HttpStatusCode.BadRequest, "names no group of voters"),
            ($"dataset={made.DatasetId}&left=alpha:1&right=alpha:1.0", HttpStatusCode.BadRequest, "Both sides are the same group"),
            ($"dataset={made.DatasetId}&left=personas:{personas + 1}&right=alpha:1", HttpStatusCode.BadRequest, "There is no prompt on which each group has two votes"),
        })
        {
            using var answer = await researcher.Http.GetAsync($"/populations/compare.json?{query}");
            Assert.Equal(status, answer.StatusCode);
            Assert.Contains(words, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("detail").GetString());
        }
    }

    private VoterGroups Groups => application.Services.GetRequiredService<VoterGroups>();

    private async Task<VoterGroup> GroupAsync(PopulationSource source, string address)
    {
        var (group, problem) = await Groups.ReadAsync(source, address);
        Assert.Null(problem);
        return group!;
    }

    private async Task<GroupComparison> CompareAsync(PopulationSource source, string left, string right)
    {
        var (comparison, problem) = GroupComparison.Of(source, await GroupAsync(source, left), await GroupAsync(source, right));
        Assert.Null(problem);
        return comparison!;
    }

    /// <summary>Two personas who always agree, and after them one alone.</summary>
    private async Task<(JudgedStudy Made, int Personas, PopulationSource Source)> SceneAsync()
    {
        await using var data = application.CreateContext();
        var made = await JudgedStudy.CreateAsync(data);
        var two = Cohort("Two", 2);
        var one = Cohort("One", 1);
        data.Add(two);
        await data.SaveChangesAsync();
        data.Add(one);
        await data.SaveChangesAsync();
        Assert.Equal(two.Id + 1, one.Id);
        return (made, two.Id, (await application.Services.GetRequiredService<CohortBuilder>().ReadAsync(made.DatasetId))!);

        PersonaCohort Cohort(string name, int personas)
        {
            var cohort = new PersonaCohort { Name = name, DatasetId = made.DatasetId, Provenance = new("f", "0", null, null, null, 0, 10) };
            cohort.Personas.AddRange(Enumerable.Range(0, personas).Select(index => new Persona
            {
                Index = index,
                Name = $"{index}",
                Choices = PersonaChoices.Pack([.. Enumerable.Range(0, 14).Select(prompt => prompt < 10 - index ? prompt % 5 : PersonaVotes.NotAsked)]),
            }));
            return cohort;
        }
    }
}
