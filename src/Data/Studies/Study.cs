using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PersonalLlm.Data.Datasets;
using PersonalLlm.Data.Population;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Studies;

namespace PersonalLlm.Data.Studies;

public enum StudyStatus
{
    Draft,
    Open,
    Paused,
    Closed,
}

/// <summary>Who may take part.</summary>
public enum StudyAccess
{
    /// <summary>Invited people with an account.</summary>
    Accounts,

    /// <summary>People sent by a recruitment platform, whose link carries an id for each of them.</summary>
    Platform,

    /// <summary>Whoever has the link.</summary>
    Anyone,
}

/// <summary>What to do with responses that say which model wrote them.</summary>
public enum SelfNamingPolicy
{
    Show,

    /// <summary>The names are covered on the annotators' pages.</summary>
    Mask,

    /// <summary>Prompts with such a response are left out of the study.</summary>
    Exclude,
}

public enum PromptChoice
{
    All,

    /// <summary>A random sample that the seed re-creates.</summary>
    Sample,

    /// <summary>One subset of the data set.</summary>
    Subset,

    /// <summary>Those whose text contains some words.</summary>
    Filter,
}

/// <summary>How the prompts of a study were chosen from its data set.</summary>
/// <param name="SampleSize">How many a sample takes; at least 1.</param>
/// <param name="Seed">Seeds the sample.</param>
/// <param name="Words">What the text of a prompt contains, in upper or lower case.</param>
public sealed record PromptSelection(PromptChoice Choice = PromptChoice.All, int SampleSize = 20, uint Seed = 0, string Subset = "", string Words = "");

/// <summary>An item whose right answer is written in it, declared to annotators in the study's description.</summary>
/// <param name="ExpectedIndex">Which of the responses says that it must be put first.</param>
public sealed record AttentionCheck(string Prompt, IReadOnlyList<string> Responses, int ExpectedIndex);

/// <summary>How a recruitment platform sends people and takes them back.</summary>
public sealed record PlatformLink
{
    /// <summary>Parameter of the link that names the person.</summary>
    public string ParticipantParameter { get; init; } = "PROLIFIC_PID";

    public string StudyParameter { get; init; } = "STUDY_ID";
    public string SessionParameter { get; init; } = "SESSION_ID";

    /// <summary>The platform's id of this study; a link with another one is refused. Empty accepts any.</summary>
    public string StudyId { get; init; } = "";

    /// <summary>The code that every participant gets; empty gives each a code of their own.</summary>
    public string CompletionCode { get; init; } = "";

    /// <summary>Where the participant goes at the end; <c>{code}</c>, <c>{participant}</c> and <c>{session}</c> are filled in. Empty for nowhere.</summary>
    public string ReturnAddress { get; init; } = "";

    /// <summary>The return address with its placeholders filled in; null when there is none or it does not lead to a fixed host over https.</summary>
    public Uri? ReturnLink(string? code, string? participantId, string? sessionId)
    {
        var filled = Fill(code ?? "", participantId ?? "", sessionId ?? "");
        return Uri.TryCreate(filled, UriKind.Absolute, out var link) && link.Scheme == Uri.UriSchemeHttps && link.UserInfo.Length == 0
            // Another code must not lead to another place.
            && Uri.TryCreate(Fill("a", "b", "c"), UriKind.Absolute, out var other) && other.Authority == link.Authority
            ? link
            : null;
    }

    private string Fill(string code, string participantId, string sessionId) => ReturnAddress.Trim()
        .Replace("{code}", Uri.EscapeDataString(code), StringComparison.Ordinal)
        .Replace("{participant}", Uri.EscapeDataString(participantId), StringComparison.Ordinal)
        .Replace("{session}", Uri.EscapeDataString(sessionId), StringComparison.Ordinal);
}

/// <summary>Which prompts of a data set are ranked, how, by whom, and by how many people each.</summary>
public sealed class Study
{
    /// <summary>What the code of every rehearsal begins with, so that a page can tell by its address that nothing on it counts.</summary>
    public const string RehearsalPrefix = "preview-";

    public int Id { get; init; }

    /// <summary>The short code in the annotators' link, <c>/s/{code}</c>.</summary>
    public required string Code { get; init; }

    public required string Name { get; set; }
    public int DatasetId { get; set; }
    public Dataset? Dataset { get; init; }

    /// <summary>Kept so that a draft can be edited and the design says where its prompts come from.</summary>
    public PromptSelection Selection { get; set; } = new();

    public StudyStatus Status { get; set; }

    /// <summary>How many different annotators rank each prompt; at least 1.</summary>
    public int Overlap { get; set; } = 3;

    /// <summary>What the annotator reads before the first prompt. Markdown.</summary>
    public string Instructions { get; set; } = "";

    /// <summary>Seeds the order in which responses are presented.</summary>
    public uint Seed { get; init; }

    public InstrumentSpec Instrument { get; set; } = new();
    public AssignmentDesign Assignment { get; set; } = new();

    /// <summary>Whether a guided practice item comes first.</summary>
    public bool HasPractice { get; set; }

    public IReadOnlyList<AttentionCheck> AttentionChecks { get; set; } = [];
    public IReadOnlyList<SurveyQuestion> Survey { get; set; } = [];

    /// <summary>Versions of what people agree to, oldest first; a study without one asks for no consent.</summary>
    public List<ConsentText> ConsentTexts { get; } = [];

