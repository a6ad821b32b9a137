using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PersonalLlm.Data.Accounts;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Web.Features.Judgements;

namespace PersonalLlm.Web.Tests.Features.Judgements;

public sealed class JudgementExportTests(PersonalLlmApplication application) : IClassFixture<PersonalLlmApplication>
{
    [Fact]
    public async Task Export_HoldsEveryJudgementOnce_WithPseudonymsOnly()
    {
        await using var data = application.CreateContext();
        var (study, people) = await StudyScene.SeedAsync(data, "exported", prompts: 3, responses: 3, overlap: 2, people: 2);
        foreach (var person in people)
        {
            while (await application.Services.GetRequiredService<AssignmentLeaser>().NextAsync("exported", new(person)) is LeaseOutcome.Leased leased)
                await application.Services.GetRequiredService<JudgementRecorder>().SubmitAsync(
                    new(new(person), leased.AssignmentId, Guid.CreateVersion7(), new() { Ranking = Ranking.Parse("B,A=C") }));
        }

        var researcher = await application.VisitAsAsync(Roles.Researcher);
        var text = await researcher.Http.GetStringAsync($"/studies/{study.Id}/judgements.jsonl");
        var lines = text.TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line).RootElement).ToList();
        var stored = await data.Judgements.Include(row => row.Assignment).ToDictionaryAsync(row => row.Id);
        Assert.Equal(6, lines.Count);
        Assert.Equal(stored.Keys.Order(), lines.Select(line => line.GetProperty("judgement_id").GetGuid()).Order());
        foreach (var line in lines)
        {
            var judgement = stored[line.GetProperty("judgement_id").GetGuid()];
            Assert.Equal(judgement.Answer.Ranking.ToString(), line.GetProperty("ranking").GetString());
            Assert.Equal(judgement.Assignment!.AnnotatorId, line.GetProperty("annotator_id").GetGuid());
            Assert.EndsWith("Z", line.GetProperty("submitted_at").GetString(), StringComparison.Ordinal);
            foreach (var response in line.GetProperty("responses").EnumerateArray())
            {
                var responseIndex = response.GetProperty("response_id").GetString()![0] - 'A';
                Assert.Equal(judgement.Answer.Ranking.RankOf(responseIndex), response.GetProperty("rank").GetInt32());
                Assert.Equal(responseIndex, judgement.Assignment.PresentedOrder[response.GetProperty("presented_position").GetInt32()]);
            }
        }
        Assert.All(people, person => Assert.DoesNotContain(person.ToString(), text, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("exported-", text, StringComparison.Ordinal);
    }
}
