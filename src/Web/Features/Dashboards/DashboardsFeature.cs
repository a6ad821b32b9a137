using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;
using PersonalLlm.Web.Features.Account;

namespace PersonalLlm.Web.Features.Dashboards;

internal static class DashboardsFeature
{
    // β = ∞ is the usual user, and JSON has no infinity of its own.
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
        WriteIndented = true,
    };

    public static IServiceCollection AddDashboards(this IServiceCollection services) => services.AddSingleton<DashboardReader>();

    public static IEndpointRouteBuilder MapDashboards(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/studies/{studyId:int}/dashboard", NumbersAsync).RequireAuthorization(Policies.Research);
        routes.MapGet("/api/studies/{studyId:int}/representativeness", RepresentativenessAsync).RequireAuthorization(Policies.Research);
        return routes;
    }

    /// <summary>Every number of the dashboard with what it takes to make it again; the query is that of the page.</summary>
    private static async Task<IResult> NumbersAsync(
        int studyId, DashboardReader reader, TimeProvider time,
        string? cohort, string? alpha, string? users, string? seed, string? beta, CancellationToken cancellation)
    {
        if (await reader.ReadAsync(studyId, cancellation) is not { } study)
            return Results.Problem($"There is no study number {studyId}.", statusCode: StatusCodes.Status404NotFound);
        var rewards = await reader.ReadRewardsAsync(study, cancellation);
        var settings = DashboardReader.Settings(study, rewards, cohort, alpha, users, seed, beta, out var problem);
        var simulated = rewards is null || problem is not null ? null : DashboardNumbers.TrySimulate(study, rewards, settings.Spec, cancellation);
        if ((problem ?? simulated?.Problem) is { } refused)
            return Results.Problem(refused, statusCode: StatusCodes.Status400BadRequest);
        return Results.Json(
            new
            {
                study = new { id = study.StudyId, study.Name, prompts = study.PromptCount, study.Overlap },
                dataset = new { id = study.DatasetId, name = study.DatasetName },
                provenance = new
                {
                    computedAt = time.GetUtcNow(),
                    version = Assembly.GetExecutingAssembly().GetName().Version?.ToString(3),
                    population = simulated is null ? null : settings.Spec,
                    populationHash = simulated is null ? null : settings.Spec.Hash(),
                    frozen = study.Frozen is { } frozen && frozen.Choice.Spec.DrawsTheSameAs(settings.Spec) ? new { frozen.Choice.Name, frozen.Hash, frozen.FrozenAt } : null,
                    generator = PopulationSpec.NameOf(settings.Spec.Generator),
                    bootstrapSeed = DashboardNumbers.BootstrapSeed,
                    bootstrapResamples = DashboardNumbers.Resamples,
                    matchedReplicates = MatchedSample.DefaultReplicates,
                    majorityThresholds = DashboardNumbers.Thresholds,
                },
                humans = DashboardNumbers.OfHumans(study, cancellation),
                simulated = simulated?.Numbers,
            },
            s_json);
    }

    /// <summary>Every number of the page on representativeness; the query is that of the page. Groups of few people carry no number here either.</summary>
    private static async Task<IResult> RepresentativenessAsync(
        int studyId, DashboardReader reader, IDbContextFactory<PersonalLlmDbContext> contexts, TimeProvider time,
        string? cohort, string? alpha, string? users, string? seed, string? beta, CancellationToken cancellation)
    {
        if (await reader.ReadAsync(studyId, cancellation) is not { } study)
            return Results.Problem($"There is no study number {studyId}.", statusCode: StatusCodes.Status404NotFound);
        var rewards = await reader.ReadRewardsAsync(study, cancellation);
        if (rewards is null)
            return Results.Problem("The data set has no rewards, so no user can be simulated.", statusCode: StatusCodes.Status400BadRequest);
        var settings = DashboardReader.Settings(study, rewards, cohort, alpha, users, seed, beta, out var problem);
        var made = problem is null
            ? RepresentativenessNumbers.TryMake(study, rewards, await DemographicGroups.ReadAsync(contexts, study, cancellation), settings.Spec, cancellation)
            : (null, problem);
        if (made.Numbers is not { } numbers)
            return Results.Problem(made.Problem, statusCode: StatusCodes.Status400BadRequest);
        return Results.Json(
            new
            {
                study = new { id = study.StudyId, study.Name, prompts = study.PromptCount, instrument = study.Instrument },
                dataset = new { id = study.DatasetId, name = study.DatasetName },
                provenance = new
                {
                    computedAt = time.GetUtcNow(),
                    version = Assembly.GetExecutingAssembly().GetName().Version?.ToString(3),
                    populationHash = settings.Spec.Hash(),
                    generator = PopulationSpec.NameOf(settings.Spec.Generator),
                    bootstrapSeed = DashboardNumbers.BootstrapSeed,
                    bootstrapResamples = DashboardNumbers.Resamples,
                    matchedReplicates = MatchedSample.DefaultReplicates,
                    fewestPeople = RankRepresentativeness.FewestPeople,
                },
                numbers,
            },
            s_json);
    }
}
