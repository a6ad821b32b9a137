using System.Runtime.CompilerServices;
using System.Text.Unicode;
using CsvHelper;

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
        CsvMalformedReason? malformed = null;
        using var csv = CsvReader.Create(utf8, new CsvReaderOptions
        {
            TrackLineNumbers = true,
            MaxRecordSize = JsonLines.MaximumLineBytes,
            OnMalformedRecord = record => malformed = record.Reason,
        }, leaveOpen: true);
        var row = new PersonalLlmRow(isCell: true);
        var hasRow = await csv.ReadAsync(cancellation);
        var header = csv.Headers.ToArray();
        if (HeaderProblem(header) is { } problem)
        {
            yield return problem;
            yield break;
        }
        for (; hasRow; hasRow = await csv.ReadAsync(cancellation))
        {
            yield return Read(csv.LineNumber);
            malformed = null;
        }
        if (DatasetChecks.IgnoredFields(row.Ignored) is { } notice)
            yield return notice;

        DatasetEntry Read(long line)
        {
            var lineNumber = (int)Math.Min(line, int.MaxValue);
            if (malformed is CsvMalformedReason.UnterminatedQuote)
                return DatasetProblem.Fatal(lineNumber, "Broken CSV", "a quoted cell that begins in this row is never closed.");
            if (malformed is not null and not CsvMalformedReason.FieldCountMismatch)
                return DatasetProblem.Fatal(lineNumber, "Broken CSV", "a double quote stands where none may; inside a quoted cell it has to be doubled.");
            if (csv.FieldCount != header.Length)
                return DatasetProblem.Fatal(lineNumber, "Broken CSV", $"the row has {csv.FieldCount} cells, but the header names {header.Length} columns.");
            if (!Utf8.IsValid(csv.RawRecord))
                return DatasetProblem.Fatal(lineNumber, "Not Unicode", "the row holds bytes that are not valid UTF-8; save the file as UTF-8.");
            try
            {
                return row.Read(lineNumber, header.Select((name, column) => Field.OfCell(name, csv.GetString(column))));
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
        if (missing.Count > 0)
            return DatasetProblem.Fatal(1, "Missing columns",
                $"the header has no column {string.Join(", ", missing)}; it has {DatasetChecks.Listed(header)}. A CSV file needs PersonalLLM's column names.");
        var twice = header.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1);
        return twice is null ? null : DatasetProblem.Fatal(1, "Repeated column", $"the header names the column {twice.Key} twice.");
    }
}
