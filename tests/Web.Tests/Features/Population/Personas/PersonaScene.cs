using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PersonalLlm.Data.Population;
using PersonalLlm.Testing;
using PersonalLlm.Web.Features.Population.Personas;

namespace PersonalLlm.Web.Tests.Features.Population.Personas;

/// <summary>A database with a scored data set of 14 prompts with five responses each, a chat server, and the program over both, as often as it is started.</summary>
internal sealed class PersonaScene : IAsyncDisposable
{
    public const int Prompts = 14;
    public const string Key = "sk-a-secret-that-nobody-sees";

    private readonly List<WebApplicationFactory<Program>> _programs = [];

    public required TestDatabase Database { get; init; }
    public required ChatServer Chat { get; init; }
    public required JudgedStudy Made { get; init; }

    public static async Task<PersonaScene> CreateAsync()
    {
        var database = await TestDatabase.CreateAsync();
        await using var context = database.CreateContext();
        return new() { Database = database, Chat = await ChatServer.StartAsync(), Made = await JudgedStudy.CreateAsync(context) };
    }

    /// <summary>The program, which begins to play what is to be played.</summary>
    public IServiceProvider Start(params (string Name, string Value)[] settings)
    {
        var program = new WebApplicationFactory<Program>().WithWebHostBuilder(builder =>
        {
            builder.UseSetting("Database:ConnectionString", Database.ConnectionString);
            builder.UseSetting("Datasets:Demo", "false");
            builder.UseSetting("Personas:Endpoint", Chat.Address);
            builder.UseSetting("Personas:Model", "test-model");
            builder.UseSetting("Personas:ApiKey", Key);
            builder.UseSetting("Personas:Retries", "2");
            foreach (var (name, value) in settings)
                builder.UseSetting(name, value);
        });
        _programs.Add(program);
        return program.Services;
    }

    /// <summary>Stops the newest program as Ctrl-C does.</summary>
    public async Task StopAsync()
    {
        var program = _programs[^1];
        _programs.RemoveAt(_programs.Count - 1);
        await program.DisposeAsync();
    }

    public PersonaTask Task(int personas = 3, int prompts = Prompts) =>
        new("Played", Made.DatasetId, [.. PersonaLibrary.Texts.Take(personas)], prompts, 5);

    public async Task<int> BeginAsync(IServiceProvider program, PersonaTask task)
    {
        var (id, problem) = await program.GetRequiredService<PersonaKeeper>().StartAsync(task);
        Assert.Null(problem);
        return id!.Value;
    }

    public async Task<PersonaCohort> ReadAsync(int cohortId)
    {
        await using var context = Database.CreateContext();
        return await context.PersonaCohorts.AsNoTracking().Include(cohort => cohort.Personas.OrderBy(persona => persona.Index)).SingleAsync(cohort => cohort.Id == cohortId);
    }

    public async Task<PersonaCohort> UntilAsync(int cohortId, Func<PersonaCohort, bool> condition)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(60); ;)
        {
            var cohort = await ReadAsync(cohortId);
            if (condition(cohort))
                return cohort;
            if (DateTime.UtcNow > deadline)
                Assert.Fail($"It is still {cohort.Status} (\u201c{cohort.Message}\u201d) with {cohort.Personas.Sum(Answered)} answers after {Chat.Requests.Count} requests.");
            await System.Threading.Tasks.Task.Delay(20);
        }
    }

    public Task<PersonaCohort> UntilEndedAsync(int cohortId) => UntilAsync(cohortId, cohort => cohort.Status != PersonaStatus.Running);

    public static int Answered(Persona persona) => PersonaChoices.Unpack(persona.Choices).Count(choice => choice != PersonalLlm.Engine.Datasets.PersonaVotes.NotAsked);

    public async ValueTask DisposeAsync()
    {
        foreach (var program in _programs)
            await program.DisposeAsync();
        await Chat.DisposeAsync();
        await Database.DisposeAsync();
    }
}
