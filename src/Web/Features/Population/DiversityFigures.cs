using System.Globalization;
using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Statistics;
using PersonalLlm.Web.Components.Shared;

namespace PersonalLlm.Web.Features.Population;

/// <summary>The diversity of one group of voters, or of two beside each other, as figures: options, the table beside them, and the sentence for those who do not see them.</summary>
internal static class DiversityFigures
{
    private const string MajorityAxis = "share of the most popular response";

    /// <summary>What a number of the n-th group is called in the page, for scripts and tests.</summary>
    public static string Name(IReadOnlyList<GroupNumbers> groups, int place, string metric) =>
        groups.Count == 1 ? metric : $"{(place == 0 ? "left" : "right")}-{metric}";

    public static object Majority(IReadOnlyList<GroupNumbers> groups, bool asPublished) => Figures.Curves(
        GroupNumbers.Thresholds,
        [.. groups.Select(group => new FigureCurve(group.Group, asPublished ? group.PublishedCurve : group.Curve, false))],
        MajorityAxis,
        Diversity.Thresholds);

    public static ChartTable MajorityTable(IReadOnlyList<GroupNumbers> groups, bool asPublished) => new(
        ["Largest share is at most", .. groups.Select(group => group.Group.Name)],
        [.. Diversity.Thresholds.Select((q, index) => (IReadOnlyList<object?>)
        [
            q.ToString("0 %", CultureInfo.InvariantCulture),
            .. groups.Select((group, place) =>
            {
                var point = group.Diversity.MajorityCurve[index];
                return new EstimateCell(
                    Name(groups, place, $"{(asPublished ? "percentile" : "majority")}:{q.ToString("0.00", CultureInfo.InvariantCulture)}"), asPublished ? point.PercentileOfScore : point.Share, "P1");
            }),
        ])]);

    /// <summary>Every point of the curves, both definitions.</summary>
    public static ChartTable MajorityData(IReadOnlyList<GroupNumbers> groups) => new(
        ["q", .. groups.SelectMany(group => new[] { $"{group.Group.Name}, share", $"{group.Group.Name}, percentileofscore" })],
        [.. GroupNumbers.Thresholds.Select((q, index) => (IReadOnlyList<object?>)
            [q, .. groups.SelectMany(group => new[] { new EstimateCell(null, group.Curve[index]), new EstimateCell(null, group.PublishedCurve[index]) })])]);

    public static string MajorityLabel(IReadOnlyList<GroupNumbers> groups, bool asPublished) => Sentence(
        groups, "Share of prompts on which the most popular response has at most half of the first choices",
        group => asPublished ? group.Diversity.MajorityCurve[0].PercentileOfScore : group.Diversity.MajorityCurve[0].Share, true);

    public static object Winners(IReadOnlyList<GroupNumbers> groups, bool paperBinning)
    {
        var names = WinnerNames(groups, paperBinning);
        return Figures.Bars(names, Rows(groups, names, group => WinnersOf(group, paperBinning), Zero), paperBinning ? "bars as published" : "different first choices of a prompt");
    }

    public static ChartTable WinnersTable(IReadOnlyList<GroupNumbers> groups, bool paperBinning) => Table(
        paperBinning ? "Published label" : "Different first choices", groups, WinnerNames(groups, paperBinning), paperBinning ? "paper-winners" : "winners",
        group => WinnersOf(group, paperBinning), "P1");

    public static string WinnersLabel(IReadOnlyList<GroupNumbers> groups) =>
        Sentence(groups, "Share of prompts with one first choice only", group => Named(group.Diversity.DistinctWinners, "1") ?? Zero(group), true);

    public static object WinShares(IReadOnlyList<GroupNumbers> groups)
    {
        var names = ByFirst(groups, group => group.Diversity.WinShares);
        return Figures.Points(names, Rows(groups, names, group => group.Diversity.WinShares), "share of first choices", 0, null, isShare: true);
    }

    public static ChartTable WinSharesTable(IReadOnlyList<GroupNumbers> groups) =>
        Table("Response model", groups, ByFirst(groups, group => group.Diversity.WinShares), "win-share", group => group.Diversity.WinShares, "P1");

    public static string WinSharesLabel(IReadOnlyList<GroupNumbers> groups)
    {
        var names = ByFirst(groups, group => group.Diversity.WinShares);
        return names.Count == 0 ? "Nobody has voted yet." : Sentence(groups, $"Share of first choices by response model, here of {names[0]}", group => Named(group.Diversity.WinShares, names[0]), true);
    }

    public static object Keywords(IReadOnlyList<GroupNumbers> groups)
    {
        var names = KeywordNames(groups);
        return Figures.Points(names, Rows(groups, names, group => group.EntropyByKeyword), "mean entropy (nats)", 0, null);
    }

