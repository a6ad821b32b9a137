using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Postgres;
using PersonalLlm.Data.Rewards;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Web.Features.Datasets;

/// <summary>Adds the rewards of the attribute reward models to a data set that came without them.</summary>
internal sealed class AttributeScorer(IDbContextFactory<PersonalLlmDbContext> contexts)
{
    private const int PromptsPerBatch = 500;

    /// <summary>Computes and stores those that are missing; doing it twice changes nothing.</summary>
    /// <returns>How many reward models were added.</returns>
    public async Task<int> ScoreAsync(int datasetId, CancellationToken cancellation = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var there = await context.DatasetRewards.Where(reward => reward.DatasetId == datasetId).Select(reward => reward.RewardModel!.Name).ToListAsync(cancellation);
        var missing = AttributeRewardModels.All.Where(model => !there.Contains(model.Name)).ToList();
        if (missing.Count == 0)
            return 0;
        var packer = await ComputeAsync(context, datasetId, missing, cancellation);
        try
        {
            await context.Database.CreateExecutionStrategy().ExecuteAsync(async token =>
            {
                context.ChangeTracker.Clear();
                await using var transaction = await context.Database.BeginTransactionAsync(token);
                await packer.StoreAsync(context, datasetId, token);
                await context.SaveChangesAsync(token);
                await transaction.CommitAsync(token);
            }, cancellation);
        }
        catch (DbUpdateException clash) when (clash.IsUniqueViolation())
        {
            // Another tab computed the same numbers first.
            return 0;
        }
        return missing.Count;
    }

    private static async Task<RewardPacker> ComputeAsync(
        PersonalLlmDbContext context, int datasetId, List<AttributeRewardModel> models, CancellationToken cancellation)
    {
        var packer = new RewardPacker([.. models.Select(model => AttributeRewardColumns.RowOf(model.Name))]);
        var columns = models.Select(model => AttributeRewardModels.Names.ToList().IndexOf(model.Name)).ToList();
        var prompts = await context.Datasets.Where(dataset => dataset.Id == datasetId).Select(dataset => dataset.PromptCount).SingleAsync(cancellation);
        var all = new float[AttributeRewardModels.Names.Count];
        for (var first = 0; first < prompts; first += PromptsPerBatch)
        {
            var texts = await context.Responses
                .Where(response => response.Prompt!.DatasetId == datasetId && response.Prompt.Index >= first && response.Prompt.Index < first + PromptsPerBatch)
                .OrderBy(response => response.DatasetIndex).Select(response => response.Text).ToListAsync(cancellation);
            foreach (var text in texts)
            {
                AttributeRewardModels.Score(text, all);
                packer.Add([.. columns.Select(column => all[column])]);
            }
        }
        return packer;
    }
}
