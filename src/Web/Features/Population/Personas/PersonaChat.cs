using Microsoft.Extensions.AI;
using PersonalLlm.Web.Chat;

namespace PersonalLlm.Web.Features.Population.Personas;

/// <summary>What a chat model said.</summary>
/// <param name="InputTokens">As the endpoint counted them; 0 when it did not.</param>
/// <param name="OutputTokens">As the endpoint counted them; 0 when it did not.</param>
internal sealed record ChatAnswer(string Text, long InputTokens, long OutputTokens);

/// <summary>The chat model that plays personas, as the settings name it, asked with patience.</summary>
/// <param name="client">Null where the settings name none.</param>
internal sealed class PersonaChat(IChatClient? client, PersonaOptions options, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_longestWish = TimeSpan.FromMinutes(10);

    private long heldUntilTicks;

    public bool IsConfigured => client is not null;

    public string Model => options.Model;

    /// <summary>Host and port: what may be shown and kept of the address.</summary>
    public string Host => new Uri(options.Endpoint).Authority;

    public int MaximumConcurrency => options.MaximumConcurrency;

    /// <summary>Asks until there is an answer, pausing longer and longer in between, and as long as the endpoint wishes.</summary>
    /// <param name="messages">The whole conversation.</param>
    /// <param name="troubled">Told of every failure that is not the last.</param>
    /// <param name="cancellation">Ends the asking.</param>
    /// <exception cref="ChatEndpointException">The endpoint kept failing, or said that asking again is no use.</exception>
    public async Task<ChatAnswer> AskAsync(IReadOnlyList<ChatMessage> messages, Action<string>? troubled = null, CancellationToken cancellation = default)
    {
        for (var attempt = 0; ; attempt++)
        {
            await WaitAsync(cancellation);
            try
            {
                var response = await client!.GetResponseAsync(messages, new() { Temperature = 0, MaxOutputTokens = options.MaximumTokens }, cancellation);
                return new(response.Text, response.Usage?.InputTokenCount ?? 0, response.Usage?.OutputTokenCount ?? 0);
            }
            catch (ChatEndpointException failed) when (failed.IsWorthRetrying && attempt < options.Retries)
            {
                troubled?.Invoke(failed.Message);
                // What the endpoint wishes holds for every question; our own pause only for this one.
                if (failed.RetryAfter is { } wish)
                    Hold(wish < s_longestWish ? wish : s_longestWish);
                var pause = Math.Min(s_longestPause.TotalMilliseconds, s_firstPause.TotalMilliseconds * Math.Pow(2, attempt));
                await Task.Delay(TimeSpan.FromMilliseconds(pause * (0.5 + (0.5 * Random.Shared.NextDouble()))), time, cancellation);
            }
        }
    }

    public void Dispose() => client?.Dispose();

    private void Hold(TimeSpan wish)
    {
        var until = (time.GetUtcNow() + wish).UtcTicks;
        for (var known = Interlocked.Read(ref heldUntilTicks); until > known; known = Interlocked.Read(ref heldUntilTicks))
            if (Interlocked.CompareExchange(ref heldUntilTicks, until, known) == known)
                return;
    }

    private async Task WaitAsync(CancellationToken cancellation)
    {
        while (Interlocked.Read(ref heldUntilTicks) - time.GetUtcNow().UtcTicks is > 0 and var left)
            await Task.Delay(TimeSpan.FromTicks(left), time, cancellation);
    }
}
