using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using PersonalLlm.Data;
using PersonalLlm.Data.Accounts;
using PersonalLlm.Data.Datasets;
using PersonalLlm.Data.Judgements;
using PersonalLlm.Data.Studies;

namespace PersonalLlm.E2E;

/// <summary>An open study of its own in the running program, and people who can sign in to it.</summary>
internal sealed class RankingScene(Func<PersonalLlmDbContext> contexts, ServerFixture? server, BrowserFixture? browser, string code)
{
    public const string Password = "a long enough secret";

    /// <summary>Every response model of the scene carries this; no annotator's browser may ever see it.</summary>
    public const string SecretModel = "secret-model";

    private const string Long = "\n\nIt goes on for a while, so that a card has to scroll by itself and cannot show everything at once.";

    public string Code => code;
    public string RankPath => $"/s/{code}/rank";

    /// <param name="design">Changes the study before it is stored.</param>
    /// <param name="question">The text of the prompts.</param>
    /// <param name="answer">The text of a response, by its index.</param>
    public static async Task<RankingScene> CreateAsync(
        ServerFixture server, BrowserFixture browser, int prompts = 2, int responses = 4, int overlap = 3, Action<Study>? design = null, string? question = null,
        Func<int, string>? answer = null) =>
        new(server.CreateContext, server, browser, await StudyAsync(server.CreateContext, prompts, responses, overlap, design, question, answer));

    /// <summary>For those who rank without a browser.</summary>
    public static async Task<RankingScene> CreateAsync(Func<PersonalLlmDbContext> contexts, int prompts, int responses, int overlap, Action<Study>? design = null) =>
        new(contexts, null, null, await StudyAsync(contexts, prompts, responses, overlap, design, null, null));

    private static async Task<string> StudyAsync(Func<PersonalLlmDbContext> contexts, int prompts, int responses, int overlap, Action<Study>? design, string? question,
        Func<int, string>? answer)
    {
        var code = Guid.NewGuid().ToString("n")[..10];
        await using var data = contexts();
        var models = Enumerable.Range(0, responses).Select(index => new ResponseModel { Name = $"{SecretModel}-{code}-{index}" }).ToArray();
        var dataset = new Dataset { Name = code, ContentHash = Guid.NewGuid().ToString("n"), PromptCount = prompts, ResponseCount = prompts * responses };
        for (var promptIndex = 0; promptIndex < prompts; promptIndex++)
        {
            var prompt = new Prompt { Index = promptIndex, Key = $"p{promptIndex}", Text = question ?? $"Question {promptIndex}: how do I boil an egg?" };
            for (var responseIndex = 0; responseIndex < responses; responseIndex++)
            {
                prompt.Responses.Add(new()
                {
                    Index = responseIndex,
                    DatasetIndex = promptIndex * responses + responseIndex,
                    ResponseModel = models[responseIndex],
                    Text = answer?.Invoke(responseIndex) ?? $"Text number {responseIndex}.\n\n```python\nprint({responseIndex})\n```\n\nSince $\\mu_{responseIndex} = 0$." + string.Concat(Enumerable.Repeat(Long, 12)),
                });
            }
            dataset.Prompts.Add(prompt);
        }
        var study = new Study { Code = code, Name = "Eggs", Dataset = dataset, Status = StudyStatus.Open, Overlap = overlap, Seed = 11, Instructions = "Read, then **rank**." };
        study.Prompts.AddRange(dataset.Prompts.Select(prompt => new StudyPrompt { Prompt = prompt, Index = prompt.Index }));
        design?.Invoke(study);
        data.Studies.Add(study);
        await data.SaveChangesAsync();
        return code;
    }

    /// <summary>A page of a new person with the role, signed in.</summary>
    public async Task<IPage> EnterAsync(string role = Roles.Annotator, BrowserNewContextOptions? options = null)
    {
        var email = await PersonAsync(role);
        options ??= new() { ViewportSize = new() { Width = 1280, Height = 900 } };
        options.BaseURL = server!.Address.ToString();
        var context = await browser!.Browser.NewContextAsync(options);
        var page = await context.NewPageAsync();
        await SignInAsync(page, email);
        return page;
    }

    public async Task<string> PersonAsync(string role)
    {
        var email = $"{Guid.NewGuid():n}@example.org";
        await using var data = contexts();
        var person = new ApplicationUser
        {
            Id = Guid.NewGuid(),
            UserName = email,
            NormalizedUserName = email.ToUpperInvariant(),
            Email = email,
            NormalizedEmail = email.ToUpperInvariant(),
            SecurityStamp = Guid.NewGuid().ToString("n"),
            LockoutEnabled = true,
        };
        person.PasswordHash = new PasswordHasher<ApplicationUser>().HashPassword(person, Password);
        data.Users.Add(person);
        data.UserRoles.Add(new() { UserId = person.Id, RoleId = (await data.Roles.SingleAsync(row => row.Name == role)).Id });
        await data.SaveChangesAsync();
        return email;
    }

    public static async Task SignInAsync(IPage page, string email)
    {
        await page.GotoAsync("/account/sign-in");
        await page.GetByLabel("E-mail").FillAsync(email);
        await page.GetByLabel("Password").FillAsync(Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await page.WaitForURLAsync(url => !url.Contains("sign-in", StringComparison.Ordinal));
    }

    public async Task<List<Judgement>> JudgementsAsync()
    {
        await using var data = contexts();
        return await data.Judgements.AsNoTracking().Include(row => row.Assignment).Where(row => row.Assignment!.Study!.Code == code).OrderBy(row => row.SubmittedAt).ToListAsync();
    }

    public async Task<JudgementDraft?> DraftAsync()
    {
        await using var data = contexts();
        return await data.JudgementDrafts.AsNoTracking().SingleOrDefaultAsync(row => row.Assignment!.Study!.Code == code);
    }

    public async Task OpenAsync(IPage page)
    {
        await page.GotoAsync(RankPath);
        await page.Locator("form[data-ready]").WaitForAsync();
    }

    public static ILocator Card(IPage page, char letter) => page.Locator($"article[data-position='{letter - 'A'}']");

    public static async Task RankAsync(IPage page, string lettersBestFirst)
    {
        foreach (var letter in lettersBestFirst)
            await GiveRank(page, letter).ClickAsync();
    }

    public static ILocator GiveRank(IPage page, char letter) => page.GetByRole(AriaRole.Button, new() { Name = $": response {letter}" });

    public static Task SubmitAsync(IPage page) => page.GetByRole(AriaRole.Button, new() { Name = "Submit ranking" }).ClickAsync();

    public static Task SummaryIsAsync(IPage page, string text) => Assertions.Expect(page.Locator("[data-summary]")).ToHaveTextAsync(text);

    public static Task StatusHasAsync(IPage page, string text) =>
        Assertions.Expect(page.Locator("[data-status]")).ToContainTextAsync(text, new() { Timeout = 20_000 });

    /// <summary>What was stored, in the letters that the annotator saw.</summary>
    public static string AsSeen(Judgement judgement) =>
        Engine.Studies.PresentationOrder.ToPositions(judgement.Answer.Ranking, judgement.Assignment!.PresentedOrder).ToString();

    public static async Task EventuallyAsync(Func<Task<bool>> holds)
    {
        for (var tries = 0; !await holds(); tries++)
        {
            Assert.True(tries < 200, "It did not come true within 20 s.");
            await Task.Delay(100);
        }
    }
}
