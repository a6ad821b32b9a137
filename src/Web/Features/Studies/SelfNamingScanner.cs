using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Engine.Datasets;

namespace PersonalLlm.Web.Features.Studies;

/// <summary>Finds the responses of a data set that say which model wrote them. Texts never change, so each data set is read once.</summary>
internal sealed class SelfNamingScanner(IDbContextFactory<PersonalLlmDbContext> contexts)
{
    public static readonly IReadOnlyDictionary<long, int[]> Nothing = ImmutableDictionary<long, int[]>.Empty;

    private readonly ConcurrentDictionary<int, Lazy<Task<IReadOnlyDictionary<long, int[]>>>> _found = [];

    /// <summary>Per prompt that has one: the indexes of such responses.</summary>
    public async Task<IReadOnlyDictionary<long, int[]>> FindAsync(int datasetId, CancellationToken cancellation = default)
    {
        // The scan outlives the page that asked first; others may be waiting for it.
        var scan = _found.GetOrAdd(datasetId, id => new(() => Task.Run(() => ScanAsync(id), CancellationToken.None)));
        try
        {
            return await scan.Value.WaitAsync(cancellation);
        }
        catch when (scan.Value.IsFaulted)
        {
            _found.TryRemove(new(datasetId, scan));
            throw;
        }
    }

    private async Task<IReadOnlyDictionary<long, int[]>> ScanAsync(int datasetId)
    {
        await using var data = await contexts.CreateDbContextAsync();
        var found = new Dictionary<long, List<int>>();
        var responses = data.Responses.Where(response => response.Prompt!.DatasetId == datasetId).OrderBy(response => response.DatasetIndex)
            .Select(response => new { response.PromptId, response.Index, response.Text, Model = response.ResponseModel!.Name }).AsAsyncEnumerable();
        await foreach (var response in responses)
        {
            if (SelfNaming.Find(response.Text, response.Model) is null)
                continue;
            if (!found.TryGetValue(response.PromptId, out var indexes))
                found.Add(response.PromptId, indexes = []);
            indexes.Add(response.Index);
        }
        return found.ToDictionary(prompt => prompt.Key, prompt => prompt.Value.ToArray());
    }
}
