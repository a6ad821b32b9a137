using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Datasets;
using PersonalLlm.Data.Judgements;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Statistics;
using PersonalLlm.Engine.Studies;

namespace PersonalLlm.Web.Features.Studies;

/// <summary>Reads how a study goes, for one open page: a handful of queries, however many people take part.</summary>
internal sealed class StudyMonitor(IDbContextFactory<PersonalLlmDbContext> contexts, TimeProvider clock, int studyId)
{
    private const int ExcerptLength = 160;

    // Texts do not change under a study, so they are measured once for each page.
    private Dictionary<long, PromptTexts>? texts;

    // By assignment, of which each has one judgement that counts.
    private readonly Dictionary<Guid, ReadJudgement> known = [];

    // A judgement is stamped before it is committed, so one that is older than the newest may come to light later.
    private static readonly TimeSpan CommitSlack = TimeSpan.FromMinutes(1);

    private sealed record PromptTexts(int Index, string Excerpt, int Characters, int[] ResponseCharacters);

    /// <summary>The state of this moment; null when there is no such study.</summary>
    public async Task<StudyState?> ReadAsync(CancellationToken cancellation = default)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        var study = await data.Studies.AsNoTracking().Include(row => row.Dataset).Include(row => row.ConsentTexts).SingleOrDefaultAsync(row => row.Id == studyId, cancellation);
        if (study is null)
            return null;
        var places = await data.StudyPrompts.Where(item => item.StudyId == studyId).OrderBy(item => item.Index)
            .Select(item => new { item.PromptId, item.Taken }).ToListAsync(cancellation);
        if (texts is null || texts.Count != places.Count)
            texts = await TextsAsync(data, cancellation);

