using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using PersonalLlm.Data;
using PersonalLlm.Data.Accounts;
using PersonalLlm.Data.Datasets;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Testing;
using PersonalLlm.Web.Features.Judgements;
using PersonalLlm.Web.Live;

namespace PersonalLlm.Web.Tests.Features.Judgements;

/// <summary>A study with prompts and people on a database of its own, and a clock that the test turns.</summary>
internal sealed class StudyScene : IAsyncDisposable
{
    private readonly TestDatabase _database;

    private StudyScene(TestDatabase database)
    {
        _database = database;
        Feed = new(NullLogger<JudgementFeed>.Instance);
        var options = Options.Create(new JudgementOptions { Lease = TimeSpan.FromMinutes(30) });
        Leaser = new(database.Contexts, Clock, options, new());
        Reader = new(database.Contexts, Clock, options, new());
        Recorder = new(database.Contexts, Clock, options, Feed);
        Undoer = new(database.Contexts, Clock, options, Feed);
    }

    public const string Code = "scene";
    public SettableClock Clock { get; } = new();
    public JudgementFeed Feed { get; }
    public AssignmentLeaser Leaser { get; }
    public RankingTaskReader Reader { get; }
    public JudgementRecorder Recorder { get; }
    public JudgementUndoer Undoer { get; }
    public IReadOnlyList<Guid> People { get; private set; } = [];
    public int StudyId { get; private set; }
    public IDbContextFactory<PersonalLlmDbContext> Contexts => _database.Contexts;

    public static async Task<StudyScene> CreateAsync(int prompts = 4, int responses = 4, int overlap = 3, int people = 3, Action<Study>? design = null)
    {
        var scene = new StudyScene(await TestDatabase.CreateAsync());
        await using var data = scene.Data();
        var (study, users) = await SeedAsync(data, Code, prompts, responses, overlap, people);
        design?.Invoke(study);
        await data.SaveChangesAsync();
        scene.People = users;
        scene.StudyId = study.Id;
        return scene;
    }

    /// <summary>An open study and accounts that may rank in it.</summary>
    public static async Task<(Study Study, Guid[] People)> SeedAsync(
        PersonalLlmDbContext data, string code, int prompts, int responses, int overlap, int people)
    {
        var users = Enumerable.Range(0, people).Select(index => new ApplicationUser { Id = Guid.NewGuid(), UserName = $"{code}-{index}" }).ToList();
        data.Users.AddRange(users);
        var model = new ResponseModel { Name = $"model of {code}" };
        var dataset = new Dataset { Name = code, ContentHash = Guid.NewGuid().ToString("n") };
        for (var promptIndex = 0; promptIndex < prompts; promptIndex++)
        {
            var prompt = new Prompt { Index = promptIndex, Key = $"p{promptIndex}", Text = $"Prompt {promptIndex}" };
            for (var responseIndex = 0; responseIndex < responses; responseIndex++)
                prompt.Responses.Add(new() { Index = responseIndex, DatasetIndex = promptIndex * responses + responseIndex, ResponseModel = model, Text = $"Response {responseIndex}" });
            dataset.Prompts.Add(prompt);
        }
        var study = new Study { Code = code, Name = "Scene", Dataset = dataset, Status = StudyStatus.Open, Overlap = overlap, Seed = 5 };
        foreach (var prompt in dataset.Prompts)
            study.Prompts.Add(new() { Prompt = prompt, Index = prompt.Index });
        data.Studies.Add(study);
        await data.SaveChangesAsync();
        return (study, [.. users.Select(user => user.Id)]);
    }

    public PersonalLlmDbContext Data() => _database.CreateContext();

    public async Task<Guid> LeaseAsync(Guid person) => Assert.IsType<LeaseOutcome.Leased>(await Leaser.NextAsync(Code, new(person))).AssignmentId;

    public Task<SubmitOutcome> SubmitAsync(Guid person, Guid assignmentId, string ranking = "A,B,C,D", bool allBad = false, Guid? judgementId = null) =>
        Recorder.SubmitAsync(new(new(person), assignmentId, judgementId ?? Guid.NewGuid(), new() { Ranking = Ranking.Parse(ranking), AllBad = allBad }));

    /// <summary>Leases and ranks one item; the judgement's id.</summary>
    public async Task<(Guid AssignmentId, Guid JudgementId)> RankAsync(Guid person, string ranking = "A,B,C,D")
    {
        var assignmentId = await LeaseAsync(person);
        return (assignmentId, Assert.IsType<SubmitOutcome.Recorded>(await SubmitAsync(person, assignmentId, ranking)).JudgementId);
    }

    public Task<SubmitOutcome> ReviseAsync(Guid person, Guid assignmentId, Guid revises, string ranking, Guid? judgementId = null) => Recorder.SubmitAsync(
        new(new(person), assignmentId, judgementId ?? Guid.NewGuid(), new() { Ranking = Ranking.Parse(ranking) }) { Revises = revises });

    public Task<UndoOutcome> UndoAsync(Guid person, Guid judgementId) => Undoer.UndoAsync(new(person), judgementId);

    public Task<DraftOutcome> DraftAsync(Guid person, Guid assignmentId, string ranking, long sequence) =>
        Recorder.SaveDraftAsync(new(new(person), assignmentId, Guid.NewGuid(), new() { Ranking = Ranking.Parse(ranking) }, sequence));

    public async Task ChangeStudyAsync(Action<Study> change)
    {
        await using var data = Data();
        change(await data.Studies.SingleAsync());
        await data.SaveChangesAsync();
    }

    public async Task SetStatusAsync(StudyStatus status)
    {
        await using var data = Data();
        await data.Studies.ExecuteUpdateAsync(set => set.SetProperty(study => study.Status, status));
    }

    /// <summary>What must hold at every moment: each prompt's count is the number of its live assignments, and at most the overlap.</summary>
    public async Task AssertPlacesAddUpAsync()
    {
        await using var data = Data();
        var overlap = await data.Studies.Where(study => study.Id == StudyId).Select(study => study.Overlap).SingleAsync();
        var live = await data.Assignments
            .Where(row => row.RepeatOfId == null && row.PromptId != null && (row.State == AssignmentState.Leased || row.State == AssignmentState.Submitted)).GroupBy(row => row.PromptId)
            .ToDictionaryAsync(group => group.Key!.Value, group => group.Count());
        foreach (var item in await data.StudyPrompts.ToListAsync())
        {
            Assert.Equal(live.GetValueOrDefault(item.PromptId), item.Taken);
            Assert.InRange(item.Taken, 0, overlap);
        }
        var counting = await data.Judgements.GroupBy(row => row.AssignmentId).ToDictionaryAsync(group => group.Key, group => group.Count());
        Assert.All(counting.Values, count => Assert.Equal(1, count));
        Assert.Equal((await data.Assignments.Where(row => row.State == AssignmentState.Submitted).Select(row => row.Id).ToListAsync()).Order(), counting.Keys.Order());
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();
}

/// <summary>A clock that stands still until the test moves it.</summary>
internal sealed class SettableClock : TimeProvider
{
    private DateTimeOffset _now = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => _now;

    public void Advance(TimeSpan time) => _now += time;
}
