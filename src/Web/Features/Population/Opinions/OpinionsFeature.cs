using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Web.Features.Account;

namespace PersonalLlm.Web.Features.Population.Opinions;

internal static class OpinionsFeature
{
    /// <summary>The three tables, in the order in which they are read.</summary>
    public static IReadOnlyList<string> Tables { get; } = ["questions", "choices", "people"];

    public static IServiceCollection AddOpinions(this IServiceCollection services)
    {
        services.AddOptions<OpinionOptions>().BindConfiguration("Opinions").ValidateDataAnnotations().ValidateOnStart();
        return services.AddSingleton<OpinionImporter>();
    }

    public static IEndpointRouteBuilder MapOpinions(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/opinions/example/{table}.csv", Example).RequireAuthorization(Policies.Research);
        routes.MapGet("/opinions/{surveyId:int}/representativeness.json", ReportAsync).RequireAuthorization(Policies.Research);
        return routes;
    }

    /// <summary>A table of the made-up example.</summary>
    public static Stream? OpenExample(string table) => Tables.Contains(table)
        ? typeof(OpinionsFeature).Assembly.GetManifestResourceStream($"PersonalLlm.Web.Features.Population.Opinions.Example.{table}.csv")
        : null;

    private static IResult Example(string table) => OpenExample(table) is { } csv ? Results.Stream(csv, "text/csv", $"made-up-{table}.csv") : Results.NotFound();

    /// <summary>What the verb <c>opinionqa</c> writes for the same tables and population; the query is that of the page.</summary>
    private static async Task<IResult> ReportAsync(
        int surveyId, IDbContextFactory<PersonalLlmDbContext> contexts,
        string? alpha, string? users, string? seed, string? generator, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        if (await context.OpinionSurveys.AsNoTracking().SingleOrDefaultAsync(row => row.Id == surveyId, cancellation) is not { } survey)
            return Results.Problem($"There is no opinion survey number {surveyId}.", statusCode: StatusCodes.Status404NotFound);
        var settings = OpinionSettings.Read(
            survey.Tables.RewardModels, OpinionPage.GroupsOf(survey.Tables), alpha, users, seed, generator, null, null, out var problem);
        if (problem is not null)
            return Results.Problem(problem, statusCode: StatusCodes.Status400BadRequest);
        try
        {
            var files = survey.Sha256.Split(' ').Zip(Tables, (sha256, table) => new ReportFile($"{survey.Name}: {table}", sha256)).ToArray();
            var report = OpinionReport.Of(new ReportOpinionInputs(files[0], files[1], files[2]), survey.Tables, settings.Spec, cancellation);
            return Results.Stream(output => report.WriteAsync(output, cancellation), "application/json", $"opinions-{surveyId}.json");
        }
        catch (ArgumentException impossible)
        {
            return Results.Problem(impossible.Message, statusCode: StatusCodes.Status400BadRequest);
        }
    }
}
