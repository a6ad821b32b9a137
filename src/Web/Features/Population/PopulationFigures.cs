using System.Globalization;
using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Statistics;
using PersonalLlm.Web.Components.Shared;

namespace PersonalLlm.Web.Features.Population;

/// <summary>What the diversity curve shows against α.</summary>
public sealed record CurveMeasure(string Key, string Name, string Axis, Func<AlphaSweepPoint, Estimate> OfPoint, Func<GroupNumbers, Estimate> OfGroup, double? Maximum, bool IsShare)
{
    public static IReadOnlyList<CurveMeasure> All { get; } =
    [
        new("agreement", "Agreement of two users", "mean τ-b of two users", point => point.Agreement, group => group.Agreement, 1, false),
        new("entropy", "Entropy of first choices", "mean entropy (nats)", point => point.MeanEntropy, group => group.Diversity.MeanEntropy, null, false),
        new("effective", "Reward models a user relies on", "effective reward models", point => point.EffectiveRewardModels, group => group.EffectiveRewardModels!, null, false),
        new("half", "Prompts without a majority above one half", "share of prompts with m ≤ 50 %", point => point.HalfMajority, group => group.Diversity.MajorityCurve[0].Share, 1, true),
    ];
}

/// <summary>The figures of a population's page: options, the table beside them, and the sentence for those who do not see them.</summary>
internal static class PopulationFigures
{
    private static readonly int[][] s_oneItem = [[0, 0]];

    public static object Map(PopulationNumbers numbers, int picked)
    {
        var map = numbers.Map;
        MapPoint[] all = [.. map.Users, .. map.Corners];
        var (left, right) = (all.Min(point => point.X), all.Max(point => point.X));
        var (low, high) = (all.Min(point => point.Y), all.Max(point => point.Y));
        // Room for the names of corners at the edge.
        var margin = Math.Max(Math.Max(right - left, high - low) * 0.08, 0.02);
        return new
        {
            manyPoints = true,
            proportional = true,
            tooltip = new { trigger = "item", formatter = "user" },
            grid = new { left = 28, right = 28, top = 16, bottom = 40 },
            xAxis = Axis(map.Explained is { } explained ? $"first principal component, {Percent(explained.X)} of the variance" : "", left - margin, right + margin),
            yAxis = Axis(map.Explained is { } second ? $"second, {Percent(second.Y)}" : "", low - margin, high + margin),
            series = new object[]
            {
                Outline(map),
                new
                {
                    type = "scatter",
                    symbolSize = map.Users.Count > 500 ? 5 : 7,
                    itemStyle = new { color = "var(--simulated)", opacity = map.Users.Count > 500 ? 0.45 : 0.7 },
                    data = map.Users.Select((point, userIndex) => new double[] { Round(point.X), Round(point.Y), userIndex }),
                },
                new
                {
                    type = "scatter",
                    symbol = "triangle",
                    symbolSize = 9,
                    itemStyle = new { color = "var(--ink)" },
                    label = new { show = true, position = "top", formatter = "text", color = "var(--ink)", fontSize = 12, textBorderColor = "var(--surface)", textBorderWidth = 3 },
                    labelLayout = new { hideOverlap = true },
                    data = map.Corners.Select((point, modelIndex) => new { value = new[] { Round(point.X), Round(point.Y) }, text = numbers.Users.Spec.RewardModels[modelIndex] }),
                },
                new
                {
                    type = "scatter",
                    symbolSize = 15,
                    silent = true,
                    itemStyle = new { color = "transparent", borderColor = "var(--humans)", borderWidth = 3 },
                    data = picked < map.Users.Count ? new[] { new[] { Round(map.Users[picked].X), Round(map.Users[picked].Y) } } : [],
                },
            },
        };
    }

    public static ChartTable MapTable(PopulationNumbers numbers) => new(
        ["Reward model", "across", "up", "mean weight drawn"],
        [.. numbers.Map.Corners.Select((point, modelIndex) => (IReadOnlyList<object?>)
            [numbers.Users.Spec.RewardModels[modelIndex], point.X, point.Y, Enumerable.Range(0, numbers.Users.Count).Average(userIndex => numbers.Users.WeightsOf(userIndex)[modelIndex])])]);

