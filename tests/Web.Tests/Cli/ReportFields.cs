using System.Text.Json;
using System.Text.RegularExpressions;
using PersonalLlm.Testing;

namespace PersonalLlm.Web.Tests.Cli;

/// <summary>The fields of a report, as it was written and as a page of docs/ names them: <c>a.b[].c</c>, a star for any name.</summary>
internal static partial class ReportFields
{
    /// <param name="report">With at least one item in every list.</param>
    /// <param name="dictionaries">Paths whose field names are data.</param>
    public static SortedSet<string> Written(JsonElement report, params string[] dictionaries)
    {
        var written = new SortedSet<string>(StringComparer.Ordinal);
        Collect(report, "");
        return written;

        void Collect(JsonElement element, string path)
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.Object when element.TryGetProperty("undefinedBecause", out _):
                    written.Add(path);
                    written.UnionWith(element.EnumerateObject().Select(field => "estimate." + field.Name));
                    break;
                case JsonValueKind.Object:
                    foreach (var field in element.EnumerateObject())
                        Collect(field.Value, (path.Length > 0 ? path + "." : "") + (dictionaries.Contains(path) ? "*" : field.Name));
                    break;
                case JsonValueKind.Array:
                    foreach (var item in element.EnumerateArray())
                        Collect(item, path + "[]");
                    break;
                default:
                    written.Add(path);
                    break;
            }
        }
    }

    /// <summary>The code spans in the first column of the tables of a page that are headed "field".</summary>
    public static SortedSet<string> Documented(string page)
    {
        var isField = false;
        var documented = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var line in File.ReadLines(Path.Combine(Checkout.Folder, "docs", page)))
        {
            isField = line.StartsWith("| field |", StringComparison.Ordinal) || (isField && line.StartsWith('|'));
            if (isField)
                documented.UnionWith(FieldName().Matches(line.Split('|')[1]).Select(match => match.Groups[1].Value));
        }
        return documented;
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex FieldName();
}
