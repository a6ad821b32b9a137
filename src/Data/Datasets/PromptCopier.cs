using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;
using PersonalLlm.Engine.Datasets;

namespace PersonalLlm.Data.Datasets;

/// <summary>
/// Writes the prompts and responses of one data set by COPY, a batch at a time, inside the context's transaction. Bound to PostgreSQL:
/// the change tracker would take minutes for what this does in seconds.
/// </summary>
public sealed class PromptCopier(PersonalLlmDbContext context, int datasetId)
{
    private const int BatchSize = 2_000;

    private readonly List<PromptRecord> batch = new(BatchSize);
    private readonly Dictionary<string, int> responseModels = new(StringComparer.Ordinal);

    public int PromptCount { get; private set; }
    public int ResponseCount { get; private set; }

    /// <summary>Takes the next prompt in the order of the data set. It is written with its batch.</summary>
    public async Task AddAsync(PromptRecord record, CancellationToken cancellation)
    {
        batch.Add(record);
        if (batch.Count == BatchSize)
            await FlushAsync(cancellation);
    }

    /// <summary>Writes what is left. Call it once, after the last prompt.</summary>
    public async Task FlushAsync(CancellationToken cancellation)
    {
        if (batch.Count == 0)
            return;
        await KnowResponseModelsAsync(cancellation);
        var connection = (NpgsqlConnection)context.Database.GetDbConnection();
        // COPY cannot return the ids that the table gives, so they are drawn beforehand.
        var ids = await context.Database.SqlQuery<long>(
            $"""SELECT nextval(pg_get_serial_sequence('"Prompts"', 'Id')) AS "Value" FROM generate_series(1, {batch.Count})""").ToListAsync(cancellation);
        await CopyPromptsAsync(connection, ids, cancellation);
        await CopyResponsesAsync(connection, ids, cancellation);
        PromptCount += batch.Count;
        batch.Clear();
    }

    private async Task CopyPromptsAsync(NpgsqlConnection connection, List<long> ids, CancellationToken cancellation)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            """COPY "Prompts" ("Id", "DatasetId", "Index", "Key", "Text", "Subset") FROM STDIN (FORMAT BINARY)""", cancellation);
        for (var batchIndex = 0; batchIndex < batch.Count; batchIndex++)
        {
            await copy.StartRowAsync(cancellation);
            await copy.WriteAsync(ids[batchIndex], NpgsqlDbType.Bigint, cancellation);
            await copy.WriteAsync(datasetId, NpgsqlDbType.Integer, cancellation);
            await copy.WriteAsync(PromptCount + batchIndex, NpgsqlDbType.Integer, cancellation);
            await copy.WriteAsync(batch[batchIndex].Key, NpgsqlDbType.Varchar, cancellation);
            await copy.WriteAsync(batch[batchIndex].Text, NpgsqlDbType.Text, cancellation);
            if (batch[batchIndex].Subset is { } subset)
                await copy.WriteAsync(subset, NpgsqlDbType.Varchar, cancellation);
            else
                await copy.WriteNullAsync(cancellation);
        }
        await copy.CompleteAsync(cancellation);
    }

    private async Task CopyResponsesAsync(NpgsqlConnection connection, List<long> promptIds, CancellationToken cancellation)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            """COPY "Responses" ("PromptId", "Index", "DatasetIndex", "ResponseModelId", "Text") FROM STDIN (FORMAT BINARY)""", cancellation);
        for (var batchIndex = 0; batchIndex < batch.Count; batchIndex++)
        {
            var responses = batch[batchIndex].Responses;
            for (var responseIndex = 0; responseIndex < responses.Count; responseIndex++)
            {
                await copy.StartRowAsync(cancellation);
                await copy.WriteAsync(promptIds[batchIndex], NpgsqlDbType.Bigint, cancellation);
                await copy.WriteAsync(responseIndex, NpgsqlDbType.Integer, cancellation);
                await copy.WriteAsync(ResponseCount++, NpgsqlDbType.Integer, cancellation);
                await copy.WriteAsync(responseModels[responses[responseIndex].ResponseModel], NpgsqlDbType.Integer, cancellation);
                await copy.WriteAsync(responses[responseIndex].Text, NpgsqlDbType.Text, cancellation);
            }
        }
        await copy.CompleteAsync(cancellation);
    }

    private async Task KnowResponseModelsAsync(CancellationToken cancellation)
    {
        // Sorted, so that two imports at once take their locks in one order.
        string[] unknown = [.. batch.SelectMany(record => record.Responses).Select(response => response.ResponseModel)
            .Where(name => !responseModels.ContainsKey(name)).Distinct().Order(StringComparer.Ordinal)];
        if (unknown.Length == 0)
            return;
        await context.Database.ExecuteSqlAsync(
            $"""INSERT INTO "ResponseModels" ("Name") SELECT unnest({unknown}) ON CONFLICT ("Name") DO NOTHING""", cancellation);
        foreach (var model in await context.ResponseModels.AsNoTracking().Where(model => unknown.Contains(model.Name)).ToListAsync(cancellation))
            responseModels.Add(model.Name, model.Id);
    }
}
