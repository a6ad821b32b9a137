using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Postgres;
using PersonalLlm.Data.Studies;
using PersonalLlm.Web.Live;

namespace PersonalLlm.Web.Features.Judgements.Participants;

/// <summary>Somebody who may want to withdraw, and until when they can.</summary>
/// <param name="Until">Null when the study allows no withdrawal.</param>
internal sealed record Withdrawable(Study Study, Annotator Annotator, DateTimeOffset? Until)
{
    public bool IsPossible(DateTimeOffset now) => Annotator.WithdrawnAt is null && now < Until;
}

/// <summary>Takes a participant's consent back: what they did is deleted, and its places return to the study.</summary>
internal sealed class Withdrawal(
    IDbContextFactory<PersonalLlmDbContext> contexts, IDataProtectionProvider protection, TimeProvider clock, JudgementFeed feed)
{
    /// <summary>A secret for one annotator's link, which can be kept; how long it works is the study's to say.</summary>
    public string Seal(string studyCode, Guid annotatorId) => Protector(studyCode).Protect(annotatorId.ToString());

    /// <summary>The annotator of a link, or of the browser when there is no link; null when nobody is known.</summary>
    public async Task<Withdrawable?> FindAsync(string studyCode, string? token, Visitor visitor, CancellationToken cancellation = default)
    {
        var named = Open(studyCode, token);
        if (named is null && token is not null)
            return null;
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        var (userId, annotatorIds) = named is { } id ? new Visitor(Guid.Empty, [id]) : visitor;
        var annotator = await data.Annotators.AsNoTracking().Include(row => row.Study)
            .Where(row => row.Study!.Code == studyCode && (row.UserId == userId || annotatorIds.Contains(row.Id)))
            .FirstOrDefaultAsync(cancellation);
        if (annotator is not { Study: { } study })
            return null;
        return new(study, annotator, study.WithdrawalDays > 0 ? annotator.JoinedAt.AddDays(study.WithdrawalDays) : null);
    }

    /// <summary>Does it, once; what remains is a row that says that somebody withdrew, and the account of those who have one.</summary>
    public async Task WithdrawAsync(Withdrawable withdrawable, CancellationToken cancellation = default)
    {
        if (!withdrawable.IsPossible(clock.GetUtcNow()))
            return;
        var annotatorId = withdrawable.Annotator.Id;
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        await data.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            data.ChangeTracker.Clear();
            await using var transaction = await data.Database.BeginTransactionAsync(cancellation);
            if (!await data.LockAnnotatorAsync(annotatorId, cancellation))
                return;
            var now = clock.GetUtcNow();
            await data.Annotators.Where(row => row.Id == annotatorId).ExecuteUpdateAsync(
                set => set.SetProperty(row => row.WithdrawnAt, now).SetProperty(row => row.ParticipantId, (string?)null)
                    .SetProperty(row => row.SessionId, (string?)null).SetProperty(row => row.CompletionCode, (string?)null),
                cancellation);
            await data.SurveyAnswers.Where(row => row.AnnotatorId == annotatorId).ExecuteDeleteAsync(cancellation);
            await DeleteItemsAsync(data, annotatorId, cancellation);
            await transaction.CommitAsync(cancellation);
        });
        feed.Publish(withdrawable.Study.Id);
    }

    /// <summary>Deletes every item with its judgements and drafts, and returns the places that they held.</summary>
    private static async Task DeleteItemsAsync(PersonalLlmDbContext data, Guid annotatorId, CancellationToken cancellation)
    {
        var items = await data.Assignments.AsNoTracking().Where(row => row.AnnotatorId == annotatorId).ToListAsync(cancellation);
        // Repeats point at first showings.
        foreach (var item in items.OrderBy(row => row.RepeatOfId is null))
        {
            // A submit or a lease that ends at this moment changes the state first; then the question is asked again.
            var state = item.State;
            while (await data.Assignments.Where(row => row.Id == item.Id && row.State == state).ExecuteDeleteAsync(cancellation) == 0)
                state = await data.Assignments.Where(row => row.Id == item.Id).Select(row => row.State).SingleAsync(cancellation);
            if (item.TakesPlace && state is AssignmentState.Leased or AssignmentState.Submitted)
                await data.StudyPrompts.Where(row => row.StudyId == item.StudyId && row.PromptId == item.PromptId)
                    .ExecuteUpdateAsync(set => set.SetProperty(row => row.Taken, row => row.Taken - 1), cancellation);
        }
    }

    private Guid? Open(string studyCode, string? token)
    {
        try
        {
            return string.IsNullOrEmpty(token) ? null : Guid.Parse(Protector(studyCode).Unprotect(token));
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            return null;
        }
    }

    private IDataProtector Protector(string studyCode) => protection.CreateProtector("withdrawal", studyCode);
}
