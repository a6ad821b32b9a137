using System.Globalization;
using PersonalLlm.Engine.Judgements;

namespace PersonalLlm.Engine.Datasets;

/// <summary>
/// PersonalLLM's columns, whatever the file type: <c>prompt</c>, <c>subset</c>, <c>prompt_id</c>, and for i = 1, 2, …
/// <c>response_i</c>, <c>response_i_model</c>, <c>response_i_&lt;alias&gt;</c>.
/// </summary>
/// <remarks>How many responses a row has is read from the row. One reader per file: column names are parsed once.</remarks>
internal sealed class PersonalLlmRow(bool isCell)
{
    private readonly Dictionary<string, Column> columns = new(StringComparer.Ordinal);
    private readonly SortedSet<string> ignored = new(StringComparer.Ordinal);

    /// <summary>Columns that mean nothing here.</summary>
    public IEnumerable<string> Ignored => ignored;

    /// <exception cref="FieldException">The row gives no record.</exception>
    public PromptRecord Read(int lineNumber, IEnumerable<Field> fields)
    {
        Field prompt = new("prompt", null, null, ""), key = new("prompt_id", null, null, ""), subset = new("subset", null, null, "");
        var responses = new SortedDictionary<int, Draft>();
        foreach (var field in fields)
        {
            var column = ColumnOf(field.Name);
            if (column.ResponseNumber == 0)
            {
                if (field.Name == "prompt") prompt = field;
                else if (field.Name == "prompt_id") key = field;
                else if (field.Name == "subset") subset = field;
                else ignored.Add(field.Name);
                continue;
            }
            // Tables keep a column for the longest row; in the others it is empty.
            if (field.IsMissing)
                continue;
            if (!responses.TryGetValue(column.ResponseNumber, out var draft))
                responses.Add(column.ResponseNumber, draft = new Draft());
            if (column.Part is null) draft.Text = field.Text();
            else if (column.Part == "model") draft.Model = field.ShortText();
            else draft.Rewards.Add(column.Part, field.Reward(isCell));
        }
        return new PromptRecord(lineNumber, key.ShortText(), prompt.Text(), subset.OptionalShortText(), [.. Finished(responses)]);
    }

    private IEnumerable<ResponseRecord> Finished(SortedDictionary<int, Draft> responses)
    {
        if (responses.Count == 0)
            throw new FieldException("No responses", "response_1 is missing; a prompt needs at least one response.");
        var expected = 0;
        foreach (var (number, draft) in responses)
        {
            if (number > Ranking.MaximumResponses)
                throw new FieldException("Too many responses",
                    $"response_{number} is one too many; a prompt has at most {Ranking.MaximumResponses} responses, one for each letter.");
            if (number != ++expected)
                throw new FieldException("Missing field", $"response_{expected} is missing, but response_{number} is there.");
            if (draft.Text is null && !(isCell && draft.Model is not null))
                throw new FieldException("Missing field", $"response_{number} is missing, but the row has its model or rewards.");
            if (draft.Model is null)
                throw new FieldException("Missing field", $"response_{number}_model is missing.");
            yield return new ResponseRecord(draft.Model, draft.Text ?? "", draft.Rewards);
        }
    }

    private Column ColumnOf(string name)
    {
        if (!columns.TryGetValue(name, out var column))
            columns.Add(name, column = Parse(name));
        return column;
    }

    private static Column Parse(string name)
    {
        const string Prefix = "response_";
        if (!name.StartsWith(Prefix, StringComparison.Ordinal))
            return default;
        var rest = name.AsSpan(Prefix.Length);
        var digits = rest.IndexOfAnyExceptInRange('0', '9');
        var number = digits < 0 ? rest : rest[..digits];
        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var responseNumber) || responseNumber == 0)
            return default;
        if (digits < 0)
            return new Column(responseNumber, null);
        if (rest[digits] != '_' || rest.Length == digits + 1)
            return default;
        var part = rest[(digits + 1)..].ToString();
        return part.Length > Field.MaximumNameLength
            ? throw new FieldException("Name too long", $"the reward model name in {name[..40]}… has {part.Length} characters; at most {Field.MaximumNameLength} are kept.")
            : new Column(responseNumber, part);
    }

    /// <summary>Response number from 1 (0: none of a response's columns) and the part after it: null is the text itself.</summary>
    private readonly record struct Column(int ResponseNumber, string? Part);

    private sealed class Draft
    {
        public string? Text { get; set; }
        public string? Model { get; set; }
        public SortedDictionary<string, float> Rewards { get; } = new(StringComparer.Ordinal);
    }
}
