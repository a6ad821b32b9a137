using System.Buffers;
using System.Text.Json;

namespace PersonalLlm.Engine.Inference;

/// <summary>Takes fields out of a JSON object, and keeps a sentence about each that is not what it has to be.</summary>
internal sealed class ManifestFields
{
    private static readonly SearchValues<char> s_notInNames = SearchValues.Create("/\\:\0\n\r");

    private readonly JsonElement _root;

    public ManifestFields(JsonElement root, IReadOnlyCollection<string> known)
    {
        _root = root;
        foreach (var field in root.EnumerateObject().Where(field => !known.Contains(field.Name)))
            Problems.Add($"The field {field.Name} is unknown; a manifest has {string.Join(", ", known)}.");
    }

    public List<string> Problems { get; } = [];

    public string Text(string field) => Checked(field, "a text that is not empty",
        value => value.ValueKind == JsonValueKind.String && value.GetString() is { } text && !string.IsNullOrWhiteSpace(text) ? text : null) ?? "";

    /// <summary>A name without a folder, so that a manifest cannot reach out of its own.</summary>
    public string File(string field) => Checked(field, "the name of a file in the same folder", FileName) ?? "";

    public IReadOnlyList<string> Files(string field) => Checked(field, "a list of names of files in the same folder", value =>
        value.ValueKind == JsonValueKind.Array && value.EnumerateArray().Select(FileName).OfType<string>().ToArray() is var names && names.Length == value.GetArrayLength() ? names : null) ?? [];

    public string Sha256(string field) => Checked(field, "a SHA-256 of 64 lower-case hexadecimal digits", value =>
        value.ValueKind == JsonValueKind.String && value.GetString() is { Length: 64 } text && text.All(char.IsAsciiHexDigitLower) ? text : null) ?? "";

    public string OneOf(string field, IReadOnlyList<string> choices) => Checked(field, "one of " + string.Join(", ", choices), value =>
        value.ValueKind == JsonValueKind.String && value.GetString() is { } text && choices.Contains(text) ? text : null) ?? "";

    public int Integer(string field, int least, int most) => (int)(Checked(field, $"a whole number from {least} to {most}", value =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least && number <= most ? (object)number : null) ?? 0);

    public int Sign(string field) => (int)(Checked(field, "1 (a higher number is better) or -1 (a lower one is)", value =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number is 1 or -1 ? (object)number : null) ?? 0);

    private T? Checked<T>(string field, string expected, Func<JsonElement, T?> read) where T : class
    {
        if (!_root.TryGetProperty(field, out var value))
            Problems.Add($"The field {field} is missing; it is {expected}.");
        else if (read(value) is { } taken)
            return taken;
        else
            Problems.Add($"The field {field} must be {expected}, but is {Shortened(value.GetRawText())}.");
        return null;
    }

    private static string? FileName(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } name
            && name is not ("." or "..") && !name.AsSpan().ContainsAny(s_notInNames) ? name : null;

    private static string Shortened(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
