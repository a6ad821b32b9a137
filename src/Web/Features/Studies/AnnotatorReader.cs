using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Judgements;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Studies;

namespace PersonalLlm.Web.Features.Studies;

/// <summary>One annotator of a study with everything they said, in the order in which they said it.</summary>
public sealed record AnnotatorRecord(
    Study Study, Guid Id, int Number, AnnotatorKind Kind, DateTimeOffset JoinedAt, DateTimeOffset? CompletedAt, DateTimeOffset? WithdrawnAt, int? ConsentVersion,
    string? ExclusionReason, IReadOnlyList<ItemRecord> Items)
{
    /// <summary>First and second judgements of the same prompt.</summary>
    public IEnumerable<(ItemRecord First, ItemRecord Second)> Repeats =>
        from second in Items
        where second.RepeatOfId is not null && second.Judgement is not null
        join first in Items on second.RepeatOfId equals first.AssignmentId
        where first.Judgement is not null
        select (first, second);
}

/// <summary>An item that was handed to the annotator.</summary>
/// <param name="PromptIndex">0-based place in the study; null for an attention check.</param>
/// <param name="Versions">What was said about it, the newest first; older ones were revised or undone.</param>
public sealed record ItemRecord(
    Guid AssignmentId, int Slot, int? PromptIndex, int? CheckIndex, Guid? RepeatOfId, string Excerpt, int[] PresentedOrder, AssignmentState State, string? SkipReason,
    IReadOnlyList<Judgement> Versions)
{
    /// <summary>The one that counts; null when there is none.</summary>
    public Judgement? Judgement => Versions.FirstOrDefault(version => version.SupersededAt is null);
}

/// <summary>Reads what one annotator did.</summary>
internal sealed class AnnotatorReader(IDbContextFactory<PersonalLlmDbContext> contexts)
{
    private const int ExcerptLength = 200;

    /// <returns>Null when the study has no annotator of that number.</returns>
    public async Task<AnnotatorRecord?> ReadAsync(int studyId, int number, CancellationToken cancellation = default)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        var annotator = await data.Annotators.AsNoTracking().Include(row => row.Study).SingleOrDefaultAsync(row => row.StudyId == studyId && row.Number == number, cancellation);
        if (annotator?.Study is not { } study)
            return null;
        var places = data.StudyPrompts.Where(item => item.StudyId == studyId);
        var items = await data.Assignments.AsNoTracking().Where(row => row.AnnotatorId == annotator.Id)
            .OrderBy(row => row.Slot).ThenBy(row => row.LeasedAt)
            .Select(row => new
            {
                Row = row,
                PromptIndex = places.Where(item => item.PromptId == row.PromptId).Select(item => (int?)item.Index).FirstOrDefault(),
                Excerpt = row.Prompt!.Text.Substring(0, ExcerptLength),
            })
            .ToListAsync(cancellation);
        var judgements = (await data.Judgements.WithSuperseded().AsNoTracking().Where(row => row.Assignment!.AnnotatorId == annotator.Id).ToListAsync(cancellation))
            .ToLookup(row => row.AssignmentId);
        return new(
            study, annotator.Id, annotator.Number, annotator.Kind, annotator.JoinedAt, annotator.CompletedAt, annotator.WithdrawnAt, annotator.ConsentVersion, annotator.ExclusionReason,
            [.. items.Select(item => new ItemRecord(
                item.Row.Id, item.Row.Slot, item.PromptIndex, item.Row.CheckIndex, item.Row.RepeatOfId,
                item.Row.CheckIndex is { } check ? study.AttentionChecks[check].Prompt : item.Excerpt,
                item.Row.PresentedOrder, item.Row.State, item.Row.SkipReason,
                [.. judgements[item.Row.Id].OrderByDescending(row => row.Revision)]))]);
    }
}
