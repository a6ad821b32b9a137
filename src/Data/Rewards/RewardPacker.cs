using System.Buffers.Binary;
using Microsoft.EntityFrameworkCore;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Data.Rewards;

/// <summary>Gathers the raw rewards of a data set response by response and stores them as packed chunks, one row of chunks per reward model.</summary>
/// <param name="rewardModels">Names and kinds, in the order in which rewards are added.</param>
public sealed class RewardPacker(IReadOnlyList<(string Name, RewardModelKind Kind, string Description)> rewardModels)
{
    /// <summary>Responses per chunk: 16 KB, a unit that is cheap to read for one prompt and quick to read for all.</summary>
    public const int ChunkSize = 4_096;

    private readonly List<float>[] columns = [.. rewardModels.Select(_ => new List<float>())];

    /// <summary>Adds the rewards of the next response: [reward models].</summary>
    public void Add(ReadOnlySpan<float> rewards)
    {
        for (var modelIndex = 0; modelIndex < columns.Length; modelIndex++)
            columns[modelIndex].Add(rewards[modelIndex]);
    }

    /// <summary>Adds the rows to the context; the caller saves.</summary>
    public async Task StoreAsync(PersonalLlmDbContext context, int datasetId, CancellationToken cancellation)
    {
        var ids = await ModelIdsAsync(context, cancellation);
        for (var modelIndex = 0; modelIndex < columns.Length; modelIndex++)
            context.Add(Reward(datasetId, ids[rewardModels[modelIndex].Name], rewardModels[modelIndex].Name, columns[modelIndex].ToArray()));
    }

    private static DatasetReward Reward(int datasetId, int rewardModelId, string name, float[] raw)
    {
        var (constants, source) = RewardNormalization.ConstantsFor(name, raw);
        var reward = new DatasetReward
        {
            DatasetId = datasetId,
            RewardModelId = rewardModelId,
            Mean = constants.Mean,
            StandardDeviation = constants.StandardDeviation,
            NormalizationSource = source,
        };
        for (var first = 0; first < raw.Length; first += ChunkSize)
            reward.Chunks.Add(new RewardChunk
            {
                DatasetId = datasetId,
                RewardModelId = rewardModelId,
                ChunkIndex = first / ChunkSize,
                FirstResponseIndex = first,
                Values = Pack(raw.AsSpan(first, Math.Min(ChunkSize, raw.Length - first))),
                Dtype = "float32",
            });
        return reward;
    }

    private async Task<Dictionary<string, int>> ModelIdsAsync(PersonalLlmDbContext context, CancellationToken cancellation)
    {
        foreach (var (name, kind, description) in rewardModels.OrderBy(model => model.Name, StringComparer.Ordinal))
            await context.Database.ExecuteSqlAsync(
                $"""INSERT INTO "RewardModels" ("Name", "Kind", "Description") VALUES ({name}, {kind.ToString()}, {description}) ON CONFLICT ("Name") DO NOTHING""",
                cancellation);
        var names = rewardModels.Select(model => model.Name).ToList();
        return await context.RewardModels.Where(model => names.Contains(model.Name)).ToDictionaryAsync(model => model.Name, model => model.Id, cancellation);
    }

    internal static byte[] Pack(ReadOnlySpan<float> raw)
    {
        var packed = new byte[raw.Length * sizeof(float)];
        for (var index = 0; index < raw.Length; index++)
            BinaryPrimitives.WriteSingleLittleEndian(packed.AsSpan(index * sizeof(float)), raw[index]);
        return packed;
    }

    internal static void Unpack(ReadOnlySpan<byte> packed, Span<float> raw)
    {
        for (var index = 0; index < raw.Length; index++)
            raw[index] = BinaryPrimitives.ReadSingleLittleEndian(packed[(index * sizeof(float))..]);
    }
}
