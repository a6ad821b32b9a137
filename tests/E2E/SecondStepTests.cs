using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Microsoft.Playwright;
using PersonalLlm.Data.Accounts;

namespace PersonalLlm.E2E;

public sealed class SecondStepTests(ServerFixture server, BrowserFixture browser) : IClassFixture<ServerFixture>, IClassFixture<BrowserFixture>
{
    [Fact]
    public async Task WithTheSecondStepOn_APasswordAloneDoesNotDo_AndARecoveryCodeWorksOnce()
    {
        var email = $"{Guid.NewGuid():n}@example.org";
        var page = await browser.OpenAsync(server.Address);
        await AccountScene.JoinAsync(page, await AccountScene.InvitationAsync(server, Roles.Annotator), email);
        await page.GotoAsync("/account/two-factor");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set it up" }).ClickAsync();
        var key = (await page.Locator("code.key").InnerTextAsync()).Replace(" ", "", StringComparison.Ordinal);
        await page.Locator("#code").FillAsync(CodeNow(key));
        await page.GetByRole(AriaRole.Button, new() { Name = "Turn on" }).ClickAsync();
        var recoveryCode = await page.Locator(".codes code").First.InnerTextAsync();

        await EnterPasswordAsync(page, email);
        await page.GetByLabel("Code from your authenticator app").FillAsync("000000");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Alert).WaitForAsync();
        await page.GotoAsync("/account");
        Assert.Contains("/account/sign-in", page.Url, StringComparison.Ordinal);

        await EnterPasswordAsync(page, email);
        await page.GetByLabel("Code from your authenticator app").FillAsync(CodeNow(key));
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out", Exact = true }).WaitForAsync();

        await EnterPasswordAsync(page, email);
        await EnterRecoveryCodeAsync(page, recoveryCode);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out", Exact = true }).WaitForAsync();

        await EnterPasswordAsync(page, email);
        await EnterRecoveryCodeAsync(page, recoveryCode);
        await page.GetByRole(AriaRole.Alert).WaitForAsync();
        Assert.Contains("/account/sign-in/code", page.Url, StringComparison.Ordinal);
    }

    private static async Task EnterPasswordAsync(IPage page, string email)
    {
        await page.Context.ClearCookiesAsync();
        await page.GotoAsync("/account/sign-in");
        await page.GetByLabel("E-mail").FillAsync(email);
        await page.GetByLabel("Password").FillAsync(AccountScene.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await page.WaitForURLAsync("**/account/sign-in/code*");
    }

    private static async Task EnterRecoveryCodeAsync(IPage page, string recoveryCode)
    {
        await page.GetByText("I cannot reach my authenticator app").ClickAsync();
        await page.GetByLabel("A recovery code").FillAsync(recoveryCode);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with the recovery code" }).ClickAsync();
    }

    /// <summary>RFC 6238 with its defaults: HMAC-SHA-1, 30 seconds, six digits.</summary>
    [SuppressMessage("Security", "CA5350", Justification = "Authenticator apps compute with SHA-1.")]
    private static string CodeNow(string base32)
    {
        var key = new List<byte>();
        int bits = 0, held = 0;
        foreach (var letter in base32.ToUpperInvariant())
        {
            held = (held << 5) | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(letter, StringComparison.Ordinal);
            bits += 5;
            if (bits < 8)
                continue;
            bits -= 8;
            key.Add((byte)(held >> bits));
            held &= (1 << bits) - 1;
        }
        var step = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(step, DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30);
        var hash = HMACSHA1.HashData(key.ToArray(), step);
        var code = BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(hash[^1] & 15)) & int.MaxValue;
        return $"{code % 1_000_000:000000}";
    }
}
