using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace PersonalLlm.Engine.Datasets;

/// <summary>
/// A file of prompts with responses, opened by what it contains and not by what it is called: gzip or plain, and which format.
/// </summary>
public sealed class DatasetFile : IAsyncDisposable
{
    /// <summary>After so many fatal problems the reading stops: they have one cause.</summary>
    public const int MaximumFatalProblems = 100;

    private const int LargestOpening = 16 << 20;

    private static readonly IReadOnlyList<IDatasetFormat> Formats = [new ResponseListFormat(), new PersonalLlmFormat(), new CsvFormat()];

    private readonly Stream text;
    private readonly DatasetProblem? unreadable;
    private bool isBroken;

    private DatasetFile(Stream text, bool isCompressed, IDatasetFormat? format, DatasetProblem? unreadable)
    {
        this.text = text;
        this.unreadable = unreadable;
        IsCompressed = isCompressed;
        Format = format;
    }

    public bool IsCompressed { get; }

    /// <summary>Null when the file is in none of the formats; reading it then gives the one problem that says why.</summary>
    public IDatasetFormat? Format { get; }

    /// <summary>Looks at the beginning of a file. The stream is read forward only and stays the caller's to dispose.</summary>
    public static async Task<DatasetFile> OpenAsync(Stream stream, CancellationToken cancellation = default)
    {
        var (magic, magicLength) = await FillAsync(stream, 2, cancellation);
        Stream text = new PrefixedStream(magic.AsMemory(0, magicLength), stream);
        var isCompressed = magicLength == 2 && magic[0] == 0x1F && magic[1] == 0x8B;
        if (isCompressed)
            text = new WholeGzipStream(text);
        try
        {
            var opening = await ReadOpeningAsync(text, cancellation);
            var mark = opening.Span.StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
            var replayed = new PrefixedStream(opening[mark..], text);
            var (format, problem) = Recognise(opening.Span[mark..]);
            return new DatasetFile(replayed, isCompressed, format, problem);
        }
        catch (InvalidDataException damaged)
        {
            return new DatasetFile(text, isCompressed, null, Damaged(damaged));
        }
    }

