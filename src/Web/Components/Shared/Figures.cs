using System.Globalization;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Web.Components.Shared;

/// <summary>How one group of voters is drawn, in every figure the same.</summary>
/// <param name="Name">As in the legend.</param>
/// <param name="Color">A CSS variable, <c>var(--…)</c>.</param>
/// <param name="Symbol">circle, ring or diamond: told apart without colour.</param>
/// <param name="Line">solid or dashed.</param>
public sealed record FigureGroup(string Name, string Color, string Symbol, string Line)
{
    public static FigureGroup Humans { get; } = new("People", "var(--humans)", "circle", "solid");
    public static FigureGroup Simulated { get; } = new("Simulated users", "var(--simulated)", "diamond", "solid");

    public static FigureGroup Personas { get; } = new("Personas", "var(--personas)", "circle", "solid");

    /// <summary>A group that stands beside another of its own kind.</summary>
    public FigureGroup AsSecond => this with { Color = "var(--second)", Symbol = "ring", Line = "dashed" };

    /// <summary>What a paper prints.</summary>
    public static FigureGroup Published { get; } = new("Published", "var(--muted)", "ring", "dashed");

    /// <summary>The population through the people's own sample.</summary>
    public static FigureGroup Matched { get; } = new("Simulated, in the people’s places", "var(--simulated)", "ring", "dashed");
}

/// <summary>One group's estimates, one per row of a figure; null where the group has none.</summary>
public sealed record FigureRows(FigureGroup Group, IReadOnlyList<Estimate?> Estimates);

/// <summary>One group's curve over the thresholds of a figure; a band is drawn where estimates have intervals and <paramref name="HasBand"/> says so.</summary>
public sealed record FigureCurve(FigureGroup Group, IReadOnlyList<Estimate> Estimates, bool HasBand);

/// <summary>Options for the figures that more than one page draws; chart.js knows the colours, shapes and formatters named here.</summary>
internal static class Figures
{
    private static readonly object EstimateEncoding = new { x = new[] { 0, 1, 2 }, y = 3 };
    private static readonly int[] RoundTop = [3, 3, 0, 0];
    private static readonly int[][] OneItem = [[0, 0]];

    /// <summary>Pixels that so many rows with numbers above their points take, axis included.</summary>
    public static int HeightOf(int rows) => (40 * rows) + 60;

    /// <summary>Points with intervals on rows, several groups to a row.</summary>
    /// <param name="rows">Names of the rows, top first.</param>
    /// <param name="groups">Which groups have which estimates.</param>
    /// <param name="axis">What the numbers are.</param>
    /// <param name="minimum">Of the axis.</param>
    /// <param name="maximum">Of the axis; null: as far as the numbers go.</param>
    /// <param name="isShare">Percent rather than numbers.</param>
    /// <param name="areRowsGroups">Each row is one group: no legend, no side by side, but the numbers beside the points.</param>
    public static object Points(
        IReadOnlyList<string> rows,
        IReadOnlyList<FigureRows> groups,
        string axis,
        double minimum,
        double? maximum,
        bool isShare = false,
        bool areRowsGroups = false) => new
    {
        legend = areRowsGroups ? null : Legend(groups.Select(group => group.Group)),
        tooltip = new { trigger = "item", formatter = "text" },
        grid = new { left = 8, right = 20, top = areRowsGroups ? 8 : 44, bottom = 34, outerBoundsMode = "same", outerBoundsContain = "axisLabel" },
        xAxis = new
        {
            type = "value",
            min = minimum,
            max = maximum,
            name = axis,
            nameLocation = "middle",
            nameGap = 30,
            axisLabel = new { formatter = isShare ? "percentAxis" : null as string, hideOverlap = true },
        },
        yAxis = new { type = "category", data = rows, inverse = true, axisLabel = new { interval = 0, width = areRowsGroups ? 150 : 210, overflow = "break", lineHeight = 17, color = "var(--ink)" }, splitLine = new { show = false } },
        series = groups.Select((group, place) => new
        {
            name = group.Group.Name,
            type = "custom",
            itemStyle = new { color = group.Group.Color },
            renderItem = new
            {
                shape = "estimate",
                symbol = group.Group.Symbol,
                dodge = areRowsGroups ? 0 : (place - (groups.Count - 1) / 2.0) * 13,
                labels = areRowsGroups ? group.Estimates.Select(estimate => estimate is { IsDefined: true } ? Words(estimate, isShare).Split(", n = ")[0] : "") : null,
            },
            encode = EstimateEncoding,
            data = group.Estimates.Select((estimate, row) => (Estimate: estimate, Row: row)).Where(point => point.Estimate is { IsDefined: true }).Select(point => new
            {
                value = new double?[] { point.Estimate!.Value, point.Estimate.Low, point.Estimate.High, point.Row },
                text = $"{group.Group.Name}\n{rows[point.Row]}: {Words(point.Estimate, isShare)}",
            }),
        }),
    };

