using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Studies;

namespace PersonalLlm.Web.Features.Studies.Rehearsals;

/// <summary>A try of a study: walked by a researcher, or by simulated participants.</summary>
public sealed record RehearsalRow(int Id, string Code, DateTimeOffset CreatedAt, int Annotators, int Simulated, int Judgements);

/// <summary>What came of the wish to try a study.</summary>
/// <param name="Id">The rehearsal; null when the study cannot be opened as it is.</param>
/// <param name="Code">Its code.</param>
/// <param name="Problems">Why not, in words.</param>
internal sealed record RehearsalOutcome(int? Id, string Code, IReadOnlyList<string> Problems);

/// <summary>Makes tries of a study, lists them, and throws them away.</summary>
internal sealed class RehearsalKeeper(IDbContextFactory<PersonalLlmDbContext> contexts, StudyLauncher launcher, StudyDrafter drafter, TimeProvider clock)
{
    /// <summary>After this long a rehearsal has said what it had to say.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromDays(1);

    /// <summary>A fresh rehearsal of the design as it is now, open at once.</summary>
    /// <param name="studyId">The study to try; drafts too.</param>
    /// <param name="createdById">The researcher.</param>
    public async Task<RehearsalOutcome> MakeAsync(int studyId, Guid? createdById)
    {
        if (await drafter.ReadAsync(studyId) is not { } draft)
            return new(null, "", ["This study is gone."]);
        if (draft.IsEditable && await drafter.CheckAsync(draft.Design) is { Count: > 0 } problems)
            return new(null, "", [.. problems.Select(problem => problem.Words)]);
        if (await launcher.CloneAsync(studyId, asRehearsal: true, createdById) is not { } id)
            return new(null, "", ["This study is gone."]);
        await using var data = await contexts.CreateDbContextAsync();
        return new(id, await data.Studies.Where(study => study.Id == id).Select(study => study.Code).SingleAsync(), []);
    }

    /// <summary>A researcher's preview begins anew every time: their earlier ones of the study are thrown away.</summary>
    public async Task<RehearsalOutcome> PreviewAsync(int studyId, Guid? researcherId)
    {
        await using (var data = await contexts.CreateDbContextAsync())
        {
            var earlier = await data.Studies
                .Where(study => study.RehearsalOfId == studyId && study.CreatedById == researcherId
                    && !data.Annotators.Any(row => row.StudyId == study.Id && row.Kind == AnnotatorKind.Simulated))
                .Select(study => study.Id).ToListAsync();
            foreach (var rehearsalId in earlier)
                await DeleteAsync(rehearsalId);
        }
        return await MakeAsync(studyId, researcherId);
    }

    public async Task<IReadOnlyList<RehearsalRow>> ListAsync(int studyId)
    {
        await using var data = await contexts.CreateDbContextAsync();
        return await data.Studies.Where(study => study.RehearsalOfId == studyId).OrderByDescending(study => study.CreatedAt)
            .Select(study => new RehearsalRow(
                study.Id, study.Code, study.CreatedAt, data.Annotators.Count(row => row.StudyId == study.Id),
                data.Annotators.Count(row => row.StudyId == study.Id && row.Kind == AnnotatorKind.Simulated),
                data.Assignments.Count(row => row.StudyId == study.Id && row.State == AssignmentState.Submitted)))
            .ToListAsync();
    }

    /// <summary>Throws a rehearsal away with everything that was done in it. A real study stays, whatever its id.</summary>
    public async Task DeleteAsync(int rehearsalId, CancellationToken cancellation = default)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        await data.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            await using var transaction = await data.Database.BeginTransactionAsync(cancellation);
            // Assignments hold on to annotators and to one another, so it goes from the leaves down.
            var assignments = data.Assignments.Where(row => row.StudyId == rehearsalId && row.Study!.RehearsalOfId != null);
            await assignments.Where(row => row.RepeatOfId != null).ExecuteDeleteAsync(cancellation);
            await assignments.ExecuteDeleteAsync(cancellation);
            await data.Consents.Where(row => row.StudyId == rehearsalId && row.Study!.RehearsalOfId != null).ExecuteDeleteAsync(cancellation);
            await data.Studies.Where(study => study.Id == rehearsalId && study.RehearsalOfId != null).ExecuteDeleteAsync(cancellation);
            await transaction.CommitAsync(cancellation);
        });
    }

    /// <summary>Throws away what is older than a day.</summary>
    public async Task DeleteOldAsync(CancellationToken cancellation = default)
    {
        var before = clock.GetUtcNow() - Life;
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        var old = await data.Studies.Where(study => study.RehearsalOfId != null && study.CreatedAt < before).Select(study => study.Id).ToListAsync(cancellation);
        foreach (var rehearsalId in old)
            await DeleteAsync(rehearsalId, cancellation);
    }
}
