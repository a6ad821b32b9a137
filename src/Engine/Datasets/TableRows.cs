using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using CsvHelper;

namespace PersonalLlm.Engine.Datasets;

/// <summary>Walks a table beside a data set: JSONL or CSV, plain or gzip, known by its content.</summary>
internal static class TableRows
{
    private const int Opening = 1 << 12;

    /// <summary>Reads a whole file; the stream stays the caller's to dispose. It never throws for what the file contains.</summary>
    /// <param name="stream">The bytes of the file.</param>
    /// <param name="isRead">Which fields of a JSON line are read.</param>
    /// <param name="headerProblem">Says what is wrong with the columns of a CSV file; null when nothing is.</param>
    /// <param name="add">Takes a row and its line number; throws a <see cref="FieldException"/> for what is wrong with it.</param>
    /// <param name="problems">What could not be read, in file order; reading stops after <see cref="DatasetFile.MaximumFatalProblems"/>.</param>
    /// <param name="cancellation">Checked between rows.</param>
    public static async Task ReadAsync(
        Stream stream, Predicate<string> isRead, Func<string[], DatasetProblem?> headerProblem, Action<int, IEnumerable<Field>> add, List<DatasetProblem> problems,
        CancellationToken cancellation)
    {
        try
        {
            await foreach (var (lineNumber, row, problem) in RowsAsync(stream, isRead, headerProblem, cancellation))
            {
                if ((problem ?? Added(lineNumber, row!)) is { } wrong)
                    problems.Add(wrong);
                if (problems.Count(one => one.IsFatal) >= DatasetFile.MaximumFatalProblems)
                {
                    problems.Add(DatasetProblem.Fatal(0, "Reading stopped", $"Reading stopped after {DatasetFile.MaximumFatalProblems} problems; there may be more."));
                    break;
                }
            }
        }
        catch (InvalidDataException damaged)
        {
            problems.Add(DatasetProblem.Fatal(0, "Damaged file", $"The compressed file is damaged or incomplete ({damaged.Message.TrimEnd('.')}); copy it again."));
        }
        catch (CsvFormatException broken)
        {
            problems.Add(DatasetProblem.Fatal((int)broken.LineNumber, "Broken CSV", "the row cannot be read as CSV; reading stopped here."));
        }

        DatasetProblem? Added(int lineNumber, IEnumerable<Field> row)
        {
            try
            {
                add(lineNumber, row);
                return null;
            }
            catch (FieldException unreadable)
            {
                return unreadable.AtLine(lineNumber);
            }
        }
    }

    private static async IAsyncEnumerable<(int LineNumber, IEnumerable<Field>? Row, DatasetProblem? Problem)> RowsAsync(
        Stream stream, Predicate<string> isRead, Func<string[], DatasetProblem?> headerProblem, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var (magic, text) = await PeekAsync(stream, 2, cancellation);
        if (magic is [0x1F, 0x8B])
            text = new WholeGzipStream(text);
        (var opening, text) = await PeekAsync(text, Opening, cancellation);
        var mark = opening.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
        await text.ReadExactlyAsync(new byte[mark], cancellation);
        var first = opening.AsSpan(mark).TrimStart(" \t\r\n"u8);
        if (first.IsEmpty)
        {
            yield return (0, null, DatasetProblem.Fatal(0, "Empty file", "The file is empty."));
            yield break;
        }
        if (opening.Contains((byte)0))
        {
            yield return (0, null, DatasetProblem.Fatal(0, "Not a text", "The file is not a text; expected JSONL or CSV, plain or compressed with gzip."));
            yield break;
        }
        var isJson = first[0] == (byte)'{';
        if (!isJson)
        {
            await foreach (var row in CsvRows.ReadAsync(text, headerProblem, cancellation))
                yield return row;
            yield break;
        }
        await foreach (var (lineNumber, document, problem) in JsonLines.ReadAsync(text, cancellation))
            using (document)
                yield return problem is not null ? (lineNumber, null, problem) : FieldsOf(lineNumber, document!.RootElement, isRead);
    }

    private static (int, IEnumerable<Field>?, DatasetProblem?) FieldsOf(int lineNumber, JsonElement line, Predicate<string> isRead)
    {
        try
        {
            return (lineNumber, [.. line.EnumerateObject().Where(field => isRead(NameOf(field))).Select(field => JsonField.Read(field.Name, field.Value))], null);
        }
        catch (FieldException unreadable)
        {
            return (lineNumber, null, unreadable.AtLine(lineNumber));
        }
    }

    private static string NameOf(JsonProperty field)
    {
        try
        {
            return field.Name;
        }
        catch (InvalidOperationException)
        {
            throw new FieldException("Not Unicode", "the name of a field holds bytes that are not valid Unicode text.");
        }
    }

    private static async Task<(byte[] Opening, Stream Whole)> PeekAsync(Stream stream, int size, CancellationToken cancellation)
    {
        var opening = new byte[size];
        var length = await stream.ReadAtLeastAsync(opening, size, throwOnEndOfStream: false, cancellation);
        return (opening[..length], new PrefixedStream(opening.AsMemory(0, length), stream));
    }
}
