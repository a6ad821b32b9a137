using PersonalLlm.Data.Studies;

namespace PersonalLlm.Web.Features.Judgements;

/// <summary>What came of asking for something to rank.</summary>
internal abstract record LeaseOutcome
{
    private LeaseOutcome() { }

    /// <summary>A prompt is kept for this annotator.</summary>
    /// <param name="LostDraft">A half-made ranking of theirs lies with a prompt whose places others have filled meanwhile.</param>
    public sealed record Leased(Guid AssignmentId, bool LostDraft) : LeaseOutcome;

    /// <summary>The annotator has ranked every prompt of the study.</summary>
    public sealed record NothingLeft : LeaseOutcome;

    /// <summary>All places of the prompts that the annotator has not ranked are taken by others.</summary>
    public sealed record StudyFull : LeaseOutcome;

    public sealed record StudyNotOpen(StudyStatus Status) : LeaseOutcome;

    public sealed record NoSuchStudy : LeaseOutcome;
}
