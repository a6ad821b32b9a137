using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace PersonalLlm.Engine.Datasets;

/// <summary>Walks a JSONL file: each line as an object, or as the reason why it is none.</summary>
internal static partial class JsonLines
{
    public const int MaximumLineBytes = 64 << 20;

    // Two fields of one name cannot both be meant; silently taking the last would hide a broken export.
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false };

    /// <summary>Line number with the parsed object (owned by the caller) or the problem.</summary>
    public static async IAsyncEnumerable<(int LineNumber, JsonDocument? Document, DatasetProblem? Problem)> ReadAsync(
        Stream utf8, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var reader = PipeReader.Create(utf8, new StreamPipeReaderOptions(bufferSize: 1 << 16));
        try
        {
            var lineNumber = 0;
            while (true)
            {
                var read = await reader.ReadAsync(cancellation);
                var buffer = read.Buffer;
                while (TryTakeLine(ref buffer, read.IsCompleted, out var line))
                {
                    lineNumber++;
                    if (!IsBlank(line))
                        yield return Parse(lineNumber, line);
                }
                if (buffer.Length > MaximumLineBytes)
                {
                    yield return (lineNumber + 1, null, DatasetProblem.Fatal(lineNumber + 1, "Line too long",
                        $"the line is longer than {MaximumLineBytes >> 20} MB; reading stopped here."));
                    yield break;
                }
                if (read.IsCompleted)
                    yield break;
                reader.AdvanceTo(buffer.Start, buffer.End);
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    private static bool TryTakeLine(ref ReadOnlySequence<byte> buffer, bool isLast, out ReadOnlySequence<byte> line)
    {
        line = default;
        if (buffer.IsEmpty)
            return false;
        if (buffer.PositionOf((byte)'\n') is { } end)
        {
            line = buffer.Slice(0, end);
            buffer = buffer.Slice(buffer.GetPosition(1, end));
            return true;
        }
        if (!isLast)
            return false;
        line = buffer;
        buffer = buffer.Slice(buffer.End);
        return true;
    }

    private static bool IsBlank(ReadOnlySequence<byte> line)
    {
        foreach (var segment in line)
            if (segment.Span.ContainsAnyExcept(" \t\r"u8))
                return false;
        return true;
    }

    private static (int, JsonDocument?, DatasetProblem?) Parse(int lineNumber, ReadOnlySequence<byte> line)
    {
        // The pipe takes its buffer back before the caller is done with the document.
        var bytes = line.ToArray();
        try
        {
            var document = JsonDocument.Parse(bytes, Options);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return (lineNumber, document, null);
            var found = JsonField.Describe(document.RootElement.ValueKind);
            document.Dispose();
            return (lineNumber, null, DatasetProblem.Fatal(lineNumber, "Not an object", $"expected one JSON object per line but found {found}."));
        }
        catch (JsonException broken)
        {
            return (lineNumber, null, Broken(lineNumber, bytes, broken));
        }
    }

    private static DatasetProblem Broken(int lineNumber, byte[] line, JsonException broken)
    {
        var position = (int)Math.Clamp(broken.BytePositionInLine ?? 0, 0, line.Length);
        var rest = Encoding.UTF8.GetString(line.AsSpan(position, Math.Min(12, line.Length - position)));
        // Python's json module writes these names, which JSON does not have.
        if (NonFinite().Match(rest) is { Success: true } word)
        {
            var before = Encoding.UTF8.GetString(line.AsSpan(Math.Max(0, position - 300), Math.Min(300, position)));
            var field = LastFieldName().Match(before);
            return DatasetProblem.Fatal(lineNumber, "Not a finite number",
                $"{(field.Success ? field.Groups[1].Value : "a value")} is {field.Groups[2].Value}{word.Value}; rewards must be finite numbers.");
        }
        if (RepeatedField().Match(broken.Message) is { Success: true } repeated)
            return DatasetProblem.Fatal(lineNumber, "Repeated field", $"the field {repeated.Groups[1].Value} stands twice.");
        var reason = broken.Message.Split(" LineNumber:")[0].Split(" Path:")[0].TrimEnd('.', ' ');
        return DatasetProblem.Fatal(lineNumber, "Broken JSON", $"broken JSON at byte {position + 1}: {reason}.");
    }

    [GeneratedRegex("^Duplicate property '(.{1,200}?)' ")]
    private static partial Regex RepeatedField();

    [GeneratedRegex("^-?(NaN|Infinity)")]
    private static partial Regex NonFinite();

    [GeneratedRegex("\"([^\"\\\\]{1,200})\"\\s*:\\s*(-?)$")]
    private static partial Regex LastFieldName();
}
