using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using PersonalLlm.Data.Studies;
using PersonalLlm.Testing;
using static Microsoft.Playwright.Assertions;

namespace PersonalLlm.E2E;

/// <summary>A participant's whole way through a study, on a phone, from the platform's link to taking it all back.</summary>
public sealed class ParticipantTests(ServerFixture server, BrowserFixture browser) : IClassFixture<ServerFixture>, IClassFixture<BrowserFixture>
{
    private static readonly string s_pictures = Path.Combine(Checkout.Folder, "artifacts", "pictures");

    [Fact]
    public async Task FromThePlatformsLink_ToTheCode_AndToWithdrawal()
    {
        var scene = await RankingScene.CreateAsync(server, browser, prompts: 2, responses: 3);
        await DesignAsync(scene.Code);
        var context = await browser.Browser.NewContextAsync(new()
        {
            BaseURL = server.Address.ToString(),
            ViewportSize = new() { Width = 390, Height = 844 },
            HasTouch = true,
            IsMobile = true,
        });
        var page = await context.NewPageAsync();
        var complaints = await AccountScene.ComplaintsAsync(page);

        await page.GotoAsync($"/s/{scene.Code}?PROLIFIC_PID=5f3c9&STUDY_ID=study&SESSION_ID=visit");
        await LookAsync(page, "consent");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Download this text" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "I agree and take part" }).TapAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "A few questions about you first" })).ToBeVisibleAsync();
        Assert.DoesNotContain("5f3c9", page.Url, StringComparison.Ordinal);
        Assert.DoesNotContain("5f3c9", await page.ContentAsync(), StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).TapAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("2 questions still need you:");
        await LookAsync(page, "survey");
        await page.GetByRole(AriaRole.Group, new() { Name = "How old are you?" }).GetByLabel("Prefer not to say").TapAsync();
        await page.GetByRole(AriaRole.Group, new() { Name = "Which do you use?" }).GetByLabel("A saw").TapAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).TapAsync();

        await page.WaitForURLAsync("**/practice");
        await LookAsync(page, "practice");
        await page.GetByRole(AriaRole.Button, new() { Name = "I have done this before" }).TapAsync();

        for (var item = 1; item <= 2; item++)
        {
            await page.Locator("form[data-ready]").WaitForAsync();
            await Expect(page.GetByText($"{item - 1} of 2").First).ToBeVisibleAsync();
            foreach (var letter in "BCA")
                await RankingScene.GiveRank(page, letter).TapAsync();
            await RankingScene.SubmitAsync(page);
        }
        await page.WaitForURLAsync("**/done");
        await LookAsync(page, "done");
        var code = await page.Locator("code").First.InnerTextAsync();
        Assert.Equal(code, (await AnnotatorAsync(scene.Code)).CompletionCode);
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Hand in the code and go back" }))
            .ToHaveAttributeAsync("href", $"https://app.prolific.com/submissions/complete?cc={code}");
        Assert.Equal(2, (await scene.JudgementsAsync()).Count);

        await page.GetByText("If you change your mind").TapAsync();
        await page.Locator("details a[href*='/withdraw/']").TapAsync();
        await LookAsync(page, "withdraw");
        await page.GetByRole(AriaRole.Button, new() { Name = "Withdraw and delete what I did" }).TapAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "You have withdrawn" })).ToBeVisibleAsync();
        Assert.Empty(await scene.JudgementsAsync());
        Assert.Null((await AnnotatorAsync(scene.Code)).ParticipantId);
        Assert.Equal("", string.Join('\n', complaints));
    }

    /// <summary>The same pages on a laptop, in both themes.</summary>
    [Theory]
    [InlineData("light")]
    [InlineData("dark")]
    public async Task ThePages_AreAccessible_OnALaptop(string theme)
    {
        var scene = await RankingScene.CreateAsync(server, browser, prompts: 2, responses: 3);
        await DesignAsync(scene.Code);
        var page = await browser.OpenAsync(server.Address, theme: theme);
        await page.GotoAsync($"/s/{scene.Code}");
        await LookAsync(page, $"no-id-{theme}");
        await page.GotoAsync($"/s/{scene.Code}?PROLIFIC_PID=laptop");
        await LookAsync(page, $"consent-{theme}");
        await page.GetByRole(AriaRole.Button, new() { Name = "I agree and take part" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await LookAsync(page, $"survey-{theme}");
        foreach (var none in await page.GetByLabel("Prefer not to say").AllAsync())
            await none.CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await page.WaitForURLAsync("**/practice");
        await LookAsync(page, $"practice-{theme}");
        await page.GotoAsync($"/s/{scene.Code}/withdraw");
        await LookAsync(page, $"withdraw-{theme}");
        await page.GotoAsync($"/s/{scene.Code}");
        await LookAsync(page, $"landing-{theme}");
    }

    private async Task DesignAsync(string code)
    {
        await using var data = server.CreateContext();
        var study = await data.Studies.SingleAsync(row => row.Code == code);
        study.Access = StudyAccess.Platform;
        study.HasPractice = true;
        study.Platform = new() { ReturnAddress = "https://app.prolific.com/submissions/complete?cc={code}" };
        study.Survey =
        [
            new("age", "How old are you?", SurveyQuestionKind.Choice, ["18–29 years", "30–44 years", "45–59 years", "60 years or older"], "So that we can say whose opinions the study heard."),
            new("tools", "Which do you use?", SurveyQuestionKind.Choices, ["A hammer", "A saw", "A file"]),
        ];
        study.ConsentTexts.Add(new()
        {
            Version = 1,
            Text = "**What we ask.** You rank responses to two prompts; it takes about five minutes.\n\n**What we keep.** Your rankings and answers, under a random number, for ten years.\n\n- You may stop at any time.\n- You may have everything deleted for 14 days.\n\nContact: ethics@example.org",
        });
        await data.SaveChangesAsync();
    }

    private async Task<Annotator> AnnotatorAsync(string code)
    {
        await using var data = server.CreateContext();
        return await data.Annotators.AsNoTracking().SingleAsync(row => row.Study!.Code == code);
    }

    private static async Task LookAsync(IPage page, string name)
    {
        await page.Locator("h1").First.WaitForAsync();
        await page.ScreenshotAsync(new() { Path = Path.Combine(s_pictures, $"participant-{name}-{page.ViewportSize!.Width}.png"), FullPage = true });
        await AccountScene.AssertAccessibleAsync(page);
        var overflow = await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth");
        Assert.True(overflow <= 0, $"{name} is {overflow} px wider than the window.");
    }
}
