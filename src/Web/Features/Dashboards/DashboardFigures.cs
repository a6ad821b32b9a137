using System.Globalization;
using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Statistics;
using PersonalLlm.Web.Components.Shared;

namespace PersonalLlm.Web.Features.Dashboards;

/// <summary>The dashboard's numbers as figures: options, the table beside them, and the sentence for those who do not see them.</summary>
internal static class DashboardFigures
{
    private static readonly FigureGroup s_between = new("A person and a simulated user", "var(--muted)", "circle", "solid");

    private sealed record Row(FigureGroup Group, string Name, Estimate Estimate);

    public static object Agreement(HumanNumbers humans, SimulatedNumbers? simulated)
    {
        var rows = AgreementRows(humans, simulated);
        var lowest = rows.Select(row => row.Estimate.Low ?? row.Estimate.Value ?? 0).Min();
        return OneRowEach(rows, "mean Kendall τ-b", Math.Min(-0.2, Math.Floor(lowest * 5) / 5), 1);
    }

    public static ChartTable AgreementTable(HumanNumbers humans, SimulatedNumbers? simulated) => Table(AgreementRows(humans, simulated), "Mean τ-b");

    public static string AgreementLabel(HumanNumbers humans, SimulatedNumbers? simulated) => Label("Agreement, mean Kendall τ-b", AgreementRows(humans, simulated));

    public static object Entropy(HumanNumbers humans, SimulatedNumbers? simulated, StudyJudgements study)
    {
        var responses = study.PromptStarts.Zip(study.PromptStarts.Skip(1), (from, to) => to - from).DefaultIfEmpty(2).Max();
        return OneRowEach(EntropyRows(humans, simulated), "mean entropy (nats)", 0, Math.Ceiling(Math.Log(Math.Max(responses, 2)) * 10) / 10);
    }

    public static ChartTable EntropyTable(HumanNumbers humans, SimulatedNumbers? simulated) => Table(EntropyRows(humans, simulated), "Mean entropy");

    public static string EntropyLabel(HumanNumbers humans, SimulatedNumbers? simulated) => Label("Mean entropy of first choices", EntropyRows(humans, simulated));

    public static object Majority(HumanNumbers humans, SimulatedNumbers? simulated)
    {
        List<FigureCurve> curves = [];
        if (humans.SharedPrompts > 0)
            curves.Add(new(FigureGroup.Humans, humans.Curve, false));
        if (simulated?.Matched is { } matched && humans.SharedPrompts > 0)
            curves.Add(new(FigureGroup.Matched, matched.Curve, true));
        if (simulated is not null)
            curves.Add(new(FigureGroup.Simulated, simulated.Curve, false));
        return Figures.Curves(DashboardNumbers.Thresholds, curves, "share of the most popular response", Diversity.Thresholds);
    }

    public static ChartTable MajorityTable(HumanNumbers humans, SimulatedNumbers? simulated) => new(
        ["Largest share is at most", .. Groups(simulated)],
        [.. Diversity.Thresholds.Select((q, index) => (IReadOnlyList<object?>)
        [
            Percent(q), .. Cells(simulated, q.ToString("0.00", CultureInfo.InvariantCulture), "majority", "P1",
                humans.Diversity.MajorityCurve[index].Share, simulated?.Matched?.Curve[(int)Math.Round(q * 100)], simulated?.Diversity.MajorityCurve[index].Share),
        ])]);

    /// <summary>Every point of the curves.</summary>
    public static ChartTable MajorityData(HumanNumbers humans, SimulatedNumbers? simulated) => new(
        ["q", .. Groups(simulated)],
        [.. DashboardNumbers.Thresholds.Select((q, index) => (IReadOnlyList<object?>)
            [q, .. Cells(simulated, null, "", "F2", humans.Curve[index], simulated?.Matched?.Curve[index], simulated?.Curve[index])])]);

