using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PersonalLlm.Data.Accounts;
using PersonalLlm.Data.Judgements;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Datasets;
using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Population;
using PersonalLlm.Testing;
using PersonalLlm.Web.Features.Datasets;
using PersonalLlm.Web.Features.Population;
using PersonalLlm.Web.Tests.Cli;

namespace PersonalLlm.Web.Tests.Features.Population;

public sealed class CharacteristicsPageTests(PersonalLlmApplication application) : IClassFixture<PersonalLlmApplication>, IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("personalllm-characteristics-");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData("alpha:0.3", null, "--alpha", "0.3", "--users", "1000", "--seed", "0")]
    [InlineData("cohort", null, "--alpha", "0.7", "--users", "60", "--seed", "5", "--inverse-temperature", "2")]
    [InlineData("cohort", 2, "--alpha", "0.7", "--users", "60", "--seed", "5", "--inverse-temperature", "2", "--pairs-per-prompt", "2")]
    [InlineData("archetypes", null, "--archetypes")]
    public async Task OfSimulatedUsers_ThePagesJsonIsWhatTheVerbWrites_FieldByField(string of, int? pairs, params string[] arguments)
    {
        var (file, datasetId) = await ImportAsync($"{of} {pairs}");
        if (of == "cohort")
        {
            await using var context = application.CreateContext();
            var builder = application.Services.GetRequiredService<CohortBuilder>();
            var source = (await builder.ReadAsync(datasetId))!;
            var (id, problem) = await builder.CreateAsync("Noisy", datasetId, new PopulationSpec(source.Rewards.RewardModels, 0.7, 60, 5, InverseTemperature: 2));
            Assert.Null(problem);
            of = $"cohort:{id}";
        }
        using var page = await JsonAsync(datasetId, of, pairs);
        using var verb = await VerbAsync(["--data", file, .. arguments]);
        AssertEqual(verb.RootElement, page.RootElement);
        Assert.Equal(verb.RootElement.GetProperty("input").GetProperty("sha256").GetString(), page.RootElement.GetProperty("input").GetProperty("sha256").GetString());
    }

    [Fact]
    public async Task OfPeople_ThePagesJsonIsWhatTheVerbWritesAboutTheirRankings()
    {
        JudgedStudy made;
        var lines = new List<string>();
        await using (var context = application.CreateContext())
        {
            made = await JudgedStudy.CreateAsync(context);
            // Two of them judge something again.
            foreach (var assignment in await context.Assignments.Where(row => row.StudyId == made.StudyId && row.Annotator!.Number <= 2).OrderBy(row => row.Id).Take(2).ToListAsync())
                context.Add(new Judgement
                {
                    Id = Guid.NewGuid(),
                    Assignment = new()
                    {
                        StudyId = made.StudyId, PromptId = assignment.PromptId, AnnotatorId = assignment.AnnotatorId, PresentedOrder = [0, 1, 2, 3, 4],
                        State = AssignmentState.Submitted, RepeatOfId = assignment.Id,
                    },
                    Answer = new() { Ranking = Ranking.Parse("A,B,C,D,E") },
                });
            await context.SaveChangesAsync();
            var judgements = await context.Judgements.OfPeople().Where(row => row.Assignment!.StudyId == made.StudyId)
                .OrderBy(row => row.Assignment!.RepeatOfId != null).ThenBy(row => row.Assignment!.Annotator!.Number).ThenBy(row => row.Assignment!.Prompt!.Index)
                .Select(row => new { row.Assignment!.Annotator!.Number, row.Assignment.PromptId, row.Answer.Ranking }).ToListAsync();
            lines.AddRange(judgements.Select(row => JsonSerializer.Serialize(new
            {
                annotator = $"Annotator {row.Number}",
                item_id = row.PromptId,
                responses = Enumerable.Range(0, JudgedStudy.Responses).Select(response => $"{response}"),
                rank = row.Ranking.Ranks(JudgedStudy.Responses),
            })));
        }
        var file = Path.Combine(folder.FullName, "people.jsonl");
        await File.WriteAllLinesAsync(file, lines);
        using var page = await JsonAsync(made.DatasetId, $"study:{made.StudyId}", null);
        using var verb = await VerbAsync("--judgements", file);
        AssertEqual(verb.RootElement, page.RootElement);
        Assert.InRange(page.RootElement.GetProperty("counts").GetProperty("repeats").GetInt32(), 1, 40);
        Assert.Equal(JsonValueKind.Number, page.RootElement.GetProperty("characteristics").GetProperty("consistency").GetProperty("value").ValueKind);

        // And the page shows the very same numbers.
        var visitor = await application.VisitAsAsync(Roles.Researcher);
        var html = WebUtility.HtmlDecode(await visitor.Http.GetStringAsync($"/datasets/{made.DatasetId}/characteristics?of=study:{made.StudyId}"));
        var characteristics = page.RootElement.GetProperty("characteristics");
        foreach (var (name, estimate) in new[]
        {
            ("divergence", characteristics.GetProperty("divergence")), ("high-divergence", characteristics.GetProperty("highDivergence")),
            ("accuracy", characteristics.GetProperty("withoutSelf").GetProperty("mean")), ("accuracy-with-self", characteristics.GetProperty("withSelf").GetProperty("mean")),
            ("minority-users", characteristics.GetProperty("withoutSelf").GetProperty("minorityUsers")), ("consistency", characteristics.GetProperty("consistency")),
            ("room", characteristics.GetProperty("roomForPersonalization")),
        })
            Assert.Contains($"data-estimate=\"{name}\" data-value=\"{estimate.GetProperty("value").GetDouble():R}\" data-n=\"{estimate.GetProperty("n").GetInt32()}\"", html, StringComparison.Ordinal);
        Assert.Contains("data-estimate=\"without-self:Annotator 1\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutRepeats_ConsistencyAndRoom_SayWhyTheyAreUndefined()
    {
        await using var context = application.CreateContext();
        var made = await JudgedStudy.CreateAsync(context);
        var visitor = await application.VisitAsAsync(Roles.Researcher);
        var html = WebUtility.HtmlDecode(await visitor.Http.GetStringAsync($"/datasets/{made.DatasetId}/characteristics?of=study:{made.StudyId}"));
        Assert.Equal(2, html.Split("Undefined because no annotator judged the same pair twice.").Length - 1);
    }

    [Theory]
    [InlineData("of=nobody", "“nobody” names no group of voters")]
    [InlineData("of=cohort:999999", "The data set has no population number 999999.")]
    [InlineData("of=archetypes&pairs=0", "pairs must be a whole number from 1, but it is “0”.")]
    public async Task AMistypedAddress_IsAnsweredInOneSentence(string query, string sentence)
    {
        await using var context = application.CreateContext();
        var made = await JudgedStudy.CreateAsync(context);
        var visitor = await application.VisitAsAsync(Roles.Researcher);
        Assert.Contains(sentence, WebUtility.HtmlDecode(await visitor.Http.GetStringAsync($"/datasets/{made.DatasetId}/characteristics?{query}")), StringComparison.Ordinal);
        using var refused = await visitor.Http.GetAsync($"/datasets/{made.DatasetId}/characteristics.json?{query}");
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        using var missing = await visitor.Http.GetAsync("/datasets/99999999/characteristics.json?of=archetypes");
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    [Fact]
    public async Task LargePopulations_AreSampled_AndSmallOnesAreNot()
    {
        await using var context = application.CreateContext();
        var made = await JudgedStudy.CreateAsync(context);
        var source = (await application.Services.GetRequiredService<CohortBuilder>().ReadAsync(made.DatasetId))!;
        // 14 prompts × 10 pairs.
        Assert.Equal((140L * 120, null), GroupCharacteristics.Cost(source, Users(120), null));
        Assert.Equal((42L * 120, 3), GroupCharacteristics.Cost(source, Users(120), 3));
        Assert.Equal((140L * 120, null), GroupCharacteristics.Cost(source, Users(120), 10));
        Assert.Equal((140L * GroupCharacteristics.MostUsers, null), GroupCharacteristics.Cost(source, Users(5000), null));
        // Prompts enough that all pairs would be too many.
        var starts = Enumerable.Range(0, 10_001).Select(prompt => prompt * 8).ToArray();
        var wide = source with { Rewards = new(["m"], starts, new float[80_000]) };
        var (labels, pairs) = GroupCharacteristics.Cost(wide, Users(1000), null);
        Assert.Equal((20_000_000, 2), (labels, pairs));
        Assert.Equal(GroupCharacteristics.MostUsers, GroupCharacteristics.Of(source, Users(2100), 1).Voters.Count);

        SimulatedVoters Users(int count)
        {
            var users = PopulationSampler.Sample(new PopulationSpec(source.Rewards.RewardModels, 0.3, count, 1));
            return new("cohort:1", "Users", [.. Enumerable.Range(0, count).Select(user => $"User {user}")], users);
        }
    }

    [Fact]
    public void Personas_PreferTheirFirstChoiceToEveryOtherResponse_AndPeopleSayNothingAboutTheUnranked()
    {
        AnnotatorRanking[] rankings = [new(0, 0, Ranking.Strict(2)), new(1, 0, Ranking.Strict(1))];
        var personas = PairLabels.OfRankings(["one", "two"], rankings, [], _ => 4, isRestBelow: true);
        // C above A, B, D; B above A, C, D: five pairs of which one has two labels that differ.
        Assert.Equal((5, 6, 0), (personas.PairCount, personas.LabelCount, personas.Ties));
        Assert.Equal(1, DatasetCharacteristics.Of(personas, 0).Divergence.Value);
        var people = PairLabels.OfRankings(["one", "two"], rankings, [], _ => 4, isRestBelow: false);
        Assert.Equal((0, 0), (people.PairCount, people.LabelCount));
        Assert.Equal("no two annotators labelled the same pair", DatasetCharacteristics.Of(people, 0).Divergence.UndefinedBecause);
    }

    private static void AssertEqual(JsonElement verb, JsonElement page)
    {
        Assert.Equal(verb.EnumerateObject().Select(field => field.Name), page.EnumerateObject().Select(field => field.Name));
        foreach (var field in verb.EnumerateObject().Where(field => field.Name != "input"))
            Assert.Equal($"{field.Name}: {field.Value.GetRawText()}", $"{field.Name}: {page.GetProperty(field.Name).GetRawText()}");
    }

    private async Task<JsonDocument> JsonAsync(int datasetId, string of, int? pairs)
    {
        var visitor = await application.VisitAsAsync(Roles.Researcher);
        return JsonDocument.Parse(await visitor.Http.GetStringAsync($"/datasets/{datasetId}/characteristics.json?of={of}&pairs={pairs}"));
    }

    private static async Task<JsonDocument> VerbAsync(params string[] arguments)
    {
        var (exitCode, output, error) = await ProgramProcess.RunAsync(["characterise", .. arguments, "--json", "-"]);
        Assert.Equal((0, ""), (exitCode, error));
        return JsonDocument.Parse(output);
    }

    /// <summary>A file, and the same file imported.</summary>
    private async Task<(string Path, int DatasetId)> ImportAsync(string name)
    {
        var random = new Random(name.Length);
        var path = Path.Combine(folder.FullName, "data.jsonl");
        await using (var written = File.Create(path))
            for (var prompt = 0; prompt < 12; prompt++)
                await DatasetWriter.WriteAsync(written, new PromptRecord(prompt + 1, $"p{prompt}", $"Prompt {prompt} of {name}?", null,
                    [.. Enumerable.Range(0, 4).Select(response => new ResponseRecord($"writer {response}", $"Response {response}",
                        new Dictionary<string, float> { ["kind"] = random.NextSingle(), ["short"] = random.NextSingle(), ["wise"] = random.NextSingle() }))]));
        var source = DatasetSource.OfFile(path, "data.jsonl");
        var outcome = await application.Services.GetRequiredService<DatasetImporter>().ImportAsync(source, await DatasetInspector.InspectAsync(source), new ImportRequest(name, "CC0"));
        return (path, Assert.IsType<ImportOutcome.Imported>(outcome).DatasetId);
    }
}
