using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data.Datasets;
using PersonalLlm.Data.Studies;
using PersonalLlm.Testing;
using PersonalLlm.Web.Features.Studies;

namespace PersonalLlm.Web.Tests.Features.Studies;

public sealed class StudyLauncherTests
{
    [Fact]
    public async Task Prompts_AreAllOrASampleOrASubset_AndAlwaysRankable()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var data = database.CreateContext();
        var datasetId = await DatasetAsync(data);
        var launcher = new StudyLauncher(database.Contexts, TimeProvider.System);

        // One of the ten has a single response, which nobody can rank.
        Assert.Equal(9, (await launcher.PromptsAsync(new() { DatasetId = datasetId })).Count);
        Assert.Equal(4, (await launcher.PromptsAsync(new() { DatasetId = datasetId, Choice = PromptChoice.Subset, Subset = "odd" })).Count);
        var sample = new StudyDesign { DatasetId = datasetId, Choice = PromptChoice.Sample, SampleSize = 5, SampleSeed = 3 };
        Assert.Equal(5, (await launcher.PromptsAsync(sample)).Distinct().Count());
        Assert.Equal(await launcher.PromptsAsync(sample), await launcher.PromptsAsync(sample));
    }

    [Fact]
    public async Task NewStudy_IsADraft_WithEveryPromptInItsPlace()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var data = database.CreateContext();
        var design = new StudyDesign { DatasetId = await DatasetAsync(data), Name = " Taste ", Overlap = 4 };
        var launcher = new StudyLauncher(database.Contexts, TimeProvider.System);
        var first = await launcher.CreateAsync(design, null);
        var second = await launcher.CreateAsync(design, null);

        var study = await data.Studies.Include(row => row.Prompts).SingleAsync(row => row.Id == first);
        Assert.Equal(("Taste", StudyStatus.Draft, 4), (study.Name, study.Status, study.Overlap));
        Assert.Equal(Enumerable.Range(0, 9), study.Prompts.Select(item => item.Index).Order());
        Assert.NotEqual(study.Code, (await data.Studies.SingleAsync(row => row.Id == second)).Code);
    }

    [Fact]
    public async Task DesignWithoutPrompts_MakesNoStudy()
    {
        await using var database = await TestDatabase.CreateAsync();
        Assert.Null(await new StudyLauncher(database.Contexts, TimeProvider.System).CreateAsync(new() { Name = "x", DatasetId = 99 }, null));
    }

    private static async Task<int> DatasetAsync(Data.PersonalLlmDbContext data)
    {
        var model = new ResponseModel { Name = "m" };
        var dataset = new Dataset { Name = "d", ContentHash = "0" };
        for (var promptIndex = 0; promptIndex < 10; promptIndex++)
        {
            var prompt = new Prompt { Index = promptIndex, Key = $"{promptIndex}", Text = "?", Subset = int.IsOddInteger(promptIndex) ? "odd" : "even" };
            for (var responseIndex = 0; responseIndex < (promptIndex == 9 ? 1 : 2); responseIndex++)
                prompt.Responses.Add(new() { Index = responseIndex, DatasetIndex = promptIndex * 2 + responseIndex, ResponseModel = model, Text = "!" });
            dataset.Prompts.Add(prompt);
        }
        data.Datasets.Add(dataset);
        await data.SaveChangesAsync();
        return dataset.Id;
    }
}
