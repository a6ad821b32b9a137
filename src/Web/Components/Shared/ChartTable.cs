using System.Globalization;
using System.Text;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Web.Components.Shared;

/// <summary>An estimate in a table: shown by <see cref="EstimateText"/>, four columns in the CSV.</summary>
/// <param name="Name">As <see cref="EstimateText.Name"/>; null where the same number stands elsewhere on the page.</param>
/// <param name="Estimate">The number, or why there is none.</param>
/// <param name="Format">.NET number format for reading.</param>
public sealed record EstimateCell(string? Name, Estimate Estimate, string Format = "F2");

/// <summary>The numbers behind a chart: what a screen reader reads and what the CSV holds.</summary>
/// <param name="Columns">Headings; the first column names the row.</param>
/// <param name="Rows">
/// One cell per column: text, a number, an <see cref="EstimateCell"/>, or null. A column that has estimates has nothing else but nulls.
/// </param>
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

    /// <summary>RFC 4180, with every digit of every number; an estimate takes the columns value, low, high, n.</summary>
    public string ToCsv()
    {
        var csv = new StringBuilder();
        var hasEstimates = Columns.Select((_, column) => Rows.Any(row => row[column] is EstimateCell)).ToArray();
        csv.AppendJoin(',', Columns.SelectMany((name, column) =>
            hasEstimates[column] ? [Escape(name), Escape(name + " low"), Escape(name + " high"), Escape(name + " n")] : new[] { Escape(name) }));
        csv.Append("\r\n");
        foreach (var row in Rows)
            csv.AppendJoin(',', row.SelectMany((cell, column) => Cells(cell, hasEstimates[column]))).Append("\r\n");
        return csv.ToString();
    }

    private static IEnumerable<string> Cells(object? cell, bool isEstimate) =>
        !isEstimate ? [Escape(cell)]
        : cell is EstimateCell { Estimate: var estimate } ? [Escape(estimate.Value), Escape(estimate.Low), Escape(estimate.High), Escape(estimate.N)]
        : ["", "", "", ""];

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
