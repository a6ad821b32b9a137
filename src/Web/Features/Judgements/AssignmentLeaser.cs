using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PersonalLlm.Data;
using PersonalLlm.Data.Postgres;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Studies;

namespace PersonalLlm.Web.Features.Judgements;

/// <summary>Hands prompts to annotators: their own first, then the least annotated, never beyond the study's overlap.</summary>
internal sealed class AssignmentLeaser(
    IDbContextFactory<PersonalLlmDbContext> contexts, TimeProvider clock, IOptions<JudgementOptions> options)
{
    public async Task<LeaseOutcome> NextAsync(string studyCode, Visitor visitor, CancellationToken cancellation = default)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        var found = await data.Studies.AsNoTracking().Where(row => row.Code == studyCode)
            .Select(row => new { Study = row, Annotator = data.Annotators.Of(visitor).SingleOrDefault(own => own.StudyId == row.Id) })
            .SingleOrDefaultAsync(cancellation);
        if (found is null)
            return new LeaseOutcome.NoSuchStudy();
        var study = found.Study;
        if (study.StatusAt(clock.GetUtcNow()) is var status and not StudyStatus.Open)
            return new LeaseOutcome.StudyNotOpen(status);

        var annotator = found.Annotator ?? await JoinAsync(data, study.Id, visitor.UserId, cancellation);
        if (await RenewOwnAsync(data, annotator, cancellation) is { } kept)
            return new LeaseOutcome.Leased(kept, LostDraft: false);

        await data.ReturnExpiredPlacesAsync(study.Id, clock.GetUtcNow(), cancellation);
        return await data.Database.CreateExecutionStrategy().ExecuteAsync(() => LeaseAsync(data, study, annotator, cancellation));
    }

    private async Task<LeaseOutcome> LeaseAsync(PersonalLlmDbContext data, Study study, Annotator annotator, CancellationToken cancellation)
    {
        data.ChangeTracker.Clear();
        await using var transaction = await data.Database.BeginTransactionAsync(cancellation);
        // Writing the annotator's row makes their tabs queue up, so that two of them cannot lease two prompts.
        await data.Annotators.Where(row => row.Id == annotator.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.JoinedAt, row => row.JoinedAt), cancellation);

        var leased = await RenewOwnAsync(data, annotator, cancellation)
            ?? await TakeBackOwnAsync(data, annotator, cancellation)
            ?? await TakeNewAsync(data, study, annotator, cancellation);
        await transaction.CommitAsync(cancellation);
        if (leased is { } assignmentId)
            return new LeaseOutcome.Leased(assignmentId, await HasLostDraftAsync(data, annotator, cancellation));

        var ranked = await data.Assignments.CountAsync(row => row.AnnotatorId == annotator.Id && row.State == AssignmentState.Submitted, cancellation);
        return ranked == await data.StudyPrompts.CountAsync(item => item.StudyId == study.Id, cancellation)
            ? new LeaseOutcome.NothingLeft()
            : new LeaseOutcome.StudyFull();
    }

    /// <summary>The prompt in hand. A lease that ran out but was not yet returned still holds its place, so it is simply renewed.</summary>
    private async Task<Guid?> RenewOwnAsync(PersonalLlmDbContext data, Annotator annotator, CancellationToken cancellation)
    {
        var own = await data.Assignments.AsNoTracking()
            .Where(row => row.AnnotatorId == annotator.Id && row.State == AssignmentState.Leased)
            .Select(row => (Guid?)row.Id).FirstOrDefaultAsync(cancellation);
        var until = LeaseEnd;
        return own is not null && await data.Assignments.Where(row => row.Id == own && row.State == AssignmentState.Leased)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.LeasedUntil, until), cancellation) == 1 ? own : null;
    }

    private async Task<Guid?> TakeBackOwnAsync(PersonalLlmDbContext data, Annotator annotator, CancellationToken cancellation)
    {
        var expired = await data.Assignments.AsNoTracking()
            .Where(row => row.AnnotatorId == annotator.Id && row.State == AssignmentState.Expired)
            .OrderByDescending(row => row.LeasedUntil).ToListAsync(cancellation);
        foreach (var assignment in expired)
        {
            if (await data.TryTakeBackAsync(assignment, AssignmentState.Leased, LeaseEnd, cancellation))
                return assignment.Id;
        }
        return null;
    }

    private async Task<Guid?> TakeNewAsync(PersonalLlmDbContext data, Study study, Annotator annotator, CancellationToken cancellation)
    {
        var promptCount = await data.StudyPrompts.CountAsync(item => item.StudyId == study.Id, cancellation);
        // Starting at another prompt for each annotator keeps simultaneous arrivals from queueing at one row.
        var shift = promptCount == 0 ? 0 : (int)((long)annotator.Number * 7919 % promptCount);
        while (true)
        {
            var candidate = await data.StudyPrompts.AsNoTracking()
                .Where(item => item.StudyId == study.Id && item.Taken < item.Study!.Overlap
                    && !data.Assignments.Any(row => row.AnnotatorId == annotator.Id && row.PromptId == item.PromptId))
                .OrderBy(item => item.Taken).ThenBy(item => (item.Index + shift) % promptCount)
                .Select(item => new { item.PromptId, item.Index, ResponseCount = item.Prompt!.Responses.Count })
                .FirstOrDefaultAsync(cancellation);
            if (candidate is null)
                return null;
            if (!await data.TryTakePlaceAsync(study.Id, candidate.PromptId, cancellation))
                continue;

            var assignment = new Assignment
            {
                StudyId = study.Id,
                PromptId = candidate.PromptId,
                AnnotatorId = annotator.Id,
                PresentedOrder = PresentationOrder.Of(candidate.ResponseCount, annotator.Number, candidate.Index, study.Seed),
                State = AssignmentState.Leased,
                LeasedAt = clock.GetUtcNow(),
                LeasedUntil = LeaseEnd,
            };
            data.Assignments.Add(assignment);
            await data.SaveChangesAsync(cancellation);
            return assignment.Id;
        }
    }

    /// <summary>True until the annotator has submitted something after the loss, so that they are told once and not for ever.</summary>
    private static Task<bool> HasLostDraftAsync(PersonalLlmDbContext data, Annotator annotator, CancellationToken cancellation) =>
        data.JudgementDrafts.AnyAsync(
            draft => draft.Assignment!.AnnotatorId == annotator.Id && draft.Assignment.State == AssignmentState.Expired
                && !data.Judgements.Any(later => later.Assignment!.AnnotatorId == annotator.Id && later.SubmittedAt > draft.SavedAt),
            cancellation);

    private async Task<Annotator> JoinAsync(PersonalLlmDbContext data, int studyId, Guid userId, CancellationToken cancellation)
    {
        while (true)
        {
            var known = await data.Annotators.AsNoTracking()
                .SingleOrDefaultAsync(row => row.StudyId == studyId && row.UserId == userId, cancellation);
            if (known is not null)
                return known;
            var last = await data.Annotators.Where(row => row.StudyId == studyId).MaxAsync(row => (int?)row.Number, cancellation) ?? 0;
            var annotator = new Annotator
            {
                StudyId = studyId,
                UserId = userId,
                Kind = AnnotatorKind.Human,
                Number = last + 1,
                JoinedAt = clock.GetUtcNow(),
            };
            data.Annotators.Add(annotator);
            try
            {
                await data.SaveChangesAsync(cancellation);
                return annotator;
            }
            catch (DbUpdateException exception) when (exception.IsUniqueViolation())
            {
                // Somebody arrived at the same moment and has the number; or it was this person in another tab.
                data.ChangeTracker.Clear();
            }
        }
    }

    private DateTimeOffset LeaseEnd => clock.GetUtcNow() + options.Value.Lease;
}
