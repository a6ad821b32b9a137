using Microsoft.AspNetCore.Components;

namespace PersonalLlm.Web.Components.Shared;

/// <summary>
/// Writes a page's settings into its address once they rest: a slider that moves would otherwise write one with every step. Lives on one circuit.
/// </summary>
/// <param name="navigation">Of the circuit.</param>
/// <param name="isHistory">Whether the browser's back button returns to the settings before.</param>
internal sealed class SettledAddress(NavigationManager navigation, bool isHistory = false) : IDisposable
{
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(600);

    // An address comes back to the page when the settings may long be others, and the next one may be on its way by then.
    private readonly HashSet<string> written = [];
    private string? last;
    private CancellationTokenSource? change;

    /// <summary>Whether the page has the settings of its address already, because it wrote them there itself or has read them before.</summary>
    public bool IsKnown()
    {
        var isKnown = written.Remove(navigation.Uri) || navigation.Uri == last;
        last = navigation.Uri;
        return isKnown;
    }

    /// <summary>Ends when the address is written, or overtaken by another one.</summary>
    public async Task WriteAsync(string address)
    {
        Forget();
        var mine = change = new CancellationTokenSource();
        try
        {
            await Task.Delay(Rest, mine.Token);
            var absolute = navigation.ToAbsoluteUri(address);
            // Whoever has gone to another page meanwhile is not called back.
            if (absolute.AbsoluteUri == navigation.Uri || absolute.AbsolutePath != new Uri(navigation.Uri).AbsolutePath)
                return;
            written.Add(absolute.AbsoluteUri);
            navigation.NavigateTo(address, replace: !isHistory);
        }
        catch (OperationCanceledException)
        {
            // The settings changed again, or the page is gone.
        }
    }

    /// <summary>What was to be written is overtaken.</summary>
    public void Forget() => change?.Cancel();

    public void Dispose() => Forget();
}
