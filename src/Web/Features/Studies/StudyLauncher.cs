using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Postgres;
using PersonalLlm.Data.Studies;

namespace PersonalLlm.Web.Features.Studies;

/// <summary>What may change after the design is locked, while nobody is at work.</summary>
/// <param name="Overlap">Can only grow: places that were taken stay taken.</param>
/// <param name="ConsentText">A new wording; null or the same keeps the version.</param>
internal sealed record StudyAmendment(int Overlap, DateTimeOffset? ClosesAt, int? Quota, bool AllowsRevision, string? ConsentText = null);

/// <summary>Opens, pauses and closes studies, locks their designs, copies them, and deletes drafts.</summary>
internal sealed class StudyLauncher(IDbContextFactory<PersonalLlmDbContext> contexts, StudyDrafter drafter, TimeProvider clock)
{
    // No letter or digit that is mistaken for another when read aloud or copied by hand.
    private const string CodeAlphabet = "abcdefghjkmnpqrstuvwxyz23456789";

    public static string NewCode() => RandomNumberGenerator.GetString(CodeAlphabet, 10);

    public static uint NewSeed() => BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4));

    /// <summary>Opens the study, and locks its design the first time.</summary>
    /// <returns>What keeps it from being opened, in words; nothing when it is open.</returns>
    public async Task<IReadOnlyList<string>> OpenAsync(int studyId, CancellationToken cancellation = default)
    {
        // Looking through all texts takes a while, so it is done before anybody has to wait for the row.
        if (await drafter.ReadAsync(studyId, cancellation) is not { } draft)
            return [Gone];
        var problems = draft.IsEditable ? [.. (await drafter.CheckAsync(draft.Design, cancellation)).Select(problem => problem.Words)] : Array.Empty<string>();
        if (problems.Length > 0)
            return problems;
        return await ChangeAsync(studyId, async (data, study) =>
        {
            if (study.ClosesAt <= clock.GetUtcNow())
                return ["The closing time has passed. Change it first."];
            if (study.Version == 0)
                await data.LockAsync(study, clock.GetUtcNow(), cancellation);
            study.Status = StudyStatus.Open;
            return [];
        }, cancellation);
    }

    /// <summary>Nobody can begin or submit until it is opened again; what people have in hand is kept.</summary>
    public Task PauseAsync(int studyId, CancellationToken cancellation = default) => StopAsync(studyId, StudyStatus.Paused, cancellation);

    public Task CloseAsync(int studyId, CancellationToken cancellation = default) => StopAsync(studyId, StudyStatus.Closed, cancellation);

    /// <summary>How many people have an item in hand, and would be interrupted.</summary>
    public async Task<int> CountInHandAsync(int studyId, CancellationToken cancellation = default)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        var now = clock.GetUtcNow();
        return await data.Assignments.CountAsync(
            row => row.StudyId == studyId && row.State == AssignmentState.Leased && row.LeasedUntil > now, cancellation);
    }

    /// <summary>Makes the next version of a locked design.</summary>
    /// <returns>What is wrong with it, in words; nothing when it is done.</returns>
    public Task<IReadOnlyList<string>> AmendAsync(int studyId, StudyAmendment amendment, CancellationToken cancellation = default) =>
        ChangeAsync(studyId, async (data, study) =>
        {
            var problems = Problems(study, amendment).ToArray();
            if (problems.Length > 0)
                return problems;
            var wording = amendment.ConsentText?.ReplaceLineEndings("\n").Trim();
            var latest = study.ConsentTexts.MaxBy(text => text.Version);
            var isNewWording = !string.IsNullOrEmpty(wording) && wording != latest?.Text;
            if (!isNewWording && amendment.Overlap == study.Overlap && amendment.ClosesAt == study.ClosesAt && amendment.Quota == study.Quota
                && amendment.AllowsRevision == study.AllowsRevision)
                return ["Nothing was changed."];
            (study.Overlap, study.ClosesAt, study.Quota, study.AllowsRevision) =
                (amendment.Overlap, amendment.ClosesAt, amendment.Quota, amendment.AllowsRevision);
            if (isNewWording)
                study.ConsentTexts.Add(new() { StudyId = study.Id, Version = (latest?.Version ?? 0) + 1, Text = wording!, CreatedAt = clock.GetUtcNow() });
            await data.LockAsync(study, clock.GetUtcNow(), cancellation);
            return [];
        }, cancellation);

    /// <summary>A copy under another code. A draft to be edited, or a rehearsal: the same design, opened at once, to be walked and thrown away.</summary>
    /// <param name="keepSeed">Same seed, same orders of responses.</param>
    /// <returns>The copy's id; null when there is no such study.</returns>
    public async Task<int?> CloneAsync(
        int studyId, bool asRehearsal, Guid? createdById = null, bool keepSeed = true, CancellationToken cancellation = default)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        var study = await data.Studies.AsNoTracking().AsSplitQuery().Include(row => row.ConsentTexts).Include(row => row.Prompts)
            .SingleOrDefaultAsync(row => row.Id == studyId, cancellation);
        if (study is null)
            return null;
        var now = clock.GetUtcNow();
        var copy = new Study
        {
            Code = asRehearsal ? Study.RehearsalPrefix + NewCode() : NewCode(),
            Name = asRehearsal ? study.Name : CopyName(study.Name),
            DatasetId = study.DatasetId,
            Selection = study.Selection,
            CohortId = study.CohortId,
            Status = StudyStatus.Draft,
            Overlap = study.Overlap,
            Instructions = study.Instructions,
            Seed = keepSeed ? study.Seed : NewSeed(),
            Instrument = study.Instrument,
            Assignment = study.Assignment,
            HasPractice = study.HasPractice,
            AttentionChecks = study.AttentionChecks,
            Survey = study.Survey,
            Access = study.Access,
            Platform = study.Platform,
            SelfNaming = study.SelfNaming,
            AllowsRevision = study.AllowsRevision,
            WithdrawalDays = study.WithdrawalDays,
            OpensAt = asRehearsal ? null : study.OpensAt,
            ClosesAt = asRehearsal ? null : study.ClosesAt,
            Quota = asRehearsal ? null : study.Quota,
            Language = study.Language,
            RehearsalOfId = asRehearsal ? study.Id : null,
            CreatedById = createdById,
            CreatedAt = now,
        };
        copy.Prompts.AddRange(study.Prompts.Select(item => new StudyPrompt { PromptId = item.PromptId, Index = item.Index }));
        if (study.ConsentTexts.MaxBy(text => text.Version) is { } consent)
            copy.ConsentTexts.Add(new() { Version = 1, Text = consent.Text, CreatedAt = now });
        data.Studies.Add(copy);
        await data.SaveChangesAsync(cancellation);
        if (asRehearsal)
            await ChangeAsync(copy.Id, async (context, row) =>
            {
                await context.LockAsync(row, now, cancellation);
                row.Status = StudyStatus.Open;
                return [];
            }, cancellation);
        return copy.Id;
    }

    /// <summary>Deletes a study that was never opened.</summary>
    /// <returns>Why it stays, in words; null when it is gone.</returns>
    public async Task<string?> DeleteDraftAsync(int studyId, CancellationToken cancellation = default)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        var deleted = await data.Studies
            .Where(study => study.Id == studyId && study.Status == StudyStatus.Draft && study.Version == 0
                && !data.Annotators.Any(annotator => annotator.StudyId == studyId) && !data.Studies.Any(other => other.RehearsalOfId == studyId))
            .ExecuteDeleteAsync(cancellation);
        if (deleted == 1)
            return null;
        return await data.Studies.AnyAsync(study => study.RehearsalOfId == studyId, cancellation)
            ? "It stays, because a rehearsal of it is still there. Throw that away first."
            : "It stays: only a draft that nobody has worked on can be deleted.";
    }

    private const string Gone = "This study is gone.";

    private async Task StopAsync(int studyId, StudyStatus status, CancellationToken cancellation)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        await data.Studies.Where(study => study.Id == studyId && study.Status != StudyStatus.Draft)
            .ExecuteUpdateAsync(set => set.SetProperty(study => study.Status, status), cancellation);
    }

    private IEnumerable<string> Problems(Study study, StudyAmendment amendment)
    {
        if (study.Version == 0)
            yield return "The design is not locked yet; edit the draft instead.";
        if (study.Status == StudyStatus.Open)
            yield return "Pause the study first, so that nobody is at work while it changes.";
        if (amendment.Overlap < study.Overlap)
            yield return $"People per prompt can only grow: it is {study.Overlap} now.";
        if (amendment.Overlap > StudyDesign.MostPeople)
            yield return $"At most {StudyDesign.MostPeople:N0} people judge each prompt.";
        if (amendment.ClosesAt is { } closes && closes != study.ClosesAt && closes <= clock.GetUtcNow())
            yield return "The closing time lies in the past.";
        if (amendment.Quota < 1)
            yield return "At least one person may join; leave the quota empty for no limit.";
    }

    private static string CopyName(string name) => name.Length > StudyDesign.LongestName - 10 ? name : $"Copy of {name}";

    /// <summary>Changes a study while its row is held, so that two of us cannot lock or edit it at once.</summary>
    private async Task<IReadOnlyList<string>> ChangeAsync(
        int studyId, Func<PersonalLlmDbContext, Study, Task<IReadOnlyList<string>>> change, CancellationToken cancellation)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        return await data.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            data.ChangeTracker.Clear();
            await using var transaction = await data.Database.BeginTransactionAsync(cancellation);
            await data.LockStudyAsync(studyId, cancellation);
            var study = await data.Studies.Include(row => row.ConsentTexts).SingleOrDefaultAsync(row => row.Id == studyId, cancellation);
            if (study is null)
                return [Gone];
            var problems = await change(data, study);
            if (problems.Count > 0)
                return problems;
            await data.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
            return [];
        });
    }
}
