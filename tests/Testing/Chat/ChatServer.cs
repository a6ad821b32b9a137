using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace PersonalLlm.Testing;

/// <summary>What arrived at <see cref="ChatServer"/>.</summary>
internal sealed record ChatRequest(int Number, string? Authorization, string Model, double? Temperature, int? MaximumTokens, IReadOnlyList<(string Role, string Text)> Messages)
{
    /// <summary>Who asks about what: the same persona and prompt give the same text.</summary>
    public string Question => string.Join('\n', Messages.Select(message => message.Text));
}

/// <summary>A small server on loopback that speaks OpenAI's chat completions, as well or as badly as a test wishes.</summary>
internal sealed class ChatServer : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly ConcurrentQueue<ChatRequest> _requests = new();
    private int _count;

    private ChatServer(WebApplication server) => _server = server;

    /// <summary>How requests are answered; the letter A unless said otherwise.</summary>
    public Func<ChatRequest, HttpContext, Task> Answer { get; set; } = (_, context) => Say(context, "A");

    public IReadOnlyCollection<ChatRequest> Requests => _requests;

    public string Address { get; private set; } = "";

    public static async Task<ChatServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var made = new ChatServer(builder.Build());
        made._server.Run(made.HandleAsync);
        await made._server.StartAsync();
        made.Address = made._server.Urls.Single() + "/v1";
        return made;
    }

    /// <summary>A completion that says the text.</summary>
    public static Task Say(HttpContext context, string text) => context.Response.WriteAsJsonAsync(new
    {
        id = "chat-1",
        @object = "chat.completion",
        created = 1,
        model = "test-model",
        choices = new[] { new { index = 0, finish_reason = "stop", message = new { role = "assistant", content = text } } },
        usage = new { prompt_tokens = 100, completion_tokens = 1, total_tokens = 101 },
    });

    public static Task Refuse(HttpContext context, int status, string message = "no", string? retryAfter = null)
    {
        context.Response.StatusCode = status;
        if (retryAfter is not null)
            context.Response.Headers.RetryAfter = retryAfter;
        return context.Response.WriteAsJsonAsync(new { error = new { message, type = "test" } });
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body);
        var root = body.RootElement;
        var request = new ChatRequest(
            Interlocked.Increment(ref _count),
            context.Request.Headers.Authorization,
            root.GetProperty("model").GetString()!,
            root.TryGetProperty("temperature", out var temperature) ? temperature.GetDouble() : null,
            root.TryGetProperty("max_completion_tokens", out var most) || root.TryGetProperty("max_tokens", out most) ? most.GetInt32() : null,
            [.. root.GetProperty("messages").EnumerateArray().Select(message => (message.GetProperty("role").GetString()!, Text(message.GetProperty("content"))))]);
        _requests.Enqueue(request);
        await Answer(request, context);
    }

    private static string Text(JsonElement content) =>
        content.ValueKind == JsonValueKind.String ? content.GetString()! : string.Concat(content.EnumerateArray().Select(part => part.GetProperty("text").GetString()));
}