    /// <summary>Share of prompts against a threshold, from 0 to 1 on both axes.</summary>
    /// <param name="thresholds">Ascending.</param>
    /// <param name="curves">One estimate per threshold.</param>
    /// <param name="axis">What the threshold is.</param>
    /// <param name="marks">Thresholds to mark.</param>
    public static object Curves(IReadOnlyList<double> thresholds, IReadOnlyList<FigureCurve> curves, string axis, IReadOnlyList<double> marks)
    {
        var bands = curves.Where(curve => curve.HasBand).Select(curve => (object)new
        {
            name = curve.Group.Name,
            type = "custom",
            silent = true,
            itemStyle = new { color = curve.Group.Color },
            renderItem = new
            {
                shape = "band",
                step = true,
                points = thresholds.Select((threshold, index) => new[] { threshold, Round(curve.Estimates[index].Low), Round(curve.Estimates[index].High) }),
            },
            data = OneItem,
            tooltip = new { show = false },
        });
        var lines = curves.Select((curve, place) => (object)new
        {
            name = curve.Group.Name,
            type = "line",
            step = "end",
            showSymbol = false,
            symbol = curve.Group.Symbol == "diamond" ? "diamond" : "circle",
            lineStyle = new { color = curve.Group.Color, width = 2.5, type = curve.Group.Line },
            itemStyle = new { color = curve.Group.Color },
            data = thresholds.Select((threshold, index) => new[] { threshold, Round(curve.Estimates[index].Value) }),
            markLine = place > 0 ? null : new
            {
                silent = true,
                symbol = "none",
                lineStyle = new { color = "var(--line-strong)", type = "dotted" },
                label = new { show = false },
                data = marks.Select(mark => new { xAxis = mark }),
            },
        });
        return new
        {
            legend = Legend(curves.Select(curve => curve.Group)),
            tooltip = new { trigger = "axis", valueFormatter = "percent" },
            grid = new { left = 52, right = 20, top = 44, bottom = 48 },
            xAxis = new { type = "value", min = 0, max = 1, name = axis, nameLocation = "middle", nameGap = 30, axisLabel = new { formatter = "percentAxis" }, splitLine = new { show = false } },
            yAxis = new { type = "value", min = 0, max = 1, axisLabel = new { formatter = "percentAxis" } },
            series = bands.Concat(lines),
        };
    }

    /// <summary>Bars of shares, groups side by side.</summary>
    public static object Bars(IReadOnlyList<string> categories, IReadOnlyList<FigureRows> groups, string axis) => new
    {
        legend = Legend(groups.Select(group => group.Group)),
        tooltip = new { trigger = "axis", axisPointer = new { type = "shadow" }, valueFormatter = "percent" },
        grid = new { left = 52, right = 20, top = 44, bottom = 48 },
        xAxis = new { type = "category", data = categories, name = axis, nameLocation = "middle", nameGap = 30 },
        yAxis = new { type = "value", min = 0, axisLabel = new { formatter = "percentAxis" } },
        series = groups.Select(group => new
        {
            name = group.Group.Name,
            type = "bar",
            barGap = "12%",
            barMaxWidth = 34,
            itemStyle = group.Group.Line == "dashed"
                ? (object)new { color = "var(--surface)", borderColor = group.Group.Color, borderWidth = 2, borderType = "dashed", borderRadius = RoundTop }
                : new { color = group.Group.Color, borderRadius = RoundTop },
            data = group.Estimates.Select(estimate => estimate?.Value is { } value ? (double?)Round(value) : null),
        }),
    };

    /// <summary>"0.31 [0.22, 0.44], n = 12", or why there is none.</summary>
    public static string Words(Estimate estimate, bool isShare = false)
    {
        if (estimate.Value is not { } value)
            return "undefined because " + estimate.UndefinedBecause;
        var interval = estimate is { Low: { } low, High: { } high } ? $" [{Text(low)}, {Text(high)}]" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{Text(value)}{interval}, n = {estimate.N:N0}");

        string Text(double number) => isShare
            ? (100 * number).ToString("0.#", CultureInfo.InvariantCulture) + " %"
            : number.ToString("0.00", CultureInfo.InvariantCulture);
    }

    private static object Legend(IEnumerable<FigureGroup> groups) => new
    {
        data = groups.Select(group => new
        {
            name = group.Name,
            icon = group.Symbol == "diamond" ? "diamond" : "circle",
            itemStyle = group.Symbol == "ring"
                ? new { color = "var(--surface)", borderColor = group.Color, borderWidth = 2 }
                : new { color = group.Color, borderColor = group.Color, borderWidth = 0 },
        }),
    };

    // Four digits are more than a screen shows; the table and the CSV have all of them.
    private static double Round(double? value) => Math.Round(value ?? 0, 4);
}
