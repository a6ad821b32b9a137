using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Judgements;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Studies;

namespace PersonalLlm.Web.Features.Judgements;

/// <summary>A judgement that may still be taken back at once.</summary>
public sealed record RecordedJudgement(Guid JudgementId, Guid AssignmentId, int SecondsLeft);

/// <summary>One of the items that an annotator has submitted, as they may see it again.</summary>
/// <param name="Prompt">How it begins.</param>
/// <param name="Answer">In positions.</param>
internal sealed record PreviousItem(Guid AssignmentId, string Prompt, int Shown, Answer Answer, DateTimeOffset SubmittedAt);

/// <param name="IsOpen">Whether the study takes judgements now.</param>
/// <param name="Items">Newest first.</param>
internal sealed record PreviousItemList(string StudyName, InstrumentSpec Instrument, bool AllowsRevision, bool IsOpen, IReadOnlyList<PreviousItem> Items)
{
    public bool MayRevise => AllowsRevision && IsOpen;
}

/// <summary>What an annotator has done in a study so far.</summary>
internal sealed class PreviousItems(IDbContextFactory<PersonalLlmDbContext> contexts, TimeProvider clock)
{
    private const int ExcerptLength = 240;

    /// <summary>What was submitted last, if it was just now; null otherwise.</summary>
    public async Task<RecordedJudgement?> JustRecordedAsync(string studyCode, Visitor visitor, CancellationToken cancellation = default)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        var now = clock.GetUtcNow();
        var since = now - JudgementUndoer.Offered;
        var last = await data.Judgements.AsNoTracking()
            .Where(row => row.SubmittedAt > since && data.Assignments.Of(visitor).Any(own => own.Id == row.AssignmentId && own.Study!.Code == studyCode))
            .OrderByDescending(row => row.SubmittedAt)
            .Select(row => new { row.Id, row.AssignmentId, row.SubmittedAt })
            .FirstOrDefaultAsync(cancellation);
        return last is null ? null : new(last.Id, last.AssignmentId, (int)Math.Ceiling((last.SubmittedAt - since).TotalSeconds));
    }

    /// <summary>
    /// The items submitted so far; null when there is no such study. A prompt that came twice is listed once, with its first answer:
    /// the list must not say that it came twice, and the second answer is worth something only while the first is not looked up.
    /// </summary>
    public async Task<PreviousItemList?> ListAsync(string studyCode, Visitor visitor, CancellationToken cancellation = default)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        if (await data.Studies.AsNoTracking().SingleOrDefaultAsync(row => row.Code == studyCode, cancellation) is not { } study)
            return null;
        var rows = await data.Judgements.AsNoTracking()
            .Where(row => row.Assignment!.RepeatOfId == null && row.Assignment.State == AssignmentState.Submitted
                && data.Assignments.Of(visitor).Any(own => own.Id == row.AssignmentId && own.StudyId == study.Id))
            .OrderByDescending(row => row.Assignment!.Slot).ThenByDescending(row => row.SubmittedAt)
            .Select(row => new
            {
                row.AssignmentId,
                row.Answer,
                row.SubmittedAt,
                row.Assignment!.PresentedOrder,
                row.Assignment.CheckIndex,
                Prompt = row.Assignment.Prompt!.Text.Substring(0, ExcerptLength),
            })
            .ToListAsync(cancellation);
        return new(study.Name, study.Instrument, study.AllowsRevision, study.StatusAt(clock.GetUtcNow()) == StudyStatus.Open,
        [
            .. rows.Select(row => new PreviousItem(
                row.AssignmentId, Excerpt(row.CheckIndex is { } index ? study.AttentionChecks[index].Prompt : row.Prompt), row.PresentedOrder.Length,
                PresentationOrder.ToPositions(row.Answer, row.PresentedOrder), row.SubmittedAt)),
        ]);
    }

    private static string Excerpt(string prompt)
    {
        var line = string.Join(' ', prompt.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length < ExcerptLength ? line : line[..(ExcerptLength - 1)] + "…";
    }
}
