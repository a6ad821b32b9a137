namespace PersonalLlm.Web.Features.Judgements.Participants;

/// <summary>What came of agreeing to take part.</summary>
internal abstract record JoinOutcome
{
    private JoinOutcome() { }

    /// <summary>They are in: just now, or since an earlier try.</summary>
    /// <param name="HasAccount">True when the account says who they are, and no cookie has to.</param>
    public sealed record Joined(int StudyId, Guid AnnotatorId, bool HasAccount) : JoinOutcome;

    /// <summary>The wording changed while they read; nothing was stored.</summary>
    public sealed record ConsentChanged : JoinOutcome;

    /// <summary>The study's page says why: not open, full, no id, or they have taken part before.</summary>
    public sealed record Refused : JoinOutcome;

    public sealed record NoSuchStudy : JoinOutcome;
}
