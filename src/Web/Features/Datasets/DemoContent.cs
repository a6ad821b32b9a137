using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PersonalLlm.Data;
using PersonalLlm.Data.Datasets;
using PersonalLlm.Data.Population;
using PersonalLlm.Data.Rewards;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Web.Features.Datasets;

/// <summary>
/// Something to try at once: a data set of our own, an open study over it and a population beside it. Comes once, to an empty database;
/// once removed it does not come back.
/// </summary>
internal sealed class DemoContent(
    IDbContextFactory<PersonalLlmDbContext> contexts, DatasetImporter importer, IOptions<DatasetOptions> options, TimeProvider time)
{
    public const string DatasetName = "Demo: everyday questions";
    public const string StudyCode = "demo";

    private const string SeedName = "demo";

    private static readonly DatasetSource Prompts = new("demo-prompts.jsonl", () =>
        typeof(DemoContent).Assembly.GetManifestResourceStream("PersonalLlm.Web.Features.Datasets.Demo.demo-prompts.jsonl")!);

    public async Task SeedAsync(CancellationToken cancellation = default)
    {
        if (!options.Value.Demo)
            return;
        await using (var context = await contexts.CreateDbContextAsync(cancellation))
            if (await context.ContentSeeds.AnyAsync(cancellation) || await context.Datasets.AnyAsync(cancellation))
                return;
        var inspection = await DatasetInspector.InspectAsync(Prompts, cancellation: cancellation);
        await using var strategy = await contexts.CreateDbContextAsync(cancellation);
        await strategy.Database.CreateExecutionStrategy().ExecuteAsync(token => SeedOnceAsync(inspection, token), cancellation);
    }

    /// <summary>How many judgements would go with it; null when there is no demo content.</summary>
    public async Task<int?> JudgementsAsync(CancellationToken cancellation = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        if (!await context.Datasets.AnyAsync(dataset => dataset.IsDemo, cancellation))
            return null;
        return await context.Judgements.CountAsync(judgement => judgement.Assignment!.Study!.Dataset!.IsDemo, cancellation);
    }

    /// <summary>Removes the demo data set with every study, judgement and cohort over it.</summary>
    public async Task RemoveAsync(CancellationToken cancellation = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        await context.Database.CreateExecutionStrategy().ExecuteAsync(async token =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(token);
            // Assignments hold on to prompts and annotators, studies to the data set; so it goes from the leaves down.
            await context.Assignments.Where(assignment => assignment.Study!.Dataset!.IsDemo).ExecuteDeleteAsync(token);
            await context.Studies.Where(study => study.Dataset!.IsDemo).ExecuteDeleteAsync(token);
            await context.Datasets.Where(dataset => dataset.IsDemo).ExecuteDeleteAsync(token);
            await transaction.CommitAsync(token);
        }, cancellation);
    }

    private async Task SeedOnceAsync(DatasetInspection inspection, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        var now = time.GetUtcNow();
        if (!await context.ClaimSeedAsync(SeedName, now, cancellation))
            return;
        var dataset = await importer.WriteAsync(context, Prompts, inspection, new ImportRequest(DatasetName, "MIT, written for PersonalLLM")
        {
            Description = "Twenty-four everyday questions, six answers each in six different voices. Made so that tastes divide.",
            IsDemo = true,
        }, progress: null, cancellation);
        var pins = await context.RewardPinsAsync(dataset.Id, cancellation);
        var study = await StudyAsync(context, dataset.Id, now, cancellation);
        var cohort = new Cohort { Name = "Demo: a thousand simulated users", DatasetId = dataset.Id, Spec = Population.Pinned(pins)!, CreatedAt = now };
        context.AddRange(study, cohort);
        await context.SaveChangesAsync(cancellation);
        study.CohortId = cohort.Id;
        await context.LockAsync(study, now, cancellation);
        await context.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    private static PopulationSpec Population { get; } = new(AttributeRewardModels.Names, Concentration: 0.1, Users: 1_000, Seed: 0);

    private static async Task<Study> StudyAsync(PersonalLlmDbContext context, int datasetId, DateTimeOffset now, CancellationToken cancellation)
    {
        var study = new Study
        {
            Code = StudyCode,
            Name = "Demo: which answer do you like best?",
            DatasetId = datasetId,
            Status = StudyStatus.Open,
            Overlap = 3,
            Instructions = """
                Thank you for trying this out. You will see everyday questions with six answers each, in an order of chance and without names.

                Put the answers in the order in which **you** would like to receive them. There is no right or wrong: if you like it short, put the short
                one first; if you like it thorough or warm, put that first. Answers that you like equally may share a rank.
                """,
            Seed = 0,
            IsDemo = true,
            CreatedAt = now,
        };
        var prompts = await context.Prompts.Where(prompt => prompt.DatasetId == datasetId).OrderBy(prompt => prompt.Index)
            .Select(prompt => new { prompt.Id, prompt.Index }).ToListAsync(cancellation);
        study.Prompts.AddRange(prompts.Select(prompt => new StudyPrompt { PromptId = prompt.Id, Index = prompt.Index }));
        return study;
    }
}
