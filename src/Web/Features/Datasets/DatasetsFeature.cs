using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection.Extensions;
using PersonalLlm.Data;
using PersonalLlm.Web.Features.Account;

namespace PersonalLlm.Web.Features.Datasets;

internal static class DatasetsFeature
{
    public static IServiceCollection AddDatasets(this IServiceCollection services)
    {
        services.AddOptions<DatasetOptions>().BindConfiguration("Datasets").ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<DatasetImporter>();
        services.AddSingleton<AttributeScorer>();
        services.AddSingleton<DatasetExporter>();
        services.AddSingleton<DatasetRemover>();
        services.AddSingleton<DemoContent>();
        return services;
    }

    public static IEndpointRouteBuilder MapDatasets(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/datasets/{datasetId:int}/export.jsonl", ExportAsync).RequireAuthorization(Policies.Research);
        return routes;
    }

    private static async Task<IResult> ExportAsync(
        int datasetId, IDbContextFactory<PersonalLlmDbContext> contexts, DatasetExporter exporter, CancellationToken cancellation, bool attributes = false)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        if (!await context.Datasets.AnyAsync(dataset => dataset.Id == datasetId, cancellation))
            return Results.NotFound();
        return Results.Stream(output => exporter.WriteAsync(datasetId, attributes, output, cancellation), "application/x-ndjson", $"dataset-{datasetId}.jsonl");
    }
}
