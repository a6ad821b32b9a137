using System.Diagnostics;

namespace PersonalLlm.Web.Features.Population.Personas;

/// <summary>How far a chat model is with playing personas on this server. Written by the runner, read by pages at any time.</summary>
/// <param name="total">Questions there are.</param>
/// <param name="before">Answered before this server began.</param>
internal sealed class PersonaProgress(int total, int before)
{
    // An estimate from one or two answers would jump about.
    private const int AnswersForAnEstimate = 5;

    private readonly Stopwatch watch = Stopwatch.StartNew();
    private int answered;
    private int retries;
    private long inputTokens;
    private long outputTokens;

    public int Total => total;
    public int Answered => before + answered;
    public int Retries => retries;
    public long InputTokens => Interlocked.Read(ref inputTokens);
    public long OutputTokens => Interlocked.Read(ref outputTokens);

    /// <summary>The last failure that was asked again about; null when there was none.</summary>
    public string? Trouble { get; private set; }

    public TimeSpan? Left => answered < AnswersForAnEstimate ? null : watch.Elapsed * ((total - Answered) / (double)answered);

    public void Add(ChatAnswer answer)
    {
        Interlocked.Add(ref inputTokens, answer.InputTokens);
        Interlocked.Add(ref outputTokens, answer.OutputTokens);
        Interlocked.Increment(ref answered);
    }

    public void Retried(string trouble)
    {
        Trouble = trouble;
        Interlocked.Increment(ref retries);
    }
}
