using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Web.Features.Population;

/// <summary>Simulates a population on a data file, without any database: the steps in order, each taking what the last one gave.</summary>
internal static class FileSimulation
{
    private const string Format = "personal-llm-simulation/1";

    /// <summary>Reads, standardises, draws, counts and measures.</summary>
    /// <param name="path">A data set in any format that can be imported.</param>
    /// <param name="spec">Its reward models are replaced by those of the file.</param>
    /// <param name="regression">Null for no attribute regressions.</param>
    /// <returns>The report, or one sentence saying why there is none.</returns>
    public static async Task<(SimulationReport? Report, string? Refusal)> RunAsync(
        string path, PopulationSpec spec, RegressionContrast? regression, CancellationToken cancellationToken)
    {
        var (file, refusal) = await ScoredFile.ReadAsync(path, cancellationToken);
        return file is null ? (null, refusal) : Simulate(file, spec, regression, cancellationToken);
    }

    private static (SimulationReport? Report, string? Refusal) Simulate(
        ScoredFile file, PopulationSpec asked, RegressionContrast? contrast, CancellationToken cancellationToken)
    {
        var rewards = file.Rewards;
        var spec = asked with { RewardModels = rewards.RewardModels };
        SimulatedUsers users;
        try
        {
            users = PopulationSampler.Sample(spec, cancellationToken);
        }
        catch (ArgumentException impossible)
        {
            return Refuse(impossible.Message);
        }
        var votes = VoteCounter.CountFirstChoices(rewards, users, cancellationToken: cancellationToken);
        var summary = Diversity.Summarize(
            votes, file.ResponseModels, file.Subsets, spec.Seed, cancellationToken: cancellationToken);
        var pairs = VoteCounter.CountPairs(rewards, users, cancellationToken: cancellationToken);
        var metrics = ReportMetrics.Of(
            summary,
            KeywordEntropy.Of(votes, [.. file.Prompts.Select(prompt => prompt.Text)], spec.Seed, cancellationToken: cancellationToken),
            Gini.OfVotes(votes, spec.Seed, cancellationToken: cancellationToken),
            FirstChoiceOverlap.Mean(votes, spec.Seed, cancellationToken: cancellationToken),
            PairwiseAgreement.WithinSimulated(pairs));
        var regression = contrast is not { } asWhat
            ? null
            : ReportRegression.Of(AttributeRegression.Of(
                rewards, [.. file.Prompts.SelectMany(prompt => prompt.Responses.Select(response => response.Text))], users, asWhat, spec.Seed, cancellationToken), asWhat);
        return (new SimulationReport(
            Format,
            ReportTool.This,
            file.Input,
            rewards.PromptCount,
            rewards.ResponseCount,
            file.RewardModels,
            ReportPopulation.Of(spec),
            ReportEstimate.Of(Diversity.EffectiveRewardModels(users, spec.Seed, cancellationToken: cancellationToken)),
            ReportEstimate.Of(Gini.OfWeights(users, spec.Seed, cancellationToken: cancellationToken)),
            new ReportIntervals("percentile bootstrap", 0.95, "prompts, given these users; effectiveRewardModels and giniOfWeights: users", Bootstrap.DefaultResamples, spec.Seed),
            metrics,
            regression,
            Enumerable.Range(0, users.Count).Select(userIndex => users.WeightsOf(userIndex).ToArray()),
            [.. file.Prompts.Select((prompt, promptIndex) => new ReportVotes(
                prompt.Key, prompt.Subset, [.. prompt.Responses.Select(response => response.ResponseModel)], votes.Of(promptIndex).ToArray()))]), null);
    }

    private static (SimulationReport? Report, string? Refusal) Refuse(string because) => (null, because);
}
