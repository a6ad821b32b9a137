using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Population;
using PersonalLlm.Data.Postgres;
using PersonalLlm.Data.Rewards;
using PersonalLlm.Engine.Population;

namespace PersonalLlm.Web.Features.Population;

/// <summary>Keeps populations: a name and a specification over a data set.</summary>
internal sealed class CohortBuilder(IDbContextFactory<PersonalLlmDbContext> contexts, RewardMatrixLoader rewards, TimeProvider time)
{
    /// <summary>The data set, or null when there is none or it has no rewards.</summary>
    public async Task<PopulationSource?> ReadAsync(int datasetId, CancellationToken cancellation = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var name = await context.Datasets.Where(dataset => dataset.Id == datasetId).Select(dataset => dataset.Name).SingleOrDefaultAsync(cancellation);
        var rewardModels = await rewards.RewardModelsAsync(datasetId, cancellation);
        if (name is null || rewardModels.Count == 0)
            return null;
        var prompts = await context.Prompts.Where(prompt => prompt.DatasetId == datasetId).OrderBy(prompt => prompt.Index)
            .Select(prompt => new { prompt.Subset, prompt.Text }).ToListAsync(cancellation);
        var responseModels = await context.Responses.Where(response => response.Prompt!.DatasetId == datasetId).OrderBy(response => response.DatasetIndex)
            .Select(response => response.ResponseModel!.Name).ToArrayAsync(cancellation);
        return new PopulationSource(
            datasetId,
            name,
            await rewards.LoadAsync(datasetId, rewardModels, cancellation),
            responseModels,
            [.. prompts.Select(prompt => prompt.Subset)],
            [.. prompts.Select(prompt => prompt.Text)]);
    }

    /// <summary>Stores a population under a name that is new in its data set.</summary>
    /// <returns>Its id, or one sentence saying why not.</returns>
    public async Task<(int? Id, string? Problem)> CreateAsync(string name, int datasetId, PopulationSpec spec, CancellationToken cancellation = default)
    {
        name = name.Trim();
        if (name.Length is 0 or > 200)
            return (null, "Give the population a name of at most 200 characters.");
        if (spec.FindProblem() is { } problem)
            return (null, problem);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        if (await context.Cohorts.AnyAsync(cohort => cohort.DatasetId == datasetId && cohort.Name == name, cancellation))
            return (null, $"The data set already has a population called \"{name}\".");
        var made = new Cohort { Name = name, DatasetId = datasetId, Spec = spec, CreatedAt = time.GetUtcNow() };
        context.Cohorts.Add(made);
        try
        {
            await context.SaveChangesAsync(cancellation);
            return (made.Id, null);
        }
        catch (DbUpdateException refused) when (refused.IsUniqueViolation())
        {
            return (null, $"The data set already has a population called \"{name}\".");
        }
        catch (DbUpdateException refused) when (refused.IsAboutSomethingGone())
        {
            return (null, "The data set was removed meanwhile; choose another one.");
        }
    }
}
