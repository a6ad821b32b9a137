namespace PersonalLlm.Engine.Datasets;

/// <summary>One thing worth knowing about a line of a file.</summary>
/// <param name="LineNumber">1-based line (JSONL) or row (CSV, the header is row 1); 0 when it concerns the whole file.</param>
/// <param name="Kind">What sort of problem, as a short heading; problems of one kind are shown together.</param>
/// <param name="Message">One sentence that says what is wrong, with the field and what was found there.</param>
/// <param name="IsFatal">True when nothing may be imported from a file that has it; false for an oddity that is only reported.</param>
public sealed record DatasetProblem(int LineNumber, string Kind, string Message, bool IsFatal)
{
    public override string ToString() => LineNumber == 0 ? Message : $"Line {LineNumber}: {Message}";

    internal static DatasetProblem Fatal(int lineNumber, string kind, string message) => new(lineNumber, kind, message, IsFatal: true);

    internal static DatasetProblem Odd(int lineNumber, string kind, string message) => new(lineNumber, kind, message, IsFatal: false);
}

/// <summary>What reading a data set gives, one after the other: a record, or a problem with one.</summary>
/// <param name="Record">A prompt with its responses; null when this entry is a problem.</param>
/// <param name="Problem">A problem; null when this entry is a record.</param>
public readonly record struct DatasetEntry(PromptRecord? Record, DatasetProblem? Problem)
{
    public static implicit operator DatasetEntry(PromptRecord record) => FromRecord(record);

    public static implicit operator DatasetEntry(DatasetProblem problem) => FromProblem(problem);

    public static DatasetEntry FromRecord(PromptRecord record) => new(record, null);

    public static DatasetEntry FromProblem(DatasetProblem problem) => new(null, problem);
}
