using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Postgres;
using PersonalLlm.Data.Datasets;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Studies;

namespace PersonalLlm.Web.Features.Studies;

/// <param name="IsEditable">False once the study was opened.</param>
internal sealed record StudyDraft(StudyDesign Design, bool IsEditable);

internal abstract record SaveOutcome
{
    private SaveOutcome() { }

    /// <param name="Problems">What keeps the saved draft from being opened.</param>
    public sealed record Saved(int StudyId, DateTimeOffset At, IReadOnlyList<DesignProblem> Problems) : SaveOutcome;

    public sealed record Refused(IReadOnlyList<DesignProblem> Problems) : SaveOutcome;

    /// <summary>The design was locked in the meantime, or the study deleted.</summary>
    public sealed record NoLongerADraft : SaveOutcome;
}

/// <summary>Reads, checks and saves the drafts of studies.</summary>
internal sealed class StudyDrafter(IDbContextFactory<PersonalLlmDbContext> contexts, SelfNamingScanner scanner, TimeProvider clock)
{
    public async Task<StudyDraft?> ReadAsync(int studyId, CancellationToken cancellation = default)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        var study = await data.Studies.AsNoTracking().Include(row => row.ConsentTexts).SingleOrDefaultAsync(row => row.Id == studyId, cancellation);
        return study is null ? null : new(StudyDesign.Of(study), IsDraft(study));
    }

    /// <summary>The prompts of a design. A prompt needs two responses to be judged, and letters end at 26.</summary>
    public async Task<PromptChoiceResult> PromptsAsync(StudyDesign design, CancellationToken cancellation = default)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        var selection = design.Selection;
        var rankable = data.Prompts.Where(prompt => prompt.DatasetId == design.DatasetId
            && prompt.Responses.Count >= 2 && prompt.Responses.Count <= Ranking.MaximumResponses);
        if (selection.Choice == PromptChoice.Subset)
            rankable = rankable.Where(prompt => prompt.Subset == selection.Subset);
        if (selection.Choice == PromptChoice.Filter)
            rankable = string.IsNullOrWhiteSpace(selection.Words) ? rankable.Where(_ => false) : rankable.Containing(selection.Words.Trim());
        var prompts = await rankable.OrderBy(prompt => prompt.Index)
            .Select(prompt => new
            {
                prompt.Id,
                prompt.Text.Length,
                Responses = prompt.Responses.Count,
                Characters = prompt.Responses.Sum(response => response.Text.Length),
            })
            .ToListAsync(cancellation);
        var selfNaming = prompts.Count == 0 ? SelfNamingScanner.Nothing : await scanner.FindAsync(design.DatasetId, cancellation);
        var named = prompts.Where(prompt => selfNaming.ContainsKey(prompt.Id)).ToList();
        if (design.SelfNaming == SelfNamingPolicy.Exclude)
            prompts = [.. prompts.Except(named)];
        if (selection.Choice == PromptChoice.Sample)
            prompts = [.. PromptSample.Draw(prompts.Count, selection.SampleSize, selection.Seed).Select(position => prompts[position])];
        var result = new PromptChoiceResult([.. prompts.Select(prompt => prompt.Id)])
        {
            SelfNaming = named.Sum(prompt => selfNaming[prompt.Id].Length),
            SelfNamingPrompts = named.Count,
        };
        return prompts.Count == 0 ? result : result with
        {
            FewestResponses = prompts.Min(prompt => prompt.Responses),
            MostResponses = prompts.Max(prompt => prompt.Responses),
            PromptCharacters = prompts.Average(prompt => prompt.Length),
            ResponseCharacters = prompts.Sum(prompt => (double)prompt.Characters) / prompts.Sum(prompt => prompt.Responses),
            Responses = prompts.Average(prompt => prompt.Responses),
        };
    }

    /// <summary>What keeps the design from being opened; nothing when it is ready.</summary>
    public async Task<IReadOnlyList<DesignProblem>> CheckAsync(StudyDesign design, CancellationToken cancellation = default) =>
        StudyDesignChecks.Problems(design, await PromptsAsync(design, cancellation), clock.GetUtcNow());

    /// <summary>Saves the draft as it is, unfinished too; makes the study when there is none yet.</summary>
    public async Task<SaveOutcome> SaveAsync(int? studyId, StudyDesign design, Guid? personId, CancellationToken cancellation = default)
    {
        if (StudyDesignChecks.Unsaveable(design).ToArray() is { Length: > 0 } unsaveable)
            return new SaveOutcome.Refused(unsaveable);
        var prompts = await PromptsAsync(design, cancellation);
        var now = clock.GetUtcNow();
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        if (design.CohortId is { } cohortId && !await data.Cohorts.AnyAsync(cohort => cohort.Id == cohortId && cohort.DatasetId == design.DatasetId, cancellation))
            return new SaveOutcome.Refused([new("cohort", "The population to compare people with is gone or of another data set; choose again.")]);
        var savedId = await data.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            data.ChangeTracker.Clear();
            await using var transaction = await data.Database.BeginTransactionAsync(cancellation);
            var study = studyId is { } id ? await HeldAsync(data, id, cancellation) : New(personId, now);
            if (study is null)
                return (int?)null;
            design.WriteTo(study);
            if (studyId is null)
                data.Studies.Add(study);
            await data.SaveChangesAsync(cancellation);
            await WritePromptsAsync(data, study.Id, prompts.PromptIds, cancellation);
            await WriteConsentAsync(data, study.Id, StudyDesign.Tidy(design.ConsentText), now, cancellation);
            await transaction.CommitAsync(cancellation);
            return study.Id;
        });
        return savedId is null ? new SaveOutcome.NoLongerADraft() : new SaveOutcome.Saved(savedId.Value, now, StudyDesignChecks.Problems(design, prompts, now));
    }

    private static bool IsDraft(Study study) => study is { Status: StudyStatus.Draft, Version: 0 };

    private static Study New(Guid? personId, DateTimeOffset now) => new()
    {
        Code = StudyLauncher.NewCode(),
        Name = "",
        Status = StudyStatus.Draft,
        Seed = StudyLauncher.NewSeed(),
        CreatedById = personId,
        CreatedAt = now,
    };

    private static async Task<Study?> HeldAsync(PersonalLlmDbContext data, int studyId, CancellationToken cancellation)
    {
        await data.LockStudyAsync(studyId, cancellation);
        var study = await data.Studies.SingleOrDefaultAsync(row => row.Id == studyId, cancellation);
        return study is not null && IsDraft(study) ? study : null;
    }

    private static async Task WritePromptsAsync(PersonalLlmDbContext data, int studyId, IReadOnlyList<long> promptIds, CancellationToken cancellation)
    {
        var kept = data.StudyPrompts.Where(item => item.StudyId == studyId);
        if (promptIds.SequenceEqual(await kept.OrderBy(item => item.Index).Select(item => item.PromptId).ToListAsync(cancellation)))
            return;
        await kept.ExecuteDeleteAsync(cancellation);
        data.StudyPrompts.AddRange(promptIds.Select((promptId, index) => new StudyPrompt { StudyId = studyId, PromptId = promptId, Index = index }));
        await data.SaveChangesAsync(cancellation);
    }

    // Nobody has agreed to a draft's wording, so it stays version 1 until the design is locked.
    private static async Task WriteConsentAsync(PersonalLlmDbContext data, int studyId, string text, DateTimeOffset now, CancellationToken cancellation)
    {
        var kept = data.ConsentTexts.Where(row => row.StudyId == studyId);
        if (await kept.AnyAsync(row => row.Text == text, cancellation))
            return;
        await kept.ExecuteDeleteAsync(cancellation);
        if (text.Length == 0)
            return;
        data.ConsentTexts.Add(new() { StudyId = studyId, Version = 1, Text = text, CreatedAt = now });
        await data.SaveChangesAsync(cancellation);
    }
}
