namespace PersonalLlm.Engine.Datasets;

/// <summary>One prompt with its responses, as a file holds it.</summary>
/// <param name="LineNumber">1-based line (JSONL) or record (CSV) in the file.</param>
/// <param name="Key">The file's own id of the prompt, unique in the data set.</param>
/// <param name="Text">What was asked.</param>
/// <param name="Subset">The file's own grouping (<c>subset</c> or <c>source</c>); null when it has none.</param>
/// <param name="Responses">In the file's order; at least one.</param>
public sealed record PromptRecord(int LineNumber, string Key, string Text, string? Subset, IReadOnlyList<ResponseRecord> Responses);

/// <summary>One response and the raw rewards that came with it.</summary>
/// <param name="ResponseModel">Which language model wrote it, as the file says.</param>
/// <param name="Text">May be empty; an empty text is reported as a problem, never dropped.</param>
/// <param name="Rewards">Raw reward by reward-model alias, finite; empty when the file has none.</param>
public sealed record ResponseRecord(string ResponseModel, string Text, IReadOnlyDictionary<string, float> Rewards);
