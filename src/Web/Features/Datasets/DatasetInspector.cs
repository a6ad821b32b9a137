using System.Security.Cryptography;
using PersonalLlm.Engine.Datasets;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Web.Features.Datasets;

/// <summary>The dry run: reads a whole file, writes nothing, and says what would be imported and what is wrong with it.</summary>
internal static class DatasetInspector
{
    public const int PreviewSize = 5;

    /// <summary>Problems of one kind beyond so many are counted but not listed.</summary>
    public const int ListedPerKind = 200;

    public static async Task<DatasetInspection> InspectAsync(
        DatasetSource source, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        string hash;
        await using (var whole = source.Open())
            hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(whole, cancellation));

        await using var stream = source.Open();
        await using var file = await DatasetFile.OpenAsync(stream, cancellation);
        var gathering = new Gathering();
        await foreach (var entry in file.ReadAsync(cancellation))
        {
            if (entry.Problem is { } problem)
                gathering.Add(problem);
            if (entry.Record is not { } record)
                continue;
            gathering.Add(record);
            if (gathering.Prompts % 256 == 0)
                progress?.Report(gathering.Prompts);
        }
        progress?.Report(gathering.Prompts);
        return gathering.ToInspection(source.FileName, hash, file.Format?.Name);
    }

    private sealed class Gathering
    {
        private readonly List<PromptRecord> preview = [];
        private readonly List<DatasetProblem> problems = [];
        private readonly Dictionary<string, int> problemCounts = new(StringComparer.Ordinal);
        private readonly SortedDictionary<string, int> responseModels = new(StringComparer.OrdinalIgnoreCase);
        private readonly SortedDictionary<string, RunningMoments> rewards = new(StringComparer.Ordinal);
        private readonly SortedSet<int> responsesPerPrompt = [];
        private readonly HashSet<string> subsets = new(StringComparer.Ordinal);
        private int responses;

        public int Prompts { get; private set; }

        public void Add(DatasetProblem problem)
        {
            var count = problemCounts.GetValueOrDefault(problem.Kind) + 1;
            problemCounts[problem.Kind] = count;
            if (count <= ListedPerKind)
                problems.Add(problem);
        }

        public void Add(PromptRecord record)
        {
            Prompts++;
            responses += record.Responses.Count;
            responsesPerPrompt.Add(record.Responses.Count);
            if (record.Subset is not null)
                subsets.Add(record.Subset);
            if (preview.Count < PreviewSize)
                preview.Add(record);
            foreach (var response in record.Responses)
            {
                responseModels[response.ResponseModel] = responseModels.GetValueOrDefault(response.ResponseModel) + 1;
                foreach (var (alias, reward) in response.Rewards)
                    Moments(alias).Add(reward);
            }
            if (AttributeRewardColumns.FirstDifference(record) is { } difference)
                Add(difference);
        }

        public DatasetInspection ToInspection(string fileName, string hash, string? format) => new(
            fileName, hash, format, Prompts, responses, [.. responsesPerPrompt], subsets.Count, responseModels,
            [.. rewards.Select(pair => new RewardColumnSummary(pair.Key, pair.Value.ToConstants(), RewardNormalization.ScaleOf(pair.Key, pair.Value.ToConstants())))],
            problems, problemCounts, preview);

        private RunningMoments Moments(string alias)
        {
            if (!rewards.TryGetValue(alias, out var moments))
                rewards.Add(alias, moments = new RunningMoments());
            return moments;
        }
    }

    /// <summary>Mean and standard deviation of numbers that pass by once (Welford 1962).</summary>
    private sealed class RunningMoments
    {
        private long count;
        private double mean;
        private double squares;

        public void Add(double value)
        {
            count++;
            var before = value - mean;
            mean += before / count;
            squares += before * (value - mean);
        }

        public RewardConstants ToConstants() => new(mean, squares > 0 ? Math.Sqrt(squares / count) : 1);
    }
}
