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

    [Theory]
    [InlineData(Instrument.TopK, "select[name=Rank]", 3)]
    [InlineData(Instrument.BestWorst, "input[name=Best], input[name=Worst]", 6)]
    [InlineData(Instrument.Pairwise, "input[name=Preference]", 7)]
    [InlineData(Instrument.Likert, "input[name^=Score-]", 21)]
    public void EveryInstrument_StartsEmpty(Instrument kind, string fields, int count)
    {
        var found = Board(Task(new(), new() { Kind = kind })).FindAll(fields);
        Assert.Equal(count, found.Count);
        Assert.DoesNotContain(found, field => field.HasAttribute("checked"));
    }

    [Fact]
    public void Pairwise_NamesEachStepOfTheScale()
    {
        var steps = Board(Task(new(), new() { Kind = Instrument.Pairwise })).FindAll(".steps .long").Select(step => step.TextContent).ToArray();
        Assert.Equal(7, steps.Distinct().Count());
        Assert.Equal(("A is much better than B", "A and B are equally good", "B is slightly better than A"), (steps[0], steps[3], steps[4]));
    }

    [Theory]
    [InlineData(Instrument.BestWorst, new[] { -1, 1, 0 }, "Best 1,Worst 0")]
    [InlineData(Instrument.Likert, new[] { 2, 7, 1 }, "Score-0 2,Score-1 7,Score-2 1")]
    public void Draft_ChecksTheFieldsOfItsScores(Instrument kind, int[] scores, string expected) => Assert.Equal(
        expected,
        string.Join(',', Board(Task(new() { Scores = [.. scores.Select(score => (int?)score)] }, new() { Kind = kind }))
            .FindAll("input[type=radio][checked]").Select(field => $"{field.GetAttribute("name")} {field.GetAttribute("value")}").Order()));

    [Fact]
    public void WhatTheStudyDoesNotAsk_IsNotOnThePage()
    {
        var board = Board(Task(new(), new() { AllowsAllBad = false }));
        Assert.Empty(board.FindAll("[name=AllBad], [name=Confidence], [name=Comment], [name=Reason]:not([form=skip])"));
    }

    [Fact]
    public void Practice_GuidesStepByStep_PostsToItsOwnPage_AndCannotBeSkipped()
    {
        var board = Render<RankingBoard>(parameters => parameters.Add(it => it.Task, Task(new(), new())).Add(it => it.Practice, true));
        Assert.Equal("/s/my%20study/practice", board.Find("form[data-board]").GetAttribute("action"));
        Assert.Equal(["some", "tie", "allBad", "all"], board.FindAll("[data-step]").Select(step => step.GetAttribute("data-step")));
        Assert.Empty(board.FindAll("form[data-skip]"));
    }

    [Fact]
    public void Revision_NamesWhatItTakesThePlaceOf_AndCanBeLeft()
    {
        var revised = Guid.NewGuid();
        var board = Board(Task(new() { Ranking = Ranking.Parse("B,A,C") }, new()) with { Revises = revised });
        Assert.Equal(revised.ToString(), board.Find("input[name=Revises]").GetAttribute("value"));
        Assert.Equal("/s/my%20study/items", board.Find("[data-cancel]").GetAttribute("href"));
        Assert.Empty(board.FindAll("form[data-skip]"));
    }

    private static RankingTask Task(Answer answer, InstrumentSpec spec) => new(
        Guid.NewGuid(), Guid.NewGuid(), "my study", "Study", "", spec, Slot: 0, "Prompt", spec.Kind == Instrument.Pairwise ? ["first", "second"] : ["first", "second", "third"],
        answer, Timing: new(), Sequence: 0, new(0, 2));

    private IRenderedComponent<RankingBoard> Board(RankingTask task) => Render<RankingBoard>(parameters => parameters.Add(board => board.Task, task));

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
