using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Datasets;
using PersonalLlm.Data.Postgres;
using PersonalLlm.Data.Rewards;
using PersonalLlm.Engine.Datasets;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Web.Features.Datasets;

/// <summary>Imports an inspected file in one transaction: all of it, or nothing.</summary>
internal sealed class DatasetImporter(IDbContextFactory<PersonalLlmDbContext> contexts, TimeProvider time)
{
    private const int MaximumName = 200;

    /// <param name="source">The file that was inspected.</param>
    /// <param name="inspection">What the inspection found.</param>
    /// <param name="request">Name and licence.</param>
    /// <param name="progress">Prompts written so far.</param>
    /// <param name="cancellation">Takes everything back.</param>
    public async Task<ImportOutcome> ImportAsync(
        DatasetSource source, DatasetInspection inspection, ImportRequest request, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        if (!inspection.CanBeImported)
            return new ImportOutcome.Refused($"{inspection.FileName} cannot be imported: {inspection.Problems.First(problem => problem.IsFatal)}");
        if (await ExistingAsync(inspection, request, cancellation) is { } existing)
            return existing;
        await using var strategyContext = await contexts.CreateDbContextAsync(cancellation);
        try
        {
            return await strategyContext.Database.CreateExecutionStrategy().ExecuteAsync(
                async token => await CommitAsync(source, inspection, request, progress, token), cancellation);
        }
        catch (DbUpdateException clash) when (clash.IsUniqueViolation())
        {
            // Somebody else's import of the same name or content was faster than ours.
            return await ExistingAsync(inspection, request, cancellation)
                ?? new ImportOutcome.Refused("Another import came in between; try again.");
        }
    }

    /// <summary>Writes everything into the context's open transaction and leaves the commit to the caller.</summary>
    public async Task<Dataset> WriteAsync(
        PersonalLlmDbContext context, DatasetSource source, DatasetInspection inspection, ImportRequest request,
        IProgress<int>? progress, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var dataset = new Dataset
        {
            Name = request.Name.Trim(),
            Description = request.Description,
            Licence = request.Licence.Trim(),
            ContentHash = inspection.ContentHash,
            IsDemo = request.IsDemo,
            PromptCount = inspection.Prompts,
            ResponseCount = inspection.Responses,
            CreatedAt = now,
        };
        context.Add(dataset);
        await context.SaveChangesAsync(cancellation);
        context.Add(new DatasetImport
        {
            DatasetId = dataset.Id,
            FileName = Shortened(source.FileName, 400),
            Format = inspection.Format!,
            ImportedAt = now,
            ImportedById = request.ImportedById,
            Problems = [.. inspection.Problems.Select(problem => new ImportProblem { LineNumber = problem.LineNumber, Message = problem.Message })],
        });
        var packer = await CopyAsync(context, dataset, source, inspection, progress, cancellation);
        await packer.StoreAsync(context, dataset.Id, cancellation);
        await context.SaveChangesAsync(cancellation);
        return dataset;
    }

    private async Task<ImportOutcome> CommitAsync(
        DatasetSource source, DatasetInspection inspection, ImportRequest request, IProgress<int>? progress, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        var dataset = await WriteAsync(context, source, inspection, request, progress, cancellation);
        await transaction.CommitAsync(cancellation);
        return new ImportOutcome.Imported(dataset.Id, dataset.Name, dataset.PromptCount, dataset.ResponseCount);
    }

    private async Task<ImportOutcome?> ExistingAsync(DatasetInspection inspection, ImportRequest request, CancellationToken cancellation)
    {
        var name = request.Name.Trim();
        if (name.Length is 0 or > MaximumName)
            return new ImportOutcome.Refused($"Give the data set a name of 1 to {MaximumName} characters.");
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var same = await context.Datasets.AsNoTracking().FirstOrDefaultAsync(dataset => dataset.ContentHash == inspection.ContentHash, cancellation);
        if (same is not null)
            return new ImportOutcome.AlreadyImported(same.Id, same.Name);
        return await context.Datasets.AnyAsync(dataset => dataset.Name == name, cancellation)
            ? new ImportOutcome.Refused($"A data set named \u201c{name}\u201d exists with other content; choose another name.")
            : null;
    }

    private static async Task<RewardPacker> CopyAsync(
        PersonalLlmDbContext context, Dataset dataset, DatasetSource source, DatasetInspection inspection, IProgress<int>? progress, CancellationToken cancellation)
    {
        var aliases = inspection.Rewards.Select(reward => reward.RewardModel).ToList();
        var packer = new RewardPacker(aliases.Count == 0 ? AttributeRewardColumns.Rows : [.. aliases.Select(AttributeRewardColumns.RowOf)]);
        var copier = new PromptCopier(context, dataset.Id);
        var rewards = new float[aliases.Count == 0 ? AttributeRewardModels.Names.Count : aliases.Count];
        var reported = 0;
        await using var stream = source.Open();
        await using var file = await DatasetFile.OpenAsync(stream, cancellation);
        await foreach (var entry in file.ReadAsync(cancellation))
        {
            if (entry.Problem is { IsFatal: true } problem)
                throw new InvalidDataException($"{source.FileName} changed after it was inspected: {problem}");
            if (entry.Record is not { } record)
                continue;
            await copier.AddAsync(record, cancellation);
            foreach (var response in record.Responses)
            {
                if (aliases.Count == 0)
                    AttributeRewardModels.Score(response.Text, rewards);
                for (var modelIndex = 0; modelIndex < aliases.Count; modelIndex++)
                    rewards[modelIndex] = response.Rewards[aliases[modelIndex]];
                packer.Add(rewards);
            }
            if (copier.PromptCount > reported)
                progress?.Report(reported = copier.PromptCount);
        }
        await copier.FlushAsync(cancellation);
        if ((copier.PromptCount, copier.ResponseCount) != (inspection.Prompts, inspection.Responses))
            throw new InvalidDataException($"{source.FileName} changed after it was inspected.");
        progress?.Report(copier.PromptCount);
        return packer;
    }

    private static string Shortened(string text, int length) => text.Length <= length ? text : text[..length];
}
