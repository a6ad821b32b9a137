using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace PersonalLlm.E2E;

/// <summary>How people come in and sign in, in a browser.</summary>
internal static partial class AccountScene
{
    public const string Password = "correct horse battery staple";

    /// <summary>The link that the program printed on its console.</summary>
    public static async Task<string> SetupLinkAsync(ServerProcess server)
    {
        // Printed a moment after the first request is answered.
        for (var attempt = 0; attempt < 200; attempt++)
        {
            if (SetupLink().Matches(server.Output) is [.., var last])
                return last.Value;
            await Task.Delay(50);
        }

        throw new InvalidOperationException($"The program printed no set-up link. It said:\n{server.Output}");
    }

    /// <summary>Opens an invitation and makes an account with a password.</summary>
    public static async Task JoinAsync(IPage page, string link, string email)
    {
        await page.GotoAsync(link);
        await page.GetByLabel("E-mail").FillAsync(email);
        await page.GetByLabel("Password", new() { Exact = true }).FillAsync(Password);
        await page.GetByLabel("Password, once more").FillAsync(Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Create account" }).ClickAsync();
        await page.WaitForURLAsync("**/account?done=joined");
    }

    /// <summary>Lets the admin on the page invite somebody, and returns the link.</summary>
    public static async Task<string> InviteAsync(IPage admin, string role)
    {
        await admin.GotoAsync("/people");
        await admin.GetByLabel("Role", new() { Exact = true }).SelectOptionAsync(role);
        await admin.GetByRole(AriaRole.Button, new() { Name = "Make a link" }).ClickAsync();
        return await admin.Locator("#link").InputValueAsync();
    }

    /// <summary>An invitation written straight into the database, for tests that need no admin.</summary>
    public static async Task<string> InvitationAsync(ServerFixture server, string role)
    {
        var secret = Guid.NewGuid().ToString();
        await using var data = server.CreateContext();
        data.Invitations.Add(new()
        {
            SecretHash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(secret))),
            Role = role,
            ExpiresAt = DateTimeOffset.UtcNow.AddHours(1),
        });
        await data.SaveChangesAsync();
        return $"/account/join?key={secret}";
    }

    /// <summary>Collects what the browser complains about: scripts that failed, and what the content security policy kept out.</summary>
    public static async Task<List<string>> ComplaintsAsync(IPage page)
    {
        var complaints = new List<string>();
        await page.AddInitScriptAsync("document.addEventListener('securitypolicyviolation', event => console.error(`CSP kept out ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`))");
        page.PageError += (_, error) => complaints.Add(error);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                complaints.Add($"{page.Url}: {message.Text}");
        };
        return complaints;
    }

    public static async Task AssertAccessibleAsync(IPage page)
    {
        // While a circuit takes a page over, its title is away for a moment.
        await page.WaitForFunctionAsync(
            "() => document.title !== '' && (!document.querySelector('script[src*=\"blazor.web\"]') || document.querySelector('main[data-live]'))");
        var result = await page.RunAxe();
        Assert.Equal("", string.Join('\n', result.Violations.Where(violation => violation.Impact is "serious" or "critical")
            .Select(violation => $"{page.Url} {violation.Id}: {violation.Help} {string.Join(' ', violation.Nodes.Select(node => node.Html))}")));
    }

    [GeneratedRegex(@"http\S+/account/setup\?key=\S+")]
    private static partial Regex SetupLink();
}