    /// <summary>
    /// Records and problems in the order of the file; checks that span lines (unique ids, complete rewards) included.
    /// May be called once. It never throws for what the file contains.
    /// </summary>
    public async IAsyncEnumerable<DatasetEntry> ReadAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        if (Format is null)
        {
            yield return unreadable!;
            yield break;
        }
        var checks = new DatasetChecks();
        var fatal = 0;
        await using var entries = Format.ReadAsync(text, cancellation).GetAsyncEnumerator(cancellation);
        while (await NextAsync(entries) is { } entry)
        {
            var problems = entry.Record is { } read ? checks.Of(read) : [entry.Problem!];
            foreach (var problem in problems)
            {
                yield return problem;
                if (problem.IsFatal && ++fatal == MaximumFatalProblems)
                {
                    yield return DatasetProblem.Fatal(0, "Reading stopped", $"Reading stopped after {MaximumFatalProblems} problems; there may be more.");
                    yield break;
                }
            }
            if (entry.Record is { } record)
                yield return record;
        }
        if (fatal == 0)
            foreach (var problem in checks.OfWholeFile())
                yield return problem;
    }

    public ValueTask DisposeAsync() => text.DisposeAsync();

    /// <summary>The next entry, a broken file as the last one of them, or null at the end.</summary>
    private async Task<DatasetEntry?> NextAsync(IAsyncEnumerator<DatasetEntry> entries)
    {
        if (isBroken)
            return null;
        try
        {
            return await entries.MoveNextAsync() ? entries.Current : default(DatasetEntry?);
        }
        catch (InvalidDataException damaged)
        {
            isBroken = true;
            return Damaged(damaged);
        }
        catch (CsvHelper.CsvFormatException broken)
        {
            isBroken = true;
            return DatasetProblem.Fatal((int)broken.LineNumber, "Broken CSV",
                broken.LineNumber == 0 ? "The file cannot be read as CSV." : "the row cannot be read as CSV; reading stopped here.");
        }
    }

    private static DatasetProblem Damaged(InvalidDataException damaged) => DatasetProblem.Fatal(0, "Damaged file",
        $"The compressed file is damaged or incomplete ({damaged.Message.TrimEnd('.')}); copy it again.");

    /// <summary>The first line that is not blank, and whatever came with it.</summary>
    private static async Task<ReadOnlyMemory<byte>> ReadOpeningAsync(Stream text, CancellationToken cancellation)
    {
        var size = 1 << 16;
        var opening = Array.Empty<byte>();
        while (true)
        {
            var (more, length) = await FillAsync(text, size - opening.Length, cancellation);
            opening = [.. opening, .. more.AsSpan(0, length)];
            if (opening.Length < size || opening.Length >= LargestOpening || FirstLine(opening).IsEnded)
                return opening;
            size *= 4;
        }
    }

    private static (Range Line, bool IsEnded) FirstLine(ReadOnlySpan<byte> opening)
    {
        var start = opening.StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
        var blank = opening[start..].IndexOfAnyExcept(" \t\r\n"u8);
        start = blank < 0 ? opening.Length : start + blank;
        var length = opening[start..].IndexOf((byte)'\n');
        return length < 0 ? (start..opening.Length, false) : (start..(start + length), true);
    }

    private static (IDatasetFormat?, DatasetProblem?) Recognise(ReadOnlySpan<byte> opening)
    {
        var line = opening[FirstLine(opening).Line];
        if (line.IsEmpty)
            return Unknown("Empty file", "The file is empty.");
        if (BinaryKind(opening) is { } kind)
            return Unknown("Not a data set", $"The file is not a data set: it looks like {kind}. Expected JSONL or CSV, plain or compressed with gzip.");
        if (line[0] == (byte)'[')
            return Unknown("Not JSONL", "The file is one JSON list; expected JSONL, one object per line.");
        var (first, broken) = line[0] == (byte)'{'
            ? JsonOpening(line)
            : (new DatasetOpening(false, Encoding.UTF8.GetString(line).TrimEnd('\r').Split(',')), null);
        var format = Formats.FirstOrDefault(format => format.Recognises(first));
        if (format is not null)
            return (format, null);
        return broken is not null
            ? Unknown("Broken JSON", $"Line 1: broken JSON: {broken}")
            : Unknown("Unknown fields",
                $"The first line has neither \"responses\" nor \"response_1\"; its fields are {DatasetChecks.Listed(first.Columns)}. "
                + "Expected PersonalLLM's columns (prompt, prompt_id, response_1, response_1_model, …) or prompt_id, prompt, source, responses.");
    }

    private static (IDatasetFormat?, DatasetProblem?) Unknown(string kind, string message) => (null, DatasetProblem.Fatal(0, kind, message));

    /// <summary>The field names of the first object. When it is broken, those that can be read before the break, or that its text mentions.</summary>
    private static (DatasetOpening, string? Broken) JsonOpening(ReadOnlySpan<byte> line)
    {
        var names = new List<string>();
        try
        {
            var reader = new Utf8JsonReader(line);
            while (reader.Read())
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1)
                    names.Add(reader.GetString()!);
            return (new DatasetOpening(true, names), null);
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            if (line.IndexOf("\"responses\""u8) >= 0)
                names.Add("responses");
            else if (line.IndexOf("\"response_1\""u8) >= 0)
                names.Add("response_1");
            return (new DatasetOpening(true, names), broken.Message.Split(" LineNumber:")[0]);
        }
    }

    private static string? BinaryKind(ReadOnlySpan<byte> opening) => opening switch
    {
        [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => "a PNG image",
        [0xFF, 0xD8, 0xFF, ..] => "a JPEG image",
        [(byte)'P', (byte)'A', (byte)'R', (byte)'1', ..] => "a Parquet file",
        [(byte)'P', (byte)'K', 3, 4, ..] => "a ZIP archive or a spreadsheet",
        [(byte)'%', (byte)'P', (byte)'D', (byte)'F', ..] => "a PDF document",
        [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] => "UTF-16 text (save it as UTF-8)",
        _ => opening.Contains((byte)0) ? "binary data" : null,
    };

    private static async Task<(byte[] Buffer, int Length)> FillAsync(Stream stream, int size, CancellationToken cancellation)
    {
        var buffer = new byte[size];
        var length = await stream.ReadAtLeastAsync(buffer, size, throwOnEndOfStream: false, cancellation);
        return (buffer, length);
    }
}
