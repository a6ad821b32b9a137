using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Studies;

namespace PersonalLlm.Web.Features.Studies;

/// <summary>What a researcher decides before a study is opened, as the design page edits it.</summary>
public sealed class StudyDesign
{
    public const int LongestName = 200;
    public const int MostPeople = 1000;

    public string Name { get; set; } = "";
    public int DatasetId { get; set; }
    public PromptSelection Selection { get; set; } = new();

    /// <summary>The simulated users that people are to be compared with; null for none yet.</summary>
    public int? CohortId { get; set; }

    public SelfNamingPolicy SelfNaming { get; set; }
    public InstrumentSpec Instrument { get; set; } = new();
    public AssignmentDesign Assignment { get; set; } = new();
    public int Overlap { get; set; } = 3;
    public bool HasPractice { get; set; } = true;
    public List<AttentionCheck> AttentionChecks { get; set; } = [];
    public StudyAccess Access { get; set; }
    public PlatformLink Platform { get; set; } = new();

    /// <summary>Markdown; empty asks for no consent.</summary>
    public string ConsentText { get; set; } = "";

    public List<SurveyQuestion> Survey { get; set; } = [];
    public DateTimeOffset? OpensAt { get; set; }
    public DateTimeOffset? ClosesAt { get; set; }
    public int? Quota { get; set; }
    public int WithdrawalDays { get; set; } = 14;
    public bool AllowsRevision { get; set; } = true;
    public string Language { get; set; } = "";
    public string Instructions { get; set; } = StudyTemplates.InstructionsOf(default);

    public static StudyDesign Of(Study study) => new()
    {
        Name = study.Name,
        DatasetId = study.DatasetId,
        Selection = study.Selection,
        CohortId = study.CohortId,
        SelfNaming = study.SelfNaming,
        Instrument = study.Instrument,
        Assignment = study.Assignment,
        Overlap = study.Overlap,
        HasPractice = study.HasPractice,
        AttentionChecks = [.. study.AttentionChecks],
        Access = study.Access,
        Platform = study.Platform,
        ConsentText = study.ConsentTexts.MaxBy(text => text.Version)?.Text ?? "",
        Survey = [.. study.Survey],
        OpensAt = study.OpensAt,
        ClosesAt = study.ClosesAt,
        Quota = study.Quota,
        WithdrawalDays = study.WithdrawalDays,
        AllowsRevision = study.AllowsRevision,
        Language = study.Language,
        Instructions = study.Instructions,
    };

    /// <summary>Writes everything but the prompts and the consent text, which are rows of their own.</summary>
    public void WriteTo(Study study)
    {
        study.Name = Name.Trim();
        study.DatasetId = DatasetId;
        study.Selection = Selection;
        study.CohortId = CohortId;
        study.SelfNaming = SelfNaming;
        study.Instrument = Instrument;
        study.Assignment = Assignment;
        study.Overlap = Overlap;
        study.HasPractice = HasPractice;
        study.AttentionChecks = [.. AttentionChecks];
        study.Access = Access;
        study.Platform = Platform;
        study.Survey = [.. Survey];
        study.OpensAt = OpensAt;
        study.ClosesAt = ClosesAt;
        study.Quota = Quota;
        study.WithdrawalDays = WithdrawalDays;
        study.AllowsRevision = AllowsRevision;
        study.Language = Language;
        study.Instructions = Tidy(Instructions);
    }

    /// <summary>One line end, whatever the browser sent, so that the same words have the same hash.</summary>
    public static string Tidy(string text) => text.ReplaceLineEndings("\n").Trim();
}

/// <param name="Field">The id of the control that it is about.</param>
/// <param name="Words">A whole sentence.</param>
public sealed record DesignProblem(string Field, string Words);

/// <summary>The prompts that a design takes from its data set, in the order of the data set.</summary>
public sealed record PromptChoiceResult(IReadOnlyList<long> PromptIds)
{
    public static PromptChoiceResult None { get; } = new([]);

    public int Count => PromptIds.Count;

    /// <summary>Of a prompt; 0 when there is none.</summary>
    public int FewestResponses { get; init; }

    public int MostResponses { get; init; }

    /// <summary>Mean number of responses of a prompt.</summary>
    public double Responses { get; init; }

    /// <summary>Mean length of a prompt.</summary>
    public double PromptCharacters { get; init; }

    /// <summary>Mean length of a response.</summary>
    public double ResponseCharacters { get; init; }

    /// <summary>Responses that say which model wrote them, among all that there are to choose from.</summary>
    public int SelfNaming { get; init; }

    /// <summary>The prompts that they belong to.</summary>
    public int SelfNamingPrompts { get; init; }

    public int FewestShown(AssignmentDesign design) => Math.Min(FewestResponses, design.ResponsesPerPrompt ?? int.MaxValue);

    public int MostShown(AssignmentDesign design) => Math.Min(MostResponses, design.ResponsesPerPrompt ?? int.MaxValue);
}