    public static string MajorityLabel(HumanNumbers humans, SimulatedNumbers? simulated) =>
        "Share of prompts on which the most popular response has at most half of the first choices. "
        + Sentence([("People", humans.Diversity.MajorityCurve[0].Share), ("simulated users", simulated?.Diversity.MajorityCurve[0].Share)], isShare: true);

    public static object Winners(HumanNumbers humans, SimulatedNumbers? simulated)
    {
        var names = WinnerNames(humans, simulated);
        return Figures.Bars(names, [.. Present(simulated, humans.SharedPrompts > 0).Select(group => new FigureRows(group, [.. names.Select(name => Named(Winners(humans, simulated, group), name))]))],
            "different first choices of a prompt");
    }

    public static ChartTable WinnersTable(HumanNumbers humans, SimulatedNumbers? simulated) => ByName(
        "Different first choices", "winners", WinnerNames(humans, simulated), simulated, group => Winners(humans, simulated, group));

    public static string WinnersLabel(HumanNumbers humans, SimulatedNumbers? simulated) =>
        "Share of prompts with one first choice only. "
        + Sentence([("People", Named(humans.Diversity.DistinctWinners, "1")), ("simulated users", Named(simulated?.Diversity.DistinctWinners, "1"))], isShare: true);

    public static object WinShares(HumanNumbers humans, SimulatedNumbers? simulated)
    {
        var models = ModelNames(humans, simulated);
        return Figures.Points(
            models,
            [.. Present(simulated, humans.Judgements > 0).Select(group => new FigureRows(group, [.. models.Select(model => Named(WinShares(humans, simulated, group), model))]))],
            "share of first choices", 0, null, isShare: true);
    }

    public static ChartTable WinSharesTable(HumanNumbers humans, SimulatedNumbers? simulated) => ByName(
        "Response model", "win-share", ModelNames(humans, simulated), simulated, group => WinShares(humans, simulated, group));

    public static string WinSharesLabel(HumanNumbers humans, SimulatedNumbers? simulated)
    {
        var best = ModelNames(humans, simulated)[0];
        return $"Share of first choices by response model; {best} leads. "
            + Sentence([("People", Named(humans.WinShares, best)), ("simulated users", Named(simulated?.Diversity.WinShares, best))], isShare: true);
    }

    private static List<Row> AgreementRows(HumanNumbers humans, SimulatedNumbers? simulated)
    {
        List<Row> rows = [new(FigureGroup.Humans, "Two people", humans.Agreement)];
        if (simulated?.Matched is { } matched)
            rows.Add(new(FigureGroup.Matched, "Two simulated users, in the people’s places", matched.Agreement));
        if (simulated is not null)
            rows.AddRange([new(FigureGroup.Simulated, "Two simulated users", simulated.Agreement), new(s_between, s_between.Name, simulated.AgreementWithHumans)]);
        return rows;
    }

    private static List<Row> EntropyRows(HumanNumbers humans, SimulatedNumbers? simulated)
    {
        List<Row> rows = [new(FigureGroup.Humans, "People", humans.Diversity.MeanEntropy)];
        if (simulated?.Matched is { } matched)
            rows.Add(new(FigureGroup.Matched, FigureGroup.Matched.Name, matched.MeanEntropy));
        if (simulated is not null)
            rows.Add(new(FigureGroup.Simulated, "All simulated users", simulated.Diversity.MeanEntropy));
        return rows;
    }

    private static object OneRowEach(List<Row> rows, string axis, double minimum, double maximum) => Figures.Points(
        [.. rows.Select(row => row.Name)],
        [.. rows.Select((row, index) => new FigureRows(row.Group, [.. rows.Select((_, other) => other == index ? row.Estimate : null)]))],
        axis, minimum, maximum, areRowsGroups: true);

    private static ChartTable Table(List<Row> rows, string column) =>
        new(["", column], [.. rows.Select(row => (IReadOnlyList<object?>)[row.Name, new EstimateCell(null, row.Estimate)])]);