    /// <summary>The simulated users that people are to be compared with; frozen when the design is first locked. Null for none yet.</summary>
    public int? CohortId { get; set; }

    public Cohort? Cohort { get; init; }
    public StudyAccess Access { get; set; }
    public PlatformLink Platform { get; set; } = new();
    public SelfNamingPolicy SelfNaming { get; set; }

    /// <summary>Whether annotators may change what they submitted while the study is open.</summary>
    public bool AllowsRevision { get; set; } = true;

    /// <summary>How many days after joining an annotator may withdraw; 0 for never.</summary>
    public int WithdrawalDays { get; set; } = 14;

    /// <summary>Before this instant nobody can begin; null for no limit.</summary>
    public DateTimeOffset? OpensAt { get; set; }

    /// <summary>From this instant on nothing is taken; null for no limit.</summary>
    public DateTimeOffset? ClosesAt { get; set; }

    /// <summary>How many annotators may join; null for no limit.</summary>
    public int? Quota { get; set; }

    /// <summary>Of the annotators' pages: "en", "de", or empty for what their browser asks for.</summary>
    public string Language { get; set; } = "";

    /// <summary>Counts the locked designs of this study; 0 until it is first opened.</summary>
    public int Version { get; set; }

    /// <summary>SHA-256, in hexadecimal, of the locked design; null until it is first opened.</summary>
    public string? DesignHash { get; set; }

    public DateTimeOffset? LockedAt { get; set; }

    /// <summary>The study that this one tries out; rehearsals are walked by researchers and simulated participants, and thrown away.</summary>
    public int? RehearsalOfId { get; init; }

    public Study? RehearsalOf { get; init; }

    public bool IsDemo { get; init; }
    public Guid? CreatedById { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public List<StudyPrompt> Prompts { get; } = [];

    /// <summary>The status, with the time window: before it an open study has not begun, after it it is closed.</summary>
    public StudyStatus StatusAt(DateTimeOffset now) => Status != StudyStatus.Open ? Status
        : now < OpensAt ? StudyStatus.Draft
        : now >= ClosesAt ? StudyStatus.Closed
        : StudyStatus.Open;

    /// <summary>How many items one annotator's session has, repeats and attention checks included.</summary>
    /// <param name="promptCount">Prompts of this study; <see cref="Prompts"/> need not be loaded.</param>
    public int ItemsPerAnnotator(int promptCount) => SessionPlan.ItemsOf(Assignment, promptCount, AttentionChecks.Count);
}

/// <summary>A prompt's place in a study, and how much of its overlap is taken.</summary>
public sealed class StudyPrompt
{
    public int StudyId { get; init; }
    public Study? Study { get; init; }
    public long PromptId { get; init; }
    public Prompt? Prompt { get; init; }

    /// <summary>0-based position in the study.</summary>
    public int Index { get; init; }

    /// <summary>
    /// Assignments that are submitted or on lease. Only ever raised by one conditional update (Taken &lt; Overlap), which is what
    /// keeps two annotators from exceeding the overlap by a race.
    /// </summary>
    public int Taken { get; set; }
}

internal sealed class StudyConfiguration : IEntityTypeConfiguration<Study>
{
    public void Configure(EntityTypeBuilder<Study> entity)
    {
        entity.HasIndex(study => study.Code).IsUnique();
        entity.Property(study => study.Code).HasMaxLength(32);
        entity.Property(study => study.Name).HasMaxLength(200);
        entity.Property(study => study.Status).HasConversion<string>().HasMaxLength(20);
        entity.Property(study => study.Access).HasConversion<string>().HasMaxLength(20).HasDefaultValue(StudyAccess.Accounts);
        entity.Property(study => study.SelfNaming).HasConversion<string>().HasMaxLength(20).HasDefaultValue(SelfNamingPolicy.Show);
        entity.Property(study => study.AllowsRevision).HasDefaultValue(true);
        entity.Property(study => study.Language).HasMaxLength(10);
        entity.Property(study => study.DesignHash).HasMaxLength(64);
        entity.Property(study => study.Selection).HasJsonText(new());
        entity.Property(study => study.Instrument).HasJsonText(new());
        entity.Property(study => study.Assignment).HasJsonText(new());
        entity.Property(study => study.Platform).HasJsonText(new());
        entity.Property(study => study.AttentionChecks).HasJsonText([]);
        entity.Property(study => study.Survey).HasJsonText([]);
        entity.HasOne(study => study.RehearsalOf).WithMany().OnDelete(DeleteBehavior.Restrict);
        entity.HasOne(study => study.Cohort).WithMany().OnDelete(DeleteBehavior.SetNull);
        entity.HasOne(study => study.Dataset).WithMany().OnDelete(DeleteBehavior.Restrict);
    }
}

internal sealed class StudyPromptConfiguration : IEntityTypeConfiguration<StudyPrompt>
{
    public void Configure(EntityTypeBuilder<StudyPrompt> entity)
    {
        entity.HasKey(item => new { item.StudyId, item.PromptId });
        entity.HasIndex(item => new { item.StudyId, item.Index }).IsUnique();
        entity.HasOne(item => item.Study).WithMany(study => study.Prompts).OnDelete(DeleteBehavior.Cascade);
        entity.HasOne(item => item.Prompt).WithMany().OnDelete(DeleteBehavior.Restrict);
    }
}