        var annotators = await data.Annotators.Where(row => row.StudyId == studyId).OrderBy(row => row.Number).AsNoTracking().ToListAsync(cancellation);
        var assignments = await data.Assignments.Where(row => row.StudyId == studyId)
            .GroupBy(row => new { row.AnnotatorId, row.State })
            .Select(group => new { group.Key.AnnotatorId, group.Key.State, Count = group.Count() }).ToListAsync(cancellation);
        var done = await data.Assignments.Where(row => row.StudyId == studyId && row.State == AssignmentState.Submitted && row.PromptId != null && row.RepeatOfId == null)
            .GroupBy(row => row.PromptId!.Value).Select(group => new { group.Key, Count = group.Count() })
            .ToDictionaryAsync(group => group.Key, group => group.Count, cancellation);
        var skips = await data.Assignments.Where(row => row.StudyId == studyId && row.State == AssignmentState.Skipped)
            .GroupBy(row => row.SkipReason).Select(group => new SkipRow(group.Key ?? "", group.Count()))
            .ToListAsync(cancellation);
        var consents = await data.Consents.Where(row => row.StudyId == studyId).GroupBy(row => new { row.Version, row.IsGiven })
            .Select(group => new { group.Key.Version, group.Key.IsGiven, Count = group.Count() }).ToListAsync(cancellation);
        var leases = await data.Assignments.Where(row => row.StudyId == studyId && row.State == AssignmentState.Leased).OrderBy(row => row.LeasedUntil)
            .Select(row => new { row.Id, row.Annotator!.Number, row.PromptId, IsRepeat = row.RepeatOfId != null, row.LeasedAt, row.LeasedUntil })
            .ToListAsync(cancellation);
        var isRehearsal = study.RehearsalOfId is not null;
        var counted = annotators.Where(row => isRehearsal || row.Kind == AnnotatorKind.Human).ToList();
        var people = counted.Where(row => row.WithdrawnAt is null).Select(row => row.Id).ToHashSet();
        var submitted = assignments.Where(row => row.State == AssignmentState.Submitted && people.Contains(row.AnnotatorId)).Sum(row => row.Count);
        var judgements = await JudgementsAsync(data, study, people, submitted, cancellation);
        var own = judgements.ToLookup(judgement => judgement.AnnotatorId);
        var perAnnotator = assignments.ToLookup(row => row.AnnotatorId);
        var rows = counted.Select(row => Row(row, study.Instrument.Kind, [.. own[row.Id]], Skips(row.Id))).ToList();
        var analysed = rows.Where(row => row.ExclusionReason is null).ToList();
        var votes = analysed.Select(row => (IReadOnlyList<ReadJudgement>)[.. own[row.Id].Where(judgement => judgement.Observed.IsVote)]).ToList();
        var activeMs = analysed.SelectMany(row => own[row.Id]).Sum(judgement => (long?)judgement.Observed.ActiveMs ?? 0);
        var idleMs = analysed.SelectMany(row => own[row.Id]).Sum(judgement => (long?)judgement.IdleMs ?? 0);
        var byPerson = votes.Where(mine => mine.Count > 0).ToList();
        return new(study)
        {
            Now = clock.GetUtcNow(),
            Prompts = [.. places.Select((item, index) => new PromptRow(index, texts[item.PromptId].Excerpt, done.GetValueOrDefault(item.PromptId), item.Taken))],
            Steps = Steps(study, counted, own, consents.Where(row => !row.IsGiven).Sum(row => row.Count)),
            Annotators = rows,
            Simulated = annotators.Count - counted.Count,
            Leases = [.. leases.Select(lease => new LeaseRow(
                lease.Id, lease.Number, lease.PromptId is { } promptId ? texts[promptId].Index : null, lease.IsRepeat, lease.LeasedAt, lease.LeasedUntil))],
            Skips = [.. skips.OrderByDescending(row => row.Count)],
            ConsentVersions = [.. consents.GroupBy(row => row.Version).OrderBy(group => group.Key).Select(group => new ConsentRow(
                group.Key, group.Where(row => row.IsGiven).Sum(row => row.Count), group.Where(row => !row.IsGiven).Sum(row => row.Count)))],
            JudgementMs = Quartiles.Of(votes.SelectMany(mine => mine).Select(judgement => (double?)judgement.Observed.ActiveMs).OfType<double>()),
            SessionMs = Quartiles.Of(analysed.Where(row => row.CompletedAt is not null)
                .Select(row => own[row.Id].Sum(judgement => (double?)judgement.Observed.ActiveMs)).OfType<double>().Where(ms => ms > 0)),
            IdleShare = activeMs + idleMs == 0 ? null : idleMs / (double)(activeMs + idleMs),
            Positions = PositionBias.Of([.. byPerson.Select(mine => (IReadOnlyList<ObservedJudgement>)[.. mine.Select(judgement => judgement.Observed)])], study.Seed),
            Comments = judgements.Count(judgement => judgement.HasComment),
            WithReasons = judgements.Count(judgement => judgement.HasReasons),
            AllBad = judgements.Count(judgement => judgement.AllBad),
            Revised = judgements.Count(judgement => judgement.IsRevised),
            SubmittedAt = [.. judgements.Where(judgement => judgement.Observed.IsVote).Select(judgement => judgement.SubmittedAt)],
        };

