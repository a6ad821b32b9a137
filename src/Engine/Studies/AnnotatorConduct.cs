using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Studies;

/// <summary>What may make a researcher look at an annotator's judgements. None of it is proof of anything.</summary>
public enum ConductConcern
{
    FailedChecks,
    DisagreesWithSelf,
    FasterThanReading,
    SamePlaceFirst,
    AllTied,
    UnseenResponses,
    ManySkips,
}

/// <summary>How one annotator worked, in numbers; and which of them are worth a look.</summary>
public sealed record AnnotatorConduct
{
    /// <summary>Words a minute that nobody reads with understanding; skimming ends about there (Rayner and others, 2016).</summary>
    public const int FastestWordsPerMinute = 700;

    /// <summary>Characters of an English word with its space.</summary>
    private const double CharactersPerWord = 6;

    /// <summary>Below this many judgements, habits are not told from chance.</summary>
    private const int FewestForHabits = 5;

    /// <summary>Chance of an innocent annotator to be flagged for putting the same place first.</summary>
    private const double HabitChance = 0.001;

    public int Judgements { get; private init; }
    public int Checks { get; private init; }
    public int FailedChecks { get; private init; }

    /// <summary>Prompts judged twice.</summary>
    public int Repeats { get; private init; }

    /// <summary>How many of those got the same answer to the letter both times.</summary>
    public int IdenticalRepeats { get; private init; }

    /// <summary>Mean Kendall τ-b between first and second judgement, over the repeats that define it (its n).</summary>
    public Estimate SelfAgreement { get; private init; } = Estimate.Undefined("nothing was judged twice");

    /// <summary>Milliseconds for one judgement.</summary>
    public Quartiles? ActiveMs { get; private init; }

    /// <summary>Median of the milliseconds that the texts take at <see cref="FastestWordsPerMinute"/>, of the same judgements.</summary>
    public double? ReadingMs { get; private init; }

    /// <summary>The 0-based place on the page that was put first most often, alone; null when there was none.</summary>
    public int? FirstPlace { get; private init; }

    /// <summary>How often it was.</summary>
    public int FirstPlaceCount { get; private init; }

    /// <summary>Judgements with one response alone at the top.</summary>
    public int StrictFirsts { get; private init; }

    /// <summary>An upper bound of the probability that some place comes first as often as that when places do not matter.</summary>
    public double FirstPlaceChance { get; private init; } = 1;

    /// <summary>Judgements that put all responses on one rank.</summary>
    public int AllTied { get; private init; }

    /// <summary>Judgements with a response that was never in view.</summary>
    public int Unseen { get; private init; }

    public int Skips { get; private init; }
    public IReadOnlyList<ConductConcern> Concerns { get; private init; } = [];

