using PersonalLlm.Engine.Judgements;

namespace PersonalLlm.Engine.Studies;

/// <summary>A judgement as those see it who watch over a study.</summary>
public sealed record ObservedJudgement
{
    public required Guid AssignmentId { get; init; }

    /// <summary>The assignment of the first showing, when this is a repeat.</summary>
    public Guid? RepeatOfId { get; init; }

    /// <summary>Response indexes in the order of presentation; only those shown.</summary>
    public required int[] PresentedOrder { get; init; }

    /// <summary>Of response indexes.</summary>
    public required Ranking Ranking { get; init; }

    /// <summary>Which response an attention check asks to put first; null when this is no check.</summary>
    public int? ExpectedIndex { get; init; }

    /// <summary>Null where it was not measured.</summary>
    public int? ActiveMs { get; init; }

    /// <summary>Of the prompt and the responses shown; 0 when not known.</summary>
    public int Characters { get; init; }

    /// <summary>Whether one of the responses was never in view; false where it was not measured.</summary>
    public bool HasUnseen { get; init; }

    /// <summary>Whether it is a first judgement of a prompt: neither a repeat nor a check.</summary>
    public bool IsVote => RepeatOfId is null && ExpectedIndex is null;

    /// <summary>The ranking, with the responses that were shown and got no rank as one tier below the others.</summary>
    public Ranking WholeRanking()
    {
        var unranked = PresentedOrder.Where(responseIndex => Ranking.RankOf(responseIndex) is null).ToArray();
        return unranked.Length == 0 ? Ranking : Ranking.Of([.. Ranking.Tiers, unranked]);
    }
}
