using System.Collections.Concurrent;

namespace PersonalLlm.Web.Live;

/// <summary>Tells open pages of this process that a study has a new judgement; they ask the database themselves.</summary>
internal sealed partial class JudgementFeed(ILogger<JudgementFeed> log)
{
    private readonly ConcurrentDictionary<Guest, int> guests = new();

    /// <summary>Calls <paramref name="arrived"/> after each judgement of the study, on any thread, until the result is disposed.</summary>
    public IDisposable Subscribe(int studyId, Func<Task> arrived)
    {
        var guest = new Guest(this, arrived);
        guests[guest] = studyId;
        return guest;
    }

    public void Publish(int studyId)
    {
        foreach (var (guest, subscribedStudyId) in guests)
        {
            if (subscribedStudyId == studyId)
                _ = TellAsync(guest);
        }
    }

    // A guest's trouble is the guest's: the annotator whose judgement was just stored must not hear of it.
    private async Task TellAsync(Guest guest)
    {
        try
        {
            await Task.Run(guest.Arrived);
        }
        catch (Exception exception)
        {
            LogTrouble(log, exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A page that follows the judgements of a study could not refresh.")]
    private static partial void LogTrouble(ILogger logger, Exception exception);

    private sealed class Guest(JudgementFeed feed, Func<Task> arrived) : IDisposable
    {
        public Func<Task> Arrived => arrived;

        public void Dispose() => feed.guests.TryRemove(this, out _);
    }
}
