using System.Globalization;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Statistics;
using PersonalLlm.Engine.Studies;

namespace PersonalLlm.Web.Features.Studies;

/// <summary>The monitor's numbers as people say them.</summary>
internal static class MonitorWords
{
    /// <summary>"4.2 s", "1 min 20 s", "14 min", "3 h 5 min".</summary>
    public static string Span(double milliseconds)
    {
        var span = TimeSpan.FromMilliseconds(milliseconds);
        return span switch
        {
            { TotalSeconds: < 10 } => Text($"{span.TotalSeconds:0.0} s"),
            { TotalSeconds: < 60 } => Text($"{span.TotalSeconds:0} s"),
            { TotalMinutes: < 10 } => Text($"{(int)span.TotalMinutes} min {span.Seconds} s"),
            { TotalMinutes: < 90 } => Text($"{span.TotalMinutes:0} min"),
            { TotalHours: < 36 } => Text($"{(int)span.TotalHours} h {span.Minutes} min"),
            _ => Text($"{span.TotalDays:0.#} days"),
        };
    }

    /// <summary>"42 s [31 s, 58 s]": the median and the middle half.</summary>
    public static string Middle(Quartiles quartiles) => $"{Span(quartiles.Median)} [{Span(quartiles.Low)}, {Span(quartiles.High)}]";

    public static string Percent(double share) => Text($"{100 * share:0.#} %");

    public static string When(DateTimeOffset? instant) => instant?.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture) ?? "–";

    /// <summary>How well somebody agrees with their own second judgement.</summary>
    public static string SelfAgreement(AnnotatorConduct conduct, Instrument instrument) =>
        conduct.Repeats == 0 ? "–"
        : instrument == Instrument.Pairwise || conduct.SelfAgreement.Value is not { } tau ? $"same answer in {conduct.IdenticalRepeats} of {conduct.Repeats}"
        : Text($"τ-b {tau:0.00}, n = {conduct.SelfAgreement.N}");

    /// <summary>What is worth a look, with the numbers behind it.</summary>
    public static string Of(ConductConcern concern, AnnotatorConduct conduct, Instrument instrument) => concern switch
    {
        ConductConcern.FailedChecks => $"Failed {conduct.FailedChecks} of {conduct.Checks} attention checks",
        ConductConcern.DisagreesWithSelf => $"Agreement with own second judgement: {SelfAgreement(conduct, instrument)}",
        ConductConcern.FasterThanReading =>
            $"Median active time {Span(conduct.ActiveMs!.Value.Median)}; reading takes {Span(conduct.ReadingMs!.Value)} at {AnnotatorConduct.FastestWordsPerMinute} words a minute",
        ConductConcern.SamePlaceFirst => $"Put response {Ranking.Letter(conduct.FirstPlace!.Value)} of the page first in {conduct.FirstPlaceCount} of {conduct.StrictFirsts}",
        ConductConcern.AllTied => $"Put all responses on one rank in {conduct.AllTied} of {conduct.Judgements}",
        ConductConcern.UnseenResponses => $"{conduct.Unseen} of {conduct.Judgements} judgements with a response that was never in view",
        ConductConcern.ManySkips => $"Skipped {conduct.Skips}, judged {conduct.Judgements}",
        _ => throw new InvalidOperationException($"No words are known for {concern}."),
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
