namespace PersonalLlm.Engine.Datasets;

/// <summary>What one annotator said about one item of a file of judgements.</summary>
/// <param name="LineNumber">1-based line in the file.</param>
/// <param name="Annotator">The file's own id of the annotator.</param>
/// <param name="ItemId">The file's own id of the item; the same item may come with different responses.</param>
/// <param name="Source">The file's own grouping, or null.</param>
/// <param name="Responses">What tells a response from the others: its model and text.</param>
/// <param name="Comparisons">What follows about every two responses that were compared.</param>
public sealed record AnnotatedChoice(
    int LineNumber, string Annotator, string ItemId, string? Source, IReadOnlyList<string> Responses, IReadOnlyList<ResponseComparison> Comparisons);

/// <summary>Two responses of an item compared.</summary>
/// <param name="First">Index of one.</param>
/// <param name="Second">Index of the other, above <paramref name="First"/>.</param>
/// <param name="Sign">1: the first is preferred, −1: the second, 0: a tie.</param>
public readonly record struct ResponseComparison(int First, int Second, int Sign);
