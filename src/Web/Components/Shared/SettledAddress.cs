using Microsoft.AspNetCore.Components;

namespace PersonalLlm.Web.Components.Shared;

/// <summary>
/// Writes a page's settings into its address once they rest: a slider that moves would otherwise write one with every step. Lives on one circuit.
/// </summary>
internal sealed class SettledAddress(NavigationManager navigation) : IDisposable
{
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(600);

    private CancellationTokenSource? change;

    /// <summary>What was written last: it comes back to the page, when the settings may long be others.</summary>
    public string? Written { get; private set; }

    /// <summary>Ends when the address is written, or overtaken by another one.</summary>
    public async Task WriteAsync(string address)
    {
        change?.Cancel();
        var mine = change = new CancellationTokenSource();
        try
        {
            await Task.Delay(Rest, mine.Token);
            Written = address;
            navigation.NavigateTo(address, replace: true);
        }
        catch (OperationCanceledException)
        {
            // The settings changed again, or the page is gone.
        }
    }

    public void Dispose() => change?.Cancel();
}
