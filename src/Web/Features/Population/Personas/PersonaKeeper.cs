using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Population;
using PersonalLlm.Data.Postgres;
using PersonalLlm.Engine.Datasets;
using PersonalLlm.Engine.Studies;

namespace PersonalLlm.Web.Features.Population.Personas;

/// <summary>A chat model's task: who is to choose on how much.</summary>
/// <param name="Personas">At least one; names are unique.</param>
/// <param name="Prompts">How many prompts of the data set, drawn at random.</param>
/// <param name="Seed">Of that draw, and of the order in which responses are shown.</param>
internal sealed record PersonaTask(string Name, int DatasetId, IReadOnlyList<PersonaText> Personas, int Prompts, uint Seed);

/// <summary>What a task will take.</summary>
/// <param name="Prompts">How many there are to ask about; fewer than wished for where the data set has fewer.</param>
/// <param name="InputTokens">At four characters to a token.</param>
internal sealed record PersonaEstimate(int Prompts, int Calls, long InputTokens);

/// <summary>Keeps populations of personas: from a file, or as tasks for a chat model.</summary>
internal sealed class PersonaKeeper(IDbContextFactory<PersonalLlmDbContext> contexts, PersonaChat chat, PersonaRunner runner, TimeProvider time)
{
    public const int MostPlayed = 200;
    public const int LongestText = 4_000;

    private const int CharactersPerToken = 4;

    /// <summary>The prompts of a data set as a file of choices names them, in order; empty when there is no such data set.</summary>
    public async Task<IReadOnlyList<ChoosablePrompt>> ChoosableAsync(int datasetId, CancellationToken cancellation = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var keys = await context.Prompts.Where(prompt => prompt.DatasetId == datasetId).OrderBy(prompt => prompt.Index)
            .Select(prompt => prompt.Key).ToListAsync(cancellation);
        var models = await context.Responses.Where(response => response.Prompt!.DatasetId == datasetId).OrderBy(response => response.DatasetIndex)
            .Select(response => new { PromptIndex = response.Prompt!.Index, response.ResponseModel!.Name }).ToListAsync(cancellation);
        var byPrompt = models.ToLookup(response => response.PromptIndex, response => response.Name);
        return [.. keys.Select((key, promptIndex) => new ChoosablePrompt(key, [.. byPrompt[promptIndex]]))];
    }

    /// <summary>Stores what a file holds, all of it at once.</summary>
    /// <returns>Its id, or one sentence saying why not.</returns>
    public Task<(int? Id, string? Problem)> KeepAsync(
        string name, int datasetId, PersonaTable table, string fileName, string sha256, CancellationToken cancellation = default)
    {
        if (!table.IsUsable)
            return Task.FromResult<(int?, string?)>((null, table.Problems.FirstOrDefault(problem => problem.IsFatal)?.ToString() ?? "The file holds no personas."));
        var prompts = Enumerable.Range(0, table.Personas[0].Choices.Length).Count(promptIndex => table.Personas.Any(persona => persona.Choices[promptIndex] != PersonaVotes.NotAsked));
        return AddAsync(name, datasetId, PersonaSource.File, PersonaStatus.Complete, new(fileName, sha256, null, null, null, 0, prompts), table.Personas, cancellation);
    }

    /// <summary>Gives the chat model a task, which begins at once.</summary>
    /// <returns>Its id, or one sentence saying why not.</returns>
    public async Task<(int? Id, string? Problem)> StartAsync(PersonaTask task, CancellationToken cancellation = default)
    {
        if (!chat.IsConfigured)
            return (null, "No chat model is set; set Personas:Endpoint and Personas:Model.");
        if (FindProblem(task) is { } problem)
            return (null, problem);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var prompts = await context.Prompts.CountAsync(prompt => prompt.DatasetId == task.DatasetId, cancellation);
        var notAsked = Enumerable.Repeat(PersonaVotes.NotAsked, prompts).ToArray();
        var provenance = new PersonaProvenance(
            null, null, chat.Model, chat.Host, PersonaQuestion.Instruction.ReplaceLineEndings("\n"), task.Seed, Math.Min(task.Prompts, prompts));
        var made = await AddAsync(
            task.Name, task.DatasetId, PersonaSource.ChatModel, PersonaStatus.Running, provenance,
            [.. task.Personas.Select(persona => new PersonaVotes(persona.Name.Trim(), persona.Text.Trim(), notAsked))], cancellation);
        if (made.Id is not null)
            runner.Wake();
        return made;
    }

