using PersonalLlm.Engine.Datasets;
using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Web.Features.Population;

/// <summary>Characterises the judgements of people in a file, or those that simulated users would make on one, without any database.</summary>
internal static class Characterisation
{
    private const string Format = "personal-llm-characteristics/2";

    /// <summary>Simulated users drawn from a Dirichlet distribution.</summary>
    /// <param name="path">A data set in any format that can be imported.</param>
    /// <param name="asked">Over reward models of the file; over none means over all of them.</param>
    /// <param name="pairsPerPrompt">Null for all pairs.</param>
    public static async Task<(CharacterisationReport? Report, string? Refusal)> OfPopulationAsync(
        string path, PopulationSpec asked, int? pairsPerPrompt, CancellationToken cancellationToken)
    {
        var (file, refusal) = await ScoredFile.ReadAsync(path, asked.RewardModels, cancellationToken);
        if (file is null)
            return (null, refusal);
        var spec = file.Complete(asked);
        if (spec.FindProblem() is { } problem)
            return (null, problem);
        try
        {
            var users = PopulationSampler.Sample(spec, cancellationToken);
            var labels = SimulatedPairLabels.Make(file.Rewards, users, pairsPerPrompt, cancellationToken);
            return (Report(file.Input, "simulated users", ReportPopulation.Of(users), pairsPerPrompt, labels, spec.Seed, cancellationToken), null);
        }
        catch (ArgumentException impossible)
        {
            return (null, impossible.Message);
        }
    }

    /// <summary>The archetypes of Personal-LLM: every reward model is a user.</summary>
    /// <param name="path">A data set in any format that can be imported.</param>
    /// <param name="rewardModels">Names of reward models of the file; none for all of them.</param>
    /// <param name="inverseTemperature">β of every archetype.</param>
    /// <param name="seed">Of the bootstrap and of the noise.</param>
    /// <param name="pairsPerPrompt">Null for all pairs.</param>
    public static async Task<(CharacterisationReport? Report, string? Refusal)> OfArchetypesAsync(
        string path, IReadOnlyList<string> rewardModels, double inverseTemperature, uint seed, int? pairsPerPrompt, CancellationToken cancellationToken)
    {
        var (file, refusal) = await ScoredFile.ReadAsync(path, rewardModels, cancellationToken);
        if (file is null)
            return (null, refusal);
        var models = file.Rewards.RewardModelCount;
        var weights = new double[models * models];
        for (var modelIndex = 0; modelIndex < models; modelIndex++)
            weights[(modelIndex * models) + modelIndex] = 1;
        try
        {
            var labels = SimulatedPairLabels.Make(
                file.Rewards, file.Rewards.RewardModels, weights, new ChoiceModel(inverseTemperature, seed), pairsPerPrompt, seed, cancellationToken);
            return (Report(file.Input, "archetypes", null, pairsPerPrompt, labels, seed, cancellationToken), null);
        }
        catch (ArgumentException impossible)
        {
            return (null, impossible.Message);
        }
    }

    /// <summary>People whose choices a file holds.</summary>
    /// <param name="path">See <see cref="AnnotatedChoiceFile"/>.</param>
    /// <param name="source">Only judgements with this source; null for all.</param>
    /// <param name="seed">Of the bootstrap.</param>
    public static async Task<(CharacterisationReport? Report, string? Refusal)> OfJudgementsAsync(
        string path, string? source, uint seed, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
            return (null, $"There is no file {path}.");
        try
        {
            await using var stream = File.OpenRead(path);
            var sha256 = await ScoredFile.HashAsync(stream, cancellationToken);
            var choices = new List<AnnotatedChoice>();
            await foreach (var (choice, problem) in AnnotatedChoiceFile.ReadAsync(stream, cancellationToken))
            {
                if (problem is not null)
                    return (null, ScoredFile.Refusal(path, [problem]));
                if (source is null || choice!.Source == source)
                    choices.Add(choice!);
            }
            if (choices.Count == 0)
                return (null, source is null ? $"{path} holds no judgements." : $"{path} holds no judgements of the source \"{source}\".");
            var input = new ReportInput(Path.GetFileName(path), sha256, source is null ? "judgements" : $"judgements of the source \"{source}\"", []);
            return (Report(input, "people", null, null, PairLabels.OfJudgements(choices), seed, cancellationToken), null);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return (null, $"The file {path} cannot be read: {unreadable.Message}");
        }
    }

    private static CharacterisationReport Report(
        ReportInput input, string annotatorsAre, ReportPopulation? population, int? pairsPerPrompt, PairLabels labels, uint seed, CancellationToken cancellationToken) =>
        Report(input, annotatorsAre, population, pairsPerPrompt, labels, DatasetCharacteristics.Of(labels, seed, cancellationToken: cancellationToken), seed);

    /// <summary>Characteristics as they are written.</summary>
    public static CharacterisationReport Report(
        ReportInput input, string annotatorsAre, ReportPopulation? population, int? pairsPerPrompt, PairLabels labels, DatasetCharacteristics characteristics, uint seed) => new(
        Format,
        ReportTool.This,
        input,
        annotatorsAre,
        population,
        pairsPerPrompt,
        new ReportCounts(labels.Annotators.Count, labels.PromptCount, labels.PairCount, labels.LabelCount, labels.Ties, labels.RepeatCount),
        new ReportIntervals(
            "percentile bootstrap", 0.95, "divergence and the accuracy of one annotator: prompts; everything else: annotators", Bootstrap.DefaultResamples, seed),
        ReportCharacteristics.Of(characteristics),
        [.. labels.Annotators.Select((name, annotatorIndex) => new ReportAnnotator(
            name,
            ReportEstimate.Of(characteristics.WithSelf.ByAnnotator[annotatorIndex]),
            ReportEstimate.Of(characteristics.WithoutSelf.ByAnnotator[annotatorIndex]),
            ReportEstimate.Of(characteristics.ConsistencyByAnnotator[annotatorIndex])))],
        PublishedCharacteristics.Rows);
}
