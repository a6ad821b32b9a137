using System.Text.Json;

namespace PersonalLlm.Engine.Inference.Tokenization;

/// <summary>A value of tokenizer.json that knows where it stands, so that whatever is wrong with it can name its key.</summary>
internal readonly struct JsonPart(JsonElement json, string path)
{
    public JsonElement Json => json;

    public string Path => path;

    public bool IsAbsent => json.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;

    public JsonPart this[string key] => new(
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(key, out var value) ? value : default,
        Under(key));

    public string AsText() => json.ValueKind == JsonValueKind.String
        ? json.GetString()!
        : throw Refused($"should be a text but is {Described()}");

    public int AsInteger() => json.ValueKind == JsonValueKind.Number && json.TryGetInt32(out var value)
        ? value
        : throw Refused($"should be a whole number but is {Described()}");

    public string? Text(string key) => this[key].IsAbsent ? null : this[key].AsText();

    public int? Integer(string key) => this[key].IsAbsent ? null : this[key].AsInteger();

    public bool Flag(string key, bool otherwise = false)
    {
        var part = this[key];
        return part.IsAbsent ? otherwise : part.Json.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw part.Refused($"should be true or false but is {part.Described()}"),
        };
    }

    public char Character(string key) => this[key].AsText() is { Length: 1 } text
        ? text[0]
        : throw this[key].Refused("must be one character of the basic plane");

    public IEnumerable<JsonPart> Items()
    {
        if (json.ValueKind != JsonValueKind.Array)
            throw Refused($"should be a list but is {Described()}");
        var here = path;
        return json.EnumerateArray().Select((item, index) => new JsonPart(item, $"{here}[{index}]"));
    }

    public IEnumerable<(string Name, JsonPart Value)> Entries()
    {
        if (json.ValueKind != JsonValueKind.Object)
            throw Refused($"should be an object but is {Described()}");
        var here = this;
        return json.EnumerateObject().Select(entry => (entry.Name, new JsonPart(entry.Value, here.Under(entry.Name))));
    }

    /// <summary>A setting that nobody reads would be ignored in silence; it is refused instead.</summary>
    public void Knows(params ReadOnlySpan<string> keys)
    {
        foreach (var (name, value) in Entries())
            if (!keys.Contains(name))
                throw value.Refused("is a setting this reader does not know");
    }

    public TokenizerFormatException Refused(string why) =>
        new($"tokenizer.json: {(path.Length == 0 ? "the file" : path)} {why}.");

    public TokenizerFormatException Unsupported(string what) => Refused($"is \"{what}\", which is not supported");

    private string Under(string key) => path.Length == 0 ? key : $"{path}.{key}";

    private string Described() => json.ValueKind switch
    {
        JsonValueKind.Array => "a list",
        JsonValueKind.Object => "an object",
        JsonValueKind.True or JsonValueKind.False => "true or false",
        JsonValueKind.Number => $"the number {json.GetRawText()}",
        JsonValueKind.String => "a text",
        _ => "missing",
    };
}
