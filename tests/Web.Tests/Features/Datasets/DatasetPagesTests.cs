using System.Net;
using Microsoft.Extensions.DependencyInjection;
using PersonalLlm.Data.Accounts;
using PersonalLlm.Engine.Datasets;
using PersonalLlm.Web.Features.Datasets;

namespace PersonalLlm.Web.Tests.Features.Datasets;

public sealed class DatasetPagesTests(PersonalLlmApplication application) : IClassFixture<PersonalLlmApplication>
{
    private const string Evil = "<script>alert(1)</script><img src=x onerror=alert(2)>";

    [Fact]
    public async Task Pages_ShowTextsFromAFileAsText()
    {
        var datasetId = await ImportAsync($"evil {Evil}", new PromptRecord(1, Evil, $"Why {Evil}?", Evil,
            [new(Evil, $"Answer {Evil} [x](javascript:alert(3))", new Dictionary<string, float> { [Evil] = 1 }), new("b", "", new Dictionary<string, float> { [Evil] = 2 })]));
        var visitor = await application.VisitAsAsync(Roles.Researcher);
        var list = await visitor.Http.GetStringAsync("/datasets");
        var browse = await visitor.Http.GetStringAsync($"/datasets/{datasetId}?q={Uri.EscapeDataString(Evil)}");
        var prompt = await visitor.Http.GetStringAsync(PromptAddress(browse));

        foreach (var html in new[] { list, browse, prompt })
        {
            Assert.Contains("&lt;script&gt;alert(1)", html, StringComparison.Ordinal);
            Assert.DoesNotContain("<script>alert", html, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("<img src=x", html, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("javascript:", html, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task Search_FindsSubstringsInAnyCaseAndTakesSignsForThemselves()
    {
        var datasetId = await ImportAsync("search", [.. new[] { "Save 100% now", "Save 1000 now", "under_score", "underscore", "Ärger", "plain" }
            .Select((text, index) => new PromptRecord(index + 1, $"s{index}", text, index < 3 ? "first" : "second", [new("a", "x", new Dictionary<string, float>())]))]);
        var visitor = await application.VisitAsAsync(Roles.Researcher);

        Assert.Equal(["Save 100% now"], await FoundAsync("q=100%25"));
        Assert.Equal(["under_score"], await FoundAsync("q=r_s"));
        Assert.Equal(["Ärger"], await FoundAsync("q=%C3%A4RG"));
        Assert.Equal(["Save 100% now", "Save 1000 now"], await FoundAsync("q=SAVE&subset=first"));
        Assert.Equal(["underscore"], await FoundAsync("q=under&subset=second"));
        Assert.Empty(await FoundAsync("q=nothing"));

        async Task<string[]> FoundAsync(string query) => Prompts(await visitor.Http.GetStringAsync($"/datasets/{datasetId}?{query}"));
    }

    [Theory]
    [InlineData("after=abc")]
    [InlineData("after=1.5&before=")]
    [InlineData("before=99999999999999999999")]
    public async Task Paging_StartsAtTheFirstPrompt_WhenItsPlaceIsMistyped(string query)
    {
        var datasetId = await ImportAsync($"mistyped {query}", [new PromptRecord(1, "only", $"The only prompt, {query}", null, [new("a", "x", new Dictionary<string, float>())])]);
        var visitor = await application.VisitAsAsync(Roles.Researcher);
        Assert.Single(Prompts(await visitor.Http.GetStringAsync($"/datasets/{datasetId}?{query}")));
    }

    [Fact]
    public async Task Paging_ShowsEveryPromptOnce()
    {
        var datasetId = await ImportAsync("pages", [.. Enumerable.Range(0, 60)
            .Select(index => new PromptRecord(index + 1, $"p{index}", $"Prompt {index:00}", null, [new("a", "x", new Dictionary<string, float>())]))]);
        var visitor = await application.VisitAsAsync(Roles.Researcher);
        var seen = new List<string>();
        var pages = new List<string>();
        for (string? address = $"/datasets/{datasetId}"; address is not null;)
        {
            var html = await visitor.Http.GetStringAsync(address);
            seen.AddRange(Prompts(html));
            pages.Add(address);
            address = Link(html, "Next");
        }

        Assert.Equal(Enumerable.Range(0, 60).Select(index => $"Prompt {index:00}"), seen);
        var back = Link(await visitor.Http.GetStringAsync(pages[^1]), "Previous");
        Assert.Equal("Prompt 25", Prompts(await visitor.Http.GetStringAsync(back!))[0]);
    }

    [Fact]
    public async Task Export_StreamsTheDataSetAndAnUnknownOneIsNotFound()
    {
        var datasetId = await ImportAsync("export", new PromptRecord(1, "k", "Why?", null, [new("a", "x", new Dictionary<string, float> { ["helpful"] = 0.1f })]));
        var visitor = await application.VisitAsAsync(Roles.Researcher);

        using var answer = await visitor.Http.GetAsync($"/datasets/{datasetId}/export.jsonl");

        Assert.Equal("application/x-ndjson", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("{\"prompt\":\"Why?\",\"subset\":null,\"prompt_id\":\"k\",\"response_1\":\"x\",\"response_1_model\":\"a\",\"response_1_helpful\":0.1}\n",
            await answer.Content.ReadAsStringAsync());
        using var missing = await visitor.Http.GetAsync("/datasets/999999/export.jsonl");
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    private async Task<int> ImportAsync(string name, params PromptRecord[] records)
    {
        using var written = new MemoryStream();
        foreach (var record in records)
            await DatasetWriter.WriteAsync(written, record);
        var source = new DatasetSource("file.jsonl", () => new MemoryStream(written.ToArray()));
        var outcome = await application.Services.GetRequiredService<DatasetImporter>()
            .ImportAsync(source, await DatasetInspector.InspectAsync(source), new ImportRequest(name, "CC0"));
        return Assert.IsType<ImportOutcome.Imported>(outcome).DatasetId;
    }

    private static string[] Prompts(string html) =>
        [.. html.Split("<span class=\"clamp\"").Skip(1).Select(rest => WebUtility.HtmlDecode(rest[(rest.IndexOf('>', StringComparison.Ordinal) + 1)..rest.IndexOf("</span>", StringComparison.Ordinal)]))];

    private static string? Link(string html, string text)
    {
        var end = html.IndexOf($">{text}</a>", StringComparison.Ordinal);
        if (end < 0)
            return null;
        const string Attribute = "href=\"";
        var start = html.LastIndexOf(Attribute, end, StringComparison.Ordinal) + Attribute.Length;
        return WebUtility.HtmlDecode(html[start..html.IndexOf('"', start)]);
    }

    private static string PromptAddress(string html)
    {
        var start = html.IndexOf("datasets/", html.IndexOf("class=\"prompts\"", StringComparison.Ordinal), StringComparison.Ordinal);
        return "/" + html[start..html.IndexOf('"', start)];
    }
}
