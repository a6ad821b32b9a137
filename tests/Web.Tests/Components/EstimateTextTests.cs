using Bunit;
using PersonalLlm.Engine.Statistics;
using PersonalLlm.Web.Components.Shared;

namespace PersonalLlm.Web.Tests.Components;

public class EstimateTextTests : BunitContext
{
    private IRenderedComponent<EstimateText> Render(Estimate estimate) =>
        Render<EstimateText>(parameters => parameters.Add(text => text.Estimate, estimate).Add(text => text.Name, "number"));

    private static string Words(string html) => string.Join(' ', html.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    [Fact]
    public void ANumber_ComesWithItsIntervalAndItsCount()
    {
        var text = Render(Estimate.Of(1 / 3.0, 0.2, 0.5, 1200)).Find("[data-estimate=number]");
        Assert.Equal("0.33 [0.20, 0.50] n = 1,200", Words(text.TextContent));
        Assert.Equal("0.3333333333333333", text.GetAttribute("data-value"));
    }

    [Fact]
    public void ANumberWithoutAnInterval_SaysWhy() =>
        Assert.Equal("0.50 (no interval: all were counted) n = 3", Words(Render(Estimate.WithoutInterval(0.5, 3, "all were counted")).Find(".estimate").TextContent));

    [Fact]
    public void WhatIsUndefined_SaysWhyAndHasNoValue()
    {
        var text = Render(Estimate.Undefined("nobody came")).Find("[data-estimate=number]");
        Assert.Equal("Undefined because nobody came.", Words(text.TextContent));
        Assert.False(text.HasAttribute("data-value"));
    }
}
