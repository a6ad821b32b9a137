using PersonalLlm.Data.Judgements;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Judgements;

namespace PersonalLlm.Web.Features.Judgements;

/// <summary>An answer on its way in, in positions as the annotator saw them (A was shown first).</summary>
/// <param name="JudgementId">Made before the first try, so that trying again is harmless.</param>
internal sealed record Submission(Visitor Visitor, Guid AssignmentId, Guid JudgementId, Answer Answer)
{
    /// <summary>The judgement that this one is to take the place of; null for the first one about an assignment.</summary>
    public Guid? Revises { get; init; }

    public JudgementTiming Timing { get; init; } = new();
}

/// <summary>A half-made answer on its way in, in positions as the annotator saw them.</summary>
/// <param name="Sequence">Counts changes; a smaller number than the stored one is older work.</param>
internal sealed record DraftSubmission(Visitor Visitor, Guid AssignmentId, Guid JudgementId, Answer Answer, long Sequence)
{
    public JudgementTiming Timing { get; init; } = new();
}

/// <summary>What came of a submit.</summary>
internal abstract record SubmitOutcome
{
    private SubmitOutcome() { }

    /// <summary>It is stored, and the transaction is committed.</summary>
    /// <param name="JudgementId">As stored: not the one that was sent, if that belonged to another judgement.</param>
    /// <param name="UndoUntil">Until when it may be taken back.</param>
    public sealed record Recorded(Guid JudgementId, DateTimeOffset UndoUntil) : SubmitOutcome;

    /// <summary>The very same answer was recorded before; nothing was stored twice.</summary>
    public sealed record AlreadyRecorded : SubmitOutcome;

    /// <summary>Another answer about this item was submitted before, from another tab or device; it stays.</summary>
    public sealed record Conflict : SubmitOutcome;

    /// <summary>What was submitted stays: the study takes no revisions, or none of this item.</summary>
    public sealed record NotRevisable : SubmitOutcome;

    /// <summary>The item was passed over before.</summary>
    public sealed record Skipped : SubmitOutcome;

    /// <summary>The lease ran out and others filled the place.</summary>
    public sealed record LeaseExpired : SubmitOutcome;

    public sealed record StudyClosed : SubmitOutcome;

    /// <param name="Problems">One sentence each.</param>
    /// <param name="MissingPositions">0-based positions about which something must still be said.</param>
    public sealed record Invalid(IReadOnlyList<AnswerProblem> Problems, IReadOnlyList<int> MissingPositions) : SubmitOutcome;

    /// <summary>There is no such assignment for this person.</summary>
    public sealed record NotYours : SubmitOutcome;
}

/// <summary>What came of saving a draft.</summary>
internal abstract record DraftOutcome
{
    private DraftOutcome() { }

    public sealed record Saved(DateTimeOffset SavedAt) : DraftOutcome;

    /// <summary>Newer work is stored already; here it is, in positions.</summary>
    public sealed record Older(Answer Answer, long Sequence) : DraftOutcome;

    /// <summary>The answer was submitted meanwhile.</summary>
    public sealed record AlreadySubmitted : DraftOutcome;

    /// <summary>The item was passed over meanwhile.</summary>
    public sealed record Skipped : DraftOutcome;

    /// <summary>Saved, but the lease ran out and others filled the place.</summary>
    public sealed record LeaseExpired : DraftOutcome;

    /// <summary>Saved, but the study takes no judgements now.</summary>
    public sealed record StudyClosed : DraftOutcome;

    /// <summary>It says what even a half-made answer cannot say.</summary>
    public sealed record Invalid(AnswerProblem Problem) : DraftOutcome;

    /// <summary>There is no such assignment for this person.</summary>
    public sealed record NotYours : DraftOutcome;
}

/// <summary>What came of taking a submit back.</summary>
internal abstract record UndoOutcome
{
    private UndoOutcome() { }

    /// <summary>What was submitted is a draft again, or the judgement that it revised counts again.</summary>
    public sealed record Undone : UndoOutcome;

    /// <summary>Too much time has passed, or everything is completed.</summary>
    public sealed record TooLate : UndoOutcome;

    /// <summary>It was revised meanwhile.</summary>
    public sealed record Revised : UndoOutcome;

    public sealed record StudyClosed : UndoOutcome;

    /// <summary>There is no such judgement of this person.</summary>
    public sealed record NotYours : UndoOutcome;
}
