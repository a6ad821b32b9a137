using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PersonalLlm.Data.Studies;
using PersonalLlm.Web.Features.Judgements;

namespace PersonalLlm.Web.Tests.Features.Judgements.Participants;

/// <summary>The steps of a participant between joining and the end, and who may take them.</summary>
public sealed class StepsTests(PersonalLlmApplication application) : IClassFixture<PersonalLlmApplication>
{
    private static readonly SurveyQuestion[] s_survey =
    [
        new("age", "How old are you?", SurveyQuestionKind.Choice, ["young", "old"], "To know who is here."),
        new("tools", "Which do you use?", SurveyQuestionKind.Choices, ["hammer", "saw", "file"]),
        new("english", "How well do you read English?", SurveyQuestionKind.Scale, ["badly", "well", "as a first language"]),
        new("years", "For how many years?", SurveyQuestionKind.Number, []),
        new("country", "Where do you live?", SurveyQuestionKind.Text, []),
        new("hard", "Was it hard?", SurveyQuestionKind.Choice, ["yes", "no"], IsAfter: true),
    ];

    [Fact]
    public void Steps_ComeInOneOrder_AndOnlyThoseThatTheStudyHas()
    {
        var study = new Study { Code = "c", Name = "n", Access = StudyAccess.Platform, HasPractice = true, Survey = s_survey };
        var annotator = new Annotator { ConsentVersion = 1 };
        var (taken, isOver) = (new List<StudyStep>(), false);
        while (taken.Count < 10 && !taken.Contains(StudyStep.Done))
        {
            var step = StudySteps.Next(study, asksConsent: true, taken.Count == 0 ? null : annotator, isOver);
            taken.Add(step);
            switch (step)
            {
                case StudyStep.Survey: annotator.SurveyedAt = DateTimeOffset.UnixEpoch; break;
                case StudyStep.Practice: annotator.PracticedAt = DateTimeOffset.UnixEpoch; break;
                case StudyStep.Rank: isOver = true; break;
                case StudyStep.ClosingSurvey: annotator.ClosingSurveyAt = DateTimeOffset.UnixEpoch; break;
            }
        }
        Assert.Equal([StudyStep.Join, StudyStep.Survey, StudyStep.Practice, StudyStep.Rank, StudyStep.ClosingSurvey, StudyStep.Done], taken);

        var plain = new Study { Code = "c", Name = "n" };
        Assert.Equal(StudyStep.Rank, StudySteps.Next(plain, asksConsent: false, annotator: null, rankingIsOver: false));
        Assert.Equal(StudyStep.Rank, StudySteps.Next(plain, asksConsent: false, new(), rankingIsOver: false));
        Assert.Equal(StudyStep.Done, StudySteps.Next(plain, asksConsent: false, new(), rankingIsOver: true));
        Assert.Equal(StudyStep.Join, StudySteps.Next(plain, asksConsent: true, new(), rankingIsOver: false));
    }