    /// <summary>What is wrong with a task, or null.</summary>
    public static string? FindProblem(PersonaTask task)
    {
        if (task.Personas.Count is 0 or > MostPlayed)
            return $"Choose at least one persona and at most {MostPlayed}.";
        if (task.Personas.FirstOrDefault(persona => string.IsNullOrWhiteSpace(persona.Name) || string.IsNullOrWhiteSpace(persona.Text)) is not null)
            return "Every persona needs a name and a text.";
        if (task.Personas.FirstOrDefault(persona => persona.Name.Length > 200 || persona.Text.Length > LongestText) is { } longest)
            return $"The persona \u201c{longest.Name[..Math.Min(40, longest.Name.Length)]}\u201d is too long; a name has at most 200 characters, a text at most {LongestText:N0}.";
        if (task.Personas.GroupBy(persona => persona.Name.Trim(), StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } twice)
            return $"Two personas are called \u201c{twice.Key}\u201d.";
        return task.Prompts < 1 ? "Choose at least one prompt." : null;
    }

    public async Task<PersonaEstimate> EstimateAsync(PersonaTask task, CancellationToken cancellation = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var lengths = await context.Prompts.Where(prompt => prompt.DatasetId == task.DatasetId).OrderBy(prompt => prompt.Index)
            .Select(prompt => prompt.Text.Length + prompt.Responses.Sum(response => response.Text.Length)).ToListAsync(cancellation);
        var chosen = PromptSample.Draw(lengths.Count, task.Prompts, task.Seed);
        var texts = chosen.Sum(promptIndex => (long)lengths[promptIndex]) * task.Personas.Count;
        var frames = (long)chosen.Length * task.Personas.Sum(persona => persona.Text.Length + PersonaQuestion.Instruction.Length);
        return new(chosen.Length, chosen.Length * task.Personas.Count, (texts + frames) / CharactersPerToken);
    }

    public async Task PauseAsync(int cohortId, CancellationToken cancellation = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        await context.PersonaCohorts.Where(cohort => cohort.Id == cohortId && cohort.Status == PersonaStatus.Running)
            .ExecuteUpdateAsync(set => set.SetProperty(cohort => cohort.Status, PersonaStatus.Paused).SetProperty(cohort => cohort.Message, ""), cancellation);
        runner.Pause(cohortId);
    }

    public async Task ResumeAsync(int cohortId, CancellationToken cancellation = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        await context.PersonaCohorts.Where(cohort => cohort.Id == cohortId && cohort.Status == PersonaStatus.Paused)
            .ExecuteUpdateAsync(set => set.SetProperty(cohort => cohort.Status, PersonaStatus.Running).SetProperty(cohort => cohort.Message, ""), cancellation);
        runner.Wake();
    }

    /// <summary>Throws the personas away with their choices; a chat model that plays them is not asked any further.</summary>
    public async Task RemoveAsync(int cohortId, CancellationToken cancellation = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        await context.PersonaCohorts.Where(cohort => cohort.Id == cohortId).ExecuteDeleteAsync(cancellation);
        runner.Pause(cohortId);
    }

    /// <summary>Some prompts of a data set with their responses, in the order asked for.</summary>
    public static async Task<IReadOnlyList<PersonaPrompt>> PromptsAsync(
        IDbContextFactory<PersonalLlmDbContext> contexts, int datasetId, IReadOnlyCollection<int> promptIndexes, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var prompts = await context.Prompts.Where(prompt => prompt.DatasetId == datasetId && promptIndexes.Contains(prompt.Index)).OrderBy(prompt => prompt.Index)
            .Select(prompt => new { prompt.Index, prompt.Text, Responses = prompt.Responses.OrderBy(response => response.Index).Select(response => response.Text).ToList() })
            .ToListAsync(cancellation);
        return [.. prompts.Select(prompt => new PersonaPrompt(prompt.Index, prompt.Text, prompt.Responses))];
    }

    private async Task<(int? Id, string? Problem)> AddAsync(
        string name, int datasetId, PersonaSource source, PersonaStatus status, PersonaProvenance provenance, IReadOnlyList<PersonaVotes> personas, CancellationToken cancellation)
    {
        name = name.Trim();
        var taken = $"The data set already has personas called \u201c{name}\u201d.";
        if (name.Length is 0 or > 200)
            return (null, "Give the personas a name of at most 200 characters.");
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        if (await context.PersonaCohorts.AnyAsync(cohort => cohort.DatasetId == datasetId && cohort.Name == name, cancellation))
            return (null, taken);
        var made = new PersonaCohort { Name = name, DatasetId = datasetId, Source = source, Status = status, Provenance = provenance, CreatedAt = time.GetUtcNow() };
        made.Personas.AddRange(personas.Select((persona, index) => new Persona
        {
            Index = index,
            Name = persona.Name,
            Text = persona.Text,
            Choices = PersonaChoices.Pack(persona.Choices),
            Unusable = persona.Choices.Count(choice => choice == PersonaVotes.Unusable),
        }));
        context.Add(made);
        try
        {
            await context.SaveChangesAsync(cancellation);
            return (made.Id, null);
        }
        catch (DbUpdateException refused) when (refused.IsUniqueViolation())
        {
            return (null, taken);
        }
        catch (DbUpdateException refused) when (refused.IsAboutSomethingGone())
        {
            return (null, "The data set was removed meanwhile; choose another one.");
        }
    }
}
