using System.Globalization;
using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Judgements;
using PersonalLlm.Data.Population;
using PersonalLlm.Data.Rewards;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Population;

namespace PersonalLlm.Web.Features.Population;

/// <summary>
/// Reads any group of voters over a data set by what names it in an address: <c>cohort:3</c>, <c>personas:2</c>, <c>study:5</c> (its people), <c>archetypes</c> (each reward
/// model a user), <c>alpha:0.05</c> (1,000 simulated users over all reward models, seed 0, without noise).
/// </summary>
internal sealed class VoterGroups(IDbContextFactory<PersonalLlmDbContext> contexts)
{
    public const string Archetypes = "archetypes";

    private const int UsersOfAlpha = 1000;

    /// <summary>The concentrations that PersonalLLM reports.</summary>
    private static readonly double[] s_alphas = [0.01, 0.05, 0.1, 1];

    /// <summary>[responses]: a ranking of that response alone; personas make millions of these.</summary>
    private static readonly Ranking[] s_alone = [.. Enumerable.Range(0, Ranking.MaximumResponses).Select(response => Ranking.Strict(response))];

    /// <summary>Every group that can be chosen over a data set: those with voters in it first.</summary>
    public async Task<IReadOnlyList<VoterGroupChoice>> ListAsync(int datasetId, CancellationToken cancellation = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var cohorts = await context.Cohorts.Where(row => row.DatasetId == datasetId).OrderBy(row => row.Id).Select(row => new { row.Id, row.Name }).ToListAsync(cancellation);
        var personas = await context.PersonaCohorts.Where(row => row.DatasetId == datasetId).OrderBy(row => row.Id).Select(row => new { row.Id, row.Name }).ToListAsync(cancellation);
        var studies = await context.Studies
            .Where(row => row.DatasetId == datasetId && row.RehearsalOfId == null && context.Judgements.OfPeople().Any(judgement => judgement.Assignment!.StudyId == row.Id))
            .OrderBy(row => row.Id).Select(row => new { row.Id, row.Name }).ToListAsync(cancellation);
        return
        [
            .. cohorts.Select(row => new VoterGroupChoice($"cohort:{row.Id}", row.Name, "Populations")),
            .. personas.Select(row => new VoterGroupChoice($"personas:{row.Id}", row.Name, "Personas")),
            .. studies.Select(row => new VoterGroupChoice($"study:{row.Id}", row.Name, "People of a study")),
            .. s_alphas.Select(alpha => new VoterGroupChoice(AlphaAddress(alpha), AlphaName(alpha), "Simulated users over all reward models")),
            new VoterGroupChoice(Archetypes, "Archetypes: each reward model a user", "Simulated users over all reward models"),
        ];
    }

