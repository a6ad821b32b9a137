using Microsoft.Playwright;
using PersonalLlm.Data.Accounts;

namespace PersonalLlm.E2E;

public sealed class PasskeyTests(ServerFixture server, BrowserFixture browser) : IClassFixture<ServerFixture>, IClassFixture<BrowserFixture>
{
    [Fact]
    public async Task TheFirstAdmin_ComesInWithAPasskeyAlone_AndLooksAfterIt()
    {
        var page = await browser.OpenAsync(server.Address);
        var complaints = await AccountScene.ComplaintsAsync(page);
        await AddAuthenticatorAsync(page);

        await page.GotoAsync(await AccountScene.SetupLinkAsync(server.Server));
        await page.GetByLabel("E-mail").FillAsync("ada@example.org");
        await page.GetByRole(AriaRole.Button, new() { Name = "Use a passkey instead of a password" }).ClickAsync();
        await page.WaitForURLAsync("**/account?done=joined");
        Assert.True(await page.GetByText("Not set: you sign in with a passkey.").IsVisibleAsync());

        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out", Exact = true }).ClickAsync();
        await page.GotoAsync("/people");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).ClickAsync();
        await page.WaitForURLAsync("**/people");
        Assert.True(await page.GetByRole(AriaRole.Heading, new() { Name = "People" }).IsVisibleAsync());

        await page.GotoAsync("/account/passkeys");
        await page.GetByLabel("Name").FillAsync("The key on my desk");
        await page.GetByRole(AriaRole.Button, new() { Name = "Rename" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "The key on my desk" }).WaitForAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove this passkey" }).ClickAsync();
        await page.GetByText("This passkey is your only way in.").WaitForAsync();
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task APasskeyThatWasRemoved_DoesNotSignInAnyMore()
    {
        var page = await browser.OpenAsync(server.Address);
        await AddAuthenticatorAsync(page);
        await AccountScene.JoinAsync(page, await AccountScene.InvitationAsync(server, Roles.Annotator), $"{Guid.NewGuid():n}@example.org");
        await page.GotoAsync("/account/passkeys");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a passkey" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove this passkey" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove this passkey" }).WaitForAsync(new() { State = WaitForSelectorState.Detached });
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out", Exact = true }).ClickAsync();
        await page.GotoAsync("/account/sign-in");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).ClickAsync();
        await page.GetByText("This passkey does not belong to an account here.").WaitForAsync();
    }

    private static async Task AddAuthenticatorAsync(IPage page)
    {
        var devTools = await page.Context.NewCDPSessionAsync(page);
        await devTools.SendAsync("WebAuthn.enable", new() { ["enableUI"] = false });
        await devTools.SendAsync("WebAuthn.addVirtualAuthenticator", new()
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2",
                ["transport"] = "internal",
                ["hasResidentKey"] = true,
                ["hasUserVerification"] = true,
                ["isUserVerified"] = true,
                ["automaticPresenceSimulation"] = true,
            },
        });
    }
}
