using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PersonalLlm.Data.Judgements;
using PersonalLlm.Data.Rewards;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Datasets;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Rewards;
using PersonalLlm.Testing;
using PersonalLlm.Web.Features.Datasets;

namespace PersonalLlm.Web.Tests.Features.Datasets;

public sealed class DatasetImporterTests : IAsyncLifetime
{
    private TestDatabase database = null!;

    private DatasetImporter Importer => new(database.Contexts, TimeProvider.System);

    private RewardMatrixLoader Loader => new(database.Contexts);

    public async Task InitializeAsync() => database = await TestDatabase.CreateAsync();

    public async Task DisposeAsync() => await database.DisposeAsync();

    [Fact]
    public async Task Import_ThenExport_ThenImport_IsEqual()
    {
        var original = Source(Scored(prompts: 700));
        var first = await ImportAsync(original, "first");

        using var exported = new MemoryStream();
        await new DatasetExporter(database.Contexts, Loader).WriteAsync(first.DatasetId, withAttributes: false, exported, default);
        var second = await ImportAsync(Source(exported.ToArray()), "second");

        var before = await RecordsAsync(original);
        var after = await RecordsAsync(Source(exported.ToArray()));
        Assert.Equal(700, after.Count);
        Assert.Equal(before.Select(Flat), after.Select(Flat));
        Assert.Equal((await Loader.LoadAsync(first.DatasetId)).Values.ToArray(), (await Loader.LoadAsync(second.DatasetId)).Values.ToArray());
    }

    [Fact]
    public async Task Import_OfTheSameContentAgain_ReturnsTheDataSetThatIsThere()
    {
        var imported = await ImportAsync(Source(Scored(3)), "once");

        var again = await OutcomeAsync(Source(Scored(3)), "twice");

        Assert.Equal(new ImportOutcome.AlreadyImported(imported.DatasetId, "once"), again);
        Assert.Equal(1, await CountAsync());
    }

    [Fact]
    public async Task Import_OfOtherContentUnderATakenName_IsRefused()
    {
        await ImportAsync(Source(Scored(3)), "taken");

        var refused = await OutcomeAsync(Source(Scored(4)), " taken ");

        Assert.Equal("A data set named \u201ctaken\u201d exists with other content; choose another name.", refused.Sentence);
        Assert.Equal(1, await CountAsync());
    }

