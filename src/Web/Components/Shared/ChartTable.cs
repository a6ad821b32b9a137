using System.Globalization;
using System.Text;

namespace PersonalLlm.Web.Components.Shared;

/// <summary>The numbers behind a chart: what a screen reader reads and what the CSV holds.</summary>
/// <param name="Columns">Headings; the first column names the row.</param>
/// <param name="Rows">One cell per column; numbers stay numbers, so that the CSV has every digit.</param>
public sealed record ChartTable(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<object?>> Rows)
{
    /// <summary>For reading: numbers with four decimals at most, a dash where there is none.</summary>
    public static string Show(object? cell) => cell switch
    {
        null => "–",
        double number => number.ToString("0.####", CultureInfo.InvariantCulture),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => cell.ToString() ?? "",
    };

    /// <summary>RFC 4180, with every digit of every number.</summary>
    public string ToCsv()
    {
        var csv = new StringBuilder();
        foreach (var row in Rows.Prepend([.. Columns]))
            csv.AppendJoin(',', row.Select(Escape)).Append("\r\n");
        return csv.ToString();
    }

    private static string Escape(object? cell)
    {
        var text = cell switch
        {
            null => "",
            double number => number.ToString("R", CultureInfo.InvariantCulture),
            IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
            _ => cell.ToString() ?? "",
        };
        // A model may be called anything: a leading formula sign would be run by a spreadsheet.
        if (cell is string && text.Length > 0 && "=+-@".Contains(text[0]))
            text = "'" + text;
        return text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : "\"" + text.Replace("\"", "\"\"") + "\"";
    }
}
