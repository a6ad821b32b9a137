namespace PersonalLlm.Web.Live;

/// <summary>Makes many calls few: work runs at most once per interval, and always once more after the last call.</summary>
internal sealed class Pace(TimeSpan interval, TimeProvider clock, Func<Task> work)
{
    private int isDue;
    private long lastRun;

    /// <summary>Returns at once when a run is due already; otherwise when the run that this call asked for is over.</summary>
    public async Task AskAsync()
    {
        if (Interlocked.Exchange(ref isDue, 1) == 1)
            return;
        var wait = lastRun == 0 ? TimeSpan.Zero : interval - clock.GetElapsedTime(lastRun);
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, clock);
        // Before the work: what arrives while it reads may come too late for it and is due again.
        lastRun = clock.GetTimestamp();
        Volatile.Write(ref isDue, 0);
        await work();
    }
}