    public static ChartTable KeywordsTable(IReadOnlyList<GroupNumbers> groups) =>
        Table("Prompts", groups, [.. groups[0].EntropyByKeyword.Select(named => named.Name)], "keyword", group => group.EntropyByKeyword, "F2");

    public static string KeywordsLabel(IReadOnlyList<GroupNumbers> groups) =>
        Sentence(groups, "Mean entropy of first choices on prompts that ask for taste", group => Named(group.EntropyByKeyword, "contains any of them"), false);

    public static object Subsets(IReadOnlyList<GroupNumbers> groups)
    {
        var names = ByFirst(groups, group => group.Diversity.EntropyBySubset);
        return Figures.Points(names, Rows(groups, names, group => group.Diversity.EntropyBySubset), "mean entropy (nats)", 0, null);
    }

    public static ChartTable SubsetsTable(IReadOnlyList<GroupNumbers> groups) =>
        Table("Subset", groups, ByFirst(groups, group => group.Diversity.EntropyBySubset), "subset", group => group.Diversity.EntropyBySubset, "F2");

    public static string SubsetsLabel(IReadOnlyList<GroupNumbers> groups)
    {
        var names = ByFirst(groups, group => group.Diversity.EntropyBySubset);
        return $"Mean entropy of first choices in each of {names.Count} subsets of prompts; highest in {names[0]}.";
    }

    /// <summary>How tall a figure with these rows must be, in pixels: long names take several lines.</summary>
    public static int HeightOf(IEnumerable<NamedEstimate> rows, int groups)
    {
        var names = rows.Select(row => row.Name).ToArray();
        var perRow = names.Select(name => name.Length).DefaultIfEmpty(0).Max() switch { > 24 => 52, > 13 => 36, _ => 28 };
        return 86 + (names.Length * Math.Max(perRow, 15 * (groups + 1)));
    }

    private static IReadOnlyList<NamedEstimate> WinnersOf(GroupNumbers group, bool paperBinning) =>
        paperBinning ? group.Diversity.DistinctWinnersPaperBinning : group.Diversity.DistinctWinners;

    private static IReadOnlyList<string> WinnerNames(IReadOnlyList<GroupNumbers> groups, bool paperBinning) =>
        [.. groups.Select(group => WinnersOf(group, paperBinning)).MaxBy(winners => winners.Count)!.Select(named => named.Name)];

    // Groups of prompts that are empty for everybody take no room in a figure; the table says why.
    private static IReadOnlyList<string> KeywordNames(IReadOnlyList<GroupNumbers> groups) =>
        [.. groups[0].EntropyByKeyword.Where((_, row) => groups.Any(group => group.EntropyByKeyword[row].Estimate.IsDefined)).Select(named => named.Name)];

    // The order of the first group, largest first: the second is read against it.
    private static IReadOnlyList<string> ByFirst(IReadOnlyList<GroupNumbers> groups, Func<GroupNumbers, IReadOnlyList<NamedEstimate>> estimates) =>
        [.. groups.SelectMany(estimates).GroupBy(named => named.Name).Select(one => one.First()).OrderByDescending(named => named.Estimate.Value ?? -1).Select(named => named.Name)];

    private static IReadOnlyList<FigureRows> Rows(
        IReadOnlyList<GroupNumbers> groups, IReadOnlyList<string> names, Func<GroupNumbers, IReadOnlyList<NamedEstimate>> estimates, Func<GroupNumbers, Estimate>? missing = null) =>
        [.. groups.Select(group => new FigureRows(group.Group, [.. names.Select(name => Named(estimates(group), name) ?? missing?.Invoke(group))]))];

    private static ChartTable Table(
        string heading, IReadOnlyList<GroupNumbers> groups, IReadOnlyList<string> names, string metric, Func<GroupNumbers, IReadOnlyList<NamedEstimate>> estimates, string format) => new(
        [heading, .. groups.Select(group => group.Group.Name)],
        [.. names.Select(name => (IReadOnlyList<object?>)
        [
            name,
            .. groups.Select((group, place) => Named(estimates(group), name) is { } estimate ? new EstimateCell(Name(groups, place, $"{metric}:{name}"), estimate, format) : null),
        ])]);

    private static string Sentence(IReadOnlyList<GroupNumbers> groups, string what, Func<GroupNumbers, Estimate?> estimate, bool isShare) =>
        $"{what}. {string.Join("; ", groups.Select(group => estimate(group) is { } one ? $"{group.Group.Name}: {Figures.Words(one, isShare)}" : $"{group.Group.Name}: none"))}.";

    private static Estimate? Named(IReadOnlyList<NamedEstimate> estimates, string name) => estimates.FirstOrDefault(one => one.Name == name)?.Estimate;

    // More winners than any prompt of this group has: no prompt has them.
    private static Estimate Zero(GroupNumbers group) => Estimate.WithoutInterval(0, group.Diversity.MeanEntropy.N, "no prompt of this group has that many");
}
