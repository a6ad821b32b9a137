using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data.Datasets;
using PersonalLlm.Data.Rewards;
using PersonalLlm.Engine.Datasets;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Data.Tests.Rewards;

public sealed class RewardMatrixLoaderTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>
{
    private const int Prompts = 2_500;

    private RewardMatrixLoader Loader => new(database.Contexts);

    [Fact]
    public async Task Load_GivesTheStandardisedRewardsOfTheFileInItsOrder()
    {
        var (datasetId, expected) = await StoreAsync("order");

        var loaded = await Loader.LoadAsync(datasetId);

        Assert.Equal(["Alpha", "beta"], loaded.RewardModels);
        Assert.Equal((Prompts, expected.ResponseCount), (loaded.PromptCount, loaded.ResponseCount));
        Assert.True(expected.ResponseCount > RewardPacker.ChunkSize, "The test needs more than one chunk.");
        for (var promptIndex = 0; promptIndex < Prompts; promptIndex++)
            Assert.Equal(expected.FirstResponseOf(promptIndex), loaded.FirstResponseOf(promptIndex));
        Assert.Equal(RewardNormalization.Fit(expected).Apply(expected).Values.ToArray(), loaded.Values.ToArray());
    }

    [Fact]
    public async Task Load_TakesTheRewardModelsAskedForInTheOrderAskedFor()
    {
        var (datasetId, _) = await StoreAsync("subset");
        var all = await Loader.LoadAsync(datasetId);

        var turned = await Loader.LoadAsync(datasetId, ["beta", "Alpha"]);

        Assert.Equal(new[] { all.Row(4_500)[1], all.Row(4_500)[0] }, turned.Row(4_500).ToArray());
    }

    [Fact]
    public async Task Load_NamesARewardModelThatDidNotScoreTheDataSet()
    {
        var (datasetId, _) = await StoreAsync("unknown");

        var refused = await Assert.ThrowsAsync<ArgumentException>(() => Loader.LoadAsync(datasetId, ["gamma"]));

        Assert.Equal($"Data set {datasetId} has no rewards under gamma.", refused.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Load_SaysWhichChunkIsMissing(int chunkIndex)
    {
        var (datasetId, _) = await StoreAsync($"missing {chunkIndex}");
        await using (var context = database.CreateContext())
            await context.RewardChunks.Where(chunk => chunk.DatasetId == datasetId && chunk.ChunkIndex == chunkIndex).ExecuteDeleteAsync();

        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => Loader.LoadAsync(datasetId));

        Assert.Equal(
            $"The rewards of data set {datasetId} under Alpha are incomplete: the chunk that begins at response {chunkIndex * RewardPacker.ChunkSize} is missing.",
            refused.Message);
    }

    [Fact]
    public async Task LoadRows_CrossesTheSeamOfTwoChunks()
    {
        var (datasetId, expected) = await StoreAsync("seam");
        var first = RewardPacker.ChunkSize - 2;

        var columns = await Loader.LoadRowsAsync(datasetId, first, 5);

        Assert.Equal(["Alpha", "beta"], columns.Select(column => column.RewardModel));
        for (var row = 0; row < 5; row++)
            Assert.Equal(expected.Row(first + row).ToArray(), new[] { columns[0].Raw[row], columns[1].Raw[row] });
    }

    [Fact]
    public async Task Copied_PromptsKeepTheirOrderAndTheirResponseModels()
    {
        var (datasetId, _) = await StoreAsync("copied");
        await using var context = database.CreateContext();

        var prompts = await context.Prompts.Where(prompt => prompt.DatasetId == datasetId).OrderBy(prompt => prompt.Index)
            .Include(prompt => prompt.Responses.OrderBy(response => response.Index)).ThenInclude(response => response.ResponseModel).ToListAsync();

        Assert.Equal(Enumerable.Range(0, Prompts), prompts.Select(prompt => prompt.Index));
        Assert.Equal(Enumerable.Range(0, prompts.Sum(prompt => prompt.Responses.Count)),
            prompts.SelectMany(prompt => prompt.Responses).Select(response => response.DatasetIndex));
        Assert.All(prompts, prompt =>
        {
            Assert.Equal($"p{prompt.Index}", prompt.Key);
            Assert.Equal(prompt.Index % 2 == 0 ? null : "odd", prompt.Subset);
            Assert.All(prompt.Responses, response => Assert.Equal($"model {(prompt.Index + response.Index) % 3}", response.ResponseModel!.Name));
        });
    }

    /// <summary>Prompts with two or three responses each, and rewards that differ from response to response.</summary>
    private async Task<(int DatasetId, RewardMatrix Raw)> StoreAsync(string name)
    {
        var random = new Random(11);
        var collector = new RewardCollector();
        await using var context = database.CreateContext();
        return await context.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync();
            var dataset = new Dataset { Name = name, ContentHash = name };
            context.Add(dataset);
            await context.SaveChangesAsync();
            var copier = new PromptCopier(context, dataset.Id);
            var packer = new RewardPacker([("Alpha", RewardModelKind.Imported, ""), ("beta", RewardModelKind.Imported, "")]);
            for (var promptIndex = 0; promptIndex < Prompts; promptIndex++)
            {
                var responses = Enumerable.Range(0, 2 + promptIndex % 2).Select(responseIndex => new ResponseRecord($"model {(promptIndex + responseIndex) % 3}", "text",
                    new Dictionary<string, float> { ["beta"] = random.NextSingle() * 100, ["Alpha"] = random.NextSingle() - 7 })).ToList();
                var record = new PromptRecord(promptIndex + 1, $"p{promptIndex}", "prompt", promptIndex % 2 == 0 ? null : "odd", responses);
                collector.Add(record);
                await copier.AddAsync(record, default);
                foreach (var response in responses)
                    packer.Add([response.Rewards["Alpha"], response.Rewards["beta"]]);
            }
            await copier.FlushAsync(default);
            await packer.StoreAsync(context, dataset.Id, default);
            await context.SaveChangesAsync();
            await transaction.CommitAsync();
            return (dataset.Id, collector.ToMatrix());
        });
    }
}
