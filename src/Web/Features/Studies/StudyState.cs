using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Statistics;
using PersonalLlm.Engine.Studies;

namespace PersonalLlm.Web.Features.Studies;

/// <summary>How a study goes at one moment. In a real study people only; in a rehearsal everybody.</summary>
public sealed record StudyState(Study Study)
{
    public required DateTimeOffset Now { get; init; }
    public required IReadOnlyList<PromptRow> Prompts { get; init; }
    public required IReadOnlyList<StepRow> Steps { get; init; }
    public required IReadOnlyList<AnnotatorRow> Annotators { get; init; }

    /// <summary>Simulated annotators that are left out of everything else here.</summary>
    public required int Simulated { get; init; }

    public required IReadOnlyList<LeaseRow> Leases { get; init; }
    public required IReadOnlyList<SkipRow> Skips { get; init; }
    public required IReadOnlyList<ConsentRow> ConsentVersions { get; init; }

    /// <summary>Active time of a first judgement; excluded annotators left out here and below.</summary>
    public required Quartiles? JudgementMs { get; init; }

    /// <summary>Active time of a completed session, all its items together.</summary>
    public required Quartiles? SessionMs { get; init; }

    /// <summary>Idle time as a share of all measured time; null when none was measured.</summary>
    public required double? IdleShare { get; init; }

    public required IReadOnlyList<PositionBias> Positions { get; init; }
    public required int Comments { get; init; }
    public required int WithReasons { get; init; }
    public required int AllBad { get; init; }

    /// <summary>Judgements that took the place of an earlier one.</summary>
    public required int Revised { get; init; }

    /// <summary>Of first judgements of prompts.</summary>
    public required IReadOnlyList<DateTimeOffset> SubmittedAt { get; init; }

    public int Places => Prompts.Count * Study.Overlap;
    public int Done => Prompts.Sum(prompt => prompt.Done);
    public int Completed => Annotators.Count(row => row.CompletedAt is not null && row.WithdrawnAt is null);
    public int Excluded => Annotators.Count(row => row.ExclusionReason is not null);

    /// <summary>When the last place would be filled at the pace of the last hour, or of the last day when the hour was quiet; null when there is no pace or nothing left.</summary>
    public DateTimeOffset? ExpectedEnd =>
        Done < Places && Study.Status == StudyStatus.Open ? EndAt(TimeSpan.FromHours(1)) ?? EndAt(TimeSpan.FromDays(1)) : null;

    private DateTimeOffset? EndAt(TimeSpan window)
    {
        var recent = SubmittedAt.Where(instant => instant > Now - window).ToList();
        if (recent.Count < 2)
            return null;
        var elapsed = Now - (SubmittedAt.Count == recent.Count ? recent.Min() : Now - window);
        return elapsed > TimeSpan.Zero ? Now + (elapsed * (Places - Done) / recent.Count) : null;
    }
}

/// <param name="Done">First judgements.</param>
/// <param name="Taken">Of the overlap: done or on lease.</param>
public sealed record PromptRow(int Index, string Excerpt, int Done, int Taken);

/// <param name="IsLoss">People who left, beside the steps of those who went on.</param>
public sealed record StepRow(string Name, int People, bool IsLoss = false);

/// <summary>An annotator under their number; nothing here says who they are.</summary>
public sealed record AnnotatorRow(
    Guid Id, int Number, AnnotatorKind Kind, DateTimeOffset JoinedAt, DateTimeOffset? CompletedAt, DateTimeOffset? WithdrawnAt, string? ExclusionReason,
    DateTimeOffset? LastAt, AnnotatorConduct Conduct);

/// <param name="PromptIndex">Null for an attention check.</param>
public sealed record LeaseRow(Guid AssignmentId, int Annotator, int? PromptIndex, bool IsRepeat, DateTimeOffset LeasedAt, DateTimeOffset LeasedUntil);

/// <param name="Reason">Empty when none was given.</param>
public sealed record SkipRow(string Reason, int Count);

public sealed record ConsentRow(int Version, int Agreed, int Declined);
