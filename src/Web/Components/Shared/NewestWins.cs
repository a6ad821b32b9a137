using System.Diagnostics;

namespace PersonalLlm.Web.Components.Shared;

/// <summary>
/// Answers questions that come faster than they can be answered (a slider that moves): one at a time, always the newest next, and
/// those in between never. Lives on one circuit, whose events never run at the same time.
/// </summary>
/// <param name="answer">Computes, away from the circuit; stops when its token is cancelled.</param>
/// <param name="show">Called on the circuit with every answer.</param>
internal sealed class NewestWins<TQuestion, TAnswer>(Func<TQuestion, CancellationToken, TAnswer> answer, Action<TQuestion, TAnswer> show) : IDisposable
{
    // An answer that is almost there is shown, so that something moves while the slider does; one that takes longer gives way.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource ended = new();
    private readonly Stopwatch sinceStart = new();
    private CancellationTokenSource? current;
    private TQuestion? newest;
    private bool isAsked;

    /// <summary>Whether an answer is on its way.</summary>
    public bool IsBusy => current is not null;

    /// <summary>Returns when this question and those that came meanwhile are answered or overtaken.</summary>
    public async Task AskAsync(TQuestion question)
    {
        newest = question;
        isAsked = true;
        if (current is not null)
        {
            if (sinceStart.Elapsed > Patience)
                await current.CancelAsync();
            return;
        }
        while (isAsked && !ended.IsCancellationRequested)
        {
            isAsked = false;
            var asked = newest!;
            using var mine = current = CancellationTokenSource.CreateLinkedTokenSource(ended.Token);
            sinceStart.Restart();
            try
            {
                var answered = await Task.Run(() => answer(asked, mine.Token), mine.Token);
                if (!ended.IsCancellationRequested)
                    show(asked, answered);
            }
            catch (OperationCanceledException) when (mine.IsCancellationRequested)
            {
                // Overtaken by a newer question, or the page is gone.
            }
            finally
            {
                current = null;
            }
        }
    }

    /// <summary>Stops the answer that is on its way; nothing is shown for its question.</summary>
    public async Task CancelAsync()
    {
        if (current is not null)
            await current.CancelAsync();
    }

    public void Dispose()
    {
        ended.Cancel();
        ended.Dispose();
    }
}
