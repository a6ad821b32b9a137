using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Studies;

namespace PersonalLlm.Web.Features.Studies.Rehearsals;

/// <summary>Looks afterwards, in the database, whether a run left what its design promises.</summary>
internal static class RehearsalFindings
{
    public static async Task<IReadOnlyList<RehearsalFinding>> ReadAsync(
        IDbContextFactory<PersonalLlmDbContext> contexts, SimulatedRun run, CancellationToken cancellation)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        var study = await data.Studies.AsNoTracking().Include(row => row.Prompts).SingleAsync(row => row.Id == run.RehearsalId, cancellation);
        var annotators = await data.Annotators.AsNoTracking().Where(row => row.StudyId == run.RehearsalId).ToListAsync(cancellation);
        var assignments = await data.Assignments.AsNoTracking().Where(row => row.StudyId == run.RehearsalId).ToListAsync(cancellation);
        var judgements = await data.Judgements.AsNoTracking().Where(row => row.Assignment!.StudyId == run.RehearsalId)
            .Select(row => new { row.Id, row.AssignmentId }).ToListAsync(cancellation);
        var answers = await data.SurveyAnswers.Where(row => row.Annotator!.StudyId == run.RehearsalId).GroupBy(row => row.AnnotatorId)
            .Select(group => new { group.Key, Count = group.Count() }).ToDictionaryAsync(group => group.Key, group => group.Count, cancellation);

        var live = assignments.Where(row => row is { PromptId: not null, RepeatOfId: null, State: AssignmentState.Submitted or AssignmentState.Leased })
            .GroupBy(row => row.PromptId!.Value).ToDictionary(group => group.Key, group => group.Count());
        var wrongPlaces = study.Prompts.Count(item => item.Taken != live.GetValueOrDefault(item.PromptId) || item.Taken > study.Overlap);
        var submitted = assignments.Count(row => row.State == AssignmentState.Submitted);
        var full = study.Prompts.Count(item => item.Taken == study.Overlap);

        var acknowledged = run.Visits.SelectMany(visit => visit.Acknowledged).ToList();
        var stored = judgements.Select(row => row.Id).ToHashSet();
        var twice = judgements.Count - judgements.Select(row => row.AssignmentId).Distinct().Count()
            + assignments.Count(row => row.PromptId is not null && row.RepeatOfId is null)
            - assignments.Where(row => row.PromptId is not null && row.RepeatOfId is null).Select(row => (row.AnnotatorId, row.PromptId)).Distinct().Count();

        var byId = annotators.Where(row => row.ParticipantId is not null).ToDictionary(row => row.ParticipantId!);
        var completed = run.Visits.Where(visit => visit.Ending == VisitEnding.Completed).ToList();
        var asStored = completed.Count(visit => byId.TryGetValue(visit.ParticipantId, out var row) && row.CompletedAt is not null && row.CompletionCode == visit.CompletionCode);
        var codes = annotators.Select(row => row.CompletionCode).OfType<string>().ToList();

        var done = annotators.Where(row => row.CompletedAt is not null).ToList();
        var items = assignments.ToLookup(row => row.AnnotatorId);
        var slots = assignments.ToDictionary(row => row.Id, row => row.Slot);
        var repeats = assignments.Where(row => row.RepeatOfId is not null).ToList();
        var early = repeats.Count(row => row.Slot - slots[row.RepeatOfId!.Value] < study.Assignment.RepeatLag);
        var planned = SessionPlan.RepeatsThatFit(study.Assignment, study.Prompts.Count, study.AttentionChecks.Count);
        var checks = done.Count(row => items[row.Id].Count(item => item.CheckIndex is not null) == study.AttentionChecks.Count);
        var questions = study.Survey.Count(question => !question.IsAfter);
        var surveyed = annotators.Count(row => row.SurveyedAt is not null);
        var answered = annotators.Count(row => row.SurveyedAt is not null && answers.GetValueOrDefault(row.Id) >= questions);

        List<RehearsalFinding> findings =
        [
            new("The overlap is exact", wrongPlaces == 0, $"{full:N0} of {study.Prompts.Count:N0} prompts have all {study.Overlap} places taken, none more"),
            new("Nothing is lost", acknowledged.TrueForAll(stored.Contains), $"{acknowledged.Count(stored.Contains):N0} of {acknowledged.Count:N0} acknowledged judgements are stored"),
            new("Nothing is there twice", twice == 0 && judgements.Count == submitted, $"{judgements.Count:N0} judgements of {submitted:N0} submitted items"),
            new("Everybody is marked as simulated", annotators.TrueForAll(row => row.Kind == AnnotatorKind.Simulated), $"{annotators.Count(row => row.Kind == AnnotatorKind.Simulated):N0} of {annotators.Count:N0}"),
            new("Who reached the end is completed, with the code that was shown", asStored == completed.Count && (study.Platform.CompletionCode.Length > 0 || codes.Distinct().Count() == codes.Count),
                codes.Count == 0 ? $"{asStored:N0} of {completed.Count:N0}; this study gives no codes" : $"{asStored:N0} of {completed.Count:N0}; {codes.Distinct().Count():N0} different codes"),
        ];
        if (planned > 0)
            findings.Add(new(
                $"Repeats come at least {study.Assignment.RepeatLag} items later, at most {planned} for each", early == 0 && done.TrueForAll(row => items[row.Id].Count(item => item.RepeatOfId is not null) <= planned),
                $"{repeats.Count:N0} repeats; {done.Count(row => items[row.Id].Count(item => item.RepeatOfId is not null) == planned):N0} of {done.Count:N0} completed sessions have all {planned}"));
        if (study.AttentionChecks.Count > 0)
            findings.Add(new("Every completed session has its attention checks", checks == done.Count, $"{checks:N0} of {done.Count:N0}"));
        if (questions > 0)
            findings.Add(new("Every question before the ranking is answered", answered == surveyed, $"{answered:N0} of {surveyed:N0} people"));
        return findings;
    }
}
