using PersonalLlm.Data.Judgements;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Judgements;

namespace PersonalLlm.Web.Features.Judgements;

/// <summary>An answer on its way in, in positions as the annotator saw them (A was shown first).</summary>
/// <param name="JudgementId">Made before the first try, so that trying again is harmless.</param>
internal sealed record Submission(Visitor Visitor, Guid AssignmentId, Guid JudgementId, Answer Answer)
{
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

    public sealed record Recorded : SubmitOutcome;

    /// <summary>The very same ranking was recorded before; nothing was stored twice.</summary>
    public sealed record AlreadyRecorded : SubmitOutcome;

    /// <summary>Another ranking of this prompt was submitted before, from another tab or device; it stays.</summary>
    public sealed record Conflict : SubmitOutcome;

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

    /// <summary>The ranking was submitted meanwhile.</summary>
    public sealed record AlreadySubmitted : DraftOutcome;

    /// <summary>Saved, but the lease ran out and others filled the place.</summary>
    public sealed record LeaseExpired : DraftOutcome;

    /// <summary>Saved, but the study takes no judgements now.</summary>
    public sealed record StudyClosed : DraftOutcome;

    /// <summary>It says what even a half-made answer cannot say.</summary>
    public sealed record Invalid(AnswerProblem Problem) : DraftOutcome;

    /// <summary>There is no such assignment for this person.</summary>
    public sealed record NotYours : DraftOutcome;
}
