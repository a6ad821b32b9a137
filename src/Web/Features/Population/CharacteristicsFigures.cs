using System.Globalization;
using PersonalLlm.Engine.Statistics;
using PersonalLlm.Web.Components.Shared;

namespace PersonalLlm.Web.Features.Population;

/// <summary>Agreement with the majority, annotator by annotator: a row for each while there are few, a curve over all of them in order when there are many.</summary>
internal static class CharacteristicsFigures
{
    /// <summary>As many as a table or a figure with names can show.</summary>
    public const int MostRows = 40;

    private static readonly FigureGroup s_withSelf = new("Own label counted", "var(--muted)", "ring", "dashed");
    private static readonly int[][] s_oneItem = [[0, 0]];

    /// <summary>Those whose agreement is defined, lowest without self first, with their names.</summary>
    public static IReadOnlyList<(string Name, int AnnotatorIndex)> InOrder(GroupCharacteristics group) =>
    [
        .. group.Voters.Select((name, annotatorIndex) => (name, annotatorIndex)).Where(one => group.Characteristics.WithoutSelf.ByAnnotator[one.annotatorIndex].IsDefined)
            .OrderBy(one => group.Characteristics.WithoutSelf.ByAnnotator[one.annotatorIndex].Value),
    ];

    public static object Options(GroupCharacteristics group)
    {
        var order = InOrder(group);
        Estimate[] without = [.. order.Select(one => group.Characteristics.WithoutSelf.ByAnnotator[one.AnnotatorIndex])];
        Estimate[] with = [.. order.Select(one => group.Characteristics.WithSelf.ByAnnotator[one.AnnotatorIndex])];
        var others = Others(group);
        return order.Count <= MostRows
            ? Figures.Points(
                [.. order.Select((one, row) => one.Name + (IsMinority(without[row]) ? " · minority" : ""))], [new(others, without), new(s_withSelf, with)],
                "agreement with the majority", Math.Floor(10 * without.Concat(with).Min(one => one.Low ?? one.Value ?? 0)) / 10, 1, isShare: true)
            : Curve(others, without, with);
    }

    public static int? Height(int annotators) => annotators <= MostRows ? (38 * annotators) + 110 : null;

    /// <summary>The lowest, for reading; <see cref="Data"/> has all of them.</summary>
    public static ChartTable Table(GroupCharacteristics group) => TableOf(group, MostRows);

    public static ChartTable Data(GroupCharacteristics group) => TableOf(group, int.MaxValue);

    private static ChartTable TableOf(GroupCharacteristics group, int rows) => new(
        ["Annotator", "Majority of the others", "Own label counted", "Consistency", "Minority user"],
        [.. InOrder(group).Take(rows).Select(one => (IReadOnlyList<object?>)
        [
            one.Name,
            new EstimateCell($"without-self:{one.Name}", group.Characteristics.WithoutSelf.ByAnnotator[one.AnnotatorIndex], "P1"),
            new EstimateCell($"with-self:{one.Name}", group.Characteristics.WithSelf.ByAnnotator[one.AnnotatorIndex], "P1"),
            new EstimateCell($"consistency:{one.Name}", group.Characteristics.ConsistencyByAnnotator[one.AnnotatorIndex], "P1"),
            IsMinority(group.Characteristics.WithoutSelf.ByAnnotator[one.AnnotatorIndex]) ? "yes" : "no",
        ])]);

    public static string Label(GroupCharacteristics group) => string.Create(
        CultureInfo.InvariantCulture,
        $"Agreement with the majority of the others of {InOrder(group).Count:N0} annotators, from {Words(group.Characteristics.WithoutSelf.Lowest)} to {Words(group.Characteristics.WithoutSelf.Highest)}; below one half: {Words(group.Characteristics.WithoutSelf.MinorityUsers)}.");

    private static string Words(Estimate estimate) => Figures.Words(estimate, isShare: true);

    private static bool IsMinority(Estimate estimate) => estimate.Value < 0.5;

    private static FigureGroup Others(GroupCharacteristics group) =>
        (group.Group switch { SimulatedVoters => FigureGroup.Simulated, WrittenVoters { ArePersonas: true } => FigureGroup.Personas, _ => FigureGroup.Humans }) with { Name = "Majority of the others" };

    private static object Curve(FigureGroup others, Estimate[] without, Estimate[] with) => new
    {
        legend = new
        {
            data = new[] { others, s_withSelf }.Select(group => new { name = group.Name, icon = group.Symbol == "diamond" ? "diamond" : "circle", itemStyle = new { color = group.Color } }),
        },
        tooltip = new { trigger = "axis", valueFormatter = "percent" },
        grid = new { left = 52, right = 20, top = 44, bottom = 48 },
        xAxis = new { type = "value", min = 1, max = without.Length, name = "annotators, the lowest first", nameLocation = "middle", nameGap = 30, splitLine = new { show = false } },
        yAxis = new { type = "value", min = 0, max = 1, axisLabel = new { formatter = "percentAxis" } },
        series = new object[]
        {
            new
            {
                name = others.Name,
                type = "custom",
                silent = true,
                itemStyle = new { color = others.Color },
                renderItem = new { shape = "band", points = without.Select((one, place) => new[] { place + 1, Round(one.Low ?? one.Value), Round(one.High ?? one.Value) }) },
                data = s_oneItem,
                tooltip = new { show = false },
            },
            Line(others, without, new
            {
                silent = true,
                symbol = "none",
                lineStyle = new { color = "var(--line-strong)", type = "dotted" },
                label = new { show = false },
                data = new[] { new { yAxis = 0.5 } },
            }),
            Line(s_withSelf, with, null),
        },
    };

    private static object Line(FigureGroup group, Estimate[] estimates, object? marks) => new
    {
        name = group.Name,
        type = "line",
        showSymbol = false,
        lineStyle = new { color = group.Color, width = 2, type = group.Line },
        itemStyle = new { color = group.Color },
        data = estimates.Select((one, place) => new[] { place + 1, Round(one.Value) }),
        markLine = marks,
    };

    private static double Round(double? value) => Math.Round(value ?? 0, 4);
}
