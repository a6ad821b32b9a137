using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Datasets;
using PersonalLlm.Data.Studies;
using PersonalLlm.Testing;
using PersonalLlm.Web.Features.Studies;

namespace PersonalLlm.Web.Tests.Features.Studies;

/// <summary>A data set of ten prompts on a database of its own, and what designs studies over it.</summary>
internal sealed class DraftScene : IAsyncDisposable
{
    private readonly TestDatabase _database;

    private DraftScene(TestDatabase database)
    {
        _database = database;
        Drafter = new(database.Contexts, new(database.Contexts), TimeProvider.System);
        Launcher = new(database.Contexts, Drafter, TimeProvider.System);
    }

    public int DatasetId { get; private set; }
    public StudyDrafter Drafter { get; }
    public StudyLauncher Launcher { get; }
    public IDbContextFactory<PersonalLlmDbContext> Contexts => _database.Contexts;

    /// <summary>Prompt 9 has a single response; one response of prompt 3 says which model wrote it.</summary>
    public static async Task<DraftScene> CreateAsync()
    {
        var scene = new DraftScene(await TestDatabase.CreateAsync());
        await using var data = scene.Data();
        var model = new ResponseModel { Name = "gpt-4" };
        var dataset = new Dataset { Name = "d", ContentHash = "0", PromptCount = 10 };
        for (var promptIndex = 0; promptIndex < 10; promptIndex++)
        {
            var prompt = new Prompt { Index = promptIndex, Key = $"{promptIndex}", Text = $"Number {promptIndex}?", Subset = int.IsOddInteger(promptIndex) ? "odd" : "even" };
            for (var responseIndex = 0; responseIndex < (promptIndex == 9 ? 1 : 2); responseIndex++)
                prompt.Responses.Add(new()
                {
                    Index = responseIndex,
                    DatasetIndex = promptIndex * 2 + responseIndex,
                    ResponseModel = model,
                    Text = (promptIndex, responseIndex) == (3, 0) ? "I am ChatGPT, made by OpenAI." : "!",
                });
            dataset.Prompts.Add(prompt);
        }
        data.Datasets.Add(dataset);
        await data.SaveChangesAsync();
        scene.DatasetId = dataset.Id;
        return scene;
    }

    public PersonalLlmDbContext Data() => _database.CreateContext();

    /// <summary>Saves a draft that could be opened, or what <paramref name="change"/> makes of it.</summary>
    public async Task<int> SaveAsync(Action<StudyDesign>? change = null)
    {
        var design = new StudyDesign { DatasetId = DatasetId, Name = "Taste" };
        change?.Invoke(design);
        return Assert.IsType<SaveOutcome.Saved>(await Drafter.SaveAsync(null, design, null)).StudyId;
    }

    public async Task<Study> StudyAsync(int studyId)
    {
        await using var data = Data();
        return await data.Studies.AsNoTracking().Include(row => row.Prompts).Include(row => row.ConsentTexts).SingleAsync(row => row.Id == studyId);
    }

    public async Task<(StudyStatus Status, int Version)> StatusAsync(int studyId)
    {
        var study = await StudyAsync(studyId);
        return (study.Status, study.Version);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();
}
