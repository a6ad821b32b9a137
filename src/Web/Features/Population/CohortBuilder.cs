using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Population;
using PersonalLlm.Data.Postgres;
using PersonalLlm.Data.Rewards;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;

namespace PersonalLlm.Web.Features.Population;

/// <summary>Keeps populations: a name and a specification over a data set.</summary>
internal sealed class CohortBuilder(IDbContextFactory<PersonalLlmDbContext> contexts, RewardMatrixLoader rewards, TimeProvider time)
{
    private const int MostCounted = 8;

    private readonly ConcurrentDictionary<int, StandardisedAttributes> counted = new();

    private const string DatasetIsGone = "The data set was removed meanwhile; choose another one.";

    /// <summary>The data set, or null when there is none or it has no rewards.</summary>
    public async Task<PopulationSource?> ReadAsync(int datasetId, CancellationToken cancellation = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var name = await context.Datasets.Where(dataset => dataset.Id == datasetId).Select(dataset => dataset.Name).SingleOrDefaultAsync(cancellation);
        var rewardModels = await rewards.RewardModelsAsync(datasetId, cancellation);
        if (name is null || rewardModels.Count == 0)
            return null;
        var prompts = await context.Prompts.Where(prompt => prompt.DatasetId == datasetId).OrderBy(prompt => prompt.Index)
            .Select(prompt => new { prompt.Id, prompt.Subset, prompt.Text }).ToListAsync(cancellation);
        var responseModels = await context.Responses.Where(response => response.Prompt!.DatasetId == datasetId).OrderBy(response => response.DatasetIndex)
            .Select(response => response.ResponseModel!.Name).ToArrayAsync(cancellation);
        return new PopulationSource(
            datasetId,
            name,
            await rewards.LoadAsync(datasetId, rewardModels, cancellation),
            responseModels,
            [.. prompts.Select(prompt => prompt.Subset)],
            [.. prompts.Select(prompt => prompt.Text)])
        {
            Pins = await context.RewardPinsAsync(datasetId, cancellation),
            PromptIds = [.. prompts.Select(prompt => prompt.Id)],
        };
    }

    /// <summary>What can be counted in the responses of a data set, standardised. They never change, so the last few data sets are kept.</summary>
    public async Task<StandardisedAttributes> AttributesAsync(int datasetId, CancellationToken cancellation = default)
    {
        if (counted.TryGetValue(datasetId, out var known))
            return known;
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var texts = context.Responses.AsNoTracking().Where(response => response.Prompt!.DatasetId == datasetId)
            .OrderBy(response => response.DatasetIndex).Select(response => response.Text).AsAsyncEnumerable();
        var attributes = await Task.Run(() => StandardisedAttributes.OfAsync(texts, cancellation), cancellation);
        if (counted.Count >= MostCounted)
            counted.Clear();
        return counted[datasetId] = attributes;
    }

    /// <summary>Stores a population under a name that is new in its data set, with the revisions and constants of its reward models as they are now.</summary>
    /// <returns>Its id, or one sentence saying why not.</returns>
    public async Task<(int? Id, string? Problem)> CreateAsync(string name, int datasetId, PopulationSpec spec, CancellationToken cancellation = default)
    {
        name = name.Trim();
        if (FindProblemOf(name) is { } nameless)
            return (null, nameless);
        try
        {
            // Who keeps a population that cannot be drawn could open no study with it.
            PopulationSampler.Sample(spec, cancellation);
        }
        catch (ArgumentException impossible)
        {
            return (null, impossible.Message);
        }
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        if (await context.Cohorts.AnyAsync(cohort => cohort.DatasetId == datasetId && cohort.Name == name, cancellation))
            return (null, $"The data set already has a population called \"{name}\".");
        if (!await context.Datasets.AnyAsync(dataset => dataset.Id == datasetId, cancellation))
            return (null, DatasetIsGone);
        if (spec.Pinned(await context.RewardPinsAsync(datasetId, cancellation)) is not { } pinned)
            return (null, "The data set has no rewards under one of these reward models.");
        var made = new Cohort { Name = name, DatasetId = datasetId, Spec = pinned, CreatedAt = time.GetUtcNow() };
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
            return (null, DatasetIsGone);
        }
    }

    /// <summary>Gives a population another name that is new in its data set.</summary>
    /// <returns>One sentence saying why not, or null.</returns>
    public async Task<string?> RenameAsync(int cohortId, string name, CancellationToken cancellation = default)
    {
        name = name.Trim();
        if (FindProblemOf(name) is { } nameless)
            return nameless;
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        if (await context.Cohorts.SingleOrDefaultAsync(cohort => cohort.Id == cohortId, cancellation) is not { } kept)
            return CohortIsGone;
        kept.Name = name;
        try
        {
            await context.SaveChangesAsync(cancellation);
            return null;
        }
        catch (DbUpdateException refused) when (refused.IsUniqueViolation())
        {
            return $"The data set already has a population called \"{name}\".";
        }
        catch (DbUpdateConcurrencyException)
        {
            return CohortIsGone;
        }
    }

    /// <summary>Removes a population, unless a draft study is to be compared with it. Studies that were locked keep the users they froze.</summary>
    /// <returns>One sentence saying why not, or null.</returns>
    public async Task<string?> RemoveAsync(int cohortId, CancellationToken cancellation = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        if (await context.Studies.Where(study => study.CohortId == cohortId && study.Status == StudyStatus.Draft).Select(study => study.Name).FirstOrDefaultAsync(cancellation) is { } draft)
            return $"The draft study \"{draft}\" is to be compared with this population. Choose another one in its design first.";
        return await context.Cohorts.Where(cohort => cohort.Id == cohortId).ExecuteDeleteAsync(cancellation) == 0 ? CohortIsGone : null;
    }

    private const string CohortIsGone = "The population was removed meanwhile.";

    private static string? FindProblemOf(string name) => name.Length is 0 or > 200 ? "Give the population a name of at most 200 characters." : null;
}
