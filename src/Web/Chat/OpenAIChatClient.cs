using System.ClientModel;
using System.ClientModel.Primitives;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace PersonalLlm.Web.Chat;

/// <summary>
/// Any endpoint that speaks OpenAI's chat completions (vLLM, Ollama, Azure, OpenAI) as an <see cref="IChatClient"/>: text in, text out. Every failure is a
/// <see cref="ChatEndpointException"/>; nothing is tried twice here.
/// </summary>
internal sealed class OpenAIChatClient : IChatClient
{
    private const int LongestComplaint = 200;

    private readonly ChatClient client;
    private readonly TimeSpan timeout;
    private readonly string key;
    private readonly ChatClientMetadata metadata;

    /// <param name="endpoint">Base address, usually ending in /v1.</param>
    /// <param name="model">As the endpoint names it.</param>
    /// <param name="key">Empty where the endpoint asks for none.</param>
    /// <param name="timeout">For one whole answer.</param>
    public OpenAIChatClient(Uri endpoint, string model, string key, TimeSpan timeout)
    {
        this.timeout = timeout;
        this.key = key;
        metadata = new ChatClientMetadata("openai", endpoint, model);
        client = new ChatClient(model, new ApiKeyCredential(key.Length == 0 ? "none" : key), new OpenAIClientOptions
        {
            Endpoint = endpoint,
            // Our own patience decides, and it can be paused.
            RetryPolicy = new ClientRetryPolicy(0),
            NetworkTimeout = timeout + TimeSpan.FromSeconds(5),
        });
    }

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(timeout);
        try
        {
            var completion = (await client.CompleteChatAsync(messages.Select(Translate), Translate(options), patience.Token)).Value;
            return new ChatResponse(new ChatMessage(ChatRole.Assistant, string.Concat(completion.Content.Select(part => part.Text))))
            {
                ResponseId = completion.Id,
                ModelId = completion.Model,
                Usage = completion.Usage is { } usage
                    ? new() { InputTokenCount = usage.InputTokenCount, OutputTokenCount = usage.OutputTokenCount, TotalTokenCount = usage.TotalTokenCount }
                    : null,
            };
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ChatEndpointException(string.Create(CultureInfo.InvariantCulture, $"The chat model did not answer within {timeout.TotalSeconds:0.###} s."), true, cause: late);
        }
        catch (ClientResultException refused)
        {
            throw Refused(refused);
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException or ArgumentException or FormatException or KeyNotFoundException or NullReferenceException)
        {
            throw new ChatEndpointException("The endpoint's answer is no chat completion.", true, cause: broken);
        }
        catch (Exception lost) when (lost is HttpRequestException or IOException or AggregateException or TimeoutException)
        {
            throw new ChatEndpointException($"The connection to {metadata.ProviderUri!.Authority} failed.", true, cause: lost);
        }
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var update in (await GetResponseAsync(messages, options, cancellationToken)).ToChatResponseUpdates())
            yield return update;
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null : serviceType == typeof(ChatClientMetadata) ? metadata : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
        // The connections belong to the pool that the SDK shares.
    }

    private static OpenAI.Chat.ChatMessage Translate(ChatMessage message) =>
        message.Role == ChatRole.System ? new SystemChatMessage(message.Text)
        : message.Role == ChatRole.Assistant ? new AssistantChatMessage(message.Text)
        : new UserChatMessage(message.Text);

    private static ChatCompletionOptions Translate(ChatOptions? options) => new() { Temperature = options?.Temperature, MaxOutputTokenCount = options?.MaxOutputTokens };

    private ChatEndpointException Refused(ClientResultException refused)
    {
        var where = metadata.ProviderUri!.Authority;
        return refused.Status switch
        {
            0 => new($"The connection to {where} failed.", true, cause: refused),
            // Some endpoints repeat the key in their complaint.
            401 or 403 => new($"{where} refused the key (HTTP {refused.Status}); check Personas:ApiKey.", false, cause: refused),
            404 => new($"{where} knows neither the address nor the model {metadata.DefaultModelId} (HTTP 404); check Personas:Endpoint and Personas:Model.", false, cause: refused),
            429 => new($"{where} asked for fewer requests (HTTP 429).", true, RetryAfter(refused), refused),
            408 or >= 500 => new($"{where} failed (HTTP {refused.Status}).", true, RetryAfter(refused), refused),
            _ => new($"{where} refused the request (HTTP {refused.Status}{Complaint(refused)}).", false, cause: refused),
        };
    }

    private static TimeSpan? RetryAfter(ClientResultException refused)
    {
        if (refused.GetRawResponse()?.Headers.TryGetValue("Retry-After", out var text) != true)
            return null;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and < 86_400)
            return TimeSpan.FromSeconds(seconds);
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var until) && until - DateTimeOffset.UtcNow is var wait && wait > TimeSpan.Zero ? wait : null;
    }

    /// <summary>What the endpoint said, without the key.</summary>
    private string Complaint(ClientResultException refused)
    {
        try
        {
            using var body = JsonDocument.Parse(refused.GetRawResponse()?.Content.ToMemory() ?? default);
            if (body.RootElement.GetProperty("error").GetProperty("message").GetString() is not { Length: > 0 } said)
                return "";
            if (key.Length > 0)
                said = said.Replace(key, "…", StringComparison.Ordinal);
            said = said.ReplaceLineEndings(" ").Trim().TrimEnd('.');
            return $": {(said.Length <= LongestComplaint ? said : said[..LongestComplaint] + "…")}";
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return "";
        }
    }
}
