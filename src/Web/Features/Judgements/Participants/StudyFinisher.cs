using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Postgres;
using PersonalLlm.Data.Studies;

namespace PersonalLlm.Web.Features.Judgements.Participants;

/// <summary>Ends a participant's way through a study once everything they did is stored, and gives the code that says so.</summary>
internal sealed class StudyFinisher(IDbContextFactory<PersonalLlmDbContext> contexts, AssignmentLeaser leaser, TimeProvider clock)
{
    // No letter or digit that is mistaken for another when read aloud or copied by hand.
    private const string CodeAlphabet = "ABCDEFGHJKMNPQRSTUVWXYZ23456789";
    private const int CodeLength = 10;

    /// <summary>The annotator with the instant and the code, set now or before; null when something is left to do.</summary>
    public async Task<Annotator?> FinishAsync(StudyDoor door, Visitor visitor, CancellationToken cancellation = default)
    {
        if (door is not { Annotator: { } annotator, Next: StudyStep.Done })
            return null;
        // In a study that takes nothing more, nothing is left; in an open one the leaser knows.
        if (annotator.CompletedAt is null && door.Welcome.Status == StudyStatus.Open
            && await leaser.NextAsync(door.Study.Code, visitor, cancellation) is not (LeaseOutcome.NothingLeft or LeaseOutcome.StudyFull))
            return null;
        return await CompleteAsync(door.Study, annotator.Id, cancellation);
    }

    private async Task<Annotator?> CompleteAsync(Study study, Guid annotatorId, CancellationToken cancellation)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        return await data.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            await using var transaction = await data.Database.BeginTransactionAsync(cancellation);
            // While this row is ours, no tab of theirs can take another item.
            if (!await data.LockAnnotatorAsync(annotatorId, cancellation))
                return null;
            var own = data.Annotators.Where(row => row.Id == annotatorId);
            if (study.StatusAt(clock.GetUtcNow()) != StudyStatus.Open
                || !await data.Assignments.AnyAsync(row => row.AnnotatorId == annotatorId && row.State == AssignmentState.Leased, cancellation))
            {
                var (now, code) = (clock.GetUtcNow(), CodeFor(study));
                await own.Where(row => row.CompletedAt == null).ExecuteUpdateAsync(
                    set => set.SetProperty(row => row.CompletedAt, now).SetProperty(row => row.CompletionCode, code), cancellation);
            }
            await transaction.CommitAsync(cancellation);
            return await own.AsNoTracking().SingleOrDefaultAsync(row => row.CompletedAt != null, cancellation);
        });
    }

    /// <summary>Only platforms ask for a code.</summary>
    private static string? CodeFor(Study study) => study switch
    {
        { Access: not StudyAccess.Platform } => null,
        { Platform.CompletionCode.Length: > 0 } => study.Platform.CompletionCode,
        _ => RandomNumberGenerator.GetString(CodeAlphabet, CodeLength),
    };
}
