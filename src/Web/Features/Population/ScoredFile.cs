using System.Globalization;
using System.Security.Cryptography;
using PersonalLlm.Engine.Datasets;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Web.Features.Population;

/// <summary>A data file as the command line's analyses take it: its prompts, and their standardised rewards.</summary>
/// <param name="Prompts">In file order.</param>
/// <param name="RewardModels">The columns of the rewards, and what they were standardised by.</param>
internal sealed record ScoredFile(ReportInput Input, IReadOnlyList<PromptRecord> Prompts, IReadOnlyList<ReportRewardModel> RewardModels, RewardMatrix Rewards)
{
    /// <summary>[responses]: which language model wrote it.</summary>
    public string[] ResponseModels => [.. Prompts.SelectMany(prompt => prompt.Responses.Select(response => response.ResponseModel))];

    /// <summary>[prompts]</summary>
    public string?[] Subsets => [.. Prompts.Select(prompt => prompt.Subset)];

    /// <summary>The specification as it is drawn on this file: over its reward models in their order, pinned to its constants.</summary>
    /// <param name="asked">Its α are in the order of its reward models; over none, in the order of this file's.</param>
    public PopulationSpec Complete(PopulationSpec asked) => asked with
    {
        RewardModels = Rewards.RewardModels,
        Concentration = asked.RewardModels.Count == asked.Concentration.Models
            ? Concentration.PerModel(Rewards.RewardModels.Select(name => asked.Concentration[asked.RewardModels.ToList().IndexOf(name)]))
            : asked.Concentration,
        Pins = [.. RewardModels.Select(model => new RewardPin(null, new RewardConstants(model.Mean, model.StandardDeviation)))],
    };

    /// <summary>Reads and standardises a data set in any format that can be imported.</summary>
    /// <param name="path">Of the file.</param>
    /// <param name="rewardModels">Which of its reward models count, in any order; none for all of them.</param>
    /// <param name="cancellationToken">Checked between lines.</param>
    /// <returns>The file, or one sentence saying why there is none.</returns>
    public static async Task<(ScoredFile? File, string? Refusal)> ReadAsync(string path, IReadOnlyList<string> rewardModels, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
            return (null, $"There is no file {path}.");
        try
        {
            await using var stream = File.OpenRead(path);
            var (file, refusal) = await ReadAsync(path, stream, cancellationToken);
            return file is null ? (null, refusal) : file.With(rewardModels);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return (null, $"The file {path} cannot be read: {unreadable.Message}");
        }
    }

    /// <summary>SHA-256 of the bytes of a file, lower-case hexadecimal; the stream is left at its beginning.</summary>
    public static async Task<string> HashAsync(FileStream stream, CancellationToken cancellationToken)
    {
        var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
        stream.Position = 0;
        return sha256;
    }

    /// <summary>The first of the problems that make a file useless, and how many more there are.</summary>
    public static string Refusal(string path, IReadOnlyList<DatasetProblem> fatal) =>
        $"{path}: {fatal[0]}" + (fatal.Count == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" ({fatal.Count - 1:N0} more problem{(fatal.Count == 2 ? "" : "s")})"));

    private static async Task<(ScoredFile? File, string? Refusal)> ReadAsync(string path, FileStream stream, CancellationToken cancellationToken)
    {
        var sha256 = await HashAsync(stream, cancellationToken);
        await using var file = await DatasetFile.OpenAsync(stream, cancellationToken);
        var collected = new RewardCollector();
        var prompts = new List<PromptRecord>();
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
                collected.Add(record);
                prompts.Add(record);
            }
        }
        if (fatal.Count > 0)
            return (null, Refusal(path, fatal));
        if (prompts.Count == 0)
            return (null, $"{path} has no usable rows.");
        var input = new ReportInput(
            Path.GetFileName(path), sha256, file.Format!.Name,
            [.. oddities.GroupBy(kind => kind).Select(group => new ReportOddity(group.Key, group.Count()))]);
        var raw = collected.ToMatrix();
        var models = Standardise(raw);
        var constants = models.Select(model => new RewardConstants(model.Mean, model.StandardDeviation));
        return (new ScoredFile(input, prompts, models, new RewardNormalization(raw.RewardModels, [.. constants]).Apply(raw)), null);
    }

    /// <summary>The same file as users see it who judge by some of its reward models only, in ordinal order.</summary>
    /// <param name="rewardModels">Their names in any order; none for all of them.</param>
    /// <returns>The file, or one sentence saying why there is none.</returns>
    private (ScoredFile? File, string? Refusal) With(IReadOnlyList<string> rewardModels)
    {
        if (rewardModels.Count == 0)
            return (this, null);
        if (rewardModels.FirstOrDefault(name => !Rewards.RewardModels.Contains(name)) is { } unknown)
            return (null, $"There is no reward model \"{unknown}\" in {Input.File}, only {string.Join(", ", Rewards.RewardModels)}.");
        if (rewardModels.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            return (null, $"The reward model \"{twice.Key}\" is named twice.");
        string[] chosen = [.. rewardModels.Order(StringComparer.Ordinal)];
        return (this with
        {
            RewardModels = [.. RewardModels.Where(model => chosen.Contains(model.Name))],
            Rewards = Rewards.Select([.. Enumerable.Range(0, Rewards.PromptCount)], chosen),
        }, null);
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
}
