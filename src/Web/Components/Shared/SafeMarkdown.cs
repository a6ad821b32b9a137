using Markdig;
using Markdig.Extensions.Mathematics;
using Markdig.Extensions.Tables;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Caching.Memory;

namespace PersonalLlm.Web.Components.Shared;

/// <summary>Markdown written by strangers (language models, data sets, colleagues) as HTML that cannot do anything.</summary>
internal static class SafeMarkdown
{
    // DisableHtml alone lets generic attributes and javascript: links through; nothing is in this pipeline that can set an attribute.
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().DisableHtml()
        .UsePipeTables().UseEmphasisExtras().UseAutoLinks().UseListExtras().UseTaskLists().UseMathematics().Use<BackslashMathematics>().Build();

    // A response is rendered for everybody who ranks it, and the same text always becomes the same page. Counted in characters.
    private static readonly MemoryCache Rendered = new(new MemoryCacheOptions { SizeLimit = 32_000_000 });

    /// <summary>Raw HTML is escaped, images become their description, links keep http, https, mailto and fragments only.</summary>
    public static MarkupString ToHtml(string? markdown)
    {
        var text = markdown ?? "";
        if (Rendered.TryGetValue(text, out string? known))
            return new(known!);
        var html = Render(text);
        Rendered.Set(text, html, new MemoryCacheEntryOptions { Size = text.Length + html.Length });
        return new(html);
    }

    private static string Render(string markdown)
    {
        MarkdownDocument document;
        try
        {
            document = Markdown.Parse(markdown, Pipeline);
        }
        catch (ArgumentException)
        {
            // Markdig refuses nesting beyond its depth limit, which only a hostile or broken text reaches.
            return $"<pre>{System.Net.WebUtility.HtmlEncode(markdown)}</pre>";
        }
        foreach (var node in document.Descendants().ToArray())
            Disarm(node);

        using var text = new StringWriter();
        var renderer = new HtmlRenderer(text);
        Pipeline.Setup(renderer);
        renderer.Render(document);
        return text.ToString();
    }

    private static void Disarm(MarkdownObject node)
    {
        switch (node)
        {
            case HeadingBlock heading:
                // The page has its own h1 and h2; a response must not appear to be a section of it.
                heading.Level = Math.Min(6, heading.Level + 2);
                break;
            case Table table:
                AlignByClass(table);
                break;
            case MathInline { DelimiterCount: 2 } mathematics:
                mathematics.GetAttributes().AddClass("display");
                break;
            case LinkInline { IsImage: true } image:
                // A remote image would tell its server who reads what, and when.
                image.ReplaceBy(new LiteralInline($"[image: {TextOf(image)}]"), copyChildren: false);
                break;
            case LinkInline link when !IsHarmless(link.GetDynamicUrl?.Invoke() ?? link.Url):
                link.ReplaceBy(new ContainerInline(), copyChildren: true);
                break;
            case LinkInline link:
                LeaveThePage(link);
                break;
            case AutolinkInline { IsEmail: false } autolink when !IsHarmless(autolink.Url):
                autolink.ReplaceBy(new LiteralInline(autolink.Url));
                break;
            case AutolinkInline autolink:
                LeaveThePage(autolink);
                break;
        }
    }

    // Markdig writes alignment as style attributes, which the content security policy refuses.
    private static void AlignByClass(Table table)
    {
        foreach (var row in table.OfType<TableRow>())
        {
            for (var column = 0; column < row.Count && column < table.ColumnDefinitions.Count; column++)
            {
                if (table.ColumnDefinitions[column].Alignment is { } alignment and not TableColumnAlign.Left)
                    row[column].GetAttributes().AddClass(alignment == TableColumnAlign.Right ? "at-end" : "centred");
            }
        }
        foreach (var column in table.ColumnDefinitions)
            column.Alignment = null;
    }

    private static void LeaveThePage(MarkdownObject link)
    {
        var attributes = link.GetAttributes();
        attributes.AddProperty("rel", "noopener nofollow");
        attributes.AddProperty("target", "_blank");
    }

    private static string TextOf(ContainerInline inline) =>
        string.Concat(inline.Descendants().Select(part => part switch
        {
            LiteralInline literal => literal.Content.ToString(),
            CodeInline code => code.Content,
            _ => "",
        }));

    private static bool IsHarmless(string? url) =>
        url is not null && (url.StartsWith('#') || (Uri.TryCreate(url, UriKind.Absolute, out var absolute)
            && absolute.Scheme is "http" or "https" or "mailto" && HasScheme(url)));

    // Uri takes "/path" as an absolute file path on Linux and forgives leading blanks; a browser may read both differently.
    private static bool HasScheme(string url) => char.IsAsciiLetter(url[0]) && url.Contains(':', StringComparison.Ordinal);
}