    /// <summary>Every user on the map, with her weights.</summary>
    public static ChartTable MapData(PopulationNumbers numbers) => new(
        ["user", "across", "up", .. numbers.Users.Spec.RewardModels],
        [.. numbers.Map.Users.Select((point, userIndex) => (IReadOnlyList<object?>)
            [userIndex, point.X, point.Y, .. numbers.Users.WeightsOf(userIndex).ToArray().Cast<object?>()])]);

    public static string MapLabel(PopulationNumbers numbers)
    {
        var models = numbers.Users.RewardModelCount;
        var how = numbers.Map.Explained is { } explained
            ? $"along the two axes of largest variance, {Percent(explained.X)} and {Percent(explained.Y)} of it"
            : models == 3 ? "in the triangle of the three reward models" : models == 2 ? "on the line between the two reward models" : "all on the only reward model";
        return $"{numbers.Map.Users.Count.ToString("N0", CultureInfo.InvariantCulture)} simulated users by their weights, {how}.";
    }

    public static object Curve(IReadOnlyList<AlphaSweepPoint> points, CurveMeasure measure, double alpha, GroupNumbers? group)
    {
        var defined = points.Where(point => measure.OfPoint(point).IsDefined).ToArray();
        var now = group is null ? null : measure.OfGroup(group);
        return new
        {
            tooltip = new { trigger = "item", formatter = "text" },
            grid = new { left = 52, right = 20, top = 16, bottom = 48 },
            xAxis = new
            {
                type = "value",
                min = Math.Min(-2, Math.Log10(alpha)),
                max = Math.Max(1, Math.Log10(alpha)),
                interval = 1,
                name = "average concentration α",
                nameLocation = "middle",
                nameGap = 30,
                axisLabel = new { formatter = "power", hideOverlap = true },
                splitLine = new { show = false },
            },
            yAxis = new { type = "value", min = defined.Any(point => measure.OfPoint(point).Value < 0) ? null : (double?)0, max = measure.Maximum, axisLabel = new { formatter = measure.IsShare ? "percentAxis" : null } },
            series = new object[]
            {
                new
                {
                    type = "custom",
                    silent = true,
                    itemStyle = new { color = "var(--simulated)" },
                    renderItem = new
                    {
                        shape = "band",
                        points = defined.Select(point => new[] { Math.Log10(point.Alpha), measure.OfPoint(point).Low ?? measure.OfPoint(point).Value, measure.OfPoint(point).High ?? measure.OfPoint(point).Value }),
                    },
                    data = s_oneItem,
                },
                new
                {
                    type = "line",
                    symbol = "circle",
                    symbolSize = 7,
                    lineStyle = new { color = "var(--simulated)", width = 2.5 },
                    itemStyle = new { color = "var(--simulated)" },
                    data = defined.Select(point => new
                    {
                        value = new[] { Math.Log10(point.Alpha), measure.OfPoint(point).Value },
                        text = $"α = {Number(point.Alpha)}\n{measure.Name}: {Figures.Words(measure.OfPoint(point), measure.IsShare)}",
                    }),
                    markLine = new
                    {
                        silent = true,
                        symbol = "none",
                        lineStyle = new { color = "var(--humans)", type = "dashed", width = 1.5 },
                        label = new { show = false },
                        data = new[] { new { xAxis = Math.Log10(alpha) } },
                    },
                },
                new
                {
                    type = "scatter",
                    symbol = "diamond",
                    symbolSize = 15,
                    itemStyle = new { color = "var(--humans)", borderColor = "var(--surface)", borderWidth = 1.5 },
                    data = now is { IsDefined: true }
                        ? new[] { new { value = new[] { Math.Log10(alpha), now.Value }, text = $"This population, α = {Number(alpha)}\n{measure.Name}: {Figures.Words(now, measure.IsShare)}" } }
                        : [],
                },
            },
        };
    }

    public static ChartTable CurveTable(IReadOnlyList<AlphaSweepPoint> points) => new(
        ["α", .. CurveMeasure.All.Select(measure => measure.Name)],
        [.. points.Select(point => (IReadOnlyList<object?>)
            [point.Alpha, .. CurveMeasure.All.Select(measure => new EstimateCell($"curve-{measure.Key}:{Number(point.Alpha)}", measure.OfPoint(point), measure.IsShare ? "P1" : "F2"))])]);

    public static string CurveLabel(IReadOnlyList<AlphaSweepPoint> points, CurveMeasure measure) =>
        $"{measure.Name} against the concentration α, from {Figures.Words(measure.OfPoint(points[0]), measure.IsShare)} at α = {Number(points[0].Alpha)} to {Figures.Words(measure.OfPoint(points[^1]), measure.IsShare)} at α = {Number(points[^1].Alpha)}.";

