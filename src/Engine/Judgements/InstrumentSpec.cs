using System.Globalization;

namespace PersonalLlm.Engine.Judgements;

/// <summary>An instrument with its settings: what is asked, and what may be said beside it.</summary>
public sealed record InstrumentSpec
{
    /// <summary>The longest comment that is kept, in characters.</summary>
    public const int CommentLength = 5000;

    /// <summary>The longest reason that can be offered, in characters.</summary>
    public const int ReasonLength = 80;

    /// <summary>The most reasons that can be offered.</summary>
    public const int MaximumReasons = 20;

    public Instrument Kind { get; init; } = Instrument.FullRanking;

    /// <summary>How many responses get a rank with <see cref="Instrument.TopK"/>; at least 1. A prompt that shows fewer ranks them all.</summary>
    public int TopK { get; init; } = 3;

    /// <summary>Points of the scale with <see cref="Instrument.Likert"/>, 2 … 10; 1 is worst.</summary>
    public int Points { get; init; } = 7;

    /// <summary>Steps of strength on each side with <see cref="Instrument.Pairwise"/>, 1 … 4: slightly better, better, much better …</summary>
    public int Strengths { get; init; } = 3;

    /// <summary>Whether two responses may be called equal. Ratings of <see cref="Instrument.Likert"/> may always be.</summary>
    public bool AllowsTies { get; init; } = true;

    /// <summary>Whether "none is acceptable" may be said beside the answer or in place of it.</summary>
    public bool AllowsAllBad { get; init; } = true;

    /// <summary>Whether to ask how sure the annotator is, 1 … 5; answering stays optional.</summary>
    public bool AsksConfidence { get; init; }

    /// <summary>Whether to offer a free comment.</summary>
    public bool AsksComment { get; init; }

    /// <summary>Reasons to tick, in the words that annotators read; none when empty.</summary>
    public IReadOnlyList<string> Reasons { get; init; } = [];

    /// <summary>How many ranks there are to give among the responses shown: all of them, or the best few.</summary>
    public int RanksOf(int shown) => Kind == Instrument.TopK ? Math.Min(TopK, shown) : shown;

    /// <summary>The finished answer to the responses shown, or the reasons why it is not finished and the positions that lack something.</summary>
    /// <param name="positions">As the annotator's page sends it, in positions. A ranking beside scores is ignored: the scores imply it.</param>
    /// <param name="shown">How many responses were shown.</param>
    public Completion Complete(Answer positions, int shown)
    {
        if (Misfits(positions, shown) is { Count: > 0 } misfits)
            return new(null, misfits, []);
        var answer = Tidy(positions, shown);
        if (answer.AllBad && IsSilent(answer))
            return new(answer, [], []);
        var missing = MissingOf(answer, shown);
        if (Shortfall(answer, missing, shown) is { } shortfall)
            return new(null, [shortfall], missing);
        return new(IsScored ? WithImpliedRanking(answer) : answer, [], []);
    }

    /// <summary>What even a half-made answer cannot say: letters beyond the responses shown, points beyond the scale, what was not asked.</summary>
    public IReadOnlyList<AnswerProblem> Misfits(Answer positions, int shown)
    {
        var problems = new List<AnswerProblem>();
        if (IsScored)
            problems.AddRange(ScoreMisfits(positions.Scores, shown));
        else if (positions.Scores.Length > 0)
            problems.Add(new("This study asks for ranks and takes no scores."));
        else if (positions.Ranking.Tiers.SelectMany(tier => tier).Where(position => position >= shown).ToArray() is { Length: > 0 } unknown)
            problems.Add(new("Only {0} responses were shown, but {1} has a rank.", Text(shown), Letters(unknown)));
        if (positions.AllBad && !AllowsAllBad)
            problems.Add(new("“None is acceptable” is not an answer in this study."));
        if (positions.Reasons.FirstOrDefault(reason => !Reasons.Contains(reason)) is { } reason)
            problems.Add(new("“{0}” is not among the reasons offered.", reason[..Math.Min(reason.Length, ReasonLength)]));
        if (positions.Confidence is not null && !AsksConfidence)
            problems.Add(new("This study does not ask how sure you are."));
        else if (positions.Confidence is < 1 or > 5)
            problems.Add(new("How sure you are is said from 1 to 5, not {0}.", Text(positions.Confidence.Value)));
        if (!string.IsNullOrWhiteSpace(positions.Comment) && !AsksComment)
            problems.Add(new("This study does not ask for a comment."));
        else if (positions.Comment?.Length > CommentLength)
            problems.Add(new("Your comment has {0} characters; {1} can be kept.", Text(positions.Comment.Length), Text(CommentLength)));
        return problems;
    }

