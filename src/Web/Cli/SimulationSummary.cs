using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Web.Features.Datasets;
using PersonalLlm.Web.Features.Population;
using static PersonalLlm.Web.Cli.EstimateTable;

namespace PersonalLlm.Web.Cli;

/// <summary>What a researcher wants to see at once of a simulation; the file holds the rest.</summary>
internal static class SimulationSummary
{
    public static void Write(SimulationReport report, TextWriter words)
    {
        words.WriteLine($"{report.Input.File}: {Numbers.Count(report.Prompts, "prompt")}, {Numbers.Count(report.Responses, "response")}, {Numbers.Count(report.RewardModels.Count, "reward model")}.");
        WritePopulation(words, report.Population);
        words.WriteLine();
        WriteMetrics(report, words);
        if (report.Sweep.Count > 0)
            WriteSweep(report, words);
        if (report.Regression is { } regression)
            WriteRegression(regression, words);
    }

    private static void WriteMetrics(SimulationReport report, TextWriter words)
    {
        var published = PublishedDiversity.Of(report.Population.Concentration);
        WriteMetrics(report.Metrics, published, words);
        Row(words, "effective reward models of a user", report.EffectiveRewardModels);
        WriteWinners(report.Metrics, words);
        if (report.Personas is { } personas)
        {
            words.WriteLine();
            words.WriteLine($"{Numbers.Count(personas.Personas, "persona")} of {personas.Input.File}: {Numbers.Count(personas.Choices, "choice")}, {Numbers.Count(personas.Unusable, "answer")} that named no response.");
            WriteMetrics(personas.Metrics, PublishedDiversity.Personas, words);
            WriteWinners(personas.Metrics, words);
        }
        if (published is not null || report.Personas is not null)
        {
            words.WriteLine();
            words.WriteLine($"Published: {report.Published.Source}.");
            if (!report.Published.IsSameData)
                words.WriteLine("These are other data, so that it is a yardstick only.");
        }
    }

    private static void WriteMetrics(ReportMetrics metrics, PublishedDiversity? published, TextWriter words)
    {
        Head(words, "share of prompts with a", published is null ? "" : "published");
        for (var place = 0; place < metrics.MajorityCurve.Count; place++)
        {
            var point = metrics.MajorityCurve[place];
            Row(words, $"majority of at most {Fixed(point.Threshold, 2)}", point.Share);
            Row(words, "  as PersonalLLM counts it", point.PercentileOfScore, published is null ? "" : Fixed(published.MajorityCurve[place], 4));
        }
        Row(words, "entropy of a prompt's votes", metrics.MeanEntropy);
        Row(words, "equally popular responses", metrics.EffectiveResponses);
        Row(words, "overlap of two voters", metrics.Overlap);
        if (metrics.KendallTau.Value is not null)
            Row(words, "Kendall's tau-b of two voters", metrics.KendallTau);
    }

    private static void WriteWinners(ReportMetrics metrics, TextWriter words)
    {
        words.WriteLine();
        words.WriteLine("Distinct first choices: " + string.Join(", ", metrics.DistinctWinners.Select(bar => $"{bar.Key} on {Percent(bar.Value)}")));
        words.WriteLine("Wins: " + string.Join(", ", metrics.WinShares.OrderByDescending(share => share.Value.Value).Select(share => $"{share.Key} {Percent(share.Value)}")));
    }

    private static void WriteSweep(SimulationReport report, TextWriter words)
    {
        words.WriteLine();
        words.WriteLine("     alpha  reward models    tau-b  overlap  entropy " + string.Concat(Diversity.Thresholds.Select(q => $"   <= {Fixed(q, 2)}")));
        foreach (var point in report.Sweep)
            words.WriteLine(
                $"{Plain(point.Concentration.Average),10}{Value(point.EffectiveRewardModels),15}{Value(point.KendallTau),9}{Value(point.Overlap),9}{Value(point.MeanEntropy),9} "
                + string.Concat(point.MajorityCurve.Select(at => $"{Value(at.Share),10}")));
    }

    private static void WriteRegression(ReportRegression regression, TextWriter words)
    {
        words.WriteLine();
        words.WriteLine($"{$"Coefficients, {regression.Contrast}",-NameWidth}   lowest lower q.   median upper q.  highest");
        foreach (var attribute in regression.Attributes)
            words.WriteLine($"{attribute.Name,-NameWidth}" + (attribute.Quartiles.Count == 0
                ? $"{attribute.MeanCoefficient.UndefinedBecause}"
                : string.Concat(attribute.Quartiles.Select(quartile => $"{Fixed(quartile, 3),9}"))));
    }
}
