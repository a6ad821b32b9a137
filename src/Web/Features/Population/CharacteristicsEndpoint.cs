using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Web.Components.Shared;
using PersonalLlm.Web.Features.Account;

namespace PersonalLlm.Web.Features.Population;

/// <summary>The characteristics of any group of voters, as the verb <c>characterise</c> writes them; the query is that of the page.</summary>
internal static class CharacteristicsEndpoint
{
    public static IEndpointRouteBuilder MapCharacteristics(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/datasets/{datasetId:int}/characteristics.json", ReportAsync).RequireAuthorization(Policies.Research);
        return routes;
    }

    private static async Task<IResult> ReportAsync(
        int datasetId, string? of, string? pairs, CohortBuilder builder, VoterGroups groups, IDbContextFactory<PersonalLlmDbContext> contexts, CancellationToken cancellation)
    {
        if (await builder.ReadAsync(datasetId, cancellation) is not { } source)
            return Results.Problem($"There is no data set number {datasetId} with rewards.", statusCode: StatusCodes.Status404NotFound);
        var (group, problem) = await groups.ReadAsync(source, of, cancellation);
        var perPrompt = AddressNumber.Parse(pairs);
        if (pairs is { Length: > 0 } && perPrompt is null or < 1)
            problem ??= $"pairs must be a whole number from 1, but it is \u201c{pairs}\u201d.";
        if (group is null || problem is not null)
            return Results.Problem(problem, statusCode: StatusCodes.Status400BadRequest);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var contentHash = await context.Datasets.Where(dataset => dataset.Id == datasetId).Select(dataset => dataset.ContentHash).SingleAsync(cancellation);
        try
        {
            var report = await Task.Run(() => GroupCharacteristics.Of(source, group, perPrompt, cancellation).ToReport(source.Name, contentHash), cancellation);
            return Results.Stream(output => report.WriteAsync(output, cancellation), "application/json", $"dataset-{datasetId}-characteristics.json");
        }
        catch (ArgumentException impossible)
        {
            return Results.Problem(impossible.Message, statusCode: StatusCodes.Status400BadRequest);
        }
    }
}
