using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Judgements;

namespace PersonalLlm.E2E;

/// <summary>
/// What the browser of an annotator is told, read frame by frame: pages, scripts, replies and sockets, before and after every submit.
/// </summary>
public sealed partial class BlindnessTests(ServerFixture server, BrowserFixture browser) : IClassFixture<ServerFixture>, IClassFixture<BrowserFixture>
{
    // Ids of responses begin here, so that none of them can stand in a page by chance.
    private const long FirstResponseId = 774_411_000_000;
    private const int Prompts = 9;
    private const int Items = Prompts + 2;
    private const string CheckQuestion = "Question 4711: which one do you put first?";

    public static TheoryData<Instrument> Instruments => [.. Enum.GetValues<Instrument>()];

    [Theory]
    [MemberData(nameof(Instruments))]
    public async Task NoFrame_TellsWhichModelWroteWhat_OrWhichItemIsARepeatOrACheck(Instrument instrument)
    {
        var responses = instrument == Instrument.Pairwise ? 2 : 4;
        await MoveResponseIdsAwayAsync();
        var scene = await RankingScene.CreateAsync(
            server, browser, Prompts, responses, overlap: 2,
            design: study =>
            {
                study.Instrument = new() { Kind = instrument, TopK = 2, AsksComment = true, AsksConfidence = true, Reasons = ["Correct", "Clear"] };
                study.Assignment = new() { Repeats = 1, RepeatLag = 8 };
                study.AttentionChecks = [new(CheckQuestion, [.. Enumerable.Range(0, responses).Select(index => $"Answer {index} of the question.")], 1)];
                study.SelfNaming = SelfNamingPolicy.Mask;
            },
            answer: index => $"Answer {index}. I am ChatGPT, made by OpenAI.");
        var page = await scene.EnterAsync();
        var frames = Listen(page);

        await page.GotoAsync($"/s/{scene.Code}");
        var shapes = new List<(string Question, string Shape, string[] Texts)>();
        for (var item = 0; item < Items; item++)
        {
            await scene.OpenAsync(page);
            shapes.Add((await page.Locator("section.prompt markdown-text").InnerTextAsync(), Shape(await page.Locator("form[data-board]").EvaluateAsync<string>("form => form.outerHTML")), [.. await page.Locator("article markdown-text").AllInnerTextsAsync()]));
            // The draft goes out by the page's own script, the submit as a form, so that both kinds of reply are heard.
            await page.Keyboard.PressAsync("?");
            await page.Keyboard.PressAsync("Escape");
            await AnswerAsync(page, instrument, responses);
        }
        await page.GotoAsync($"/s/{scene.Code}/items");
        await page.GotoAsync($"/s/{scene.Code}/done");

        await using var data = server.CreateContext();
        var stored = await data.Judgements.AsNoTracking().Include(row => row.Assignment).Where(row => row.Assignment!.Study!.Code == scene.Code).ToListAsync();
        Assert.Equal((Items, 1, 1), (stored.Count, stored.Count(row => row.Assignment!.RepeatOfId != null), stored.Count(row => row.Assignment!.CheckIndex != null)));

        Assert.True(frames.Count > Items * 2, "The frames were not heard.");
        var firstId = await data.Responses.Where(row => row.Prompt!.Dataset!.Name == scene.Code).MinAsync(row => row.Id);
        Assert.True(firstId >= FirstResponseId);
        var idsBegin = FirstResponseId.ToString(CultureInfo.InvariantCulture)[..6];
        foreach (var (address, text) in frames)
        {
            Assert.DoesNotContain(RankingScene.SecretModel, text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(idsBegin, text, StringComparison.Ordinal);
            if (!address.Contains("/s/", StringComparison.Ordinal))
                continue;
            Assert.DoesNotContain("OpenAI", text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("ChatGPT", text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotMatch(Markers(), text);
        }

        // The item that is shown twice and the one that is a check look like every other.
        Assert.Single(shapes.GroupBy(item => item.Question), same => same.Count() == 2);
        Assert.Single(shapes, item => item.Question == CheckQuestion);
        Assert.Single(shapes.Select(item => item.Shape).Distinct());
        Assert.All(shapes, item => Assert.Equal(responses, item.Texts.Distinct().Count()));
    }

    [Fact]
    public async Task TwoPeopleWhoSeeTheSameResponsesInAnotherOrder_GetTheSamePage()
    {
        var scene = await RankingScene.CreateAsync(server, browser, prompts: 1, responses: 5, overlap: 6, answer: index => $"Answer {index}.");
        var pages = new List<string>();
        var orders = new HashSet<string>();
        for (var person = 0; person < 4; person++)
        {
            var page = await scene.EnterAsync();
            await page.GotoAsync(scene.RankPath);
            orders.Add(string.Join(' ', await page.Locator("article markdown-text").AllInnerTextsAsync()));
            pages.Add(AnswerText().Replace(Unique().Replace(await page.ContentAsync(), "…"), "Answer."));
            await page.Context.CloseAsync();
        }
        Assert.True(orders.Count > 1, "Everybody saw the same order.");
        Assert.Single(pages.Distinct());
    }

    /// <summary>Everything that comes from the server: bodies of answers of any kind, and frames of sockets.</summary>
    private static ConcurrentQueue<(string Address, string Text)> Listen(IPage page)
    {
        var frames = new ConcurrentQueue<(string, string)>();
        page.Response += async (_, response) =>
        {
            try
            {
                frames.Enqueue((response.Url, $"{string.Join('\n', response.Headers)}\n{await response.TextAsync()}"));
            }
            catch (PlaywrightException)
            {
                // A redirect has no body, and a page that is left takes its last answers with it.
                frames.Enqueue((response.Url, string.Join('\n', response.Headers)));
            }
        };
        page.WebSocket += (_, socket) => socket.FrameReceived += (_, frame) => frames.Enqueue((socket.Url, frame.Text ?? ""));
        return frames;
    }

    /// <summary>Fills in the fields of the form and posts it as it stands.</summary>
    private static async Task AnswerAsync(IPage page, Instrument instrument, int responses)
    {
        await page.EvaluateAsync("""
            ([instrument, responses]) => {
              const form = document.querySelector('form[data-board]');
              const all = name => [...form.querySelectorAll(`[name="${name}"]`)];
              const choose = (name, value) => all(name).find(field => field.value === String(value)).checked = true;
              if (instrument === 'FullRanking') all('Rank').forEach((field, index) => field.value = index + 1);
              else if (instrument === 'TopK') all('Rank').slice(0, 2).forEach((field, index) => field.value = index + 1);
              else if (instrument === 'BestWorst') { choose('Best', 0); choose('Worst', 1); }
              else if (instrument === 'Pairwise') choose('Preference', -1);
              else for (let position = 0; position < responses; position++) choose(`Score-${position}`, position + 1);
              window.isLeaving = true;
              form.submit();
            }
            """, new object[] { instrument.ToString(), responses });
        await page.WaitForFunctionAsync("() => !window.isLeaving && document.readyState === 'complete'");
    }

    /// <summary>The markup without what differs from item to item anyway: texts, ids, numbers.</summary>
    private static string Shape(string html) => Numbers().Replace(Texts().Replace(Unique().Replace(html, "…"), "><"), "0");

    private async Task MoveResponseIdsAwayAsync()
    {
        await using var data = server.CreateContext();
        if (!await data.Responses.AnyAsync(row => row.Id >= FirstResponseId))
            await data.Database.ExecuteSqlRawAsync($"ALTER TABLE \"Responses\" ALTER COLUMN \"Id\" RESTART WITH {FirstResponseId}");
    }

    [GeneratedRegex("repeat|attention|CheckIndex|ExpectedIndex|PresentedOrder|ResponseIndex|ResponseModel", RegexOptions.IgnoreCase)]
    private static partial Regex Markers();

    /// <summary>Ids of judgements and of assignments, and what guards a form.</summary>
    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|CfDJ8[\\w-]+", RegexOptions.IgnoreCase)]
    private static partial Regex Unique();

    [GeneratedRegex(@"Answer \d\.")]
    private static partial Regex AnswerText();

    [GeneratedRegex(">[^<]*<")]
    private static partial Regex Texts();

    [GeneratedRegex(@"\d+")]
    private static partial Regex Numbers();
}
