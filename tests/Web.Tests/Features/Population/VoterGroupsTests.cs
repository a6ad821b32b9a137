using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PersonalLlm.Data.Population;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Testing;
using PersonalLlm.Web.Features.Population;

namespace PersonalLlm.Web.Tests.Features.Population;

public sealed class VoterGroupsTests(PersonalLlmApplication application) : IClassFixture<PersonalLlmApplication>
{
    private VoterGroups Groups => application.Services.GetRequiredService<VoterGroups>();

    [Fact]
    public async Task PeopleOfAStudy_AreThoseThatCount_OnThePromptsOfTheDataSet()
    {
        var (made, source) = await SceneAsync();
        await using var context = application.CreateContext();
        var rows = await context.Judgements.Include(row => row.Assignment!.Annotator).Include(row => row.Assignment!.Prompt)
            .Where(row => row.Assignment!.StudyId == made.StudyId).AsNoTracking().ToListAsync();
        // One leaves the analysis, one judgement is superseded, and one prompt is judged a second time.
        var excluded = rows.First(row => row.Assignment!.Annotator!.Number == 2).Assignment!.AnnotatorId;
        await context.Annotators.Where(row => row.Id == excluded).ExecuteUpdateAsync(set => set.SetProperty(row => row.ExclusionReason, "did not read"));
        var superseded = rows.First(row => row.Assignment!.Annotator!.Number == 3);
        await context.Judgements.Where(row => row.Id == superseded.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.SupersededAt, DateTimeOffset.UtcNow));
        var repeated = rows.First(row => row.Assignment!.Annotator!.Number == 4);
        context.Add(new Data.Judgements.Judgement
        {
            Id = Guid.NewGuid(),
            Answer = new() { Ranking = Ranking.Parse("E,A") },
            Assignment = new()
            {
                StudyId = made.StudyId, PromptId = repeated.Assignment!.PromptId, AnnotatorId = repeated.Assignment.AnnotatorId, RepeatOfId = repeated.AssignmentId,
                PresentedOrder = [0, 1, 2, 3, 4], State = AssignmentState.Submitted,
            },
        });
        await context.SaveChangesAsync();

        var group = Assert.IsType<WrittenVoters>((await Groups.ReadAsync(source, $"study:{made.StudyId}")).Group);
        Assert.Equal(["Annotator 1", "Annotator 3", "Annotator 4", "Annotator 5", "Annotator 6", "Annotator 7"], group.Voters);
        var expected = rows.Where(row => row.Assignment!.Annotator!.Kind == AnnotatorKind.Human && row.Assignment.Annotator.Number != 2 && row.Id != superseded.Id)
            .Select(row => $"Annotator {row.Assignment!.Annotator!.Number}: {row.Assignment.Prompt!.Index} {row.Answer.Ranking}");
        Assert.Equal(expected.Order(), group.Rankings.Select(one => $"{group.Voters[one.AnnotatorIndex]}: {one.PromptIndex} {one.Ranking}").Order());
        var again = Assert.Single(group.Repeats);
        Assert.Equal(("Annotator 4", repeated.Assignment.Prompt!.Index, "E,A"), (group.Voters[again.AnnotatorIndex], again.PromptIndex, again.Ranking.ToString()));
        Assert.Equal(group.Rankings.Count(one => one.Ranking.RankedCount > 0), Sum(group.CountVotes(source)), 9);
    }

    [Fact]
    public async Task Personas_VoteForWhatTheyChose_AndForNothingElse()
    {
        var (made, source) = await SceneAsync();
        await using var context = application.CreateContext();
        var choices = PersonaChoices.Empty(source.Rewards.PromptCount);
        PersonaChoices.Set(choices, 0, 4);
        PersonaChoices.Set(choices, 13, 0);
        var cohort = new PersonaCohort { Name = "Two voices", DatasetId = made.DatasetId, Provenance = new("f.jsonl", "00", null, null, null, 0, 14) };
        cohort.Personas.Add(new() { Index = 1, Name = "Second", Choices = choices });
        cohort.Personas.Add(new() { Index = 0, Name = "First", Choices = PersonaChoices.Empty(source.Rewards.PromptCount) });
        context.Add(cohort);
        await context.SaveChangesAsync();

        var group = Assert.IsType<WrittenVoters>((await Groups.ReadAsync(source, $"personas:{cohort.Id}")).Group);
        Assert.Equal(["First", "Second"], group.Voters);
        Assert.Equal(["1 0 E", "1 13 A"], group.Rankings.Select(one => $"{one.AnnotatorIndex} {one.PromptIndex} {one.Ranking}"));
        Assert.Equal(2, Sum(group.CountVotes(source)), 12);
    }

    [Fact]
    public async Task SimulatedGroups_VoteOnEveryPrompt_AndArchetypesFollowOneRewardModelEach()
    {
        var (made, source) = await SceneAsync();
        foreach (var (address, users) in new[] { ($"cohort:{made.CohortId}", 120), ("alpha:0.05", 1000), ("archetypes", 4) })
        {
            var group = Assert.IsType<SimulatedVoters>((await Groups.ReadAsync(source, address)).Group);
            Assert.Equal((address, users), (group.Address, group.Voters.Count));
            Assert.Equal(14 * users, Sum(group.CountVotes(source)), 9);
        }
        var archetypes = (await Groups.ReadAsync(source, "archetypes")).Group!.CountVotes(source);
        for (var promptIndex = 0; promptIndex < 14; promptIndex++)
        {
            var rows = Enumerable.Range(source.Rewards.FirstResponseOf(promptIndex), JudgedStudy.Responses).ToArray();
            for (var modelIndex = 0; modelIndex < 4; modelIndex++)
                Assert.True(archetypes.Values[rows.MaxBy(row => source.Rewards.Row(row)[modelIndex])] >= 1);
        }
    }

    [Fact]
    public async Task Groups_ThatAreNotThere_AreRefusedInOneSentence()
    {
        var (made, source) = await SceneAsync();
        var (other, _) = await SceneAsync();
        var cases = new Dictionary<string, string>
        {
            [""] = "names no group of voters",
            ["nobody"] = "names no group of voters",
            ["study:"] = "names no group of voters",
            ["study:-1"] = "names no group of voters",
            ["archetypes:3"] = "names no group of voters",
            ["alpha:x"] = "is not a number",
            ["alpha:0"] = "concentration",
            [$"study:{other.StudyId}"] = "is over this data set",
            [$"cohort:{other.CohortId}"] = "no population number",
            [$"personas:{int.MaxValue}"] = "no personas number",
        };
        foreach (var (address, words) in cases)
        {
            var (group, problem) = await Groups.ReadAsync(source, address);
            Assert.Null(group);
            Assert.Contains(words, problem);
        }
        var choices = (await Groups.ListAsync(made.DatasetId)).Select(choice => choice.Address).ToList();
        Assert.Equal([$"cohort:{made.CohortId}", $"study:{made.StudyId}", "alpha:0.01", "alpha:0.05", "alpha:0.1", "alpha:1", "archetypes"], choices);
        foreach (var address in choices)
            Assert.NotNull((await Groups.ReadAsync(source, address)).Group);
    }

    private static double Sum(PersonalLlm.Engine.Population.VoteCounts votes) => votes.Values.ToArray().Sum();

    private async Task<(JudgedStudy Made, PopulationSource Source)> SceneAsync()
    {
        await using var context = application.CreateContext();
        var made = await JudgedStudy.CreateAsync(context);
        return (made, (await application.Services.GetRequiredService<CohortBuilder>().ReadAsync(made.DatasetId))!);
    }
}
