using System.Globalization;
using System.Security.Cryptography;
using PersonalLlm.Engine.Datasets;
using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Web.Features.Population;

/// <summary>Simulates a population on a data file, without any database: the steps in order, each taking what the last one gave.</summary>
internal static class FileSimulation
{
    private const string Format = "personal-llm-simulation/1";

    /// <summary>Reads, standardises, draws, counts and measures.</summary>
    /// <param name="path">A data set in any format that can be imported.</param>
    /// <param name="spec">Its reward models are replaced by those of the file.</param>
    /// <returns>The report, or one sentence saying why there is none.</returns>
    public static async Task<(SimulationReport? Report, string? Refusal)> RunAsync(
        string path, PopulationSpec spec, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
            return Refuse($"There is no file {path}.");
        try
        {
            var (rows, refusal) = await ReadAsync(path, cancellationToken);
            return rows is null ? (null, refusal) : Simulate(rows, spec, cancellationToken);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return Refuse($"The file {path} cannot be read: {unreadable.Message}");
        }
    }

    private static (SimulationReport? Report, string? Refusal) Simulate(Rows rows, PopulationSpec asked, CancellationToken cancellationToken)
    {
        var raw = rows.Rewards.ToMatrix();
        var models = Standardise(raw);
        var rewards = new RewardNormalization(raw.RewardModels, [.. models.Select(model => new RewardConstants(model.Mean, model.StandardDeviation))]).Apply(raw);
        var spec = asked with { RewardModels = raw.RewardModels };
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
            votes, [.. rows.ResponseModels.SelectMany(names => names)], rows.Subsets, spec.Seed, cancellationToken: cancellationToken);
        var effective = Diversity.EffectiveRewardModels(users, spec.Seed, cancellationToken: cancellationToken);
        return (new SimulationReport(
            Format,
            new ReportTool("PersonalLLM", typeof(FileSimulation).Assembly.GetName().Version!.ToString(3)),
            rows.Input,
            rewards.PromptCount,
            rewards.ResponseCount,
            models,
            ReportPopulation.Of(spec),
            ReportEstimate.Of(effective),
            new ReportIntervals("percentile bootstrap", 0.95, "prompts, given these users; effectiveRewardModels: users", Bootstrap.DefaultResamples, spec.Seed),
            ReportMetrics.Of(summary),
            Enumerable.Range(0, users.Count).Select(userIndex => users.WeightsOf(userIndex).ToArray()),
            [.. rows.Keys.Select((key, promptIndex) => new ReportVotes(
                key, rows.Subsets[promptIndex], rows.ResponseModels[promptIndex], votes.Of(promptIndex).ToArray()))]), null);
    }

    private static ReportRewardModel[] Standardise(RewardMatrix raw)
    {
        var models = new ReportRewardModel[raw.RewardModelCount];
        var column = new float[raw.ResponseCount];
        for (var modelIndex = 0; modelIndex < models.Length; modelIndex++)
        {
            for (var responseIndex = 0; responseIndex < column.Length; responseIndex++)
                column[responseIndex] = raw.Row(responseIndex)[modelIndex];
            var (constants, source) = RewardNormalization.ConstantsFor(raw.RewardModels[modelIndex], column);
            models[modelIndex] = new ReportRewardModel(raw.RewardModels[modelIndex], constants.Mean, constants.StandardDeviation, source);
        }
        return models;
    }

    private static async Task<(Rows? Rows, string? Refusal)> ReadAsync(string path, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(path);
        var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
        stream.Position = 0;
        await using var file = await DatasetFile.OpenAsync(stream, cancellationToken);
        var rewards = new RewardCollector();
        var keys = new List<string>();
        var subsets = new List<string?>();
        var responseModels = new List<string[]>();
        var fatal = new List<DatasetProblem>();
        var oddities = new List<string>();
        await foreach (var entry in file.ReadAsync(cancellationToken))
        {
            if (entry.Problem is { IsFatal: true } problem)
                fatal.Add(problem);
            else if (entry.Problem is { } oddity)
                oddities.Add(oddity.Kind);
            else if (entry.Record is { } record && fatal.Count == 0)
            {
                rewards.Add(record);
                keys.Add(record.Key);
                subsets.Add(record.Subset);
                responseModels.Add([.. record.Responses.Select(response => response.ResponseModel)]);
            }
        }
        if (fatal is [var first, .. var more])
            return (null, $"{path}: {first}" + (more.Count == 0 ? "" : $" ({Counted(more.Count, "more problem")})"));
        if (keys.Count == 0)
            return (null, $"{path} has no usable rows.");
        var input = new ReportInput(
            Path.GetFileName(path), sha256, file.Format!.Name,
            [.. oddities.GroupBy(kind => kind).Select(group => new ReportOddity(group.Key, group.Count()))]);
        return (new Rows(input, rewards, keys, subsets, responseModels), null);
    }

    private static string Counted(int count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {noun}{(count == 1 ? "" : "s")}");

    private static (SimulationReport? Report, string? Refusal) Refuse(string because) => (null, because);

    private sealed record Rows(
        ReportInput Input, RewardCollector Rewards, List<string> Keys, List<string?> Subsets, List<string[]> ResponseModels);
}
