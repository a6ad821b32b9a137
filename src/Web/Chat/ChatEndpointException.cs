namespace PersonalLlm.Web.Chat;

/// <summary>Why a chat model gave no answer, in one sentence that may be shown and kept: it never holds a key.</summary>
/// <param name="message">One sentence.</param>
/// <param name="isWorthRetrying">Whether the same request may succeed later.</param>
/// <param name="retryAfter">How long the endpoint asked to be left alone; null when it did not say.</param>
/// <param name="cause">What was caught.</param>
internal sealed class ChatEndpointException(string message, bool isWorthRetrying, TimeSpan? retryAfter = null, Exception? cause = null) : Exception(message, cause)
{
    public bool IsWorthRetrying => isWorthRetrying;

    public TimeSpan? RetryAfter => retryAfter;
}
