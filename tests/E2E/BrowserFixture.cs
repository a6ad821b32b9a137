using Microsoft.Playwright;

namespace PersonalLlm.E2E;

/// <summary>The system's Chromium with a fresh profile, driven by Playwright: <c>IClassFixture&lt;BrowserFixture&gt;</c>.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    private static readonly string[] s_places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    // No calls home, and what containers without a GPU or user namespaces need.
    private static readonly string[] s_flags =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public IBrowser Browser => _browser ?? throw new InvalidOperationException("The fixture has not been initialised.");

    /// <summary>A page of somebody who has nothing to do with the owners of other pages.</summary>
    public async Task<IPage> OpenAsync(Uri address, int width = 1280, int height = 900, string? theme = null)
    {
        var context = await Browser.NewContextAsync(new() { BaseURL = address.ToString(), ViewportSize = new() { Width = width, Height = height } });
        if (theme is not null)
            await context.AddCookiesAsync([new() { Name = "theme", Value = theme, Url = address.ToString() }]);
        return await context.NewPageAsync();
    }

    public async Task InitializeAsync()
    {
        var chromium = Environment.GetEnvironmentVariable("CHROMIUM") ?? s_places.FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException("Chromium is missing: run bash tests/run.sh, it installs it, or name one with the environment variable CHROMIUM.");
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = chromium, Headless = true, Args = s_flags });
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }
}