    [Fact]
    public async Task Questions_StartEmpty_AndSayWhatIsMissingBesideEach()
    {
        var (study, visitor, annotator) = await JoinedAsync(row => row.Survey = s_survey);
        var page = await visitor.Http.GetStringAsync($"{study.Path}/survey");
        Assert.DoesNotContain(" checked", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Was it hard?", page, StringComparison.Ordinal);
        Assert.Equal(5, page.Split("Prefer not to say").Length - 1);
        Assert.Contains("Why we ask: To know who is here.", ParticipantScene.Text(page), StringComparison.Ordinal);

        using var answer = await visitor.SendFormAsync(
            $"{study.Path}/survey", "survey", ("answer-age", "1"), ("answer-years", "ten"), ("answer-country", "Peru"), ("none-country", "none"), ("answer-tools", "99"));
        var again = ParticipantScene.Text(await answer.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("4 questions still need you:", again, StringComparison.Ordinal);
        Assert.Contains("Please give a whole number in digits", again, StringComparison.Ordinal);
        Assert.Contains("Please take one of them back.", again, StringComparison.Ordinal);
        Assert.Equal(2, again.Split("Please answer, or choose").Length - 1);
        // What was filled in is still there.
        Assert.Matches("value=\"1\"[^>]* checked", again);
        Assert.Contains(">Peru</textarea>", again, StringComparison.Ordinal);
        Assert.Empty(await AnswersAsync(annotator.Id));
    }

    [Fact]
    public async Task Answers_AreKeptUnderThePseudonym_Once()
    {
        var (study, visitor, annotator) = await JoinedAsync(row => row.Survey = s_survey);
        // The page stays open in a second tab.
        var late = ParticipantScene.HiddenFields(await visitor.Http.GetStringAsync($"{study.Path}/survey"));
        using var answer = await visitor.SendFormAsync(
            $"{study.Path}/survey", "survey",
            ("answer-age", "none"), ("answer-tools", "2"), ("answer-tools", "0"), ("answer-english", "2"), ("answer-years", "007"), ("answer-country", " Peru "));
        Assert.Equal($"{study.Path}/rank", Visitor.Destination(answer));
        var stored = await AnswersAsync(annotator.Id);
        Assert.Equal(["age:", "country:Peru", "english:3", "tools:hammer|file", "years:7"], stored.Select(row => $"{row.QuestionKey}:{string.Join('|', row.Values)}"));

        using var second = await visitor.Http.PostAsync($"{study.Path}/survey", new FormUrlEncodedContent(late.Append(new("answer-age", "0"))));
        Assert.Equal($"{study.Path}/rank", Visitor.Destination(second));
        Assert.Equal(stored.Select(row => row.Values.Length), (await AnswersAsync(annotator.Id)).Select(row => row.Values.Length));
        using var back = await visitor.Http.GetAsync($"{study.Path}/survey");
        Assert.Equal($"{study.Path}/rank", Visitor.Destination(back));
    }

    [Fact]
    public async Task SignsThatNoDatabaseKeeps_AreRefused()
    {
        var (study, visitor, _) = await JoinedAsync(row => row.Survey = [new("country", "Where do you live?", SurveyQuestionKind.Text, [])]);
        using var answer = await visitor.SendFormAsync($"{study.Path}/survey", "survey", ("answer-country", "Pe\0ru"));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Theory]
    [InlineData("", "", "", "true", true)]
    [InlineData("2", "1", "2", "", true)]
    [InlineData("2", "1", "", "", false)]
    public async Task Practice_IsDoneOrWavedAway(string a, string b, string c, string skip, bool isOver)
    {
        var (study, visitor, _) = await JoinedAsync(row => row.HasPractice = true);
        using (var rank = await visitor.Http.GetAsync($"{study.Path}/practice"))
            Assert.Equal(HttpStatusCode.OK, rank.StatusCode);
        using var answer = await visitor.SendFormAsync($"{study.Path}/practice", "", ("Rank", a), ("Rank", b), ("Rank", c), ("Skip", skip));
        Assert.Equal($"{study.Path}/{(isOver ? "rank" : "practice?after=incomplete")}", Visitor.Destination(answer));
        Assert.Equal(isOver, (await study.AnnotatorsAsync())[0].PracticedAt is not null);
        Assert.Empty(await study.JudgementsAsync());
    }

    [Theory]
    [InlineData("survey")]
    [InlineData("practice")]
    public async Task TheRanking_WaitsForTheStepsBeforeIt(string step)
    {
        var (study, visitor, _) = await JoinedAsync(row => _ = step == "survey" ? row.Survey = s_survey : (object)(row.HasPractice = true));
        using var answer = await visitor.Http.GetAsync($"{study.Path}/rank");
        Assert.Equal($"{study.Path}/{step}", Visitor.Destination(answer));
        Assert.Equal(0, await study.TakenAsync());
    }

    [Fact]
    public async Task ACookie_OpensTheStudyThatItWasMadeFor_AndNoOther()
    {
        var (first, visitor, _) = await JoinedAsync(row => row.HasPractice = true);
        var (second, _, other) = await JoinedAsync(row => row.Survey = s_survey);
        foreach (var page in new[] { "survey", "practice", "done" })
        {
            using var answer = await visitor.Http.GetAsync($"{second.Path}/{page}");
            Assert.Equal(second.Path, Visitor.Destination(answer));
        }
        using var practice = await visitor.SendFormAsync($"{first.Path}/practice", "", ("Skip", "true"));
        Assert.Null((await second.AnnotatorsAsync()).Single(row => row.Id == other.Id).PracticedAt);
        Assert.Contains("There is nothing to withdraw here", await visitor.Http.GetStringAsync($"{second.Path}/withdraw"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task JoiningASecondStudy_KeepsTheFirst_AndTheFormsThatAreOpenInIt()
    {
        var (first, visitor, _) = await JoinedAsync(row => row.HasPractice = true);
        var open = ParticipantScene.HiddenFields(await visitor.Http.GetStringAsync($"{first.Path}/practice"));
        await (await ParticipantScene.CreateAsync(application, row => row.Access = StudyAccess.Anyone)).JoinAsync(visitor);
        using var answer = await visitor.Http.PostAsync($"{first.Path}/practice", new FormUrlEncodedContent(open.Append(new("Skip", "true"))));
        Assert.Equal($"{first.Path}/rank", Visitor.Destination(answer));
    }

    [Theory]
    [InlineData("forged")]
    [InlineData("expired")]
    [InlineData("withdrawn")]
    public async Task ACookieThatIsWorthNothing_LetsNobodyIn(string flaw)
    {
        var (study, visitor, annotator) = await JoinedAsync(row => row.Survey = s_survey);
        var stranger = application.Visit();
        switch (flaw)
        {
            case "forged":
                stranger.Http.DefaultRequestHeaders.Add("Cookie", $"participant={annotator.Id}");
                break;
            case "expired":
                stranger.Http.DefaultRequestHeaders.Add("Cookie", $"participant={Ticket(study.StudyId, annotator.Id, DateTimeOffset.UtcNow.AddDays(-1))}");
                break;
            default:
                stranger = visitor;
                using (await visitor.SendFormAsync($"{study.Path}/withdraw", "withdraw"))
                    break;
        }
        using var answer = await stranger.Http.GetAsync($"{study.Path}/survey");
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal(flaw == "withdrawn" ? study.Path : $"/account/sign-in?ReturnUrl={Uri.EscapeDataString($"{study.Path}/survey")}", Visitor.Destination(answer), ignoreCase: true);

        // The same ticket, were it good, would open the page.
        if (flaw == "expired")
        {
            var owner = application.Visit();
            owner.Http.DefaultRequestHeaders.Add("Cookie", $"participant={Ticket(study.StudyId, annotator.Id, DateTimeOffset.UtcNow.AddDays(1))}");
            Assert.Contains("How old are you?", await owner.Http.GetStringAsync($"{study.Path}/survey"), StringComparison.Ordinal);
        }
    }

    private string Ticket(int studyId, Guid annotatorId, DateTimeOffset until)
    {
        var identity = new ClaimsIdentity([new("annotator", $"{studyId}:{annotatorId}"), new("sub", "browser")], "participant");
        return application.Services.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get("participant")
            .TicketDataFormat.Protect(new(new(identity), new AuthenticationProperties { IssuedUtc = until.AddDays(-2), ExpiresUtc = until }, "participant"));
    }

    private async Task<(ParticipantScene Study, Visitor Visitor, Annotator Annotator)> JoinedAsync(Action<Study> design)
    {
        var study = await ParticipantScene.CreateAsync(application, row =>
        {
            row.Access = StudyAccess.Anyone;
            design(row);
        });
        var visitor = application.Visit();
        return (study, visitor, await study.JoinAsync(visitor));
    }

    private async Task<List<SurveyAnswer>> AnswersAsync(Guid annotatorId)
    {
        await using var data = application.CreateContext();
        return await data.SurveyAnswers.AsNoTracking().Where(row => row.AnnotatorId == annotatorId).OrderBy(row => row.QuestionKey).ToListAsync();
    }
}
