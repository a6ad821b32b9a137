using AngleSharp.Dom;
using Bunit;
using PersonalLlm.Web.Components.Shared;

namespace PersonalLlm.Web.Tests.Components;

public sealed class MarkdownTextTests : BunitContext
{
    private static readonly HashSet<string> HarmlessElements =
    [
        "markdown-text", "p", "a", "em", "strong", "del", "ins", "mark", "sub", "sup", "code", "pre", "ul", "ol", "li", "blockquote", "hr", "br",
        "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "colgroup", "col", "input", "span", "div",
    ];

    private static readonly HashSet<string> HarmlessAttributes =
        ["class", "dir", "href", "rel", "target", "title", "start", "type", "checked", "disabled"];

    public static TheoryData<string> HostileTexts =>
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)>",
        "<svg><script xlink:href=data:,alert(1) /></svg>",
        "<iframe src=\"javascript:alert(1)\"></iframe>",
        "<a href=\"javascript:alert(1)\">x</a>",
        "<details open ontoggle=alert(1)>",
        "<form action=https://evil.example><input name=q></form>",
        "<style>*{background:url(https://evil.example)}</style>",
        "<base href=https://evil.example/>",
        "<math><mtext></mtext><mglyph><style><img src=x onerror=alert(1)></style></mglyph></math>",
        "<!-- --><script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](  javascript:alert(1))",
        "[x](<java\tscript:alert(1)>)",
        "[x](javascript&colon;alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](\\javascript:alert(1))",
        "[x](vbscript:msgbox(1))",
        "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
        "[x](file:///etc/passwd)",
        "[x](//evil.example/path)",
        "[x](/account/delete)",
        "[x](account/delete)",
        "[x](?handler=delete)",
        "[x](https://ok.example \"t\\\" onmouseover=alert(1) x=\\\"\")",
        "[x](https://ok.example\" onmouseover=alert(1))",
        "[x][r]\n\n[r]: javascript:alert(1)",
        "<javascript:alert(1)>",
        "<data:text/html,x>",
        "![x](https://evil.example/pixel.png)",
        "![x](javascript:alert(1))",
        "![x\" onerror=\"alert(1)](https://evil.example/p.png)",
        "[![x](https://evil.example/p.png)](javascript:alert(1))",
        "![*a* `b`](data:image/svg+xml;base64,PHN2Zy8+)",
        "text {onclick=alert(1)}",
        "# h {#id onmouseover=alert(1) style=color:red}",
        "```js onload=alert(1)\nx\n```",
        "```\"><img/src=x/onerror=alert(1)>\nx\n```",
        "`<img src=x onerror=alert(1)>`",
        "$\\href{javascript:alert(1)}{x}$",
        "$$</div><script>alert(1)</script>$$",
        "| <img src=x onerror=alert(1)> |\n|---|\n| [x](javascript:alert(1)) |",
        "- [ ] <input onfocus=alert(1) autofocus>",
        "ftp://evil.example/x tel:123 www.ok.example",
        "\u0000<script>alert(1)</script>",
        "[x](\u0001javascript:alert(1))",
    ];

    [Theory]
    [MemberData(nameof(HostileTexts))]
    public void HostileText_BecomesOnlyHarmlessElementsAttributesAndAddresses(string markdown)
    {
        foreach (var element in Render(markdown).FindAll("markdown-text *"))
        {
            Assert.Contains(element.LocalName, HarmlessElements);
            Assert.All(element.Attributes, attribute => Assert.Contains(attribute.Name, HarmlessAttributes));
            if (element.LocalName == "a")
            {
                Assert.Matches("^(https?://|mailto:|#)", element.GetAttribute("href"));
                Assert.Equal("noopener nofollow", element.GetAttribute("rel"));
                Assert.Equal("_blank", element.GetAttribute("target"));
            }
            if (element.LocalName == "input")
                Assert.Equal("checkbox", element.GetAttribute("type"));
        }
    }

    [Fact]
    public void RawHtml_IsShownAsText() =>
        Assert.Equal("<b>not bold</b>", Render("<b>not bold</b>").Find("p").TextContent);

    [Fact]
    public void Image_IsShownAsItsDescription_AndNeverFetched() =>
        Assert.Equal("See [image: a red kite]", Render("See ![a *red* kite](https://example.org/kite.png)").Find("p").TextContent);

    [Fact]
    public void UnsafeLink_KeepsItsWords() =>
        Assert.Equal("press here now", Render("press [here *now*](javascript:alert(1))").Find("p").TextContent);

    [Fact]
    public void DollarAmounts_AreNotMathematics()
    {
        var text = Render("It costs $5 and $10, or $20-$30.");
        Assert.Empty(text.FindAll(".math"));
        Assert.Equal("It costs $5 and $10, or $20-$30.", text.Find("p").TextContent);
    }

    [Fact]
    public void Mathematics_IsMarkedForTypesetting_WithItsSource()
    {
        var text = Render("Since $\\mu = 0$:\n\n$$\n\\sigma^2 < 1\n$$");
        Assert.Contains("\\mu = 0", text.Find("span.math").TextContent, StringComparison.Ordinal);
        Assert.Contains("\\sigma^2 < 1", text.Find("div.math").TextContent, StringComparison.Ordinal);
        Assert.Contains("E = mc^2", Render("So $$E = mc^2$$.").Find("span.math.display").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Mathematics_BetweenBackslashes_IsKept_AsModelsWriteIt()
    {
        var text = Render("The area \\(a_1 \\times *b*\\) is\n\n\\[ \\text{Area} = \\frac{n s^2}{4} \\]\n\nbut \\(this one never ends, \\[nor this, and `\\(code\\)` stays.");
        Assert.Equal(["\\(a_1 \\times *b*\\)", "\\( \\text{Area} = \\frac{n s^2}{4} \\)"], text.FindAll(".math").Select(part => part.TextContent));
        Assert.Equal("\\(code\\)", text.Find("code").TextContent);
        Assert.Single(text.FindAll(".math.display"));
    }

    [Fact]
    public void Headings_StayBelowThoseOfThePage() =>
        Assert.Equal(["h3", "h6"], Render("# One\n\n##### Five").FindAll("h1,h2,h3,h4,h5,h6").Select(heading => heading.LocalName));

    [Fact]
    public void NestingWithoutEnd_IsShownAsPlainText()
    {
        var text = new string('>', 5000) + " deep <script>";
        Assert.Contains("deep <script>", Render(text).Find("markdown-text").TextContent, StringComparison.Ordinal);
    }

    private IRenderedComponent<MarkdownText> Render(string markdown) =>
        Render<MarkdownText>(parameters => parameters.Add(text => text.Text, markdown));

    [Fact]
    public void AnAlignedColumn_HasAClass_BecauseThePolicyRefusesStyles()
    {
        var table = Render<MarkdownText>(text => text.Add(one => one.Text, "| a | b | c |\n|:--|:-:|--:|\n| 1 | 2 | 3 |")).Find("table");
        Assert.All(table.QuerySelectorAll("*"), element => Assert.False(element.HasAttribute("style")));
        Assert.Equal([null, "centred", "at-end"], table.QuerySelectorAll("th").Select(cell => cell.GetAttribute("class")));
        Assert.Equal([null, "centred", "at-end"], table.QuerySelectorAll("td").Select(cell => cell.GetAttribute("class")));
    }
}
