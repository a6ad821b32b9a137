using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PersonalLlm.Data;
using PersonalLlm.Data.Population;
using PersonalLlm.Engine.Datasets;
using PersonalLlm.Web.Chat;
using PersonalLlm.Web.Features.Account;

namespace PersonalLlm.Web.Features.Population.Personas;

internal static class PersonaFeature
{
    public static IServiceCollection AddPersonas(this IServiceCollection services)
    {
        services.AddOptions<PersonaOptions>().BindConfiguration("Personas").ValidateDataAnnotations().ValidateOnStart();
        return services
            .AddSingleton(MakeChat).AddSingleton<PersonaTrial>().AddSingleton<PersonaKeeper>()
            .AddSingleton<PersonaRunner>().AddHostedService(provider => provider.GetRequiredService<PersonaRunner>());
    }

    public static IEndpointRouteBuilder MapPersonas(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/populations/personas/{cohortId:int}/choices.csv", ExportAsync).RequireAuthorization(Policies.Research);
        return routes;
    }

    private static PersonaChat MakeChat(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<PersonaOptions>>().Value;
        var client = options.Endpoint.Length == 0
            ? null
            : new OpenAIChatClient(new Uri(options.Endpoint), options.Model, options.ApiKey, TimeSpan.FromSeconds(options.TimeoutSeconds));
        return new PersonaChat(client, options, provider.GetRequiredService<TimeProvider>());
    }

    private static async Task<IResult> ExportAsync(int cohortId, IDbContextFactory<PersonalLlmDbContext> contexts, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var cohort = await context.PersonaCohorts.AsNoTracking().Include(row => row.Personas).SingleOrDefaultAsync(row => row.Id == cohortId, cancellation);
        if (cohort is null)
            return Results.NotFound();
        var keys = await context.Prompts.Where(prompt => prompt.DatasetId == cohort.DatasetId).OrderBy(prompt => prompt.Index).Select(prompt => prompt.Key).ToListAsync(cancellation);
        var personas = cohort.Personas.OrderBy(persona => persona.Index).Select(persona => new PersonaVotes(persona.Name, persona.Text, PersonaChoices.Unpack(persona.Choices)));
        return Results.Stream(output => PersonaChoiceFile.WriteAsync(output, personas, keys, cancellation), "text/csv; charset=utf-8", $"personas-{cohortId}.csv");
    }
}
