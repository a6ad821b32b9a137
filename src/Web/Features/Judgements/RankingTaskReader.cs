using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
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
internal sealed class RankingTaskReader(
    IDbContextFactory<PersonalLlmDbContext> contexts, TimeProvider clock, IOptions<JudgementOptions> options, PromptTexts texts)
{
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
                assignment.State,
                assignment.AnnotatorId,
                assignment.PresentedOrder,
                assignment.PromptId,
                assignment.CheckIndex,
                Draft = data.JudgementDrafts.SingleOrDefault(draft => draft.AssignmentId == assignment.Id),
                Done = data.Assignments.Count(own => own.AnnotatorId == assignment.AnnotatorId && own.State == AssignmentState.Submitted),
                Prompts = assignment.Study!.Prompts.Count,
            })
            .SingleOrDefaultAsync(cancellation);
        if (row is null)
            return null;
        var study = row.Study!;
        var check = row.CheckIndex is { } index ? study.AttentionChecks[index] : null;
        var (prompt, responses) = check is not null ? new(check.Prompt, check.Responses) : await texts.ReadAsync(data, row.PromptId!.Value, study.SelfNaming, cancellation);
        var recorded = row.State == AssignmentState.Submitted ? await data.Judgements.AsNoTracking().SingleOrDefaultAsync(own => own.AssignmentId == assignmentId, cancellation) : null;
        var pace = await data.Judgements.Where(own => own.Assignment!.AnnotatorId == row.AnnotatorId && own.Timing.ActiveMs != null)
            .OrderByDescending(own => own.SubmittedAt).Select(own => own.Timing.ActiveMs!.Value).Take(PaceItems).ToListAsync(cancellation);
        var progress = new StudyProgress(row.Done, study.ItemsPerAnnotator(row.Prompts));
        return new(
            assignmentId, row.Draft?.JudgementId ?? Guid.CreateVersion7(), study.Code, study.Name, study.Instructions, study.Instrument, row.Slot,
            prompt, [.. row.PresentedOrder.Select(responseIndex => responses[responseIndex])],
            PresentationOrder.ToPositions(recorded?.Answer ?? row.Draft?.Answer ?? new(), row.PresentedOrder),
            row.Draft?.Timing ?? new(), row.Draft?.Sequence ?? 0,
            progress with { Left = PerItem(pace, prompt.Length + row.PresentedOrder.Sum(responseIndex => responses[responseIndex].Length)) * Math.Max(0, progress.Total - progress.Done) })
        {
            Revises = recorded?.Id,
        };
    }

    private static TimeSpan PerItem(List<int> activeMs, int charactersOfThisOne)
    {
        if (activeMs.Count < LeastPaceItems)
            return ReadingTime.OfItem(charactersOfThisOne);
        activeMs.Sort();
        return TimeSpan.FromMilliseconds((activeMs[(activeMs.Count - 1) / 2] + activeMs[activeMs.Count / 2]) / 2.0);
    }

    public async Task<StudyWelcome?> WelcomeAsync(string studyCode, Visitor visitor, CancellationToken cancellation = default)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        var study = await data.Studies.AsNoTracking().SingleOrDefaultAsync(row => row.Code == studyCode, cancellation);
        if (study is null)
            return null;
        var annotator = await data.Annotators.AsNoTracking().Of(visitor).SingleOrDefaultAsync(row => row.StudyId == study.Id, cancellation);
        var now = clock.GetUtcNow();
        var (promptCount, charactersPerItem) = await texts.LengthAsync(data, study, cancellation);
        var progress = new StudyProgress(
            annotator is null ? 0 : await data.Assignments.CountAsync(row => row.AnnotatorId == annotator.Id && row.State == AssignmentState.Submitted, cancellation),
            study.ItemsPerAnnotator(promptCount));
        return new(
            study.Code, study.Name, study.Instructions, study.StatusAt(now), progress, await IsFullAsync(data, study, promptCount, annotator, now, cancellation),
            ReadingTime.OfItem(charactersPerItem));
    }

    /// <summary>No place is left for them: neither among the people that the study wants, nor of a prompt that they have not ranked.</summary>
    private async Task<bool> IsFullAsync(PersonalLlmDbContext data, Study study, int promptCount, Annotator? annotator, DateTimeOffset now, CancellationToken cancellation)
    {
        var annotatorId = annotator?.Id;
        if (study.Quota is { } quota
            && await data.TakingPart(study.Id, now, options.Value.Lease).CountAsync(row => row.Id != annotatorId, cancellation) >= quota)
            return true;
        var own = data.Assignments.AsNoTracking().Where(row => row.AnnotatorId == annotatorId);
        if (annotator is not null)
        {
            var history = new SessionHistory(await own.InSessionOrder().ToListAsync(cancellation));
            var session = SessionPlan.Of(study.Assignment, promptCount, study.AttentionChecks.Count, annotator.Number, study.Seed);
            if (history.InHand is not null || session.Next(history.Shown, hasFresh: false) is not null)
                return false;
        }
        // A lease that ran out is a place that asking for it returns, so it does not make a study full.
        return !await data.StudyPrompts.AnyAsync(
            item => item.StudyId == study.Id
                && !own.Any(row => row.PromptId == item.PromptId && (row.State == AssignmentState.Submitted || row.State == AssignmentState.Skipped))
                && item.Taken - data.Assignments.Count(other => other.StudyId == study.Id && other.PromptId == item.PromptId && other.RepeatOfId == null
                    && other.State == AssignmentState.Leased && other.LeasedUntil < now) < study.Overlap,
            cancellation);
    }
}
