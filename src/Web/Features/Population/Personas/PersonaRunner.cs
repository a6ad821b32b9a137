using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Population;
using PersonalLlm.Data.Postgres;
using PersonalLlm.Engine.Datasets;
using PersonalLlm.Engine.Studies;
using PersonalLlm.Web.Chat;
using PersonalLlm.Web.Database;

namespace PersonalLlm.Web.Features.Population.Personas;

/// <summary>
/// Lets the chat model play every cohort that is to be played, one after the other. What was answered is kept every few answers, so that a restart goes on where
/// it was; only one instance plays a cohort.
/// </summary>
internal sealed partial class PersonaRunner(
    IDbContextFactory<PersonalLlmDbContext> contexts, DatabaseServer server, PersonaChat chat, TimeProvider time, ILogger<PersonaRunner> log) : BackgroundService
{
    /// <summary>Answers that may be lost, and asked for again, when the machine dies.</summary>
    private const int AnswersPerSave = 8;

    private const int PromptsPerRead = 16;

    /// <summary>So many questions in a row without an answer, each asked again and again: the endpoint is not well.</summary>
    private const int FailuresInARow = 3;

    private static readonly TimeSpan s_longestUnsaved = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_glance = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_lastAnswers = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<int, (PersonaProgress Progress, CancellationTokenSource Pause)> playing = new();
    private readonly SemaphoreSlim wake = new(0);

    /// <summary>Null when this instance is not playing the cohort.</summary>
    public PersonaProgress? ProgressOf(int cohortId) => playing.TryGetValue(cohortId, out var run) ? run.Progress : null;

    /// <summary>A cohort is to be played that was not before.</summary>
    public void Wake() => wake.Release();

    /// <summary>A cohort is not to be played any more; answers on their way are still kept.</summary>
    public void Pause(int cohortId)
    {
        if (playing.TryGetValue(cohortId, out var run))
            run.Pause.Cancel();
    }

    public override void Dispose()
    {
        wake.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!await PlayAllAsync(stoppingToken))
                    await wake.WaitAsync(s_glance, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                // The database may be away for a moment. The rows say what is left to do.
                LogFailure(log, failure);
                await Task.Delay(s_glance, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>False when there was nothing that this instance could do.</summary>
    private async Task<bool> PlayAllAsync(CancellationToken stopping)
    {
        List<int> waiting;
        await using (var context = await contexts.CreateDbContextAsync(stopping))
            waiting = await context.PersonaCohorts.Where(cohort => cohort.Status == PersonaStatus.Running).OrderBy(cohort => cohort.Id).Select(cohort => cohort.Id).ToListAsync(stopping);
        var hasPlayed = false;
        foreach (var cohortId in waiting)
        {
            await using var turn = await SoleTurn.TryTakeAsync(server.ConnectionString, SoleTurn.Personas, cohortId, stopping);
            if (turn is null)
                continue;
            await PlayAsync(cohortId, stopping);
            hasPlayed = true;
        }
        return hasPlayed;
    }

    private async Task PlayAsync(int cohortId, CancellationToken stopping)
    {
        PersonaCohort? cohort;
        await using (var context = await contexts.CreateDbContextAsync(stopping))
            cohort = await context.PersonaCohorts.AsNoTracking().Include(row => row.Personas).SingleOrDefaultAsync(row => row.Id == cohortId, stopping);
        if (cohort is null)
            return;
        if (FindObstacle(cohort) is { } obstacle)
        {
            await EndAsync(cohortId, PersonaStatus.Paused, obstacle);
            return;
        }
        var part = new Part(cohort);
        using var pause = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        playing[cohortId] = (part.Progress, pause);
        try
        {
            var outcome = await AskAllAsync(part, pause);
            if (outcome is not null)
                await EndAsync(cohortId, outcome.Value.Status, outcome.Value.Message);
        }
        finally
        {
            playing.TryRemove(cohortId, out _);
        }
    }

    /// <summary>Why the settings do not allow this cohort to go on, or null.</summary>
    private string? FindObstacle(PersonaCohort cohort) =>
        !chat.IsConfigured ? "No chat model is set any more; set Personas:Endpoint and Personas:Model."
        : chat.Model != cohort.Provenance.Model || chat.Host != cohort.Provenance.Endpoint
            ? $"These personas were begun by {cohort.Provenance.Model} at {cohort.Provenance.Endpoint}, but the settings name {chat.Model} at {chat.Host}; one population is played by one model."
            : null;

    /// <returns>How it ended; null when somebody paused or removed it, or the program is being stopped.</returns>
    private async Task<(PersonaStatus Status, string Message)?> AskAllAsync(Part part, CancellationTokenSource pause)
    {
        // Answers that are on their way when it is paused are waited for, but not for ever.
        using var hardStop = new CancellationTokenSource();
        await using var _ = pause.Token.Register(() => hardStop.CancelAfter(s_lastAnswers));
        var failure = new Failures();
        try
        {
            await Parallel.ForEachAsync(
                QuestionsAsync(part, pause.Token),
                new ParallelOptions { MaxDegreeOfParallelism = chat.MaximumConcurrency },
                async (question, _) =>
                {
                    if (pause.IsCancellationRequested)
                        return;
                    try
                    {
                        var order = PersonaQuestion.OrderOf(question.Prompt, question.Persona.Index, part.Cohort.Provenance.Seed);
                        var answer = await chat.AskAsync(
                            PersonaQuestion.Make(part.Cohort.Provenance.Instruction!, question.Persona.Text, question.Prompt, order), part.Progress.Retried, hardStop.Token);
                        failure.Clear();
                        part.Add(question, PersonaQuestion.Parse(answer.Text, order.Length) is { } place ? order[place] : PersonaVotes.Unusable, answer);
                        if (part.IsSaveDue(AnswersPerSave, s_longestUnsaved) && !await SaveAsync(part))
                            await pause.CancelAsync();
                    }
                    catch (ChatEndpointException refused)
                    {
                        if (failure.Add(refused, FailuresInARow))
                            await pause.CancelAsync();
                    }
                    catch (OperationCanceledException) when (hardStop.IsCancellationRequested)
                    {
                        // Not answered in time: it is asked again when the cohort goes on.
                    }
                });
        }
        catch (OperationCanceledException) when (pause.IsCancellationRequested)
        {
            // No more questions.
        }
        finally
        {
            await SaveAsync(part);
        }
        return failure.Words is { } words ? (PersonaStatus.Paused, words)
            : pause.IsCancellationRequested ? null
            : failure.Count > 0 ? (PersonaStatus.Paused, $"{(failure.Count == 1 ? "One question has" : $"{failure.Count:N0} questions have")} no answer yet: {failure.Last}")
            : (PersonaStatus.Complete, "");
    }

    private async IAsyncEnumerable<Question> QuestionsAsync(Part part, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var promptIndexes in part.Prompts.Chunk(PromptsPerRead))
        {
            if (!promptIndexes.Any(promptIndex => part.Personas.Any(persona => part.IsOpen(persona, promptIndex))))
                continue;
            foreach (var prompt in await PersonaKeeper.PromptsAsync(contexts, part.Cohort.DatasetId, promptIndexes, cancellation))
                foreach (var persona in part.Personas)
                    if (part.IsOpen(persona, prompt.PromptIndex))
                        yield return new(persona, prompt);
        }
    }

    /// <returns>False when the cohort is gone or somebody paused it.</returns>
    private async Task<bool> SaveAsync(Part part)
    {
        await part.Saving.WaitAsync();
        try
        {
            await using var context = await contexts.CreateDbContextAsync();
            foreach (var (index, choices, unusable) in part.TakeUnsaved())
                await context.Personas.Where(persona => persona.CohortId == part.Cohort.Id && persona.Index == index)
                    .ExecuteUpdateAsync(set => set.SetProperty(persona => persona.Choices, choices).SetProperty(persona => persona.Unusable, unusable));
            return await context.PersonaCohorts.AnyAsync(cohort => cohort.Id == part.Cohort.Id && cohort.Status == PersonaStatus.Running);
        }
        finally
        {
            part.Saving.Release();
        }
    }

    private async Task EndAsync(int cohortId, PersonaStatus status, string message)
    {
        await using var context = await contexts.CreateDbContextAsync();
        await context.PersonaCohorts.Where(cohort => cohort.Id == cohortId && cohort.Status == PersonaStatus.Running)
            .ExecuteUpdateAsync(set => set.SetProperty(cohort => cohort.Status, status).SetProperty(cohort => cohort.Message, message));
    }

    [LoggerMessage(LogLevel.Warning, "Playing personas was interrupted; it goes on in a moment.")]
    private static partial void LogFailure(ILogger logger, Exception failure);

    private sealed record Question(Persona Persona, PersonaPrompt Prompt);

    /// <summary>What is known of a cohort while it is played.</summary>
    private sealed class Part
    {
        private readonly Lock guard = new();
        private readonly Dictionary<int, byte[]> choices;
        private readonly Dictionary<int, int> unusable;
        private readonly HashSet<int> unsaved = [];
        private int answersUnsaved;
        private long savedAt = Environment.TickCount64;

        public Part(PersonaCohort cohort)
        {
            Cohort = cohort;
            Personas = [.. cohort.Personas.OrderBy(persona => persona.Index)];
            choices = Personas.ToDictionary(persona => persona.Index, persona => persona.Choices);
            unusable = Personas.ToDictionary(persona => persona.Index, persona => persona.Unusable);
            Prompts = PromptSample.Draw(PersonaChoices.Unpack(Personas[0].Choices).Length, cohort.Provenance.Prompts, cohort.Provenance.Seed);
            var total = Prompts.Length * Personas.Count;
            Progress = new(total, total - Personas.Sum(persona => Prompts.Count(promptIndex => IsOpen(persona, promptIndex))));
        }

        public PersonaCohort Cohort { get; }
        public IReadOnlyList<Persona> Personas { get; }
        public int[] Prompts { get; }
        public PersonaProgress Progress { get; }
        public SemaphoreSlim Saving { get; } = new(1);

        public bool IsOpen(Persona persona, int promptIndex)
        {
            lock (guard)
                return PersonaChoices.At(choices[persona.Index], promptIndex) == PersonaVotes.NotAsked;
        }

        public void Add(Question question, int choice, ChatAnswer answer)
        {
            var index = question.Persona.Index;
            lock (guard)
            {
                // A copy, because the old one may be on its way to the database.
                var changed = choices[index].ToArray();
                PersonaChoices.Set(changed, question.Prompt.PromptIndex, choice);
                choices[index] = changed;
                unusable[index] += choice == PersonaVotes.Unusable ? 1 : 0;
                unsaved.Add(index);
                answersUnsaved++;
            }
            Progress.Add(answer);
        }

        public bool IsSaveDue(int answers, TimeSpan age)
        {
            lock (guard)
                return answersUnsaved >= answers || Environment.TickCount64 - savedAt > age.TotalMilliseconds;
        }

        public (int Index, byte[] Choices, int Unusable)[] TakeUnsaved()
        {
            lock (guard)
            {
                (int, byte[], int)[] taken = [.. unsaved.Select(index => (index, choices[index], unusable[index]))];
                unsaved.Clear();
                (answersUnsaved, savedAt) = (0, Environment.TickCount64);
                return taken;
            }
        }
    }

    /// <summary>Questions that got no answer.</summary>
    private sealed class Failures
    {
        private readonly Lock guard = new();
        private int inARow;

        public int Count { get; private set; }

        public string? Last { get; private set; }

        /// <summary>Why there is no use in going on; null while there is.</summary>
        public string? Words { get; private set; }

        /// <returns>Whether to stop.</returns>
        public bool Add(ChatEndpointException refused, int most)
        {
            lock (guard)
            {
                Count++;
                Last = refused.Message;
                if (++inARow >= most)
                    Words ??= refused.IsWorthRetrying ? $"{refused.Message} It kept failing, so nothing more was asked." : refused.Message;
                return Words is not null;
            }
        }

        public void Clear()
        {
            lock (guard)
                inARow = 0;
        }
    }
}