    [Fact]
    public async Task Import_TwiceAtOnce_WritesOnce()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => OutcomeAsync(Source(Scored(400)), "race"))));

        Assert.Single(outcomes.OfType<ImportOutcome.Imported>());
        Assert.Equal(3, outcomes.OfType<ImportOutcome.AlreadyImported>().Count());
        Assert.Equal(1, await CountAsync());
    }

    [Fact]
    public async Task Import_OfABrokenLine_WritesNothingAndNamesIt()
    {
        var lines = Encoding.UTF8.GetString(Scored(3)) + "{\"prompt\": \n";

        var refused = await OutcomeAsync(Source(Encoding.UTF8.GetBytes(lines)), "broken");

        Assert.StartsWith("file.jsonl cannot be imported: Line 4: broken JSON at byte ", refused.Sentence, StringComparison.Ordinal);
        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task Import_CancelledInTheMiddle_LeavesNothingBehind()
    {
        var source = Source(Scored(6_000));
        var inspection = await DatasetInspector.InspectAsync(source);
        using var cancellation = new CancellationTokenSource();
        var progress = new Immediately(prompts => { if (prompts >= 2_000) cancellation.Cancel(); });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Importer.ImportAsync(source, inspection, new ImportRequest("cancelled", ""), progress, cancellation.Token));

        await using var context = database.CreateContext();
        Assert.Equal((0, 0, 0), (await context.Datasets.CountAsync(), await context.Prompts.CountAsync(), await context.DatasetRewards.CountAsync()));
    }

    [Fact]
    public async Task Import_OfAFileThatChangedAfterTheDryRun_WritesNothing()
    {
        var bytes = Scored(10);
        var source = new DatasetSource("file.jsonl", () => new MemoryStream(bytes));
        var inspection = await DatasetInspector.InspectAsync(source);
        bytes = Scored(9);

        await Assert.ThrowsAsync<InvalidDataException>(() => Importer.ImportAsync(source, inspection, new ImportRequest("changed", "")));

        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task Import_WithoutRewards_ComputesTheAttributeRewardModels()
    {
        var imported = await ImportAsync(Source("""{"prompt_id":1,"prompt":"q","responses":[{"model":"a","text":"Yes."},{"model":"b","text":"Certainly, you must. For example: 3 ways?"}]}"""u8.ToArray()), "plain");

        var columns = await Loader.LoadRowsAsync(imported.DatasetId, 0, 2);

        Assert.Equal(AttributeRewardModels.Names, columns.Select(column => column.RewardModel));
        Assert.All(columns, column => Assert.Equal(AttributeRewardModels.All.Single(model => model.Name == column.RewardModel).Score("Yes."), column.Raw[0]));
        Assert.All(columns, column => Assert.Equal(
            column.Raw[0] == column.Raw[1] ? "constant on this data set, so that it weighs nothing" : "estimated on 2 responses of this data set", column.Source));
        await using var context = database.CreateContext();
        Assert.Equal(10, await context.RewardModels.CountAsync(model => model.Kind == RewardModelKind.Attribute && model.Description != ""));
    }

    [Fact]
    public async Task Score_AddsAttributeRewardsOnce()
    {
        var imported = await ImportAsync(Source(Scored(600)), "to score");
        var scorer = new AttributeScorer(database.Contexts);

        Assert.Equal(10, await scorer.ScoreAsync(imported.DatasetId));
        Assert.Equal(0, await scorer.ScoreAsync(imported.DatasetId));

        var matrix = await Loader.LoadAsync(imported.DatasetId);
        Assert.Equal(12, matrix.RewardModelCount);
        Assert.Equal(1_800, matrix.ResponseCount);
    }

    [Fact]
    public async Task Import_StandardisesPersonalLlmsRawColumnsByThePublishedConstants()
    {
        var random = new Random(5);
        var lines = string.Concat(Enumerable.Range(0, 200).Select(index =>
            $$"""{"prompt":"q{{index}}","prompt_id":{{index}},"response_1":"x","response_1_model":"m","response_1_gemma_2b":{{FormattableString.Invariant($"{4.33 + 2.04 * Math.Sqrt(12) * (random.NextDouble() - 0.5)}")}}}""" + "\n"));
        var source = Source(Encoding.UTF8.GetBytes(lines));
        var inspection = await DatasetInspector.InspectAsync(source);
        Assert.Equal("The rewards look raw: column means lie near PersonalLLM's published ones, which will standardise them.", inspection.RewardVerdict);

        var imported = await ImportAsync(source, "published");

        await using var context = database.CreateContext();
        var reward = await context.DatasetRewards.SingleAsync(reward => reward.DatasetId == imported.DatasetId);
        Assert.Equal((4.3304170169830325, 2.038611338958803, "published with PersonalLLM (Zollo et al. 2024)"),
            (reward.Mean, reward.StandardDeviation, reward.NormalizationSource));
    }

    [Fact]
    public async Task Inspect_RefusesAColumnThatBorrowsTheNameOfABuiltInRewardModel()
    {
        var inspection = await DatasetInspector.InspectAsync(Source(
            """{"prompt":"q","prompt_id":1,"response_1":"x","response_1_model":"m","response_1_warm":3}"""u8.ToArray()));

        Assert.False(inspection.CanBeImported);
        Assert.Contains(inspection.Problems, problem => problem.ToString() ==
            "Line 1: response_1_warm is 3, but the built-in attribute reward model of that name gives 0; rename the column.");
    }

    [Fact]
    public async Task Remove_IsRefusedWhileAStudyUsesTheDataSet()
    {
        var imported = await ImportAsync(Source(Scored(2)), "used");
        var remover = new DatasetRemover(database.Contexts);
        await using var context = database.CreateContext();
        var study = new Study { Code = "abc", Name = "Taste", DatasetId = imported.DatasetId };
        context.Add(study);
        await context.SaveChangesAsync();

        Assert.Equal("It stays, because the study \u201cTaste\u201d uses it; delete that study first.", await remover.RemoveAsync(imported.DatasetId));

        context.Remove(study);
        await context.SaveChangesAsync();
        Assert.Null(await remover.RemoveAsync(imported.DatasetId));
        Assert.Equal((0, 0, 0), (await CountAsync(), await context.Prompts.CountAsync(), await context.RewardChunks.CountAsync()));
    }

    [Fact]
    public async Task Demo_IsSeededOnceByManyProcessesAndStaysAway_WhenRemoved()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Demo().SeedAsync())));

        await using var context = database.CreateContext();
        var dataset = await context.Datasets.SingleAsync();
        Assert.Equal((DemoContent.DatasetName, 24, 144, true), (dataset.Name, dataset.PromptCount, dataset.ResponseCount, dataset.IsDemo));
        var study = await context.Studies.Include(study => study.Prompts).SingleAsync();
        Assert.Equal(("demo", StudyStatus.Open, 3, 24), (study.Code, study.Status, study.Overlap, study.Prompts.Count));
        var cohort = await context.Cohorts.SingleAsync();
        Assert.Equal(AttributeRewardModels.Names, cohort.Spec.RewardModels);
        Assert.Equal(10, (await Loader.LoadAsync(dataset.Id)).RewardModelCount);

        await JudgeAsync(study);
        Assert.Equal(1, await Demo().JudgementsAsync());
        await Demo().RemoveAsync();
        Assert.Null(await Demo().JudgementsAsync());
        Assert.Equal((0, 0, 0, 0), (await CountAsync(), await context.Studies.CountAsync(), await context.Judgements.CountAsync(), await context.Cohorts.CountAsync()));

        await Demo().SeedAsync();
        Assert.Equal(0, await CountAsync());
    }

    [Theory]
    [InlineData("concise", "brief")]
    [InlineData("thorough", "thorough")]
    [InlineData("structured", "structured")]
    [InlineData("warm", "warm")]
    [InlineData("formal", "formal")]
    public async Task Demo_IsWrittenSoThatTastesDivide(string rewardModel, string voice)
    {
        await Demo().SeedAsync();
        await using var context = database.CreateContext();
        var dataset = await context.Datasets.SingleAsync();
        var voices = await context.Responses.OrderBy(response => response.DatasetIndex).Select(response => response.ResponseModel!.Name).ToListAsync();

        var matrix = await Loader.LoadAsync(dataset.Id, [rewardModel]);
        var firstChoices = Enumerable.Range(0, matrix.PromptCount).Select(promptIndex =>
            voices[Enumerable.Range(matrix.FirstResponseOf(promptIndex), matrix.ResponseCountOf(promptIndex)).MaxBy(responseIndex => matrix.Row(responseIndex)[0])]);

        Assert.True(firstChoices.Count(choice => choice == voice) > 12, string.Join(' ', firstChoices));
    }

    [Fact]
    public async Task Demo_DoesNotJoinDataThatIsThere()
    {
        await ImportAsync(Source(Scored(2)), "own");

        await Demo().SeedAsync();

        Assert.Equal(1, await CountAsync());
    }

    [RealDataFact("alpaca8_scored.jsonl.gz")]
    public async Task Import_OfTheRealScoredFile_KeepsEveryReward()
    {
        var source = DatasetSource.OfFile(RealData.Find("alpaca8_scored.jsonl.gz")!);

        var imported = await ImportAsync(source, "alpaca8 scored");

        var matrix = await Loader.LoadAsync(imported.DatasetId);
        Assert.Equal((719, 5_752, 10), (matrix.PromptCount, matrix.ResponseCount, matrix.RewardModelCount));
        var collector = new RewardCollector();
        foreach (var record in await RecordsAsync(source))
            collector.Add(record);
        var raw = collector.ToMatrix();
        Assert.Equal(RewardNormalization.Fit(raw).Apply(raw).Values.ToArray(), matrix.Values.ToArray());
    }

    private DemoContent Demo() => new(database.Contexts, Importer, Options.Create(new DatasetOptions()), TimeProvider.System);

    private async Task JudgeAsync(Study study)
    {
        await using var context = database.CreateContext();
        var annotator = new Annotator { StudyId = study.Id, Number = 1 };
        var assignment = new Assignment { StudyId = study.Id, PromptId = study.Prompts[0].PromptId, Annotator = annotator, PresentedOrder = [0, 1, 2, 3, 4, 5], State = AssignmentState.Submitted };
        context.AddRange(annotator, assignment, new Judgement { Id = Guid.NewGuid(), Assignment = assignment, Answer = new() { Ranking = Ranking.Strict(0, 1, 2, 3, 4, 5) } });
        await context.SaveChangesAsync();
    }

    private async Task<ImportOutcome> OutcomeAsync(DatasetSource source, string name) =>
        await Importer.ImportAsync(source, await DatasetInspector.InspectAsync(source), new ImportRequest(name, "CC0"));

    private async Task<ImportOutcome.Imported> ImportAsync(DatasetSource source, string name) =>
        Assert.IsType<ImportOutcome.Imported>(await OutcomeAsync(source, name));

    private async Task<int> CountAsync()
    {
        await using var context = database.CreateContext();
        return await context.Datasets.CountAsync();
    }

    private static async Task<List<PromptRecord>> RecordsAsync(DatasetSource source)
    {
        var records = new List<PromptRecord>();
        await using var stream = source.Open();
        await using var file = await DatasetFile.OpenAsync(stream);
        await foreach (var entry in file.ReadAsync())
            if (entry.Record is { } record)
                records.Add(record);
        return records;
    }

    private static string Flat(PromptRecord record) => string.Join('|',
        record.Responses.Select(response => $"{response.ResponseModel}:{response.Text}:{string.Join(',', response.Rewards.OrderBy(reward => reward.Key, StringComparer.Ordinal))}")
            .Prepend($"{record.LineNumber} {record.Key} {record.Text} {record.Subset}"));

    private static DatasetSource Source(byte[] bytes) => new("file.jsonl", () => new MemoryStream(bytes));

    /// <summary>Three responses a prompt, two reward models, texts with what tends to break: quotes, line breaks, other scripts, an empty one.</summary>
    private static byte[] Scored(int prompts)
    {
        var random = new Random(prompts);
        using var written = new MemoryStream();
        for (var promptIndex = 0; promptIndex < prompts; promptIndex++)
        {
            var responses = Enumerable.Range(0, 3).Select(responseIndex => new ResponseRecord($"model {(promptIndex + responseIndex) % 4}",
                responseIndex == 2 && promptIndex % 50 == 0 ? "" : $"\"Text\" {random.Next()}\n\t漢字 <b>🎈</b> \\ {responseIndex}",
                new Dictionary<string, float> { ["helpful"] = random.NextSingle() * 10 - 5, ["careful"] = random.NextSingle() }));
            DatasetWriter.WriteAsync(written, new PromptRecord(promptIndex + 1, $"key {promptIndex}", $"Why {promptIndex}?", promptIndex % 3 == 0 ? null : "set", [.. responses]))
                .GetAwaiter().GetResult();
        }
        return written.ToArray();
    }

    private sealed class Immediately(Action<int> report) : IProgress<int>
    {
        public void Report(int value) => report(value);
    }
}
