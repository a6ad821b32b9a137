using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using PersonalLlm.Data;
using PersonalLlm.Data.Judgements;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Studies;
using PersonalLlm.Testing;
using PersonalLlm.Web.Features.Studies;
using PersonalLlm.Web.Live;
using PersonalLlm.Web.Tests.Features.Judgements;

namespace PersonalLlm.Web.Tests.Features.Studies;

/// <summary>The monitor beside the same numbers from plain loops over plain rows.</summary>
public sealed class StudyMonitorTests : IAsyncLifetime
{
    private readonly SettableClock _clock = new();
    private TestDatabase _database = null!;
    private Study _study = null!;

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        await using var data = _database.CreateContext();
        _study = await WatchedStudy.CreateAsync(data);
        _clock.Advance(TimeSpan.FromMinutes(20));
    }

    public Task DisposeAsync() => _database.DisposeAsync().AsTask();

    [Fact]
    public async Task Steps_CountPeople_AndThoseWhoDeclinedBesides()
    {
        var steps = (await ReadAsync()).Steps.ToDictionary(step => step.Name, step => step.People);

        Assert.Equal(3, steps["Declined to take part"]);
        Assert.Equal(9, steps["Agreed to take part"]);
        Assert.Equal(8, steps["Answered the questions"]);
        Assert.Equal(7, steps["Did the practice item"]);
        Assert.Equal(6, steps["Made a first judgement"]);
        Assert.Equal(5, steps["Completed"]);
        Assert.Equal(1, steps["Withdrew"]);
    }

    [Fact]
    public async Task Progress_CountsFirstJudgementsOfPrompts_NotRepeatsAndChecks()
    {
        var state = await ReadAsync();
        await using var data = _database.CreateContext();
        var people = await RowsAsync(data);

        // The simulated annotator holds a place as well, so progress counts it.
        Assert.Equal(people.Count(row => row.Assignment!.RepeatOfId == null && row.Assignment.PromptId != null) + 1, state.Done);
        Assert.Equal(9 * 6, state.Places);
        Assert.Equal(1, state.Simulated);
        Assert.DoesNotContain(state.Annotators, row => row.Kind == AnnotatorKind.Simulated);
    }

    [Fact]
    public async Task Times_AreMediansWithoutExcludedAnnotators_AndIdleTimeIsApart()
    {
        var state = await ReadAsync();
        await using var data = _database.CreateContext();
        var rows = (await RowsAsync(data)).Where(row => row.Assignment!.Annotator!.ExclusionReason == null).ToList();
        var votes = rows.Where(row => row.Assignment!.RepeatOfId == null && row.Assignment.PromptId != null).Select(row => row.Timing.ActiveMs!.Value).Order().ToList();
        var sessions = rows.Where(row => row.Assignment!.Annotator!.CompletedAt != null).GroupBy(row => row.Assignment!.AnnotatorId)
            .Select(group => group.Sum(row => row.Timing.ActiveMs!.Value)).Order().ToList();

        Assert.Equal(Median(votes), state.JudgementMs!.Value.Median);
        Assert.Equal(votes.Count, state.JudgementMs.Value.N);
        Assert.Equal(Median(sessions), state.SessionMs!.Value.Median);
        Assert.Equal(sessions.Count, state.SessionMs.Value.N);
        var idle = rows.Sum(row => row.Timing.IdleMs!.Value);
        Assert.Equal(idle / (double)(idle + rows.Sum(row => row.Timing.ActiveMs!.Value)), state.IdleShare!.Value, 12);
        Assert.Equal((await RowsAsync(data)).Count(row => row.Answer.Comment != null), state.Comments);
    }

    [Fact]
    public async Task Positions_ShareOutFirstRanks()
    {
        var state = await ReadAsync();
        await using var data = _database.CreateContext();
        var votes = (await RowsAsync(data))
            .Where(row => row.Assignment!.Annotator!.ExclusionReason == null && row.Assignment.RepeatOfId == null && row.Assignment.PromptId != null).ToList();

        for (var position = 0; position < WatchedStudy.Responses; position++)
        {
            var share = votes.Sum(row => row.Answer.Ranking.FirstChoices.Contains(row.Assignment!.PresentedOrder[position]) ? 1.0 / row.Answer.Ranking.FirstChoices.Count : 0) / votes.Count;
            Assert.Equal(share, state.Positions[position].Share.Value!.Value, 12);
            Assert.Equal(0.25, state.Positions[position].Expected, 12);
            Assert.Equal(5, state.Positions[position].Share.N);
        }
        Assert.Equal(1, state.Positions.Sum(place => place.Share.Value!.Value), 12);
    }

    [Fact]
    public async Task Concerns_NameThoseWhoWorkedCarelessly_AndNobodyElse()
    {
        var concerns = (await ReadAsync()).Annotators.ToDictionary(row => row.Number, row => row.Conduct.Concerns);

        Assert.Contains(ConductConcern.SamePlaceFirst, concerns[1]);
        Assert.Contains(ConductConcern.FasterThanReading, concerns[2]);
        Assert.Contains(ConductConcern.FailedChecks, concerns[4]);
        Assert.Contains(ConductConcern.UnseenResponses, concerns[4]);
        Assert.All(new[] { 3, 5, 6, 8, 9 }, number => Assert.DoesNotContain(concerns[number], concern => concern is ConductConcern.SamePlaceFirst or ConductConcern.FasterThanReading or ConductConcern.FailedChecks or ConductConcern.UnseenResponses));
    }

    [Fact]
    public async Task ReturnedItem_GivesItsPlaceBack_Once()
    {
        var steward = new StudySteward(_database.Contexts, new JudgementFeed(NullLogger<JudgementFeed>.Instance));
        await using var data = _database.CreateContext();
        var lease = Assert.Single((await ReadAsync()).Leases);
        var item = data.StudyPrompts.Where(row => row.StudyId == _study.Id && row.Index == lease.PromptIndex);
        var taken = await item.Select(row => row.Taken).SingleAsync();

        await steward.ReturnAsync(_study.Id, lease.AssignmentId);
        await steward.ReturnAsync(_study.Id, lease.AssignmentId);

        Assert.Equal(taken - 1, await item.Select(row => row.Taken).SingleAsync());
        Assert.Empty((await ReadAsync()).Leases);
    }

    [Fact]
    public async Task ExcludedAnnotator_LeavesTheFigures_AndComesBack()
    {
        var steward = new StudySteward(_database.Contexts, new JudgementFeed(NullLogger<JudgementFeed>.Instance));
        var before = await ReadAsync();
        var first = before.Annotators[0];

        await steward.ExcludeAsync(_study.Id, first.Id, " always the first place ");
        var without = await ReadAsync();
        Assert.Equal("always the first place", without.Annotators[0].ExclusionReason);
        Assert.Equal(before.JudgementMs!.Value.N - first.Conduct.Judgements + 2, without.JudgementMs!.Value.N);

        await steward.IncludeAsync(_study.Id, first.Id);
        Assert.Equal(before.JudgementMs, (await ReadAsync()).JudgementMs);
    }

    [Fact]
    public async Task OpenPage_SeesWhatIsNewAndWhatIsGone()
    {
        var monitor = new StudyMonitor(_database.Contexts, _clock, _study.Id);
        var before = (await monitor.ReadAsync())!;
        await using var data = _database.CreateContext();
        var gone = await data.Judgements.Where(row => row.Assignment!.Annotator!.Number == 5 && row.Assignment.Slot == 0).SingleAsync();
        var revised = await data.Judgements.Where(row => row.Assignment!.Annotator!.Number == 6 && row.Assignment.Slot == 0).SingleAsync();
        await data.Assignments.Where(row => row.Id == gone.AssignmentId).ExecuteUpdateAsync(set => set.SetProperty(row => row.State, AssignmentState.Leased));
        gone.SupersededAt = revised.SupersededAt = _clock.GetUtcNow();
        data.Judgements.Add(new()
        {
            Id = Guid.NewGuid(), AssignmentId = revised.AssignmentId, Revision = 2, Answer = revised.Answer with { Comment = "on second thoughts" }, SubmittedAt = _clock.GetUtcNow(),
        });
        await data.SaveChangesAsync();

        var after = (await monitor.ReadAsync())!;
        Assert.Equal(before.SubmittedAt.Count - 1, after.SubmittedAt.Count);
        Assert.Equal((await ReadAsync()).JudgementMs, after.JudgementMs);
        Assert.Equal(1, after.Revised);
    }

    [Fact]
    public async Task AnnotatorRecord_PutsRepeatsSideBySide_AndSaysNothingAboutThePerson()
    {
        var record = await new AnnotatorReader(_database.Contexts).ReadAsync(_study.Id, 5);

        var (first, second) = Assert.Single(record!.Repeats);
        Assert.Equal(first.PromptIndex, second.PromptIndex);
        Assert.Equal(8, record.Items.Count);
        Assert.Null(await new AnnotatorReader(_database.Contexts).ReadAsync(_study.Id, 99));
    }

    private async Task<StudyState> ReadAsync() => (await new StudyMonitor(_database.Contexts, _clock, _study.Id).ReadAsync())!;

    private async Task<List<Judgement>> RowsAsync(PersonalLlmDbContext data) =>
        await data.Judgements.AsNoTracking().Include(row => row.Assignment!.Annotator)
            .Where(row => row.Assignment!.StudyId == _study.Id && row.Assignment.Annotator!.Kind == AnnotatorKind.Human).ToListAsync();

    private static double Median(List<int> sorted) => sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[(sorted.Count / 2) - 1] + sorted[sorted.Count / 2]) / 2.0;
}
