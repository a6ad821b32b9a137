using Bunit;
using PersonalLlm.Web.Components.Shared;

namespace PersonalLlm.Web.Tests.Components;

public class ChartTests : BunitContext
{
    private readonly BunitJSModuleInterop module;

    public ChartTests()
    {
        module = JSInterop.SetupModule("./lib/chart.js");
        module.Mode = JSRuntimeMode.Loose;
    }

    private static ChartTable Table => new(["Model", "Share"], [["gpt, \"4\"", 1 / 3.0], ["=cmd()", null]]);

    private IRenderedComponent<Chart> Render(object options) => Render<Chart>(parameters => parameters
        .Add(chart => chart.Options, options)
        .Add(chart => chart.Label, "Win share: gpt 33 %.")
        .Add(chart => chart.Table, Table)
        .Add(chart => chart.FileName, "win-share"));

    [Fact]
    public void Chart_TellsItsContentToThoseWhoDoNotSeeIt()
    {
        var page = Render(new { a = 1 });
        Assert.Equal("Win share: gpt 33 %.", page.Find("[role=img]").GetAttribute("aria-label"));
        Assert.Equal(["gpt, \"4\"", "=cmd()"], page.FindAll("tbody th").Select(cell => cell.TextContent));
        Assert.Equal(["0.3333", "–"], page.FindAll("tbody td").Select(cell => cell.TextContent));
    }

    [Fact]
    public void Chart_IsDrawnAgainOnlyWhenItsOptionsChange()
    {
        var page = Render(new { a = 1 });
        page.Render(parameters => parameters.Add(chart => chart.Options, new { a = 1 }));
        Assert.Single(module.Invocations["draw"]);
        page.Render(parameters => parameters.Add(chart => chart.Options, new { a = 2 }));
        Assert.Equal(2, module.Invocations["draw"].Count);
        Assert.Equal("""{"a":2}""", module.Invocations["draw"][1].Arguments[1]);
    }

    [Fact]
    public void Csv_KeepsEveryDigitAndQuotesWhatWouldBreakARow()
    {
        var page = Render(new { a = 1 });
        page.FindAll(".downloads button")[2].Click();
        var csv = module.Invocations["downloadText"].Single().Arguments[0];
        Assert.Equal("Model,Share\r\n\"gpt, \"\"4\"\"\",0.3333333333333333\r\n'=cmd(),\r\n", csv);
    }
}
