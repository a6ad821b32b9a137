using System.Collections.Concurrent;

namespace PersonalLlm.Web.Features.Studies.Rehearsals;

/// <summary>How a simulated participant's visit ended.</summary>
public enum VisitEnding
{
    /// <summary>Went through everything and was told so.</summary>
    Completed,

    /// <summary>Closed the page in between, as some people do.</summary>
    LeftEarly,

    Declined,

    /// <summary>The study's page said that there is nothing to do: full, paused, closed.</summary>
    TurnedAway,

    /// <summary>Got an answer that nobody should get.</summary>
    Trouble,
}

/// <param name="ParticipantId">As in the pass.</param>
/// <param name="Steps">Requests made.</param>
/// <param name="Words">What the page said, or what was wrong; empty when there is nothing to say.</param>
/// <param name="CompletionCode">The code on the last page; null when there was none.</param>
/// <param name="Acknowledged">Judgements that the server said it recorded and that were not undone.</param>
public sealed record Visit(string ParticipantId, VisitEnding Ending, int Steps, string Words, string? CompletionCode, IReadOnlyList<Guid> Acknowledged);

/// <param name="Endpoint">Method and page.</param>
public sealed record EndpointTime(string Endpoint, int Requests, double MedianMs, double HighMs);

/// <summary>A statement about the run that the database bears out, or not.</summary>
public sealed record RehearsalFinding(string Claim, bool Holds, string Numbers);

/// <summary>Simulated participants at work in a rehearsal, and what came of it. Written by the runner, read by pages at any time.</summary>
public sealed class SimulatedRun(int studyId, int rehearsalId, string code, int participants, uint seed, DateTimeOffset startedAt) : IDisposable
{
    private readonly CancellationTokenSource cancellation = new();
    private readonly ConcurrentDictionary<string, ConcurrentBag<double>> times = new();
    private readonly ConcurrentBag<Visit> visits = [];
    private int submitted;

    public int StudyId => studyId;
    public int RehearsalId => rehearsalId;
    public string Code => code;
    public int Participants => participants;
    public uint Seed => seed;
    public DateTimeOffset StartedAt => startedAt;
    public CancellationToken Stopping => cancellation.Token;
    public IReadOnlyCollection<Visit> Visits => visits;
    public int Submitted => submitted;

    /// <summary>Null while it is running.</summary>
    public TimeSpan? Took { get; private set; }

    public bool IsRunning => Took is null;
    public bool IsCancelled => cancellation.IsCancellationRequested;

    /// <summary>What was found in the database afterwards; empty while it is running and when it was stopped by a failure.</summary>
    public IReadOnlyList<RehearsalFinding> Findings { get; private set; } = [];

    /// <summary>Whether utilities came from the rewards of the data set, and texts that were not known again.</summary>
    public (bool HasRewards, int UnknownTexts) Tastes { get; set; }

    /// <summary>Why it could not go on, in words; null when it could.</summary>
    public string? Failure { get; private set; }

    public IReadOnlyList<EndpointTime> Times => [.. times.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry =>
    {
        double[] sorted = [.. entry.Value.Order()];
        return new EndpointTime(entry.Key, sorted.Length, sorted[sorted.Length / 2], sorted[(int)(0.95 * (sorted.Length - 1))]);
    })];

    public void Cancel() => cancellation.Cancel();

    public void Timed(string endpoint, double milliseconds) => times.GetOrAdd(endpoint, _ => []).Add(milliseconds);

    public void Ended(Visit visit) => visits.Add(visit);

    public void Recorded() => Interlocked.Increment(ref submitted);

    public void Undone() => Interlocked.Decrement(ref submitted);

    public void Finish(TimeSpan took, IReadOnlyList<RehearsalFinding> findings, string? failure)
    {
        (Findings, Failure) = (findings, failure);
        Took = took;
    }

    public void Dispose() => cancellation.Dispose();
}
