using PersonalLlm.Data.Studies;

namespace PersonalLlm.Web.Features.Judgements;

/// <summary>What came of asking for something to rank.</summary>
internal abstract record LeaseOutcome
{
    private LeaseOutcome() { }

    /// <summary>A prompt is kept for this annotator.</summary>
    /// <param name="LostDraft">A half-made ranking of theirs lies with a prompt whose places others have filled meanwhile.</param>
    public sealed record Leased(Guid AssignmentId, bool LostDraft) : LeaseOutcome;

    /// <summary>The annotator has done all that their session asks for.</summary>
    public sealed record NothingLeft : LeaseOutcome;

    /// <summary>Others have all the places: those of the prompts that this annotator has not ranked, or those of the study's quota.</summary>
    public sealed record StudyFull : LeaseOutcome;

    public sealed record StudyNotOpen(StudyStatus Status) : LeaseOutcome;

    /// <summary>The visitor takes no part in this study, and takes part only by joining on its own page.</summary>
    public sealed record NotJoined : LeaseOutcome;

    public sealed record NoSuchStudy : LeaseOutcome;
}

/// <summary>What came of a sign of life.</summary>
internal abstract record RenewOutcome
{
    private RenewOutcome() { }

    public sealed record Renewed(DateTimeOffset Until) : RenewOutcome;

    /// <summary>The lease ran out and others filled the place.</summary>
    public sealed record LeaseExpired : RenewOutcome;

    /// <summary>It was submitted or passed over before.</summary>
    public sealed record AlreadyDone : RenewOutcome;

    public sealed record StudyClosed : RenewOutcome;

    /// <summary>There is no such assignment for this person.</summary>
    public sealed record NotYours : RenewOutcome;
}

/// <summary>What came of passing an item over.</summary>
internal abstract record SkipOutcome
{
    private SkipOutcome() { }

    /// <summary>Its place is free again; saying so twice is harmless.</summary>
    public sealed record Skipped : SkipOutcome;

    /// <summary>A judgement of it was recorded before; it stays.</summary>
    public sealed record AlreadySubmitted : SkipOutcome;

    /// <summary>There is no such assignment for this person.</summary>
    public sealed record NotYours : SkipOutcome;
}
