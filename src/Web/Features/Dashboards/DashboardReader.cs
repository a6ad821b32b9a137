using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Judgements;
using PersonalLlm.Data.Rewards;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Web.Features.Dashboards;

/// <summary>Reads what a study's figures are made from.</summary>
internal sealed class DashboardReader(IDbContextFactory<PersonalLlmDbContext> contexts, RewardMatrixLoader rewards)
{
    /// <summary>The study with every judgement so far, or null when there is no such study.</summary>
    public async Task<StudyJudgements?> ReadAsync(int studyId, CancellationToken cancellation = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var study = await context.Studies.Where(study => study.Id == studyId)
            .Select(study => new { study.Name, study.DatasetId, DatasetName = study.Dataset!.Name, study.Overlap, study.Instrument, study.Assignment })
            .SingleOrDefaultAsync(cancellation);
        if (study is null)
            return null;
        var prompts = await context.StudyPrompts.Where(item => item.StudyId == studyId).OrderBy(item => item.Index)
            .Select(item => new { item.PromptId, item.Prompt!.Index, item.Prompt.Subset }).ToListAsync(cancellation);
        var placeOf = prompts.Select((prompt, place) => (prompt.PromptId, place)).ToDictionary();
        var responses = await context.StudyPrompts.Where(item => item.StudyId == studyId)
            .SelectMany(item => item.Prompt!.Responses, (item, response) => new { item.PromptId, response.Index, response.ResponseModel!.Name })
            .ToListAsync(cancellation);
        var cohorts = await context.Cohorts.Where(cohort => cohort.DatasetId == study.DatasetId).OrderBy(cohort => cohort.Id)
            .Select(cohort => new CohortChoice(cohort.Id, cohort.Name, cohort.Spec)).ToListAsync(cancellation);

        var starts = new int[prompts.Count + 1];
        foreach (var response in responses)
            starts[placeOf[response.PromptId] + 1]++;
        for (var place = 0; place < prompts.Count; place++)
            starts[place + 1] += starts[place];
        var (rankings, numbers) = await RankingsAsync(context, studyId, placeOf, cancellation);
        return new StudyJudgements(
            studyId, study.Name, study.DatasetId, study.DatasetName, study.Overlap,
            [.. prompts.Select(prompt => prompt.Index)],
            starts,
            [.. responses.OrderBy(response => placeOf[response.PromptId]).ThenBy(response => response.Index).Select(response => response.Name)],
            [.. prompts.Select(prompt => prompt.Subset)],
            rankings,
            cohorts)
        {
            AnnotatorNumbers = numbers,
            Instrument = study.Instrument.Kind,
            ResponsesPerPrompt = study.Assignment.ResponsesPerPrompt,
            Frozen = await context.FrozenCohorts.AsNoTracking().SingleOrDefaultAsync(frozen => frozen.StudyId == studyId, cancellation) is { } frozen
                ? new FrozenUsers(new CohortChoice(CohortChoice.Frozen, frozen.Name, frozen.Spec), frozen.Hash, frozen.FrozenAt, frozen.Users())
                : null,
        };
    }

    /// <summary>Standardised rewards of the study's prompts under all reward models of its data set, or null when it has none.</summary>
    public async Task<RewardMatrix?> ReadRewardsAsync(StudyJudgements study, CancellationToken cancellation = default)
    {
        var names = await rewards.RewardModelsAsync(study.DatasetId, cancellation);
        if (names.Count == 0 || study.PromptCount == 0)
            return null;
        var all = await rewards.LoadAsync(study.DatasetId, names, cancellation);
        return all.Select(study.PromptIndexes, names);
    }

    /// <summary>What to show: the address's wishes on top of the population it names, or the one frozen with the study, or the data set's first, or the default.</summary>
    /// <param name="study">The study.</param>
    /// <param name="rewards">Its rewards; without them the settings are empty but valid.</param>
    /// <param name="cohort">Id of a population of the data set, or "frozen"; empty: none of them.</param>
    /// <inheritdoc cref="DashboardSettings.Read"/>
    public static DashboardSettings Settings(
        StudyJudgements study, RewardMatrix? rewards, string? cohort, string? alpha, string? users, string? seed, string? beta, out string? problem)
    {
        var basis = cohort is null ? study.Frozen?.Choice ?? (study.Cohorts.Count > 0 ? study.Cohorts[0] : null)
            : cohort == DashboardSettings.FrozenText ? study.Frozen?.Choice
            : study.Cohorts.FirstOrDefault(one => $"{one.Id}" == cohort);
        var settings = DashboardSettings.Read(
            basis?.Id, basis?.Spec ?? DashboardSettings.DefaultSpec(rewards?.RewardModels ?? []), alpha, users, seed, beta, out problem);
        if (!string.IsNullOrEmpty(cohort) && basis is null)
            problem ??= cohort == DashboardSettings.FrozenText ? "No population was frozen with this study." : $"The data set has no population number {cohort}.";
        return settings;
    }

    /// <summary>Rankings, and the number of each annotator in the study.</summary>
    private static async Task<(AnnotatorRanking[] Rankings, int[] Numbers)> RankingsAsync(
        PersonalLlmDbContext context, int studyId, Dictionary<long, int> placeOf, CancellationToken cancellation)
    {
        var judgements = await context.Judgements.OfPrompts().OfPeople()
            .Where(judgement => judgement.Assignment!.StudyId == studyId)
            .Select(judgement => new { judgement.Assignment!.Annotator!.Number, PromptId = judgement.Assignment.PromptId!.Value, judgement.Answer.Ranking })
            .ToListAsync(cancellation);
        int[] numbers = [.. judgements.Select(judgement => judgement.Number).Distinct().Order()];
        var indexOf = numbers.Select((number, index) => (number, index)).ToDictionary();
        return (
            [
                .. judgements.Select(judgement => new AnnotatorRanking(indexOf[judgement.Number], placeOf[judgement.PromptId], judgement.Ranking))
                    .OrderBy(ranking => ranking.AnnotatorIndex).ThenBy(ranking => ranking.PromptIndex),
            ],
            numbers);
    }
}