    /// <summary>What is wrong with these settings, one sentence each, as researchers read it; empty when a study can use them.</summary>
    /// <param name="fewestShown">Responses shown of the prompt that has the fewest.</param>
    /// <param name="mostShown">Responses shown of the prompt that has the most.</param>
    public IReadOnlyList<string> Problems(int fewestShown, int mostShown)
    {
        var problems = new List<string>();
        if (!Enum.IsDefined(Kind))
            problems.Add("Choose an instrument.");
        if (fewestShown < 2)
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"Every prompt must show at least 2 responses, but one shows {fewestShown}."));
        if (mostShown > Ranking.MaximumResponses)
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"At most {Ranking.MaximumResponses} responses can be shown of a prompt, but one shows {mostShown}."));
        switch (Kind)
        {
            case Instrument.TopK when TopK < 1:
                problems.Add("Top-k needs a k of at least 1.");
                break;
            case Instrument.TopK when TopK >= mostShown:
                problems.Add(string.Create(CultureInfo.InvariantCulture, $"No prompt shows more than {mostShown} responses, so ranking the best {TopK} would rank all: choose a smaller k, or the full ranking."));
                break;
            case Instrument.Pairwise when fewestShown != 2 || mostShown != 2:
                problems.Add("The pairwise instrument compares exactly 2 responses: set the responses shown of each prompt to 2.");
                break;
            case Instrument.Pairwise when Strengths is < 1 or > 4:
                problems.Add("Pairwise strength has 1 to 4 steps on each side.");
                break;
            case Instrument.Likert when Points is < 2 or > 10:
                problems.Add("A rating scale has 2 to 10 points.");
                break;
        }
        if (Reasons.Count > MaximumReasons)
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"At most {MaximumReasons} reasons can be offered, but there are {Reasons.Count}."));
        if (Reasons.Any(string.IsNullOrWhiteSpace))
            problems.Add("A reason has no words.");
        if (Reasons.FirstOrDefault(reason => reason.Length > ReasonLength) is { } tooLong)
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"A reason may have {ReasonLength} characters, but “{tooLong[..40]}…” has {tooLong.Length}."));
        if (Reasons.GroupBy(reason => reason, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } twice)
            problems.Add($"The reason “{twice.Key}” is offered twice.");
        return problems;
    }

    private bool IsScored => Kind is Instrument.BestWorst or Instrument.Pairwise or Instrument.Likert;

    private IEnumerable<AnswerProblem> ScoreMisfits(int?[] scores, int shown)
    {
        if (Kind == Instrument.Pairwise && shown != 2)
            yield return new("Two responses are compared, but {0} were shown.", Text(shown));
        if (scores.Length == 0)
            yield break;
        if (scores.Length != shown)
        {
            yield return new("Expected {0} scores, one for each response shown, but got {1}.", Text(shown), Text(scores.Length));
            yield break;
        }
        var (lowest, highest) = Kind switch
        {
            Instrument.BestWorst => (-1, 1),
            Instrument.Pairwise => (-Strengths, Strengths),
            _ => (1, Points),
        };
        if (scores.FirstOrDefault(score => score < lowest || score > highest) is { } outside)
            yield return new("A score goes from {0} to {1}, not {2}.", Text(lowest), Text(highest), Text(outside));
        else if (Kind == Instrument.BestWorst && scores.Count(score => score == 1) > 1)
            yield return new("Only one response can be the best.");
        else if (Kind == Instrument.BestWorst && scores.Count(score => score == -1) > 1)
            yield return new("Only one response can be the worst.");
        else if (Kind == Instrument.Pairwise && scores.Length == 2 && scores[0] != -scores[1])
            yield return new("What one response is better by, the other is worse by.");
    }

    /// <summary>The same answer in the one way in which it is kept: so that sending it again is seen to be the same.</summary>
    private Answer Tidy(Answer positions, int shown) => positions with
    {
        Ranking = IsScored ? Ranking.Empty : positions.Ranking,
        Scores = !IsScored ? [] : positions.Scores.Length == 0 ? new int?[shown] : positions.Scores,
        Reasons = [.. Reasons.Where(positions.Reasons.Contains)],
        Comment = string.IsNullOrWhiteSpace(positions.Comment) ? null : positions.Comment.Trim(),
    };

    /// <summary>Nothing was said about any single response.</summary>
    private bool IsSilent(Answer answer) => IsScored
        ? answer.Scores.All(score => score is null || (Kind == Instrument.BestWorst && score == 0))
        : answer.Ranking.RankedCount == 0;

    private int[] MissingOf(Answer answer, int shown)
    {
        var silent = Enumerable.Range(0, shown).Where(position => IsScored ? answer.Scores[position] is null or 0 : answer.Ranking.RankOf(position) is null).ToArray();
        return Kind switch
        {
            Instrument.TopK when answer.Ranking.RankedCount >= RanksOf(shown) => [],
            Instrument.BestWorst when answer.Scores.Contains(1) && answer.Scores.Contains(-1) => [],
            Instrument.Pairwise when answer.Scores[0] is not null => [],
            _ => silent,
        };
    }

    private AnswerProblem? Shortfall(Answer answer, int[] missing, int shown)
    {
        var isSilent = IsSilent(answer);
        return Kind switch
        {
            Instrument.FullRanking => RankingShortfall(answer, missing, isSilent),
            Instrument.TopK => TopKShortfall(answer, missing, isSilent, shown),
            Instrument.BestWorst => BestWorstShortfall(answer, shown),
            Instrument.Pairwise => PairwiseShortfall(answer),
            _ => RatingShortfall(answer, missing, isSilent),
        };
    }

    private AnswerProblem? RankingShortfall(Answer answer, int[] missing, bool isSilent)
    {
        if (isSilent)
            return AllowsTies
                ? new("Nothing is ranked yet. Give every response a rank; equal ranks are fine.")
                : new("Nothing is ranked yet. Give every response a rank of its own.");
        if (missing.Length > 0)
            return answer.AllBad
                ? new("You ticked “None is acceptable” and ranked only some. Rank {0} as well, or clear the ranking.", Letters(missing))
                : new("Still without a rank: {0}.", Letters(missing));
        return TieShortfall(answer);
    }

    private AnswerProblem? TopKShortfall(Answer answer, int[] missing, bool isSilent, int shown)
    {
        var ranks = Text(RanksOf(shown));
        if (isSilent)
            return new("Nothing is ranked yet. Rank the best {0}.", ranks);
        if (missing.Length > 0)
            return answer.AllBad
                ? new("You ticked “None is acceptable” and ranked fewer than {0}. Rank the best {0}, or clear the ranking.", ranks)
                : new("Rank the best {0}: {1} of them so far.", ranks, Text(answer.Ranking.RankedCount));
        // Those who share the last of the ranks are all among the best.
        if (answer.Ranking.Tiers.SelectMany(tier => tier).Where(position => answer.Ranking.RankOf(position) > RanksOf(shown)).ToArray() is { Length: > 0 } beyond)
            return new("Only the best {0} get a rank. Take it from {1}.", ranks, Letters(beyond));
        return TieShortfall(answer);
    }

    private AnswerProblem? TieShortfall(Answer answer) => !AllowsTies && answer.Ranking.Tiers.FirstOrDefault(tier => tier.Count > 1) is { } tied
        ? new("Equal ranks are not possible here: give each of {0} a rank of its own.", Letters(tied))
        : null;

    private static AnswerProblem? BestWorstShortfall(Answer answer, int shown) => (answer.Scores.Contains(1), answer.Scores.Contains(-1)) switch
    {
        (true, true) => null,
        _ when shown < 2 => new("There is only one response, so none can be best and another worst."),
        (false, false) => new("Choose the best response and the worst."),
        (false, _) => new("Choose the best response as well."),
        _ => new("Choose the worst response as well."),
    };

    private AnswerProblem? PairwiseShortfall(Answer answer)
    {
        if (answer.Scores[0] is null)
            return AllowsTies ? new("Say which response is better, or that both are equal.") : new("Say which response is better.");
        return answer.Scores[0] == 0 && !AllowsTies ? new("“Equal” is not an answer here: say which response is better, if only a little.") : null;
    }

    private AnswerProblem? RatingShortfall(Answer answer, int[] missing, bool isSilent)
    {
        if (isSilent)
            return new("Nothing is rated yet. Give every response a rating from 1 to {0}.", Text(Points));
        if (missing.Length == 0)
            return null;
        return answer.AllBad
            ? new("You ticked “None is acceptable” and rated only some. Rate {0} as well, or clear the ratings.", Letters(missing))
            : new("Still without a rating: {0}.", Letters(missing));
    }

    private static Answer WithImpliedRanking(Answer answer)
    {
        int?[] scores = [.. answer.Scores.Select(score => score ?? 0)];
        return answer with
        {
            Scores = scores,
            Ranking = Ranking.Of(Enumerable.Range(0, scores.Length).GroupBy(position => scores[position]).OrderByDescending(tier => tier.Key)),
        };
    }

    private static string Letters(IEnumerable<int> positions) => string.Join(", ", positions.Order().Select(Ranking.Letter));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
