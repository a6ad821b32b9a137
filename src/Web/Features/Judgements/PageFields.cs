using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Primitives;
using PersonalLlm.Data.Judgements;
using PersonalLlm.Engine.Judgements;

namespace PersonalLlm.Web.Features.Judgements;

/// <summary>An answer as the ranking page's script sends and gets it, in positions.</summary>
/// <param name="Ranking">"B,D=A"; ignored by instruments that have scores.</param>
/// <param name="Scores">One element per response shown, null where nothing was said; none for rankings.</param>
internal sealed record AnswerBody(string? Ranking, int?[]? Scores, bool AllBad, string?[]? Reasons, int? Confidence, string? Comment)
{
    public static AnswerBody Of(Answer positions) =>
        new(positions.Ranking.ToString(), positions.Scores, positions.AllBad, positions.Reasons, positions.Confidence, positions.Comment);

    /// <summary>Null, and one sentence, when the ranking is no ranking.</summary>
    public Answer? Read(out string? problem) => Engine.Judgements.Ranking.TryParse(Ranking, Engine.Judgements.Ranking.MaximumResponses, out var ranking, out problem)
        ? new()
        {
            Ranking = ranking,
            Scores = Scores ?? [],
            AllBad = AllBad,
            Reasons = [.. (Reasons ?? []).OfType<string>()],
            Confidence = Confidence,
            Comment = string.IsNullOrEmpty(Comment) ? null : Comment,
        }
        : null;
}

/// <summary>What the page's script measured. Times are milliseconds and may have fractions.</summary>
internal sealed record TimingBody(double? ActiveMs, double? IdleMs, double[]? ExposureMs, bool[]? Touched, string? Input, string? Viewport)
{
    public JudgementTiming Read() => new()
    {
        ActiveMs = ActiveMs is { } active ? PageFields.Whole(active) : null,
        IdleMs = IdleMs is { } idle ? PageFields.Whole(idle) : null,
        ExposureMs = [.. (ExposureMs ?? []).Select(PageFields.Whole)],
        Touched = Touched ?? [],
        Input = Input ?? "",
        Viewport = Viewport ?? "",
    };
}

/// <summary>Reads the fields of the ranking page's form, which are there with and without script, and says what is wrong with them.</summary>
internal static partial class PageFields
{
    private static readonly string[] s_waysIn = ["tap", "drag", "keys", "form"];

    /// <summary>The answer in the fields of the study's instrument; null, and one sentence, when they hold no such answer.</summary>
    /// <param name="form">Rank, Best and Worst, Preference, or Score-0 …; AllBad, Reason, Confidence, Comment.</param>
    /// <param name="shown">How many responses were shown.</param>
    public static Answer? ReadAnswer(IFormCollection form, InstrumentSpec instrument, int shown, out AnswerProblem? problem)
    {
        problem = null;
        var answer = new Answer
        {
            AllBad = form["AllBad"] == "true",
            Reasons = [.. form["Reason"].OfType<string>().Where(reason => reason.Length > 0)],
            // A browser sends line breaks as two characters; the script and the count of characters know one.
            Comment = string.IsNullOrEmpty(form["Comment"]) ? null : form["Comment"].ToString().ReplaceLineEndings("\n"),
        };
        if (!TryNumber(form["Confidence"], out var confidence))
            problem = new("How sure you are must be a number.");
        answer = answer with { Confidence = confidence };
        switch (instrument.Kind)
        {
            case Instrument.FullRanking or Instrument.TopK when (form["Rank"].Count > 0 && form["Rank"].Count != shown) || WeakOrder(form["Rank"]) is null:
                problem = new("Expected {0} ranks, one for each response shown, as numbers.", $"{shown}");
                break;
            case Instrument.FullRanking or Instrument.TopK:
                answer = answer with { Ranking = WeakOrder(form["Rank"])! };
                break;
            case Instrument.BestWorst:
                answer = answer with { Scores = BestAndWorst(form, shown, ref problem) };
                break;
            case Instrument.Pairwise:
                answer = answer with { Scores = Preference(form, ref problem) };
                break;
            case Instrument.Likert:
                answer = answer with { Scores = Ratings(form, shown, ref problem) };
                break;
        }
        return problem is null ? answer : null;
    }

    /// <summary>What the script wrote into the hidden fields; empty without one. Null, and one sentence, when a field cannot be read.</summary>
    public static JudgementTiming? ReadTiming(IFormCollection form, out AnswerProblem? problem)
    {
        problem = null;
        if (!TryTime(form["ActiveMs"], out var activeMs) || !TryTime(form["IdleMs"], out var idleMs) || TryTimes(form["Exposure"]) is not { } exposureMs)
            problem = new("Times are sent as milliseconds, joined by commas.");
        else if (Flags(form["Touched"]) is not { } touched)
            problem = new("Whether a response was touched is sent as 1 or 0, joined by commas.");
        else
            return new() { ActiveMs = activeMs, IdleMs = idleMs, ExposureMs = exposureMs, Touched = touched, Input = form["Input"].ToString(), Viewport = form["Viewport"].ToString() };
        return null;
    }

