using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace PersonalLlm.Engine.Datasets;

/// <summary>What has to hold across the lines of a file, and the oddities worth reporting, whatever the format.</summary>
internal sealed class DatasetChecks
{
    /// <summary>In characters; a longer response is reported because few people will read it.</summary>
    public const int VeryLong = 20_000;

    private readonly Dictionary<string, int> lineOfKey = new(StringComparer.Ordinal);
    private readonly Dictionary<UInt128, int> lineOfPrompt = [];
    private (int LineNumber, HashSet<string> Aliases)? rewards;
    private int records;
    private int withoutSubset;

    public IEnumerable<DatasetProblem> Of(PromptRecord record)
    {
        records++;
        if (record.Subset is null)
            withoutSubset++;
        return Identity(record).Concat(Rewards(record)).Concat(Oddities(record));
    }

    /// <summary>What can only be said once everything was read.</summary>
    public IEnumerable<DatasetProblem> OfWholeFile()
    {
        if (records == 0)
            yield return DatasetProblem.Fatal(0, "Nothing to import", "The file holds no prompt that can be imported.");
        else if (withoutSubset == records)
            yield return DatasetProblem.Odd(0, "No subset", "No prompt names a subset.");
        else if (withoutSubset > 0)
            yield return DatasetProblem.Odd(0, "No subset", $"{withoutSubset} of {records} prompts name no subset.");
    }

    public static DatasetProblem? IgnoredFields(IEnumerable<string> names)
    {
        var listed = Listed(names);
        return listed.Length == 0 ? null : DatasetProblem.Odd(0, "Ignored fields", $"Fields that are not imported: {listed}.");
    }

    /// <summary>The first dozen names, and how many more.</summary>
    public static string Listed(IEnumerable<string> names)
    {
        var all = names.Where(name => name.Length > 0).Select(name => name.Length <= 60 ? name : name[..60] + "…").ToList();
        return string.Join(", ", all.Take(12)) + (all.Count > 12 ? $" and {all.Count - 12} more" : "");
    }

    private IEnumerable<DatasetProblem> Identity(PromptRecord record)
    {
        if (!lineOfKey.TryAdd(record.Key, record.LineNumber))
            yield return DatasetProblem.Fatal(record.LineNumber, "Repeated prompt_id",
                $"prompt_id {record.Key} was already used on line {lineOfKey[record.Key]}; ids must be unique.");
        if (string.IsNullOrWhiteSpace(record.Text))
            yield return DatasetProblem.Odd(record.LineNumber, "Empty prompt", "the prompt is empty.");
        else if (!lineOfPrompt.TryAdd(Fingerprint(record.Text), record.LineNumber))
            yield return DatasetProblem.Odd(record.LineNumber, "Repeated prompt",
                $"the prompt has the same text as the one on line {lineOfPrompt[Fingerprint(record.Text)]}.");
    }

    private IEnumerable<DatasetProblem> Rewards(PromptRecord record)
    {
        rewards ??= (record.LineNumber, [.. record.Responses[0].Rewards.Keys]);
        var (firstLine, aliases) = rewards.Value;
        for (var responseIndex = 0; responseIndex < record.Responses.Count; responseIndex++)
        {
            var own = record.Responses[responseIndex].Rewards;
            var missing = aliases.FirstOrDefault(alias => !own.ContainsKey(alias));
            if (missing is not null)
                yield return DatasetProblem.Fatal(record.LineNumber, "Missing reward",
                    $"response {responseIndex + 1} has no reward under {missing}, although line {firstLine} has one; a reward model must score all responses or none.");
            var extra = own.Keys.FirstOrDefault(alias => !aliases.Contains(alias));
            if (extra is not null)
                yield return DatasetProblem.Fatal(record.LineNumber, "Missing reward",
                    $"response {responseIndex + 1} has a reward under {extra}, which response 1 of line {firstLine} lacks; a reward model must score all responses or none.");
        }
    }

    private static IEnumerable<DatasetProblem> Oddities(PromptRecord record)
    {
        if (record.Responses.Count == 1)
            yield return DatasetProblem.Odd(record.LineNumber, "One response", "the prompt has a single response, so there is nothing to rank.");
        for (var responseIndex = 0; responseIndex < record.Responses.Count; responseIndex++)
        {
            var (model, text) = (record.Responses[responseIndex].ResponseModel, record.Responses[responseIndex].Text);
            if (string.IsNullOrWhiteSpace(text))
                yield return DatasetProblem.Odd(record.LineNumber, "Empty response", $"response {responseIndex + 1} ({model}) is empty.");
            else if (text.Length > VeryLong)
                yield return DatasetProblem.Odd(record.LineNumber, "Very long response",
                    FormattableString.Invariant($"response {responseIndex + 1} ({model}) has {text.Length:N0} characters."));
            if (SelfNaming.Find(text, model) is { } quote)
                yield return DatasetProblem.Odd(record.LineNumber, "Names its model", $"response {responseIndex + 1} ({model}) says who wrote it: \u201c{quote}\u201d.");
        }
        var same = record.Responses.Select((response, responseIndex) => (Text: response.Text.Trim(), Number: responseIndex + 1))
            .Where(response => response.Text.Length > 0).GroupBy(response => response.Text, response => response.Number);
        foreach (var group in same.Where(group => group.Count() > 1))
            yield return DatasetProblem.Odd(record.LineNumber, "Identical responses", $"responses {string.Join(", ", group.SkipLast(1))} and {group.Last()} are identical.");
    }

    private static UInt128 Fingerprint(string text) =>
        MemoryMarshal.Read<UInt128>(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
