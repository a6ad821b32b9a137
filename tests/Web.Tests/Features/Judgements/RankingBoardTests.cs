using Bunit;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.Extensions.DependencyInjection;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Web.Features.Judgements;

namespace PersonalLlm.Web.Tests.Features.Judgements;

public sealed class RankingBoardTests : BunitContext
{
    public RankingBoardTests() => Services.AddLocalization().AddSingleton<AntiforgeryStateProvider>(new NoAntiforgery());

    [Fact]
    public void Ranks_StartEmpty()
    {
        var board = Render("");
        Assert.Equal(3, board.FindAll("select[name=Rank]").Count);
        Assert.Empty(board.FindAll("option[selected]:not([value=''])"));
        Assert.Null(board.Find("input[name=AllBad]").GetAttribute("checked"));
    }

    [Fact]
    public void Draft_FillsTheFields_TiesIncluded() =>
        Assert.Equal(["2", "1", "2"], Render("B,A=C").FindAll("option[selected]").Select(option => option.GetAttribute("value")));

    [Fact]
    public void Responses_AreNamedByWhereTheyStand_AndByNothingElse()
    {
        var board = Render("");
        Assert.Equal(["A", "B", "C"], board.FindAll("article h2").Select(heading => heading.TextContent.Replace("Response ", "", StringComparison.Ordinal)));
        Assert.Equal(["first", "second", "third"], board.FindAll("article markdown-text").Select(text => text.TextContent.Trim()));
    }

    [Fact]
    public void Form_PostsWithoutAnyScript()
    {
        var form = Render("").Find("form");
        Assert.Equal("post", form.GetAttribute("method"));
        Assert.StartsWith("/s/my%20study/rank/", form.GetAttribute("action"), StringComparison.Ordinal);
        Assert.NotEmpty(form.QuerySelectorAll("button[type=submit]"));
    }

    [Fact]
    public void Problem_IsShownInWords() =>
        Assert.Equal("Still without a rank: C.", Render("B,A", "Still without a rank: C.").Find("[role=alert]:not([hidden]) p").TextContent);

    [Fact]
    public void EmptyResponse_SaysSo() => Assert.Contains("This response is empty.", Render("", responses: ["a", " "]).Markup, StringComparison.Ordinal);

    private IRenderedComponent<RankingBoard> Render(string positions, string? problem = null, string[]? responses = null)
    {
        var task = new RankingTask(
            Guid.NewGuid(), Guid.NewGuid(), "my study", "Study", "", new(), Slot: 0, "Prompt", responses ?? ["first", "second", "third"],
            new() { Ranking = Ranking.Parse(positions) }, Timing: new(), Sequence: 0, new(0, 2));
        return Render<RankingBoard>(parameters => parameters.Add(board => board.Task, task).Add(board => board.Problem, problem));
    }

    private sealed class NoAntiforgery : AntiforgeryStateProvider
    {
        public override AntiforgeryRequestToken? GetAntiforgeryToken() => new("value", "__RequestVerificationToken");
    }
}
