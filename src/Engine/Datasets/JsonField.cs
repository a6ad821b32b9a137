using System.Text.Json;

namespace PersonalLlm.Engine.Datasets;

/// <summary>Reads one field of a line, or says in a <see cref="FieldException"/> what is wrong with it.</summary>
internal static class JsonField
{
    public static Field Read(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => new Field(name, Text(name, value), null, "a text"),
        JsonValueKind.Number => new Field(name, value.GetRawText(), value.GetDouble(), "a number"),
        JsonValueKind.Null or JsonValueKind.Undefined => new Field(name, null, null, "nothing"),
        var kind => new Field(name, null, null, Describe(kind)) { IsUnreadable = true },
    };

    public static string Describe(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Array => "a list",
        JsonValueKind.Object => "an object",
        JsonValueKind.True or JsonValueKind.False => "true or false",
        JsonValueKind.Null or JsonValueKind.Undefined => "nothing",
        JsonValueKind.Number => "a number",
        _ => "a text",
    };

    private static string Text(string name, JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new FieldException("Not Unicode", $"{name} holds bytes that are not valid Unicode text.");
        }
    }
}

/// <summary>The reason why a line gives no record. Never leaves this folder: readers turn it into a fatal problem.</summary>
internal sealed class FieldException(string kind, string message) : Exception(message)
{
    public string Kind => kind;

    public DatasetProblem AtLine(int lineNumber) => DatasetProblem.Fatal(lineNumber, Kind, Message);
}