    /// <summary>One sentence about a timing that cannot belong to the responses shown; null when it can.</summary>
    public static AnswerProblem? Misfit(JudgementTiming timing, int shown)
    {
        if (timing.ExposureMs.Length != 0 && timing.ExposureMs.Length != shown)
            return new("Expected {0} exposure times, one for each response shown, but got {1}.", $"{shown}", $"{timing.ExposureMs.Length}");
        if (timing.Touched.Length != 0 && timing.Touched.Length != shown)
            return new("Expected {0} touched flags, one for each response shown, but got {1}.", $"{shown}", $"{timing.Touched.Length}");
        if (timing.ActiveMs < 0 || timing.IdleMs < 0 || timing.ExposureMs.Any(time => time < 0))
            return new("A time cannot be negative.");
        if (timing.Input.Length > 0 && (timing.Input.Length > 40 || timing.Input.Split('+').Except(s_waysIn).Any()))
            return new("The input is made of {0}, joined by +.", string.Join(", ", s_waysIn));
        return timing.Viewport.Length > 0 && !Viewport().IsMatch(timing.Viewport) ? new("The viewport is sent as width and height, for example 390x844.") : null;
    }

    /// <summary>Groups positions by the rank they were given; equal ranks tie and gaps mean nothing. Null when a rank is no number.</summary>
    internal static Ranking? WeakOrder(IReadOnlyList<string?> ranks)
    {
        var given = new List<(int Position, int Rank)>();
        for (var position = 0; position < ranks.Count && position < Ranking.MaximumResponses; position++)
        {
            if (!TryNumber(ranks[position], out var rank) || rank < 1)
                return null;
            if (rank is not null)
                given.Add((position, rank.Value));
        }
        return Ranking.Of(given.GroupBy(item => item.Rank).OrderBy(group => group.Key).Select(group => group.Select(item => item.Position)));
    }

    /// <summary>Whole milliseconds; a page left open for a month says the largest number there is.</summary>
    internal static int Whole(double milliseconds) => milliseconds >= int.MaxValue ? int.MaxValue : milliseconds > int.MinValue ? (int)Math.Round(milliseconds) : -1;

    private static int?[] BestAndWorst(IFormCollection form, int shown, ref AnswerProblem? problem)
    {
        var scores = new int?[shown];
        if (!TryNumber(form["Best"], out var best) || !TryNumber(form["Worst"], out var worst) || best < 0 || best >= shown || worst < 0 || worst >= shown)
            problem = new("Best and worst are positions from 0 to {0}.", $"{shown - 1}");
        else
        {
            // Without a script one response can be ticked as both. The best stays, and the answer lacks a worst.
            if (worst is not null)
                scores[worst.Value] = -1;
            if (best is not null)
                scores[best.Value] = 1;
        }
        return scores;
    }

    private static int?[] Preference(IFormCollection form, ref AnswerProblem? problem)
    {
        if (!TryNumber(form["Preference"], out var preference) || preference is < -99 or > 99)
            problem = new("The preference is a number: negative when the first response is better.");
        return [-preference, preference];
    }

    private static int?[] Ratings(IFormCollection form, int shown, ref AnswerProblem? problem)
    {
        var scores = new int?[shown];
        for (var position = 0; position < shown; position++)
        {
            if (!TryNumber(form[$"Score-{position}"], out scores[position]))
                problem = new("Ratings are numbers.");
        }
        return scores;
    }

    /// <summary>True with null for an empty field.</summary>
    private static bool TryNumber(StringValues field, out int? number)
    {
        number = null;
        if (string.IsNullOrWhiteSpace(field))
            return true;
        if (!int.TryParse(field, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var read))
            return false;
        number = read;
        return true;
    }

    private static bool TryTime(StringValues field, out int? milliseconds)
    {
        milliseconds = null;
        if (string.IsNullOrWhiteSpace(field))
            return true;
        if (!double.TryParse(field, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var read))
            return false;
        milliseconds = Whole(read);
        return true;
    }

    private static int[]? TryTimes(StringValues field)
    {
        var parts = Parts(field);
        var times = new int[parts.Length];
        for (var position = 0; position < parts.Length; position++)
        {
            if (!TryTime(parts[position], out var time) || time is null)
                return null;
            times[position] = time.Value;
        }
        return times;
    }

    private static bool[]? Flags(StringValues field)
    {
        var parts = Parts(field);
        return parts.All(part => part is "0" or "1") ? [.. parts.Select(part => part == "1")] : null;
    }

    private static string[] Parts(StringValues field) => string.IsNullOrWhiteSpace(field) ? [] : field.ToString().Split(',', StringSplitOptions.TrimEntries);

    [GeneratedRegex("^[0-9]{1,5}x[0-9]{1,5}$")]
    private static partial Regex Viewport();
}