    private static ChartTable ByName(
        string heading, string metric, IReadOnlyList<string> names, SimulatedNumbers? simulated, Func<FigureGroup, IReadOnlyList<NamedEstimate>> estimates) => new(
        [heading, .. Groups(simulated)],
        [.. names.Select(name => (IReadOnlyList<object?>)
        [
            name, .. Cells(simulated, name, metric, "P1",
                Named(estimates(FigureGroup.Humans), name), Named(estimates(FigureGroup.Matched), name), Named(estimates(FigureGroup.Simulated), name)),
        ])]);

    private static IEnumerable<string> Groups(SimulatedNumbers? simulated) => Present(simulated, true).Select(group => group.Name);

    private static IEnumerable<FigureGroup> Present(SimulatedNumbers? simulated, bool hasHumans)
    {
        if (hasHumans)
            yield return FigureGroup.Humans;
        if (simulated?.Matched is not null && hasHumans)
            yield return FigureGroup.Matched;
        if (simulated is not null)
            yield return FigureGroup.Simulated;
    }

    private static IEnumerable<object?> Cells(
        SimulatedNumbers? simulated, string? name, string metric, string format, Estimate? humans, Estimate? matched, Estimate? all)
    {
        foreach (var group in Present(simulated, true))
        {
            var (prefix, estimate) = group == FigureGroup.Humans ? ("humans", humans) : group == FigureGroup.Matched ? ("matched", matched) : ("simulated", all);
            yield return estimate is null ? null : new EstimateCell(name is null ? null : $"{prefix}-{metric}:{name}", estimate, format);
        }
    }

    private static IReadOnlyList<NamedEstimate> Winners(HumanNumbers humans, SimulatedNumbers? simulated, FigureGroup group) =>
        group == FigureGroup.Humans ? humans.Diversity.DistinctWinners
        : (group == FigureGroup.Matched ? simulated?.Matched?.DistinctWinners : simulated?.Diversity.DistinctWinners) ?? [];

    private static IReadOnlyList<NamedEstimate> WinShares(HumanNumbers humans, SimulatedNumbers? simulated, FigureGroup group) =>
        group == FigureGroup.Humans ? humans.WinShares
        : (group == FigureGroup.Matched ? simulated?.Matched?.WinShares : simulated?.Diversity.WinShares) ?? [];

    private static string[] WinnerNames(HumanNumbers humans, SimulatedNumbers? simulated)
    {
        var most = Math.Max(humans.Diversity.DistinctWinners.Count, simulated?.Diversity.DistinctWinners.Count ?? 0);
        return [.. Enumerable.Range(1, most).Select(count => count.ToString(CultureInfo.InvariantCulture))];
    }

    // The order of people where there are any: rows must not change places while the slider moves.
    private static string[] ModelNames(HumanNumbers humans, SimulatedNumbers? simulated) =>
        [.. humans.WinShares.OrderByDescending(share => share.Estimate.Value ?? Named(simulated?.Diversity.WinShares, share.Name)?.Value ?? 0).Select(share => share.Name)];

    private static Estimate? Named(IEnumerable<NamedEstimate>? estimates, string name) => estimates?.FirstOrDefault(one => one.Name == name)?.Estimate;

    private static string Label(string what, List<Row> rows) => what + ". " + string.Join(". ", rows.Select(row => $"{row.Name}: {Figures.Words(row.Estimate)}")) + ".";

    private static string Sentence((string Who, Estimate? Estimate)[] parts, bool isShare) =>
        string.Join("; ", parts.Where(part => part.Estimate is not null).Select(part => $"{part.Who}: {Figures.Words(part.Estimate!, isShare)}")) + ".";

    private static string Percent(double share) => (100 * share).ToString("0", CultureInfo.InvariantCulture) + " %";
}
