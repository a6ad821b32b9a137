using System.Globalization;
using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Web.Features.Population;

/// <summary>What is asked of a simulation on a data file.</summary>
/// <param name="Path">A data set in any format that can be imported.</param>
/// <param name="Population">Over reward models of the file; over none means over all of them.</param>
/// <param name="Sweep">Further averages of its concentration.</param>
/// <param name="Personas">A file of what personas chose on the same prompts; null for none.</param>
/// <param name="Regression">Null for no attribute regressions.</param>
internal sealed record SimulationRequest(string Path, PopulationSpec Population, IReadOnlyList<double> Sweep, string? Personas, RegressionRequest? Regression);

/// <param name="Contrast">With which response the preferred one is compared.</param>
/// <param name="Scores">A file of further attributes; null for none.</param>
internal sealed record RegressionRequest(RegressionContrast Contrast, string? Scores);

/// <summary>Simulates a population on a data file, without any database: the steps in order, each taking what the last one gave.</summary>
internal static class FileSimulation
{
    private const string Format = "personal-llm-simulation/2";

    /// <summary>Reads, standardises, draws, counts and measures.</summary>
    /// <param name="request">What to do.</param>
    /// <param name="progress">Told the step that begins.</param>
    /// <param name="cancellationToken">Checked in every step.</param>
    /// <returns>The report, or one sentence saying why there is none.</returns>
    public static async Task<(SimulationReport? Report, string? Refusal)> RunAsync(
        SimulationRequest request, IProgress<string> progress, CancellationToken cancellationToken)
    {
        progress.Report("Reading the file");
        var (file, refusal) = await ScoredFile.ReadAsync(request.Path, request.Population.RewardModels, cancellationToken);
        if (file is null)
            return (null, refusal);
        var spec = file.Complete(request.Population);
        if (spec.FindProblem() is { } problem)
            return (null, problem);
        ReportPersonas? personas = null;
        if (request.Personas is { } path)
        {
            progress.Report("Reading the personas' choices");
            (personas, refusal) = await ReportPersonas.ReadAsync(path, file, spec.Seed, cancellationToken);
            if (personas is null)
                return (null, refusal);
        }
        ReportAttributeScores? scores = null;
        if (request.Regression?.Scores is { } scored)
        {
            progress.Report("Reading the scores of the responses");
            (scores, refusal) = await ReportAttributeScores.ReadAsync(scored, file, cancellationToken);
            if (scores is null)
                return (null, refusal);
        }
        try
        {
            return (Simulate(file, spec, personas, scores, request, progress, cancellationToken), null);
        }
        catch (ArgumentException impossible)
        {
            return (null, impossible.Message);
        }
    }

    private static SimulationReport Simulate(
        ScoredFile file, PopulationSpec spec, ReportPersonas? personas, ReportAttributeScores? scores, SimulationRequest request, IProgress<string> progress, CancellationToken cancellationToken)
    {
        var rewards = file.Rewards;
        progress.Report("Drawing the users");
        var users = PopulationSampler.Sample(spec, cancellationToken);
        progress.Report("Counting their choices");
        var votes = VoteCounter.CountFirstChoices(rewards, users, cancellationToken: cancellationToken);
        var metrics = Measure(file, users, votes, cancellationToken);
        var sweep = request.Sweep.Select((average, index) =>
        {
            progress.Report(string.Create(CultureInfo.InvariantCulture, $"Sweep, alpha {average:R} ({index + 1} of {request.Sweep.Count})"));
            return SweepPoint(file, spec with { Concentration = spec.Concentration.WithAverage(average) }, cancellationToken);
        }).ToArray();
        ReportRegression? regression = null;
        if (request.Regression is { Contrast: var contrast })
        {
            progress.Report("Regressing each user's preferences");
            var attributes = StandardisedAttributes.Of([.. file.Prompts.SelectMany(prompt => prompt.Responses.Select(response => response.Text))], cancellationToken);
            if (scores is not null)
                attributes = attributes.With(scores.Scores.Names, scores.Scores.Values);
            regression = ReportRegression.Of(AttributeRegression.Of(rewards, attributes, users, contrast, spec.Seed, null, cancellationToken), contrast, scores?.Input);
        }
        return new SimulationReport(
            Format,
            ReportTool.This,
            file.Input,
            rewards.PromptCount,
            rewards.ResponseCount,
            file.RewardModels,
            ReportPopulation.Of(users),
            ReportEstimate.Of(Diversity.EffectiveRewardModels(users, spec.Seed, cancellationToken: cancellationToken)),
            ReportEstimate.Of(Gini.OfWeights(users, spec.Seed, cancellationToken: cancellationToken)),
            new ReportIntervals("percentile bootstrap", 0.95, "prompts, given these users; effectiveRewardModels and giniOfWeights: users", Bootstrap.DefaultResamples, spec.Seed),
            metrics,
            personas,
            ReportPublished.Beside(rewards),
            sweep,
            regression,
            Enumerable.Range(0, users.Count).Select(users.DrawOf),
            Enumerable.Range(0, users.Count).Select(userIndex => users.WeightsOf(userIndex).ToArray()),
            [.. file.Prompts.Select((prompt, promptIndex) => new ReportVotes(
                prompt.Key, prompt.Subset, [.. prompt.Responses.Select(response => response.ResponseModel)], votes.Of(promptIndex).ToArray()))]);
    }

    private static ReportMetrics Measure(ScoredFile file, SimulatedUsers users, VoteCounts votes, CancellationToken cancellationToken) => ReportMetrics.Of(
        file, votes, PairwiseAgreement.WithinSimulated(VoteCounter.CountPairs(file.Rewards, users, cancellationToken: cancellationToken)), users.Spec.Seed, cancellationToken);

    private static ReportSweepPoint SweepPoint(ScoredFile file, PopulationSpec spec, CancellationToken cancellationToken)
    {
        var users = PopulationSampler.Sample(spec, cancellationToken);
        var metrics = Measure(file, users, VoteCounter.CountFirstChoices(file.Rewards, users, cancellationToken: cancellationToken), cancellationToken);
        return new ReportSweepPoint(
            spec.Concentration,
            spec.Hash(),
            users.Count,
            ReportEstimate.Of(Diversity.EffectiveRewardModels(users, spec.Seed, cancellationToken: cancellationToken)),
            metrics.MajorityCurve,
            metrics.MeanEntropy,
            metrics.Overlap,
            metrics.KendallTau);
    }
}
