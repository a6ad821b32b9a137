using System.Net;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PersonalLlm.Data.Studies;
using PersonalLlm.Web.Features.Judgements;

namespace PersonalLlm.Web.Tests.Features.Judgements.Participants;

/// <summary>How a participant's way ends: the code, the way back to the platform, or a withdrawal.</summary>
public sealed partial class EndTests(PersonalLlmApplication application) : IClassFixture<PersonalLlmApplication>
{
    private const string NoCode = "completion code";

    [Fact]
    public async Task TheCode_ComesWhenEverythingIsStored_AndStaysTheSame()
    {
        var (study, visitor, annotator) = await JoinedAsync();
        await study.RankAsync(annotator.Id, items: 1);
        var early = await visitor.Http.GetStringAsync($"{study.Path}/done");
        Assert.Contains("Thank you so far", early, StringComparison.Ordinal);
        Assert.DoesNotContain(NoCode, early, StringComparison.Ordinal);

        // In hand counts as not stored.
        await application.Services.GetRequiredService<AssignmentLeaser>().NextAsync(study.Code, new(Guid.Empty, [annotator.Id]));
        Assert.DoesNotContain(NoCode, await visitor.Http.GetStringAsync($"{study.Path}/done"), StringComparison.Ordinal);
        Assert.Null((await study.AnnotatorsAsync())[0].CompletedAt);

        await study.RankAsync(annotator.Id);
        var pages = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => visitor.Http.GetStringAsync($"{study.Path}/done")));
        var stored = Assert.Single(await study.AnnotatorsAsync());
        Assert.Matches("^[A-HJKMNP-Z2-9]{10}$", stored.CompletionCode);
        Assert.NotNull(stored.CompletedAt);
        Assert.All(pages, page => Assert.Equal(stored.CompletionCode, ShownCode().Match(page).Groups[1].Value));
        using var landing = await visitor.Http.GetAsync(study.Path);
        Assert.Equal($"{study.Path}/done", Visitor.Destination(landing));
        using var link = await application.Visit().Http.GetAsync(study.LinkOf("someone"));
        Assert.Equal($"{study.Path}/done", Visitor.Destination(link));
    }

    [Fact]
    public async Task WhoeverCouldRankOnlySome_BecauseOthersTookTheRest_GetsTheCodeToo_AndWhoeverCouldRankNoneDoesNot()
    {
        var (study, visitor, annotator) = await JoinedAsync(overlap: 1);
        var late = application.Visit();
        var second = await study.JoinAsync(late, study.LinkOf("late"));
        var third = application.Visit();
        await study.JoinAsync(third, study.LinkOf("third"));
        await study.RankAsync(annotator.Id, items: 1);
        await study.RankAsync(second.Id);
        Assert.Contains(NoCode, await late.Http.GetStringAsync($"{study.Path}/done"), StringComparison.Ordinal);
        Assert.Contains(NoCode, await visitor.Http.GetStringAsync($"{study.Path}/done"), StringComparison.Ordinal);
        Assert.DoesNotContain(NoCode, await third.Http.GetStringAsync($"{study.Path}/done"), StringComparison.Ordinal);
        var page = ParticipantScene.Text(await third.Http.GetStringAsync(study.Path));
        Assert.Contains("All places are taken at the moment", page, StringComparison.Ordinal);
        Assert.Contains("Stop without completing", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheClosingQuestions_ComeBeforeTheCode_AlsoWhenTheStudyHasClosedMeanwhile()
    {
        var (study, visitor, annotator) = await JoinedAsync(row => row.Survey = [new("hard", "Was it hard?", SurveyQuestionKind.Choice, ["yes", "no"], IsAfter: true)]);
        await study.RankAsync(annotator.Id);
        using (var done = await visitor.Http.GetAsync($"{study.Path}/done"))
            Assert.Equal($"{study.Path}/survey?after=1", Visitor.Destination(done));
        await study.ChangeAsync(row => row.Status = StudyStatus.Closed);
        using (var answer = await visitor.SendFormAsync($"{study.Path}/survey?after=1", "survey", ("answer-hard", "0")))
            Assert.Equal($"{study.Path}/done", Visitor.Destination(answer));
        Assert.Contains(NoCode, await visitor.Http.GetStringAsync($"{study.Path}/done"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://app.prolific.com/submissions/complete?cc={code}", "https://app.prolific.com/submissions/complete?cc=C%26%201")]
    [InlineData("https://panel.example/end?c={code}&p={participant}&s={session}", "https://panel.example/end?c=C%26%201&p=someone&s=session-1")]
    [InlineData("http://panel.example/end?c={code}", null)]
    [InlineData("javascript:alert('{code}')", null)]
    [InlineData("https://{participant}.example/", null)]
    [InlineData("https://panel.example@evil.example/{code}", null)]
    [InlineData("/s/elsewhere", null)]
    [InlineData("", null)]
    public async Task TheWayBack_IsFilledInAndEncoded_AndLeadsToAFixedHostOverHttpsOrNowhere(string address, string? expected)
    {
        var (study, visitor, annotator) = await JoinedAsync(row => row.Platform = new() { CompletionCode = "C& 1", ReturnAddress = address });
        await study.RankAsync(annotator.Id);
        var page = ParticipantScene.Text(await visitor.Http.GetStringAsync($"{study.Path}/done"));
        Assert.Contains("C& 1", page, StringComparison.Ordinal);
        if (expected is null)
        {
            Assert.Contains("Copy it to the page that sent you here.", page, StringComparison.Ordinal);
            Assert.DoesNotContain("example", page, StringComparison.Ordinal);
        }
        else
            Assert.Contains($"href=\"{expected}\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Withdrawing_AsksOnce_ThenDeletesEverything_AndReturnsThePlaces()
    {
        var (study, visitor, annotator) = await JoinedAsync(row => row.Survey = [new("age", "How old are you?", SurveyQuestionKind.Number, [])]);
        var other = await study.JoinAsync(application.Visit(), study.LinkOf("other"));
        using (await visitor.SendFormAsync($"{study.Path}/survey", "survey", ("answer-age", "40")))
            await study.RankAsync(annotator.Id);
        await study.RankAsync(other.Id, items: 1);
        var done = ParticipantScene.Text(await visitor.Http.GetStringAsync($"{study.Path}/done"));
        var link = new Uri(WithdrawalLink().Match(done).Groups[1].Value).PathAndQuery;
        Assert.Equal(3, await study.TakenAsync());

        // From another device, with the link alone.
        var elsewhere = application.Visit();
        Assert.Contains("Do you want to withdraw from this study?", await elsewhere.Http.GetStringAsync(link), StringComparison.Ordinal);
        Assert.Equal(3, (await study.JudgementsAsync()).Count);
        using (var answer = await elsewhere.SendFormAsync(link, "withdraw"))
            Assert.Contains("You have withdrawn", await elsewhere.Http.GetStringAsync(Visitor.Destination(answer)), StringComparison.Ordinal);

        Assert.Single(await study.JudgementsAsync());
        Assert.Equal(1, await study.TakenAsync());
        var row = (await study.AnnotatorsAsync()).Single(row => row.Id == annotator.Id);
        Assert.Equal((null, null, null), (row.ParticipantId, row.SessionId, row.CompletionCode));
        Assert.NotNull(row.WithdrawnAt);
        await using (var data = study.Data())
        {
            Assert.Empty(await data.SurveyAnswers.Where(answer => answer.AnnotatorId == annotator.Id).ToListAsync());
            Assert.Empty(await data.Assignments.Where(assignment => assignment.AnnotatorId == annotator.Id).ToListAsync());
        }
        using (await elsewhere.SendFormAsync(link, "withdraw"))
            Assert.Equal(1, await study.TakenAsync());
        using var back = await visitor.Http.GetAsync($"{study.Path}/done");
        Assert.Equal(study.Path, Visitor.Destination(back));
    }

    [Fact]
    public async Task WithdrawingWhileRanking_LeavesNoItemBehind()
    {
        var (study, visitor, annotator) = await JoinedAsync(prompts: 12);
        var ranking = Task.Run(() => study.RankAsync(annotator.Id));
        await WaitForAsync(async () => (await study.JudgementsAsync()).Count > 2);
        using (await visitor.SendFormAsync($"{study.Path}/withdraw", "withdraw"))
        {
            // A submit whose item is gone is refused, which ends the ranking.
            await Record.ExceptionAsync(() => ranking);
        }
        Assert.Empty(await study.JudgementsAsync());
        Assert.Equal(0, await study.TakenAsync());
    }

    [Fact]
    public async Task Withdrawing_IsPossibleForTheDaysThatTheStudyGives()
    {
        var (study, visitor, annotator) = await JoinedAsync(row => row.WithdrawalDays = 3);
        Assert.Contains("Do you want to withdraw", await visitor.Http.GetStringAsync($"{study.Path}/withdraw"), StringComparison.Ordinal);
        await study.RankAsync(annotator.Id);
        await using (var data = study.Data())
            await data.Annotators.Where(row => row.Id == annotator.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.JoinedAt, DateTimeOffset.UtcNow.AddDays(-4)));
        Assert.Contains("The time to withdraw is over", await visitor.Http.GetStringAsync($"{study.Path}/withdraw"), StringComparison.Ordinal);
        using (await visitor.SendFormAsync($"{study.Path}/withdraw", "withdraw"))
            Assert.Equal(2, (await study.JudgementsAsync()).Count);

        await study.ChangeAsync(row => row.WithdrawalDays = 0);
        Assert.Contains("This study cannot delete what you did", await visitor.Http.GetStringAsync($"{study.Path}/withdraw"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AWithdrawalLink_ThatIsForgedOrOfAnotherStudy_NamesNobody()
    {
        var (study, visitor, annotator) = await JoinedAsync();
        var other = await ParticipantScene.CreateAsync(application);
        await study.RankAsync(annotator.Id);
        var token = new Uri(WithdrawalLink().Match(ParticipantScene.Text(await visitor.Http.GetStringAsync($"{study.Path}/done"))).Groups[1].Value).Segments[^1];
        foreach (var link in new[] { $"{study.Path}/withdraw/{annotator.Id}", $"{study.Path}/withdraw/{token}x", $"{other.Path}/withdraw/{token}" })
        {
            Assert.Contains("There is nothing to withdraw here", await application.Visit().Http.GetStringAsync(link), StringComparison.Ordinal);
            using (await application.Visit().SendFormAsync(link, "withdraw"))
                Assert.Equal(2, (await study.JudgementsAsync()).Count);
        }
    }

    private async Task<(ParticipantScene Study, Visitor Visitor, Annotator Annotator)> JoinedAsync(Action<Study>? design = null, int prompts = 2, int overlap = 100)
    {
        var study = await ParticipantScene.CreateAsync(application, design, prompts, overlap);
        var visitor = application.Visit();
        return (study, visitor, await study.JoinAsync(visitor, study.LinkOf("someone")));
    }

    private static async Task WaitForAsync(Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await holds())
            await Task.Delay(5, patience.Token);
    }

    [GeneratedRegex("<code translate=\"no\"[^>]*>([^<]+)</code>")]
    private static partial Regex ShownCode();

    [GeneratedRegex("href=\"(http://[^\"]+/withdraw/[^\"]+)\"")]
    private static partial Regex WithdrawalLink();
}
