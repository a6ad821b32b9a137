using System.Runtime.CompilerServices;
using System.Text.Json;
using PersonalLlm.Engine.Judgements;

namespace PersonalLlm.Engine.Datasets;

/// <summary>
/// The generic form as JSONL: <c>{"prompt_id": …, "prompt": …, "source": …, "responses": [{"model": …, "text": …}, …]}</c>.
/// <c>source</c> becomes the subset. It has no rewards.
/// </summary>
public sealed class ResponseListFormat : IDatasetFormat
{
    public string Name => "Response list JSONL";

    public bool Recognises(DatasetOpening opening) => opening.IsJson && opening.Columns.Contains("responses");

    public async IAsyncEnumerable<DatasetEntry> ReadAsync(Stream utf8, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var ignored = new SortedSet<string>(StringComparer.Ordinal);
        await foreach (var (lineNumber, document, problem) in JsonLines.ReadAsync(utf8, cancellation))
        {
            using (document)
                yield return problem ?? Read();

            DatasetEntry Read()
            {
                try
                {
                    return Record(lineNumber, document!.RootElement, ignored);
                }
                catch (FieldException unreadable)
                {
                    return unreadable.AtLine(lineNumber);
                }
            }
        }
        if (DatasetChecks.IgnoredFields(ignored) is { } notice)
            yield return notice;
    }

    private static PromptRecord Record(int lineNumber, JsonElement line, SortedSet<string> ignored)
    {
        foreach (var field in line.EnumerateObject())
            if (field.Name is not ("prompt_id" or "prompt" or "source" or "responses"))
                ignored.Add(field.Name);
        var key = FieldOf(line, "prompt_id").ShortText();
        var prompt = FieldOf(line, "prompt").Text();
        var subset = FieldOf(line, "source").OptionalShortText();
        if (!line.TryGetProperty("responses", out var list) || list.ValueKind != JsonValueKind.Array)
            throw new FieldException("Wrong type", $"responses is {JsonField.Describe(list.ValueKind)}; expected a list of objects with model and text.");
        var count = list.GetArrayLength();
        if (count == 0)
            throw new FieldException("No responses", "responses is an empty list; a prompt needs at least one response.");
        if (count > Ranking.MaximumResponses)
            throw new FieldException("Too many responses",
                $"responses has {count} entries; a prompt has at most {Ranking.MaximumResponses} responses, one for each letter.");
        return new PromptRecord(lineNumber, key, prompt, subset, [.. list.EnumerateArray().Select(Response)]);
    }

    private static ResponseRecord Response(JsonElement entry, int responseIndex)
    {
        var name = $"responses[{responseIndex}]";
        if (entry.ValueKind != JsonValueKind.Object)
            throw new FieldException("Wrong type", $"{name} is {JsonField.Describe(entry.ValueKind)}; expected an object with model and text.");
        return new ResponseRecord(FieldOf(entry, "model", name + ".").ShortText(), FieldOf(entry, "text", name + ".").Text(), NoRewards);
    }

    private static Field FieldOf(JsonElement parent, string name, string prefix = "") =>
        parent.TryGetProperty(name, out var value) ? JsonField.Read(prefix + name, value) : new Field(prefix + name, null, null, "nothing");

    private static readonly IReadOnlyDictionary<string, float> NoRewards = new Dictionary<string, float>();
}
