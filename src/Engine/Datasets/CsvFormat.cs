using System.Runtime.CompilerServices;

namespace PersonalLlm.Engine.Datasets;

/// <summary>
/// PersonalLLM's columns as CSV (RFC 4180 with a header; commas, semicolons or tabs). An empty cell is a missing value, except that a
/// response whose model is named is taken as an empty text.
/// </summary>
public sealed class CsvFormat : IDatasetFormat
{
    private static readonly string[] Required = ["prompt", "prompt_id", "response_1", "response_1_model"];

    public string Name => "PersonalLLM CSV";

    public bool Recognises(DatasetOpening opening) => !opening.IsJson;

    public async IAsyncEnumerable<DatasetEntry> ReadAsync(Stream utf8, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var rows = new PersonalLlmRow(isCell: true);
        var hasHeader = true;
        await foreach (var (lineNumber, row, problem) in CsvRows.ReadAsync(utf8, HeaderProblem, cancellation))
        {
            hasHeader = problem is not { LineNumber: 1 };
            yield return problem is not null ? problem : Read(lineNumber, row!);
        }
        if (hasHeader && DatasetChecks.IgnoredFields(rows.Ignored) is { } notice)
            yield return notice;

        DatasetEntry Read(int lineNumber, IEnumerable<Field> row)
        {
            try
            {
                return rows.Read(lineNumber, row);
            }
            catch (FieldException unreadable)
            {
                return unreadable.AtLine(lineNumber);
            }
        }
    }

    private static DatasetProblem? HeaderProblem(string[] header)
    {
        var missing = Required.Except(header).ToList();
        return missing.Count == 0
            ? null
            : DatasetProblem.Fatal(1, "Missing columns",
                $"the header has no column {string.Join(", ", missing)}; it has {DatasetChecks.Listed(header)}. A CSV file needs PersonalLLM's column names.");
    }
}