    /// <param name="judgements">All that count of one annotator: votes, repeats and checks.</param>
    /// <param name="skips">Items passed over.</param>
    /// <param name="instrument">Decides how the answers to a repeat are compared: two responses have no τ-b worth a mean.</param>
    public static AnnotatorConduct Of(IReadOnlyList<ObservedJudgement> judgements, int skips, Instrument instrument)
    {
        var votes = judgements.Where(judgement => judgement.IsVote).ToArray();
        var checks = judgements.Where(judgement => judgement.ExpectedIndex is not null).ToArray();
        var byAssignment = judgements.ToDictionary(judgement => judgement.AssignmentId);
        var pairs = judgements.Where(judgement => judgement.RepeatOfId is { } first && byAssignment.ContainsKey(first))
            .Select(second => (First: byAssignment[second.RepeatOfId!.Value], Second: second)).ToArray();
        var taus = pairs.Select(pair => KendallTau.Between(pair.First.WholeRanking(), pair.Second.WholeRanking()).Value).OfType<double>().ToArray();
        var timed = votes.Where(judgement => judgement is { ActiveMs: not null, Characters: > 0 }).ToArray();
        var strict = votes.Where(judgement => judgement.Ranking.FirstChoices.Count == 1).ToArray();
        var front = strict.GroupBy(judgement => Array.IndexOf(judgement.PresentedOrder, judgement.Ranking.FirstChoices[0]))
            .OrderByDescending(place => place.Count()).ThenBy(place => place.Key).FirstOrDefault();
        var conduct = new AnnotatorConduct
        {
            Judgements = judgements.Count,
            Checks = checks.Length,
            FailedChecks = checks.Count(check => check.Ranking.FirstChoices is not [var first] || first != check.ExpectedIndex),
            Repeats = pairs.Length,
            IdenticalRepeats = pairs.Count(pair => pair.First.Ranking.Equals(pair.Second.Ranking)),
            SelfAgreement = pairs.Length == 0 ? Estimate.Undefined("nothing was judged twice")
                : taus.Length == 0 ? Estimate.Undefined("every repeat had all responses on one rank")
                : Estimate.WithoutInterval(taus.Average(), taus.Length, "it describes one annotator"),
            ActiveMs = Quartiles.Of(votes.Select(judgement => (double?)judgement.ActiveMs).OfType<double>()),
            ReadingMs = Quartiles.Of(timed.Select(judgement => judgement.Characters / CharactersPerWord / FastestWordsPerMinute * 60_000))?.Median,
            FirstPlace = front?.Key,
            FirstPlaceCount = front?.Count() ?? 0,
            StrictFirsts = strict.Length,
            FirstPlaceChance = front is null ? 1 : ChanceOf(front.Count(), strict),
            AllTied = votes.Count(judgement => judgement.WholeRanking().Tiers is [{ Count: > 1 }]),
            Unseen = votes.Count(judgement => judgement.HasUnseen),
            Skips = skips,
        };
        return conduct with { Concerns = [.. conduct.Raised(votes.Length, timed.Length, instrument)] };
    }

    private IEnumerable<ConductConcern> Raised(int votes, int timed, Instrument instrument)
    {
        if (FailedChecks > 0)
            yield return ConductConcern.FailedChecks;
        // At chance τ-b is 0; of two responses chance agrees half of the time.
        if (instrument == Instrument.Pairwise ? Repeats >= 4 && 2 * IdenticalRepeats < Repeats : Repeats >= 2 && SelfAgreement.Value <= 0)
            yield return ConductConcern.DisagreesWithSelf;
        if (timed >= FewestForHabits && ActiveMs?.Median < ReadingMs)
            yield return ConductConcern.FasterThanReading;
        if (StrictFirsts >= FewestForHabits && FirstPlaceChance < HabitChance && FirstPlaceCount >= 0.8 * StrictFirsts)
            yield return ConductConcern.SamePlaceFirst;
        if (votes >= FewestForHabits && AllTied >= 0.8 * votes)
            yield return ConductConcern.AllTied;
        if (Unseen >= 2 && Unseen >= 0.25 * votes)
            yield return ConductConcern.UnseenResponses;
        if (Skips >= 3 && Skips > 0.25 * (votes + Skips))
            yield return ConductConcern.ManySkips;
    }

    /// <summary>Binomial tail with the chance of the shortest page, times its places (Bonferroni).</summary>
    private static double ChanceOf(int count, ObservedJudgement[] strict)
    {
        var places = strict.Min(judgement => judgement.PresentedOrder.Length);
        if (places < 2)
            return 1;
        var (n, p) = (strict.Length, 1.0 / places);
        double tail = 0, logChoose = 0;
        for (var k = 0; k <= n; k++)
        {
            if (k >= count)
                tail += Math.Exp(logChoose + (k * Math.Log(p)) + ((n - k) * Math.Log(1 - p)));
            logChoose += Math.Log(n - k) - Math.Log(k + 1);
        }
        return Math.Min(1, places * tail);
    }
}
