using Microsoft.Playwright;
using PersonalLlm.Data.Accounts;
using PersonalLlm.Testing;

namespace PersonalLlm.E2E;

/// <summary>The pages on which people come in and look after accounts, as they look and as assistive software finds them.</summary>
public sealed class AccountPagesTests(ServerFixture server, BrowserFixture browser) : IClassFixture<ServerFixture>, IClassFixture<BrowserFixture>
{
    private static readonly string s_pictures = Path.Combine(Checkout.Folder, "artifacts", "pictures");

    [Fact]
    public async Task WhatAStrangerSees_IsAccessible_AndKeepsToItsContentSecurityPolicy_InBothThemesAndWidths()
    {
        var admin = await browser.OpenAsync(server.Address);
        var setup = await AccountScene.SetupLinkAsync(server.Server);
        await AccountScene.JoinAsync(admin, setup, "ada@example.org");
        var invitation = await AccountScene.InviteAsync(admin, "researcher");
        await admin.GotoAsync("/account/two-factor");
        await admin.GetByRole(AriaRole.Button, new() { Name = "Set it up" }).ClickAsync();
        await admin.GetByRole(AriaRole.Img, new() { Name = "QR code for your authenticator app" }).WaitForAsync();

        foreach (var theme in new[] { "light", "dark" })
        {
            foreach (var width in new[] { 1280, 390 })
            {
                var look = $"{theme}-{width}";
                var stranger = await browser.OpenAsync(server.Address, width, 900, theme);
                await LookAsync(stranger, look, ("home-stranger", "/"), ("sign-in", "/account/sign-in"), ("join", invitation), ("setup-used", setup),
                    ("reset-unknown", "/account/reset"), ("code-late", "/account/sign-in/code"));
                await stranger.Context.CloseAsync();
            }
        }
    }

    [Fact]
    public async Task TheServer_AsksForTheRole_AlsoWhenThePageChangesInsideACircuit()
    {
        var researcher = await browser.OpenAsync(server.Address);
        await AccountScene.JoinAsync(researcher, await AccountScene.InvitationAsync(server, Roles.Researcher), $"{Guid.NewGuid():n}@example.org");
        await researcher.GotoAsync("/studies", new() { WaitUntil = WaitUntilState.NetworkIdle });
        await researcher.EvaluateAsync("() => { window.sameDocument = true; Blazor.navigateTo('/people'); }");
        await researcher.GetByRole(AriaRole.Heading, new() { Name = "This page is not open to you" }).WaitForAsync();
        Assert.True(await researcher.EvaluateAsync<bool>("() => window.sameDocument === true"), "The page was loaded anew, so this showed nothing about the circuit.");
        Assert.Equal(0, await researcher.GetByText("Invite somebody").CountAsync());
    }

    [Fact]
    public async Task ACircuit_IsNotGivenToAStranger()
    {
        var stranger = await browser.OpenAsync(server.Address);
        await stranger.GotoAsync("/");
        var status = await stranger.EvaluateAsync<int>("async () => (await fetch('/_blazor/negotiate?negotiateVersion=1', { method: 'POST' })).status");
        Assert.Equal(401, status);
    }

    private static async Task LookAsync(IPage page, string look, params (string Name, string Address)[] places)
    {
        var complaints = await AccountScene.ComplaintsAsync(page);
        foreach (var (name, address) in places)
        {
            await page.GotoAsync(address, new() { WaitUntil = WaitUntilState.NetworkIdle });
            Assert.EndsWith(address, page.Url, StringComparison.Ordinal);
            await AccountScene.AssertAccessibleAsync(page);
            await page.ScreenshotAsync(new() { Path = Path.Combine(s_pictures, $"{name}-{look}.png"), FullPage = true });
            var overflow = await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth");
            Assert.True(overflow <= 0, $"{name} is {overflow} px wider than the window ({look}).");
        }

        Assert.Equal("", string.Join('\n', complaints));
    }
}
