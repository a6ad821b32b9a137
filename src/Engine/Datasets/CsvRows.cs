using System.Runtime.CompilerServices;
using System.Text.Unicode;
using CsvHelper;

namespace PersonalLlm.Engine.Datasets;

/// <summary>Walks a CSV file (RFC 4180 with a header; commas, semicolons or tabs): each row as named fields, or as the reason why it is none.</summary>
internal static class CsvRows
{
    /// <param name="utf8">The text, without a byte order mark.</param>
    /// <param name="headerProblem">Says what is wrong with the columns; a wrong header ends the reading.</param>
    /// <param name="cancellation">Checked between rows.</param>
    /// <exception cref="CsvFormatException">The file cannot be read as CSV from here on.</exception>
    public static async IAsyncEnumerable<(int LineNumber, IEnumerable<Field>? Row, DatasetProblem? Problem)> ReadAsync(
        Stream utf8, Func<string[], DatasetProblem?> headerProblem, [EnumeratorCancellation] CancellationToken cancellation)
    {
        CsvMalformedReason? malformed = null;
        using var csv = CsvReader.Create(utf8, new CsvReaderOptions
        {
            TrackLineNumbers = true,
            MaxRecordSize = JsonLines.MaximumLineBytes,
            OnMalformedRecord = record => malformed = record.Reason,
        }, leaveOpen: true);
        var hasRow = await csv.ReadAsync(cancellation);
        var header = csv.Headers.ToArray();
        if ((headerProblem(header) ?? RepeatedColumn(header)) is { } problem)
        {
            yield return (1, null, problem);
            yield break;
        }
        for (; hasRow; hasRow = await csv.ReadAsync(cancellation))
        {
            var lineNumber = (int)Math.Min(csv.LineNumber, int.MaxValue);
            yield return FindProblem(lineNumber) is { } broken
                ? (lineNumber, null, broken)
                : (lineNumber, header.Select((name, column) => Field.OfCell(name, csv.GetString(column))), null);
            malformed = null;
        }

        DatasetProblem? FindProblem(int lineNumber) =>
            malformed is CsvMalformedReason.UnterminatedQuote
                ? DatasetProblem.Fatal(lineNumber, "Broken CSV", "a quoted cell that begins in this row is never closed.")
            : malformed is not null and not CsvMalformedReason.FieldCountMismatch
                ? DatasetProblem.Fatal(lineNumber, "Broken CSV", "a double quote stands where none may; inside a quoted cell it has to be doubled.")
            : csv.FieldCount != header.Length
                ? DatasetProblem.Fatal(lineNumber, "Broken CSV", $"the row has {csv.FieldCount} cells, but the header names {header.Length} columns.")
            : Utf8.IsValid(csv.RawRecord)
                ? null
                : DatasetProblem.Fatal(lineNumber, "Not Unicode", "the row holds bytes that are not valid UTF-8; save the file as UTF-8.");
    }

    private static DatasetProblem? RepeatedColumn(string[] header) =>
        header.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? DatasetProblem.Fatal(1, "Repeated column", $"the header names the column {twice.Key} twice.")
            : null;
}
