using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace PersonalLlm.Testing;

/// <summary>A prompt as the ranking page hands it out, read from its markup as the page's own script does.</summary>
internal sealed record HandedPrompt(Guid AssignmentId, Guid JudgementId, string Action, long Sequence, int Responses, string Token);

/// <summary>Somebody who ranks through the public addresses alone: signs in, loads the page, saves drafts, submits.</summary>
internal sealed partial class HttpAnnotator(Uri server, int number) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = true, CookieContainer = new(), AutomaticDecompression = DecompressionMethods.All })
    {
        BaseAddress = server,
        Timeout = TimeSpan.FromSeconds(30),
    };

    private readonly Random _tastes = new(number);

    public async Task SignInAsync(string email, string password)
    {
        var form = await _http.GetStringAsync("/account/sign-in");
        using var answer = await _http.PostAsync("/account/sign-in", new FormUrlEncodedContent(
        [
            new("_handler", "sign-in"), new("__RequestVerificationToken", Part(Token(), form)), new("Input.Email", email), new("Input.Password", password),
        ]));
        if (answer.StatusCode != HttpStatusCode.Redirect)
            throw new InvalidOperationException($"{email} could not sign in: {answer.StatusCode}.");
    }

    /// <summary>Agrees to take part, as somebody without an account does who came by the study's link.</summary>
    /// <param name="address">With whatever the recruitment platform adds to it.</param>
    public async Task JoinAsync(string address)
    {
        var page = await _http.GetStringAsync(address);
        if (JoinForm().Match(page) is not { Success: true } form)
            return;
        var fields = HiddenField().Matches(form.Value).Select(field => KeyValuePair.Create(field.Groups[1].Value, WebUtility.HtmlDecode(field.Groups[2].Value)));
        using var answer = await _http.PostAsync(WebUtility.HtmlDecode(form.Groups[1].Value), new FormUrlEncodedContent(fields.Append(new("Answer", "agree"))));
        if ((int)answer.StatusCode >= 500)
            answer.EnsureSuccessStatusCode();
    }

    /// <summary>The prompt to rank now; null when the study sends its annotator elsewhere: it is done, full or closed.</summary>
    public async Task<HandedPrompt?> NextAsync(string studyCode)
    {
        using var answer = await _http.GetAsync($"/s/{studyCode}/rank");
        if (answer.StatusCode == HttpStatusCode.Redirect)
            return null;
        answer.EnsureSuccessStatusCode();
        var page = await answer.Content.ReadAsStringAsync();
        return new(
            Guid.Parse(Part(Assignment(), page)), Guid.Parse(Part(Judgement(), page)), Part(Action(), page),
            long.Parse(Part(Sequence(), page), System.Globalization.CultureInfo.InvariantCulture), Position().Count(page), Part(Token(), page));
    }

    /// <summary>A rank for every position, ties included.</summary>
    public int[] Rank(HandedPrompt prompt) => [.. Enumerable.Range(0, prompt.Responses).Select(_ => _tastes.Next(1, prompt.Responses + 1))];

    /// <summary>What the server said: saved, older, submitted, leaseExpired …</summary>
    public async Task<string> SaveDraftAsync(HandedPrompt prompt, IEnumerable<int> ranks, long sequence)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"{prompt.Action}/draft")
        {
            Content = JsonContent.Create(new { assignmentId = prompt.AssignmentId, answer = new { ranking = AsText(ranks), allBad = false }, sequence }),
        };
        request.Headers.Add("RequestVerificationToken", prompt.Token);
        return await OutcomeAsync(request);
    }

    /// <summary>What the server said: recorded, alreadyRecorded, conflict, leaseExpired …</summary>
    /// <param name="patience">After which the tab is closed, whatever the server was doing.</param>
    public Task<string> SubmitAsync(HandedPrompt prompt, IEnumerable<int> ranks, long sequence, CancellationToken patience = default)
    {
        var fields = ranks.Select(rank => KeyValuePair.Create("Rank", $"{rank}"))
            .Append(new("__RequestVerificationToken", prompt.Token)).Append(new("AssignmentId", $"{prompt.AssignmentId}")).Append(new("Sequence", $"{sequence}"));
        var request = new HttpRequestMessage(HttpMethod.Post, prompt.Action) { Content = new FormUrlEncodedContent(fields) };
        request.Headers.Accept.ParseAdd("application/json");
        return OutcomeAsync(request, patience);
    }

    /// <summary>Takes the submit back. What the server said: undone, tooLate, revised …; gone for a judgement that it never had.</summary>
    public async Task<string> UndoAsync(HandedPrompt prompt)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"{prompt.Action}/undo")
        {
            Content = new FormUrlEncodedContent([new("__RequestVerificationToken", prompt.Token)]),
        };
        request.Headers.Accept.ParseAdd("application/json");
        using var answer = await _http.SendAsync(request);
        if (answer.StatusCode == HttpStatusCode.NotFound)
            return "gone";
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("outcome").GetString()!;
    }

    /// <summary>Ranks of positions as "B,D=A".</summary>
    public static string AsText(IEnumerable<int> ranks) => string.Join(',', ranks.Select((rank, position) => (rank, letter: (char)('A' + position)))
        .GroupBy(item => item.rank, item => item.letter).OrderBy(tier => tier.Key).Select(tier => string.Join('=', tier)));

    public void Dispose() => _http.Dispose();

    private async Task<string> OutcomeAsync(HttpRequestMessage request, CancellationToken patience = default)
    {
        using var answer = await _http.SendAsync(request, patience);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(patience)).GetProperty("outcome").GetString()!;
    }

    private static string Part(Regex pattern, string page) => pattern.Match(page) is { Success: true } match
        ? WebUtility.HtmlDecode(match.Groups[1].Value)
        : throw new InvalidOperationException($"The page has no {pattern}:\n{page}");

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Token();

    [GeneratedRegex("<form[^>]* action=\"(/s/[^\"]+/join)\".*?</form>", RegexOptions.Singleline)]
    private static partial Regex JoinForm();

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\"")]
    private static partial Regex HiddenField();

    [GeneratedRegex("data-assignment=\"([^\"]+)\"")]
    private static partial Regex Assignment();

    [GeneratedRegex("data-judgement=\"([^\"]+)\"")]
    private static partial Regex Judgement();

    [GeneratedRegex("data-sequence=\"([^\"]+)\"")]
    private static partial Regex Sequence();

    // Not the form before it, which undoes the last one and ends in /undo.
    [GeneratedRegex("action=\"(/s/[^\"]+/rank/[0-9a-f-]{36})\"")]
    private static partial Regex Action();

    [GeneratedRegex("<article[^>]* data-position=")]
    private static partial Regex Position();
}