    public static object Boxes(AttributeRegression regression)
    {
        var rows = regression.Attributes.Where(attribute => attribute.Quartiles.Count > 0).ToArray();
        return new
        {
            tooltip = new { trigger = "item", formatter = "text" },
            grid = new { left = 8, right = 20, top = 8, bottom = 34, outerBoundsMode = "same", outerBoundsContain = "axisLabel" },
            xAxis = new { type = "value", name = "coefficient per standard deviation", nameLocation = "middle", nameGap = 30, axisLabel = new { hideOverlap = true } },
            yAxis = new { type = "category", data = rows.Select(row => row.Name), inverse = true, axisLabel = new { width = 150, overflow = "break", color = "var(--ink)" }, splitLine = new { show = false } },
            series = new object[]
            {
                new
                {
                    type = "boxplot",
                    boxWidth = s_boxWidth,
                    itemStyle = new { color = "var(--sunken)", borderColor = "var(--simulated)", borderWidth = 1.5 },
                    data = rows.Select(row => new
                    {
                        value = row.Quartiles.Select(Round),
                        text = $"{row.Name}\nlowest {Number(row.Quartiles[0])}, quartiles {Number(row.Quartiles[1])} and {Number(row.Quartiles[3])}, median {Number(row.Quartiles[2])}, highest {Number(row.Quartiles[4])}",
                    }),
                    markLine = new
                    {
                        silent = true,
                        symbol = "none",
                        lineStyle = new { color = "var(--line-strong)", type = "dotted" },
                        label = new { show = false },
                        data = new[] { new { xAxis = 0 } },
                    },
                },
                new
                {
                    type = "scatter",
                    symbol = "diamond",
                    symbolSize = 9,
                    itemStyle = new { color = "var(--simulated)" },
                    data = rows.Select((row, place) => new { value = new object?[] { row.MeanCoefficient.Value, place }, text = $"{row.Name}\nmean {Figures.Words(row.MeanCoefficient)}" }),
                },
            },
        };
    }

    public static ChartTable BoxesTable(AttributeRegression regression) => new(
        ["Attribute", "Mean coefficient", "Lowest", "Lower quartile", "Median", "Upper quartile", "Highest", "Mean in responses", "Standard deviation"],
        [.. regression.Attributes.Select(attribute => (IReadOnlyList<object?>)
        [
            attribute.Name,
            new EstimateCell($"coefficient:{attribute.Name}", attribute.MeanCoefficient),
            .. Enumerable.Range(0, 5).Select(quartile => attribute.Quartiles.Count == 0 ? null : (object?)attribute.Quartiles[quartile]),
            attribute.Mean,
            attribute.StandardDeviation,
        ])]);

    /// <summary>Every coefficient of every user.</summary>
    public static ChartTable BoxesData(AttributeRegression regression) => new(
        ["user", .. ResponseAttributes.Names],
        [.. regression.ByUser.Select((user, userIndex) => (IReadOnlyList<object?>)[userIndex, .. user.Select(estimate => new EstimateCell(null, estimate))])]);

    public static string BoxesLabel(AttributeRegression regression) =>
        "Coefficients of countable attributes over users. "
        + string.Join("; ", regression.Attributes.Where(attribute => attribute.Quartiles.Count > 0).Select(attribute => $"{attribute.Name}: median {Number(attribute.Quartiles[2])}")) + ".";

    private static readonly int[] s_boxWidth = [8, 26];

    private static object Outline(WeightsMap map) => new
    {
        type = "line",
        silent = true,
        symbol = "none",
        lineStyle = new { color = "var(--line-strong)", width = 1.2 },
        data = map.IsExact ? map.Corners.Append(map.Corners[0]).Select(point => new[] { Round(point.X), Round(point.Y) }) : [],
    };

    private static object Axis(string name, double minimum, double maximum) => new
    {
        type = "value",
        min = Round(minimum),
        max = Round(maximum),
        name,
        nameLocation = "middle",
        nameGap = 12,
        axisLabel = new { show = false },
        splitLine = new { show = false },
    };

    private static string Percent(double share) => (100 * share).ToString("0", CultureInfo.InvariantCulture) + " %";

    private static string Number(double number) => number.ToString("0.####", CultureInfo.InvariantCulture);

    private static double Round(double value) => Math.Round(value, 4);
}