        int Skips(Guid annotatorId) => perAnnotator[annotatorId].Where(row => row.State == AssignmentState.Skipped).Sum(row => row.Count);
    }

    private sealed record ReadJudgement(
        Guid AnnotatorId, ObservedJudgement Observed, int? IdleMs, bool AllBad, bool HasComment, bool HasReasons, bool IsRevised, DateTimeOffset SubmittedAt);

    /// <summary>Those that count. After the first time only what is new is read, and all of it again when something is gone: undone, or withdrawn.</summary>
    /// <param name="data">Where they are.</param>
    /// <param name="study">The study.</param>
    /// <param name="annotators">Whose judgements.</param>
    /// <param name="count">How many there must be: one for each submitted assignment.</param>
    /// <param name="cancellation">Stops the reading.</param>
    private async Task<IReadOnlyCollection<ReadJudgement>> JudgementsAsync(
        PersonalLlmDbContext data, Study study, HashSet<Guid> annotators, int count, CancellationToken cancellation)
    {
        var ofStudy = data.Judgements.AsNoTracking().Where(row => row.Assignment!.StudyId == studyId);
        var newest = known.Count == 0 ? DateTimeOffset.MinValue : known.Values.Max(judgement => judgement.SubmittedAt) - CommitSlack;
        await AddAsync(ofStudy.Where(row => row.SubmittedAt >= newest));
        if (known.Count != count)
        {
            known.Clear();
            await AddAsync(ofStudy);
        }
        return known.Values;

        async Task AddAsync(IQueryable<Judgement> judgements)
        {
            var rows = await judgements
                .Select(row => new
                {
                    row.AssignmentId, row.Assignment!.AnnotatorId, row.Assignment.PromptId, row.Assignment.CheckIndex, row.Assignment.RepeatOfId, row.Assignment.PresentedOrder,
                    row.Answer.Ranking, row.Answer.AllBad, HasComment = row.Answer.Comment != null, HasReasons = row.Answer.Reasons.Length > 0,
                    row.Timing.ActiveMs, row.Timing.IdleMs, HasUnseen = row.Timing.ExposureMs.Contains(0), row.Revision, row.SubmittedAt,
                })
                .ToListAsync(cancellation);
            foreach (var row in rows.Where(row => annotators.Contains(row.AnnotatorId)))
            {
                known[row.AssignmentId] = new(
                    row.AnnotatorId,
                    new()
                    {
                        AssignmentId = row.AssignmentId,
                        RepeatOfId = row.RepeatOfId,
                        PresentedOrder = row.PresentedOrder,
                        Ranking = row.Ranking,
                        ExpectedIndex = row.CheckIndex is { } check ? study.AttentionChecks[check].ExpectedIndex : null,
                        ActiveMs = row.ActiveMs,
                        Characters = Characters(row.PromptId, row.PresentedOrder),
                        HasUnseen = row.HasUnseen,
                    },
                    row.IdleMs, row.AllBad, row.HasComment, row.HasReasons, row.Revision > 1, row.SubmittedAt);
            }
        }
    }

    private int Characters(long? promptId, int[] shown) => promptId is { } id && texts!.TryGetValue(id, out var prompt)
        ? prompt.Characters + shown.Sum(responseIndex => prompt.ResponseCharacters[responseIndex])
        : 0;

    private static AnnotatorRow Row(Annotator row, Instrument instrument, IReadOnlyList<ReadJudgement> own, int skips) => new(
        row.Id, row.Number, row.Kind, row.JoinedAt, row.CompletedAt, row.WithdrawnAt, row.ExclusionReason,
        own.Count == 0 ? null : own.Max(judgement => judgement.SubmittedAt),
        AnnotatorConduct.Of([.. own.Select(judgement => judgement.Observed)], skips, instrument));

    private static List<StepRow> Steps(Study study, List<Annotator> people, ILookup<Guid, ReadJudgement> own, int refusals)
    {
        List<StepRow> steps = [];
        if (study.ConsentTexts.Count > 0 || refusals > 0 || people.Exists(row => row.ConsentVersion is not null))
            steps.Add(new("Declined to take part", refusals, IsLoss: true));
        steps.Add(new(people.Exists(row => row.ConsentVersion is not null) ? "Agreed to take part" : "Began", people.Count));
        if (study.Survey.Any(question => !question.IsAfter))
            steps.Add(new("Answered the questions", people.Count(row => row.SurveyedAt is not null)));
        if (study.HasPractice)
            steps.Add(new("Did the practice item", people.Count(row => row.PracticedAt is not null)));
        // Who withdrew has no judgements any more, and made some for all that is known.
        steps.Add(new("Made a first judgement", people.Count(row => own[row.Id].Any())));
        steps.Add(new("Completed", people.Count(row => row.CompletedAt is not null && row.WithdrawnAt is null)));
        steps.Add(new("Withdrew", people.Count(row => row.WithdrawnAt is not null), IsLoss: true));
        return steps;
    }

    private async Task<Dictionary<long, PromptTexts>> TextsAsync(PersonalLlmDbContext data, CancellationToken cancellation)
    {
        var prompts = await data.StudyPrompts.Where(item => item.StudyId == studyId)
            .Select(item => new { item.PromptId, item.Index, Excerpt = item.Prompt!.Text.Substring(0, ExcerptLength), item.Prompt.Text.Length }).ToListAsync(cancellation);
        var responses = (await data.StudyPrompts.Where(item => item.StudyId == studyId)
            .SelectMany(item => item.Prompt!.Responses, (item, response) => new { item.PromptId, response.Index, response.Text.Length }).ToListAsync(cancellation))
            .ToLookup(response => response.PromptId);
        return prompts.ToDictionary(
            prompt => prompt.PromptId,
            prompt => new PromptTexts(prompt.Index, prompt.Excerpt, prompt.Length, [.. responses[prompt.PromptId].OrderBy(response => response.Index).Select(response => response.Length)]));
    }
}
