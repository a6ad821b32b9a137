using Microsoft.EntityFrameworkCore;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Data.Rewards;

/// <summary>The rewards of a data set for some of its responses under one reward model.</summary>
/// <param name="RewardModel">Its name.</param>
/// <param name="Constants">What standardises it.</param>
/// <param name="Source">Where the constants came from, in words.</param>
/// <param name="Raw">[responses], in the order of the data set.</param>
public sealed record RewardColumn(string RewardModel, RewardConstants Constants, string Source, float[] Raw);

/// <summary>Brings the rewards of a data set from packed chunks into the matrix that Engine computes with.</summary>
public sealed class RewardMatrixLoader(IDbContextFactory<PersonalLlmDbContext> contexts)
{
    /// <summary>Names of the reward models that scored the data set, in ordinal order: the order of columns and weights.</summary>
    public async Task<IReadOnlyList<string>> RewardModelsAsync(int datasetId, CancellationToken cancellation = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var names = await context.DatasetRewards.Where(reward => reward.DatasetId == datasetId)
            .Select(reward => reward.RewardModel!.Name).ToListAsync(cancellation);
        return [.. names.Order(StringComparer.Ordinal)];
    }

    /// <summary>Standardised rewards: rows are responses in the order of the data set, columns the reward models asked for, in that order.</summary>
    /// <param name="datasetId">The data set.</param>
    /// <param name="rewardModels">Names of columns; null for all, in ordinal order.</param>
    /// <param name="cancellation">Ends the loading.</param>
    /// <exception cref="ArgumentException">The data set has no rewards under one of the names.</exception>
    /// <exception cref="InvalidDataException">Stored chunks do not cover all responses.</exception>
    public async Task<RewardMatrix> LoadAsync(int datasetId, IReadOnlyList<string>? rewardModels = null, CancellationToken cancellation = default)
    {
        var names = rewardModels ?? await RewardModelsAsync(datasetId, cancellation);
        var starts = await PromptStartsAsync(datasetId, cancellation);
        var values = new float[(long)starts[^1] * names.Count];
        for (var modelIndex = 0; modelIndex < names.Count; modelIndex++)
        {
            var column = await LoadColumnAsync(datasetId, names[modelIndex], starts[^1], cancellation);
            for (var responseIndex = 0; responseIndex < column.Raw.Length; responseIndex++)
                values[responseIndex * names.Count + modelIndex] = column.Constants.Apply(column.Raw[responseIndex]);
        }
        return new RewardMatrix(names, starts, values);
    }

    /// <summary>Raw rewards of consecutive responses under every reward model, by name in ordinal order.</summary>
    public async Task<IReadOnlyList<RewardColumn>> LoadRowsAsync(int datasetId, int firstResponseIndex, int count, CancellationToken cancellation = default)
    {
        var columns = new List<RewardColumn>();
        foreach (var name in await RewardModelsAsync(datasetId, cancellation))
            columns.Add(await LoadColumnAsync(datasetId, name, firstResponseIndex, count, cancellation));
        return columns;
    }

    /// <summary>All raw rewards of one reward model.</summary>
    public Task<RewardColumn> LoadColumnAsync(int datasetId, string rewardModel, int responseCount, CancellationToken cancellation = default) =>
        LoadColumnAsync(datasetId, rewardModel, 0, responseCount, cancellation);

    private async Task<RewardColumn> LoadColumnAsync(int datasetId, string rewardModel, int first, int count, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var reward = await context.DatasetRewards.AsNoTracking()
            .Where(reward => reward.DatasetId == datasetId && reward.RewardModel!.Name == rewardModel)
            .Select(reward => new { reward.RewardModelId, reward.Mean, reward.StandardDeviation, reward.NormalizationSource })
            .SingleOrDefaultAsync(cancellation)
            ?? throw new ArgumentException($"Data set {datasetId} has no rewards under {rewardModel}.");
        var chunks = await context.RewardChunks.AsNoTracking()
            .Where(chunk => chunk.DatasetId == datasetId && chunk.RewardModelId == reward.RewardModelId)
            .Where(chunk => chunk.FirstResponseIndex < first + count && chunk.FirstResponseIndex + chunk.Values.Length / sizeof(float) > first)
            .OrderBy(chunk => chunk.FirstResponseIndex).Select(chunk => new { chunk.FirstResponseIndex, chunk.Values }).ToListAsync(cancellation);

        var raw = new float[count];
        var filled = 0;
        foreach (var chunk in chunks)
        {
            var skipped = first + filled - chunk.FirstResponseIndex;
            var length = Math.Min(chunk.Values.Length / sizeof(float) - skipped, count - filled);
            if (skipped < 0)
                break;
            RewardPacker.Unpack(chunk.Values.AsSpan(skipped * sizeof(float)), raw.AsSpan(filled, length));
            filled += length;
        }
        if (filled < count)
            throw new InvalidDataException(
                $"The rewards of data set {datasetId} under {rewardModel} are incomplete: the chunk that begins at response {first + filled} is missing.");
        return new RewardColumn(rewardModel, new RewardConstants(reward.Mean, reward.StandardDeviation), reward.NormalizationSource, raw);
    }

    private async Task<int[]> PromptStartsAsync(int datasetId, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var counts = await context.Responses.Where(response => response.Prompt!.DatasetId == datasetId)
            .GroupBy(response => response.Prompt!.Index).OrderBy(group => group.Key).Select(group => group.Count()).ToListAsync(cancellation);
        var starts = new int[counts.Count + 1];
        for (var promptIndex = 0; promptIndex < counts.Count; promptIndex++)
            starts[promptIndex + 1] = starts[promptIndex] + counts[promptIndex];
        return starts;
    }
}
