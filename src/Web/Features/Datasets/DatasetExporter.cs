using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Rewards;
using PersonalLlm.Engine.Datasets;

namespace PersonalLlm.Web.Features.Datasets;

/// <summary>Streams a data set as JSONL in PersonalLLM's columns; importing that file again gives an equal data set.</summary>
internal sealed class DatasetExporter(IDbContextFactory<PersonalLlmDbContext> contexts, RewardMatrixLoader rewards)
{
    private const int PromptsPerBatch = 200;

    /// <param name="datasetId">The data set.</param>
    /// <param name="withAttributes">True to write the attribute reward models' numbers too, beside those that were imported.</param>
    /// <param name="output">Where to.</param>
    /// <param name="cancellation">Ends the writing.</param>
    public async Task WriteAsync(int datasetId, bool withAttributes, Stream output, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var prompts = await context.Datasets.Where(dataset => dataset.Id == datasetId).Select(dataset => dataset.PromptCount).SingleAsync(cancellation);
        for (var first = 0; first < prompts; first += PromptsPerBatch)
            foreach (var record in await ReadAsync(context, datasetId, first, withAttributes, cancellation))
                await DatasetWriter.WriteAsync(output, record, cancellation);
    }

    private async Task<List<PromptRecord>> ReadAsync(
        PersonalLlmDbContext context, int datasetId, int first, bool withAttributes, CancellationToken cancellation)
    {
        var prompts = await context.Prompts.AsNoTracking()
            .Where(prompt => prompt.DatasetId == datasetId && prompt.Index >= first && prompt.Index < first + PromptsPerBatch).OrderBy(prompt => prompt.Index)
            .Select(prompt => new
            {
                prompt.Index, prompt.Key, prompt.Text, prompt.Subset,
                Responses = prompt.Responses.OrderBy(response => response.Index)
                    .Select(response => new { response.DatasetIndex, response.Text, Model = response.ResponseModel!.Name }).ToList(),
            })
            .ToListAsync(cancellation);
        var responses = prompts.SelectMany(prompt => prompt.Responses).Select(response => response.DatasetIndex).ToList();
        var columns = await rewards.LoadRowsAsync(datasetId, responses[0], responses.Count, cancellation);
        var written = columns.Where(column => withAttributes || !AttributeRewardColumns.Contains(column.RewardModel)).ToList();
        return [.. prompts.Select(prompt => new PromptRecord(prompt.Index + 1, prompt.Key, prompt.Text, prompt.Subset,
            [.. prompt.Responses.Select(response => new ResponseRecord(response.Model, response.Text,
                written.ToDictionary(column => column.RewardModel, column => column.Raw[response.DatasetIndex - responses[0]])))]))];
    }
}
