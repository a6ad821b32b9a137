using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using PersonalLlm.Engine.Evaluation;

namespace PersonalLlm.Web.Features.Population;

/// <summary>Every number of the compare page with what it takes to make it again; the query is that of the page.</summary>
internal static class CompareEndpoint
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        // The file is read by programs, never put into a page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static async Task<IResult> DownloadAsync(
        CohortBuilder builder, VoterGroups groups, TimeProvider time, int dataset, string? left, string? right, CancellationToken cancellation)
    {
        if (await builder.ReadAsync(dataset, cancellation) is not { } source)
            return Results.Problem($"There is no data set number {dataset} with rewards.", statusCode: StatusCodes.Status404NotFound);
        var (one, problem) = await groups.ReadAsync(source, left, cancellation);
        var (other, problemOfOther) = await groups.ReadAsync(source, right, cancellation);
        if (one is null || other is null)
            return Results.Problem(problem ?? problemOfOther, statusCode: StatusCodes.Status400BadRequest);
        var (comparison, refusal) = GroupComparison.Of(source, one, other, cancellation);
        if (comparison is null)
            return Results.Problem(refusal, statusCode: StatusCodes.Status400BadRequest);
        return Results.Json(
            new
            {
                dataset = new { id = source.DatasetId, name = source.Name, prompts = source.Prompts.Count },
                provenance = new
                {
                    computedAt = time.GetUtcNow(),
                    version = Assembly.GetExecutingAssembly().GetName().Version?.ToString(3),
                    bootstrapSeed = GroupNumbers.BootstrapSeed,
                    bootstrapResamples = GroupNumbers.Resamples,
                    intervals = "percentile bootstrap over prompts, 95 %, given these voters",
                    majorityThresholds = Diversity.Thresholds,
                },
                prompts = comparison.Prompts,
                left = Side(one, comparison.Left),
                right = Side(other, comparison.Right),
                differences = comparison.Differences with { Prompts = [], DistanceByPrompt = [] },
                agreement = comparison.Agreement,
                mostDivergent = comparison.MostDivergent.Select(prompt => new { prompt.PromptIndex, prompt.Distance, left = prompt.LeftFavourite, right = prompt.RightFavourite }),
            },
            s_json);
    }

    private static object Side(VoterGroup group, GroupNumbers numbers) => new
    {
        group.Address,
        group.Name,
        numbers.Voters,
        population = group is SimulatedVoters simulated ? ReportPopulation.Of(simulated.Users) : null,
        numbers.Diversity,
        numbers.EntropyByKeyword,
        numbers.Overlap,
        numbers.Agreement,
        numbers.GiniOfVotes,
        numbers.EffectiveRewardModels,
        numbers.GiniOfWeights,
    };
}
