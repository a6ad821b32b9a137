using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Judgements;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Studies;

namespace PersonalLlm.Web.Features.Judgements;

/// <summary>What the ranking page shows. It carries no response id, no stored index and no model: what is not here cannot leak.</summary>
/// <remarks>Fresh prompts, silent repeats and attention checks look the same here, because they must look the same there.</remarks>
/// <param name="Slot">0-based place of this item in the annotator's session.</param>
/// <param name="Responses">Texts in the order of presentation; position 0 is A.</param>
/// <param name="Answer">The draft, in positions.</param>
/// <param name="Timing">What the draft knows about its making.</param>
public sealed record RankingTask(
    Guid AssignmentId, Guid JudgementId, string StudyCode, string StudyName, string Instructions, InstrumentSpec Instrument, int Slot,
    string Prompt, IReadOnlyList<string> Responses, Answer Answer, JudgementTiming Timing, long Sequence, StudyProgress Progress)
{
    /// <summary>The judgement that a submit would take the place of, whose answer is shown; null while the item is in hand.</summary>
    public Guid? Revises { get; init; }
}

/// <param name="Done">Items this annotator has submitted, repeats and checks included.</param>
/// <param name="Total">Items of their session, repeats and checks included.</param>
public sealed record StudyProgress(int Done, int Total)
{
    /// <summary>How long the rest will take: at the person's own pace, or at reading speed before there is one. Null when not known.</summary>
    public TimeSpan? Left { get; init; }
}

/// <summary>What an annotator learns about a study before and after ranking.</summary>
/// <param name="IsFull">No place is left for them.</param>
public sealed record StudyWelcome(
    string Code, string Name, string Instructions, StudyStatus Status, StudyProgress Progress, bool IsFull, TimeSpan AboutPerPrompt);

/// <summary>Reads for the annotators' pages; it writes nothing.</summary>
internal sealed class RankingTaskReader(IDbContextFactory<PersonalLlmDbContext> contexts, TimeProvider clock)
{
    // Reading speed of adults for English prose (Brysbaert, 2019: 238 words a minute), one careful pass, and half a minute to decide.
    private const double CharactersPerMinute = 238 * 6;
    private static readonly TimeSpan Deciding = TimeSpan.FromSeconds(30);

    // Own pace: the median of the last items, because people get faster, once there are enough of them.
    private const int PaceItems = 15;
    private const int LeastPaceItems = 2;