    /// <returns>The group, or one sentence saying why there is none.</returns>
    public async Task<(VoterGroup? Group, string? Problem)> ReadAsync(PopulationSource source, string? address, CancellationToken cancellation = default)
    {
        var (kind, rest) = (address ?? "").Split(':', 2) is [var one, var two] ? (one, two) : (address ?? "", "");
        var id = int.TryParse(rest, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : (int?)null;
        try
        {
            return (kind, id) switch
            {
                (Archetypes, _) when rest.Length == 0 => (OfArchetypes(source), null),
                ("alpha", _) => await OfAlphaAsync(source, rest, cancellation),
                ("cohort", { } cohortId) => await OfCohortAsync(source, cohortId, cancellation),
                ("personas", { } cohortId) => await OfPersonasAsync(source, cohortId, cancellation),
                ("study", { } studyId) => await OfStudyAsync(source, studyId, cancellation),
                _ => (null, $"\u201c{address}\u201d names no group of voters; expected cohort:3, personas:2, study:5, alpha:0.05 or archetypes."),
            };
        }
        catch (ArgumentException impossible)
        {
            return (null, impossible.Message);
        }
    }

    private static SimulatedVoters OfArchetypes(PopulationSource source) => new(
        Archetypes, "Archetypes", source.Rewards.RewardModels, SimulatedUsers.ArchetypesOf(source.Rewards.RewardModels));

    private static async Task<(VoterGroup?, string?)> OfAlphaAsync(PopulationSource source, string text, CancellationToken cancellation)
    {
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var alpha))
            return (null, $"\u201c{text}\u201d is not a number; expected an α such as 0.05.");
        var spec = new PopulationSpec(source.Rewards.RewardModels, alpha, UsersOfAlpha, 0);
        return spec.FindProblem() is { } problem
            ? (null, problem)
            : (await DrawAsync(source, AlphaAddress(alpha), AlphaName(alpha), spec.Pinned(source.Pins) ?? spec, cancellation), null);
    }

    private async Task<(VoterGroup?, string?)> OfCohortAsync(PopulationSource source, int cohortId, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var cohort = await context.Cohorts.AsNoTracking().SingleOrDefaultAsync(row => row.Id == cohortId && row.DatasetId == source.DatasetId, cancellation);
        return cohort is null
            ? (null, $"The data set has no population number {cohortId}.")
            : (await DrawAsync(source, $"cohort:{cohortId}", cohort.Name, cohort.Spec, cancellation), null);
    }

    /// <summary>Simulated users who are drawn for the occasion.</summary>
    public static Task<SimulatedVoters> DrawAsync(PopulationSource source, string address, string name, PopulationSpec spec, CancellationToken cancellation) => Task.Run(
        () =>
        {
            if (spec.RewardModels.Except(source.Rewards.RewardModels).FirstOrDefault() is { } missing)
                throw new ArgumentException($"The data set has no rewards under {missing} any more.");
            var users = PopulationSampler.Sample(spec, cancellation);
            return new SimulatedVoters(address, name, [.. Enumerable.Range(0, users.Count).Select(userIndex => $"User {users.DrawOf(userIndex)}")], users);
        },
        cancellation);

    private async Task<(VoterGroup?, string?)> OfPersonasAsync(PopulationSource source, int cohortId, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var cohort = await context.PersonaCohorts.AsNoTracking().Include(row => row.Personas)
            .SingleOrDefaultAsync(row => row.Id == cohortId && row.DatasetId == source.DatasetId, cancellation);
        if (cohort is null)
            return (null, $"The data set has no personas number {cohortId}.");
        var personas = cohort.Personas.OrderBy(persona => persona.Index).ToList();
        return (
            new WrittenVoters(
                $"personas:{cohortId}", cohort.Name, [.. personas.Select(persona => persona.Name)],
                [.. personas.SelectMany((persona, voter) => PersonaChoices.Made(persona.Choices)
                    .Select(choice => new AnnotatorRanking(voter, choice.PromptIndex, s_alone[choice.Response])))],
                [], ArePersonas: true),
            null);
    }

    private async Task<(VoterGroup?, string?)> OfStudyAsync(PopulationSource source, int studyId, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var name = await context.Studies.Where(row => row.Id == studyId && row.DatasetId == source.DatasetId && row.RehearsalOfId == null)
            .Select(row => row.Name).SingleOrDefaultAsync(cancellation);
        if (name is null)
            return (null, $"No study number {studyId} is over this data set.");
        var judgements = await context.Judgements.OfPeople()
            .Where(judgement => judgement.Assignment!.StudyId == studyId && judgement.Assignment.PromptId != null)
            .OrderBy(judgement => judgement.Assignment!.Annotator!.Number).ThenBy(judgement => judgement.Assignment!.Prompt!.Index)
            .Select(judgement => new
            {
                judgement.Assignment!.Annotator!.Number,
                PromptIndex = judgement.Assignment.Prompt!.Index,
                IsRepeat = judgement.Assignment.RepeatOfId != null,
                judgement.Answer.Ranking,
            })
            .ToListAsync(cancellation);
        var numbers = judgements.Select(judgement => judgement.Number).Distinct().ToList();
        var voterOf = numbers.Select((number, voter) => (number, voter)).ToDictionary();
        return (
            new WrittenVoters(
                $"study:{studyId}", name, [.. numbers.Select(number => $"Annotator {number}")], Of(isRepeat: false), Of(isRepeat: true), ArePersonas: false),
            null);

        AnnotatorRanking[] Of(bool isRepeat) =>
            [.. judgements.Where(judgement => judgement.IsRepeat == isRepeat).Select(judgement => new AnnotatorRanking(voterOf[judgement.Number], judgement.PromptIndex, judgement.Ranking))];
    }

    private static string AlphaAddress(double alpha) => string.Create(CultureInfo.InvariantCulture, $"alpha:{alpha:R}");

    private static string AlphaName(double alpha) => string.Create(CultureInfo.InvariantCulture, $"Simulated users, α = {alpha:R}");
}
