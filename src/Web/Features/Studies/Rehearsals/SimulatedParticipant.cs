using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Web.Security;

namespace PersonalLlm.Web.Features.Studies.Rehearsals;

/// <summary>One visit to a rehearsal, over HTTP and with nothing but the pages: what a browser without script does, and some of what the script does.</summary>
/// <param name="http">Without cookies yet; follows no redirects.</param>
/// <param name="run">Where times and outcomes go.</param>
/// <param name="tastes">What it likes.</param>
/// <param name="number">0-based.</param>
/// <param name="participantId">As in the pass.</param>
/// <param name="pass">Lets it in.</param>
internal sealed class SimulatedParticipant(
    HttpClient http, SimulatedRun run, SimulatedTastes tastes, int number, string participantId, string pass)
{
    private const double ShareThatLeaves = 0.1;
    private const double ShareThatDeclines = 0.02;
    private const int MostSteps = 20_000;

    private readonly Random random = new(unchecked(((int)run.Seed * 486_187_739) + number));
    private readonly List<Guid> acknowledged = [];
    private string Study => $"/s/{run.Code}";
    private int steps;
    private int judged;
    private (Uri Address, IHtmlDocument Document) page;

    private sealed class Trouble(string sentence) : Exception(sentence);

    /// <summary>Walks from the link to the end, to the door, or until it has had enough.</summary>
    public async Task<Visit> WalkAsync(CancellationToken cancellation)
    {
        try
        {
            // Drawn first, so that the same seed sends the same people away.
            var leavesAfter = random.NextDouble() < ShareThatLeaves ? random.Next(4) : int.MaxValue;
            var declines = random.NextDouble() < ShareThatDeclines;
            await GoAsync(Study, cancellation);
            for (string? seen = null; steps < MostSteps;)
            {
                var place = page.Address.AbsolutePath[Study.Length..];
                switch (place)
                {
                    case "" when Form($"{Study}/join") is { } join:
                        join.Set("Answer", declines && join.Elements.Any(element => element.GetAttribute("value") == "decline") ? "decline" : "agree");
                        await SendAsync(join, cancellation);
                        if (declines && page.Address.AbsolutePath == Study)
                            return Ended(VisitEnding.Declined);
                        break;
                    case "" when OnwardLink is { } onward && seen != onward:
                        await GoAsync(seen = onward, cancellation);
                        break;
                    case "":
                        return Ended(VisitEnding.TurnedAway, Heading);
                    case "/survey" when FormWith("_handler") is { } survey:
                        await SendAsync(Answered(survey), cancellation);
                        break;
                    case "/practice" when Form($"{Study}/practice") is { } practice:
                        await SendAsync(Judged(practice, isPractice: true), cancellation);
                        break;
                    case "/rank" when judged >= leavesAfter:
                        return Ended(VisitEnding.LeftEarly);
                    case "/rank" when Board is { } board:
                        await RankAsync(board, cancellation);
                        break;
                    case "/done" when OnwardLink is { } onward && seen != onward:
                        await GoAsync(seen = onward, cancellation);
                        break;
                    case "/done":
                        return Ended(VisitEnding.Completed, "", page.Document.QuerySelector(".code code")?.TextContent.Trim());
                    default:
                        throw new Trouble($"The page {page.Address.PathAndQuery} has nothing to fill in. It says “{Heading}”.");
                }
            }
            throw new Trouble($"After {MostSteps:N0} requests there was no end in sight.");
        }
        catch (Trouble trouble)
        {
            return Ended(VisitEnding.Trouble, trouble.Message);
        }
        catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Ended(VisitEnding.Trouble, "The server did not answer within a minute.");
        }
        catch (HttpRequestException broken)
        {
            return Ended(VisitEnding.Trouble, $"The connection broke: {broken.Message}");
        }
    }

    private Visit Ended(VisitEnding ending, string words = "", string? code = null) => new(participantId, ending, steps, words, code, [.. acknowledged]);

    // ---- what is on the page ----

    private string Heading => page.Document.QuerySelector("main h1")?.TextContent.Trim() ?? page.Document.Title ?? "";

    private PageForm? Board => page.Document.QuerySelector("form[data-board]") is IHtmlFormElement form ? new(form) : null;

    private PageForm? Form(string action) => page.Document.Forms.FirstOrDefault(form => form.GetAttribute("action") == action) is { } form ? new(form) : null;

    private PageForm? FormWith(string field) => page.Document.Forms.Select(form => new PageForm(form)).FirstOrDefault(form => form.Has(field));

    /// <summary>The button that leads on within the study; null where there is none.</summary>
    private string? OnwardLink => page.Document.QuerySelectorAll("main a.button.primary").Select(link => link.GetAttribute("href"))
        .FirstOrDefault(address => address?.StartsWith($"{Study}/", StringComparison.Ordinal) == true);

    /// <summary>Answers every question by chance; one in ten would rather not say, where that is offered.</summary>
    private PageForm Answered(PageForm form)
    {
        var questions = form.Elements.Where(element => element is not IHtmlInputElement { Type: "hidden" } and not IHtmlButtonElement)
            .GroupBy(element => element.GetAttribute("name")!).ToList();
        var names = questions.Select(question => question.Key).ToHashSet();
        foreach (var question in questions)
        {
            var first = question.First();
            switch (first)
            {
                case IHtmlInputElement { Type: "radio" }:
                    form.Set(question.Key, Any(form.Choices(question.Key)));
                    break;
                // A box that stands alone is "prefer not to say", beside a field that is then left empty.
                case IHtmlInputElement { Type: "checkbox" } when question.Count() == 1:
                    if (random.Next(10) == 0)
                        form.Set(question.Key, form.Choices(question.Key)[0]);
                    break;
                case IHtmlInputElement { Type: "checkbox" }:
                    form.Set(question.Key, Any(form.Choices(question.Key)));
                    break;
                case IHtmlSelectElement select:
                    form.Set(question.Key, Any([.. select.Options.Select(option => option.Value).Where(value => value.Length > 0)]));
                    break;
                case IHtmlInputElement { Type: "number" } input:
                    form.Set(question.Key, $"{random.Next(Limit(input, "min", 18), Limit(input, "max", 80) + 1)}");
                    break;
                default:
                    form.Set(question.Key, "Nothing in particular.");
                    break;
            }
        }
        // Who would rather not say, says nothing else about that question.
        foreach (var refusal in form.Fields.Where(field => names.Contains(field.Name) && IsAlone(field.Name) && form.Choices(field.Name).Count == 1).ToList())
        {
            foreach (var other in names.Where(name => name != refusal.Name && SameQuestion(name, refusal.Name)))
                form.Set(other);
        }
        return form;

        bool IsAlone(string name) => questions.Single(question => question.Key == name).First() is IHtmlInputElement { Type: "checkbox" };
    }

    private bool SameQuestion(string one, string other)
    {
        var place = Fieldset(one);
        return place is not null && place == Fieldset(other);

        IElement? Fieldset(string name) => page.Document.QuerySelector($"[name='{name}']")?.Closest("fieldset, .card, section");
    }

    private static int Limit(IHtmlInputElement input, string attribute, int fallback) => int.TryParse(input.GetAttribute(attribute), out var limit) ? limit : fallback;

    private string Any(IReadOnlyList<string> values) => values[random.Next(values.Count)];

    // ---- judging ----

    private async Task RankAsync(PageForm board, CancellationToken cancellation)
    {
        var token = board.Value("__RequestVerificationToken") ?? throw new Trouble("The ranking page has no antiforgery token.");
        var (assignment, judgement) = (board.Value("AssignmentId")!, board.Attribute("data-judgement")!);
        if (random.Next(33) == 0 && page.Document.QuerySelector("form[data-skip]") is IHtmlFormElement skip)
        {
            var reasons = new PageForm(skip);
            await SendAsync(reasons.Set("Reason", Any(reasons.Choices("Reason"))), cancellation);
            return;
        }
        if (random.Next(10) == 0)
            await AskAsync($"{Study}/heartbeat", [("__RequestVerificationToken", token), ("AssignmentId", assignment)], cancellation);

        Judged(board);
        if (random.Next(2) == 0)
            await SaveDraftAsync(board, judgement, token, cancellation);
        judged++;
        if (random.Next(2) == 0)
        {
            await SendAsync(board, cancellation);
            if (page.Address.AbsolutePath == $"{Study}/rank" && page.Address.Query.Contains("after=", StringComparison.Ordinal))
                throw new Trouble($"A complete answer was not taken: {page.Address.PathAndQuery}.");
            Acknowledge(judgement);
            return;
        }
        var reply = await AskAsync(board.Action, board.Fields, cancellation);
        if (reply.GetProperty("outcome").GetString() is var outcome && outcome != "recorded")
            throw new Trouble($"A complete answer was not taken: {outcome}, “{reply.GetProperty("message").GetString()}”.");
        Acknowledge(judgement);
        if (random.Next(25) == 0)
        {
            var undone = await AskAsync($"{board.Action}/undo", [("__RequestVerificationToken", token)], cancellation);
            if (undone.GetProperty("outcome").GetString() is var undo && undo != "undone")
                throw new Trouble($"A judgement of a moment ago was not undone: {undo}, “{undone.GetProperty("message").GetString()}”.");
            acknowledged.Remove(Guid.Parse(judgement));
            run.Undone();
        }
        await GoAsync(reply.GetProperty("next").GetString() ?? $"{Study}/rank", cancellation);
    }

    private void Acknowledge(string judgement)
    {
        acknowledged.Add(Guid.Parse(judgement));
        run.Recorded();
    }

    /// <summary>Fills the board by what the responses are worth to this participant.</summary>
    private PageForm Judged(PageForm board, bool isPractice = false)
    {
        var cards = page.Document.QuerySelectorAll("[data-position]").Where(card => card.QuerySelector(".text") is not null)
            .Select(card => card.QuerySelector(".text")!.InnerHtml).ToList();
        var shown = cards.Count > 0 ? cards.Count : board.Elements.Count(element => element.GetAttribute("name") == "Rank");
        // The texts of the practice are nobody's data, so there is no taste for them.
        var utilities = cards.Count > 0 && !isPractice ? tastes.Utilities(number, cards, random) : [.. Enumerable.Range(0, shown).Select(_ => random.NextDouble())];
        var bestFirst = Enumerable.Range(0, shown).OrderByDescending(position => utilities[position]).ToArray();
        if (board.Has("Rank"))
            board.Set("Rank", Ranks(board, utilities, bestFirst));
        if (board.Has("Best"))
            board.Set("Best", $"{bestFirst[0]}").Set("Worst", $"{bestFirst[^1]}");
        if (board.Has("Preference"))
            board.Set("Preference", Strength(board.Choices("Preference"), utilities));
        for (var position = 0; board.Has($"Score-{position}"); position++)
            board.Set($"Score-{position}", Rating(board.Choices($"Score-{position}"), utilities[position]));
        if (board.Choices("Reason") is { Count: > 0 } reasons)
            board.Set("Reason", reasons.Where(_ => random.Next(5) == 0));
        if (board.Choices("Confidence") is { Count: > 0 } levels)
            board.Set("Confidence", Any(levels));
        if (board.Has("Comment") && random.Next(20) == 0)
            board.Set("Comment", "A word in passing, by nobody.");
        if (board.Has("AllBad") && random.Next(50) == 0)
            board.Set("AllBad", "true");
        // 20 to 40 ms a character: 250 to 500 words a minute.
        var characters = page.Document.QuerySelector("main")!.TextContent.Length;
        var exposures = Enumerable.Range(0, shown).Select(_ => 1_000 + (int)(characters / (double)shown * (20 + random.Next(21)))).ToArray();
        return board.Set("ActiveMs", $"{exposures.Sum() + 5_000}").Set("IdleMs", $"{random.Next(4_000)}").Set("Exposure", string.Join(',', exposures))
            .Set("Touched", string.Join(',', Enumerable.Repeat(1, shown))).Set("Input", "form").Set("Viewport", "1280x900");
    }

    /// <summary>The rank of each position; as many as are asked for, and ties where two are worth about the same.</summary>
    private static string[] Ranks(PageForm board, double[] utilities, int[] bestFirst)
    {
        var wanted = int.TryParse(board.Attribute("data-ranks"), out var ranks) && ranks > 0 ? Math.Min(ranks, bestFirst.Length) : bestFirst.Length;
        var allowsTies = board.Attribute("data-ties") != "false" && wanted == bestFirst.Length;
        var given = new string[bestFirst.Length];
        Array.Fill(given, "");
        for (int place = 0, rank = 1; place < wanted; place++)
        {
            if (place > 0 && !(allowsTies && utilities[bestFirst[place - 1]] - utilities[bestFirst[place]] < 0.02))
                rank = place + 1;
            given[bestFirst[place]] = $"{rank}";
        }
        return given;
    }

    /// <summary>Negative when the first shown is better; stronger the further they are apart.</summary>
    private static string Strength(IReadOnlyList<string> offered, double[] utilities)
    {
        var wanted = 2 * (utilities[1] - utilities[0]);
        return offered.Where(value => value.Length > 0).MinBy(value => Math.Abs(int.Parse(value, System.Globalization.CultureInfo.InvariantCulture) - wanted))!;
    }

    private static string Rating(IReadOnlyList<string> offered, double utility)
    {
        string[] points = [.. offered.Where(value => value.Length > 0)];
        return points[Math.Clamp((int)(points.Length / (1 + Math.Exp(-utility))), 0, points.Length - 1)];
    }

    private async Task SaveDraftAsync(PageForm board, string judgement, string token, CancellationToken cancellation)
    {
        var shown = page.Document.QuerySelectorAll("[data-position]").Count(card => card.QuerySelector(".text") is not null);
        var ranks = board.Fields.Where(field => field.Name == "Rank").Select(field => field.Value).ToList();
        var ranking = string.Join(',', ranks.Index().Where(rank => rank.Item.Length > 0).GroupBy(rank => int.Parse(rank.Item, System.Globalization.CultureInfo.InvariantCulture), rank => Ranking.Letter(rank.Index))
            .OrderBy(tier => tier.Key).Select(tier => string.Join('=', tier)));
        var scores = Enumerable.Range(0, shown).Select(position => int.TryParse(board.Value($"Score-{position}"), out var score) ? score : (int?)null).ToArray();
        using var request = new HttpRequestMessage(HttpMethod.Put, $"{Study}/rank/{judgement}/draft")
        {
            Content = JsonContent.Create(new
            {
                assignmentId = board.Value("AssignmentId"),
                answer = new { ranking, scores = scores.All(score => score is null) ? [] : scores, allBad = board.Value("AllBad") == "true", reasons = Array.Empty<string>() },
                timing = new { activeMs = 1_000, idleMs = 0, exposureMs = Array.Empty<int>(), touched = Array.Empty<bool>(), input = "form", viewport = "1280x900" },
                sequence = long.Parse(board.Value("Sequence") ?? "0", System.Globalization.CultureInfo.InvariantCulture) + 1,
            }),
        };
        request.Headers.Add("RequestVerificationToken", token);
        var reply = await ReadAsync(request, cancellation);
        if (reply.GetProperty("outcome").GetString() is var outcome && outcome != "saved")
            throw new Trouble($"A draft was not saved: {outcome}, “{reply.GetProperty("message").GetString()}”.");
    }

    // ---- requests ----

    private async Task GoAsync(string address, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        await LoadAsync(request, cancellation);
    }

    private async Task SendAsync(PageForm form, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, form.Action.Length > 0 ? form.Action : page.Address.PathAndQuery) { Content = form.ToContent() };
        await LoadAsync(request, cancellation);
    }

    /// <summary>Loads a page as a browser does: redirects are followed with GET.</summary>
    private async Task LoadAsync(HttpRequestMessage first, CancellationToken cancellation)
    {
        var request = first;
        for (var hops = 0; hops < 10; hops++)
        {
            if (request.Method == HttpMethod.Get)
                request.Headers.Accept.ParseAdd("text/html");
            using var answer = await TimedAsync(request, cancellation);
            var address = new Uri(http.BaseAddress!, request.RequestUri!);
            if (answer.Headers.Location is { } location)
            {
                var next = new Uri(address, location);
                if (!next.AbsolutePath.StartsWith(Study, StringComparison.Ordinal))
                    throw new Trouble($"{Name(request)} led away to {next.AbsolutePath}.");
                request = new(HttpMethod.Get, next.PathAndQuery);
                continue;
            }
            var html = await answer.Content.ReadAsStringAsync(cancellation);
            page = (address, new HtmlParser().ParseDocument(html));
            if (!answer.IsSuccessStatusCode)
                throw new Trouble($"{Name(request)} answered {(int)answer.StatusCode}: “{Heading}”.");
            return;
        }
        throw new Trouble($"{Name(first)} led around in a circle.");
    }

    private async Task<JsonElement> AskAsync(string address, IEnumerable<(string Name, string Value)> fields, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address)
        {
            Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))),
        };
        request.Headers.Accept.ParseAdd("application/json");
        return await ReadAsync(request, cancellation);
    }

    private async Task<JsonElement> ReadAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        using var answer = await TimedAsync(request, cancellation);
        var text = await answer.Content.ReadAsStringAsync(cancellation);
        if (!answer.IsSuccessStatusCode || answer.Content.Headers.ContentType?.MediaType != "application/json")
            throw new Trouble($"{Name(request)} answered {(int)answer.StatusCode}: {(text.Length > 200 ? text[..200] : text)}");
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    private async Task<HttpResponseMessage> TimedAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        request.Headers.Add(SimulatedPass.Header, pass);
        request.Headers.AcceptLanguage.ParseAdd("en");
        steps++;
        var start = Stopwatch.GetTimestamp();
        var answer = await http.SendAsync(request, cancellation);
        run.Timed(Name(request), Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        return answer;
    }

    /// <summary>Method and page, without the ids in it.</summary>
    private string Name(HttpRequestMessage request)
    {
        var path = new Uri(http.BaseAddress!, request.RequestUri!).AbsolutePath;
        var parts = path.StartsWith(Study, StringComparison.Ordinal) ? path[Study.Length..].Split('/').Select(part => Guid.TryParse(part, out _) ? "…" : part) : [path];
        return $"{request.Method} /s/…{string.Join('/', parts)}";
    }
}