    public async Task<RankingTask?> ReadAsync(Guid assignmentId, Visitor visitor, CancellationToken cancellation = default)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        var row = await data.Assignments.AsNoTracking()
            .Of(visitor).Where(assignment => assignment.Id == assignmentId)
            .Select(assignment => new
            {
                assignment.Study,
                assignment.Slot,
                assignment.PresentedOrder,
                assignment.CheckIndex,
                Prompt = assignment.Prompt!.Text,
                Responses = assignment.Prompt!.Responses.OrderBy(response => response.Index).Select(response => response.Text).ToList(),
                Draft = data.JudgementDrafts.SingleOrDefault(draft => draft.AssignmentId == assignment.Id),
                Recorded = assignment.State == AssignmentState.Submitted ? data.Judgements.SingleOrDefault(own => own.AssignmentId == assignment.Id) : null,
                Pace = data.Judgements.Where(own => own.Assignment!.AnnotatorId == assignment.AnnotatorId && own.Timing.ActiveMs != null)
                    .OrderByDescending(own => own.SubmittedAt).Select(own => own.Timing.ActiveMs!.Value).Take(PaceItems).ToList(),
                Done = data.Assignments.Count(own => own.AnnotatorId == assignment.AnnotatorId && own.State == AssignmentState.Submitted),
                Prompts = assignment.Study!.Prompts.Count,
            })
            .SingleOrDefaultAsync(cancellation);
        if (row is null)
            return null;
        var check = row.CheckIndex is { } index ? row.Study!.AttentionChecks[index] : null;
        var responses = check?.Responses ?? row.Responses;
        var prompt = check?.Prompt ?? row.Prompt;
        var progress = new StudyProgress(row.Done, row.Study!.ItemsPerAnnotator(row.Prompts));
        return new(
            assignmentId, row.Draft?.JudgementId ?? Guid.CreateVersion7(), row.Study.Code, row.Study.Name, row.Study.Instructions, row.Study.Instrument, row.Slot,
            prompt, [.. row.PresentedOrder.Select(responseIndex => responses[responseIndex])],
            PresentationOrder.ToPositions(row.Recorded?.Answer ?? row.Draft?.Answer ?? new(), row.PresentedOrder),
            row.Draft?.Timing ?? new(), row.Draft?.Sequence ?? 0,
            progress with { Left = PerItem(row.Pace, prompt.Length + row.PresentedOrder.Sum(responseIndex => responses[responseIndex].Length)) * Math.Max(0, progress.Total - progress.Done) })
        {
            Revises = row.Recorded?.Id,
        };
    }

    private static TimeSpan PerItem(List<int> activeMs, int charactersOfThisOne)
    {
        if (activeMs.Count < LeastPaceItems)
            return Deciding + TimeSpan.FromMinutes(charactersOfThisOne / CharactersPerMinute);
        activeMs.Sort();
        return TimeSpan.FromMilliseconds((activeMs[(activeMs.Count - 1) / 2] + activeMs[activeMs.Count / 2]) / 2.0);
    }

    public async Task<StudyWelcome?> WelcomeAsync(string studyCode, Visitor visitor, CancellationToken cancellation = default)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        var study = await data.Studies.AsNoTracking().SingleOrDefaultAsync(row => row.Code == studyCode, cancellation);
        if (study is null)
            return null;
        var annotatorId = await data.Annotators.Of(visitor).Where(row => row.StudyId == study.Id)
            .Select(row => (Guid?)row.Id).SingleOrDefaultAsync(cancellation);
        var now = clock.GetUtcNow();
        // A lease that ran out is a place that asking for it returns, so it does not make a study full.
        var hasPlace = await data.StudyPrompts.AnyAsync(
            item => item.StudyId == study.Id
                && (data.Assignments.Any(own => own.AnnotatorId == annotatorId && own.PromptId == item.PromptId && own.State == AssignmentState.Leased)
                    || (!data.Assignments.Any(own => own.AnnotatorId == annotatorId && own.PromptId == item.PromptId && own.State == AssignmentState.Submitted)
                        && item.Taken - data.Assignments.Count(other => other.StudyId == study.Id && other.PromptId == item.PromptId
                            && other.State == AssignmentState.Leased && other.LeasedUntil < now) < study.Overlap)),
            cancellation);
        var prompts = data.StudyPrompts.Where(item => item.StudyId == study.Id);
        var characters = await prompts.Select(item => (long?)item.Prompt!.Text.Length).SumAsync(cancellation)
            + await prompts.SelectMany(item => item.Prompt!.Responses).Select(response => (long?)response.Text.Length).SumAsync(cancellation);
        var progress = await ProgressAsync(data, study, annotatorId, cancellation);
        return new(
            study.Code, study.Name, study.Instructions, study.StatusAt(now), progress, !hasPlace,
            Deciding + TimeSpan.FromMinutes((characters ?? 0) / CharactersPerMinute / Math.Max(1, progress.Total)));
    }

    private static async Task<StudyProgress> ProgressAsync(PersonalLlmDbContext data, Study study, Guid? annotatorId, CancellationToken cancellation) => new(
        await data.Assignments.CountAsync(row => row.AnnotatorId == annotatorId && row.State == AssignmentState.Submitted, cancellation),
        study.ItemsPerAnnotator(await data.StudyPrompts.CountAsync(item => item.StudyId == study.Id, cancellation)));
}
