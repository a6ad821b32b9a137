using System.Runtime.CompilerServices;
using System.Text.Json;

namespace PersonalLlm.Engine.Datasets;

/// <summary>
/// Choices and rankings with annotator ids, as JSONL, plain or gzip: <c>{"annotator": …, "item_id": …, "source": …, "responses": […],
/// "choice": index or null for a tie}</c>, or <c>"rank": [1-based rank of each response, null where it has none]</c> in place of the choice.
/// A response is a text or an object with <c>text</c> and, if known, <c>model</c>. Other fields are not read.
/// </summary>
public static class AnnotatedChoiceFile
{
    /// <summary>Choices and problems in the order of the file; every problem is fatal. It never throws for what the file contains.</summary>
    public static async IAsyncEnumerable<(AnnotatedChoice? Choice, DatasetProblem? Problem)> ReadAsync(
        Stream stream, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var magic = new byte[2];
        var length = await stream.ReadAtLeastAsync(magic, 2, throwOnEndOfStream: false, cancellation);
        Stream text = new PrefixedStream(magic.AsMemory(0, length), stream);
        if (magic is [0x1F, 0x8B])
            text = new WholeGzipStream(text);
        await using var lines = JsonLines.ReadAsync(text, cancellation).GetAsyncEnumerator(cancellation);
        while (true)
        {
            DatasetProblem? damage = null;
            try
            {
                if (!await lines.MoveNextAsync())
                    yield break;
            }
            catch (InvalidDataException damaged)
            {
                damage = DatasetProblem.Fatal(0, "Damaged file", $"The compressed file is damaged or incomplete ({damaged.Message.TrimEnd('.')}); copy it again.");
            }
            if (damage is not null)
            {
                yield return (null, damage);
                yield break;
            }
            var (lineNumber, document, problem) = lines.Current;
            using (document)
                yield return problem is not null ? (null, problem) : Read(lineNumber, document!.RootElement);
        }
    }

    private static (AnnotatedChoice?, DatasetProblem?) Read(int lineNumber, JsonElement line)
    {
        try
        {
            var responses = Responses(line);
            return (new AnnotatedChoice(
                lineNumber,
                FieldOf(line, "annotator").ShortText(),
                FieldOf(line, "item_id").ShortText(),
                FieldOf(line, "source").OptionalShortText(),
                responses,
                Comparisons(line, responses.Length)), null);
        }
        catch (FieldException unreadable)
        {
            return (null, unreadable.AtLine(lineNumber));
        }
    }

    private static string[] Responses(JsonElement line)
    {
        if (!line.TryGetProperty("responses", out var list) || list.ValueKind != JsonValueKind.Array)
            throw new FieldException("Wrong type", $"responses is {JsonField.Describe(list.ValueKind)}; expected a list of texts, or of objects with model and text.");
        if (list.GetArrayLength() < 2)
            throw new FieldException("No responses", "responses has fewer than two entries; there is nothing to choose between.");
        return [.. list.EnumerateArray().Select(Identity)];
    }

    /// <summary>What tells a response from the others. Nothing is read from its text, so a number or a truth value will do for one.</summary>
    private static string Identity(JsonElement entry, int responseIndex)
    {
        if (entry.ValueKind != JsonValueKind.Object)
            return Text(entry, $"responses[{responseIndex}]");
        if (!entry.TryGetProperty("text", out var text))
            throw new FieldException("Missing field", $"responses[{responseIndex}].text is missing.");
        return FieldOf(entry, "model").OptionalShortText() + "\0" + Text(text, $"responses[{responseIndex}].text");
    }

    private static string Text(JsonElement value, string name) => value.ValueKind switch
    {
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        JsonValueKind.String => JsonField.Read(name, value).Value!,
        var kind => throw new FieldException("Wrong type", $"{name} is {JsonField.Describe(kind)}; expected a text."),
    };

    private static ResponseComparison[] Comparisons(JsonElement line, int responses)
    {
        var hasChoice = line.TryGetProperty("choice", out var choice);
        var hasRank = line.TryGetProperty("rank", out var rank);
        if (hasChoice == hasRank)
            throw new FieldException(
                "Wrong fields", hasChoice ? "both choice and rank are given; one of them is expected." : "neither choice nor rank is given; one of them is expected.");
        return hasChoice ? OfChoice(choice, responses) : OfRank(rank, responses);
    }

    /// <summary>The chosen response is above each other one; about the others nothing is known. Null puts all level.</summary>
    private static ResponseComparison[] OfChoice(JsonElement choice, int responses)
    {
        if (choice.ValueKind == JsonValueKind.Null)
            return [.. Pairs(responses).Select(pair => new ResponseComparison(pair.First, pair.Second, 0))];
        if (choice.ValueKind != JsonValueKind.Number || !choice.TryGetInt32(out var chosen) || chosen < 0 || chosen >= responses)
            throw new FieldException("Wrong choice", $"choice is {choice.GetRawText()}; expected null for a tie, or the index of a response, 0 to {responses - 1}.");
        return [.. Enumerable.Range(0, responses).Where(other => other != chosen)
            .Select(other => new ResponseComparison(Math.Min(chosen, other), Math.Max(chosen, other), chosen < other ? 1 : -1))];
    }

    private static ResponseComparison[] OfRank(JsonElement rank, int responses)
    {
        if (rank.ValueKind != JsonValueKind.Array || rank.GetArrayLength() != responses)
            throw new FieldException("Wrong rank", $"rank is {JsonField.Describe(rank.ValueKind)}; expected a list with one rank for each of the {responses} responses.");
        var ranks = rank.EnumerateArray().Select(RankOf).ToArray();
        return [.. Pairs(responses).Where(pair => ranks[pair.First] is not null && ranks[pair.Second] is not null)
            .Select(pair => new ResponseComparison(pair.First, pair.Second, Math.Sign(ranks[pair.Second]!.Value.CompareTo(ranks[pair.First]!.Value))))];
    }

    private static double? RankOf(JsonElement rank) => rank.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.Number when rank.GetDouble() >= 1 => rank.GetDouble(),
        _ => throw new FieldException("Wrong rank", $"rank holds {rank.GetRawText()}; expected numbers from 1, where 1 is best, or null."),
    };

    private static IEnumerable<(int First, int Second)> Pairs(int responses) =>
        from first in Enumerable.Range(0, responses)
        from second in Enumerable.Range(first + 1, responses - first - 1)
        select (first, second);

    private static Field FieldOf(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) ? JsonField.Read(name, value) : new Field(name, null, null, "nothing");
}
