using System.Net;
using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data.Accounts;
using PersonalLlm.Data.Studies;

namespace PersonalLlm.Web.Tests.Features.Judgements.Participants;

/// <summary>From a study's link to taking part, through the real application without any script.</summary>
public sealed class JoiningTests(PersonalLlmApplication application) : IClassFixture<PersonalLlmApplication>
{
    private const string Agree = "I agree and take part";

    public static TheoryData<string, string> ReasonsNotToBegin => new()
    {
        { "draft", "This study has not started yet" },
        { "paused", "This study is paused" },
        { "closed", "This study is closed" },
        { "later", "It opens on Tuesday, January 1, 2199 at 09:30 UTC." },
        { "over", "It ended on Saturday, January 1, 2000 at 09:30 UTC" },
        { "quota", "This study has all the participants it needs" },
        { "full", "All places are taken at the moment" },
    };

    [Theory]
    [MemberData(nameof(ReasonsNotToBegin))]
    public async Task WhyNobodyCanBegin_IsSaidBeforeConsent_AndHoldsForTheAnswerToo(string reason, string words)
    {
        var study = await ParticipantScene.CreateAsync(application, WithConsent);
        var visitor = application.Visit();
        var fields = ParticipantScene.HiddenFields(await visitor.Http.GetStringAsync(study.LinkOf("early")));
        await study.ChangeAsync(row => Hinder(row, reason));
        await using (var data = study.Data())
        {
            if (reason == "full")
                await data.StudyPrompts.Where(row => row.StudyId == study.StudyId).ExecuteUpdateAsync(set => set.SetProperty(row => row.Taken, 100));
        }

        var page = ParticipantScene.Text(await visitor.Http.GetStringAsync(study.LinkOf("late")));
        Assert.Contains(words, page, StringComparison.Ordinal);
        Assert.DoesNotContain(Agree, page, StringComparison.Ordinal);

        fields["Answer"] = "agree";
        using var answer = await visitor.Http.PostAsync($"{study.Path}/join", new FormUrlEncodedContent(fields));
        Assert.Contains(words, ParticipantScene.Text(await visitor.Http.GetStringAsync(Visitor.Destination(answer))), StringComparison.Ordinal);
        Assert.Empty(await study.AnnotatorsAsync());
        Assert.Empty(await study.ConsentsAsync());
    }

    [Fact]
    public async Task AttentionChecks_AreDeclaredBeforeConsent_WhereThereAreSome()
    {
        const string declared = "Some items check that the texts are read";
        var with = await ParticipantScene.CreateAsync(application, study => study.AttentionChecks = [new("Read me", ["First", "Last"], 0)]);
        var without = await ParticipantScene.CreateAsync(application);
        Assert.Contains(declared, await application.Visit().Http.GetStringAsync(with.LinkOf("a")), StringComparison.Ordinal);
        Assert.DoesNotContain(declared, await application.Visit().Http.GetStringAsync(without.LinkOf("b")), StringComparison.Ordinal);
    }

    private static void Hinder(Study study, string reason)
    {
        study.Status = reason switch { "draft" => StudyStatus.Draft, "paused" => StudyStatus.Paused, "closed" => StudyStatus.Closed, _ => StudyStatus.Open };
        study.OpensAt = reason == "later" ? new DateTimeOffset(2199, 1, 1, 9, 30, 0, TimeSpan.Zero) : null;
        study.ClosesAt = reason == "over" ? new DateTimeOffset(2000, 1, 1, 9, 30, 0, TimeSpan.Zero) : null;
        study.Quota = reason == "quota" ? 0 : null;
    }

    [Theory]
    [InlineData("", "Your link lacks PROLIFIC_PID: go back to Prolific and open the study from there.")]
    [InlineData("?PROLIFIC_PID=", "Your link lacks PROLIFIC_PID: go back to Prolific")]
    [InlineData("?PROLIFIC_PID={{%PROLIFIC_PID%}}&SESSION_ID=s", "Your link lacks PROLIFIC_PID: go back to Prolific")]
    [InlineData("?PROLIFIC_PID=a&PROLIFIC_PID=b", "The PROLIFIC_PID in your link is no id.")]
    [InlineData("?PROLIFIC_PID=a%20b", "The PROLIFIC_PID in your link is no id.")]
    [InlineData("?PROLIFIC_PID=%3Cscript%3E", "The PROLIFIC_PID in your link is no id.")]
    [InlineData("?PROLIFIC_PID=a&SESSION_ID=%22", "The SESSION_ID in your link is no id.")]
    [InlineData("?PROLIFIC_PID=a&arrival=CfDJ8forged", "I agree and take part")]
    [InlineData("?arrival=CfDJ8forged", "Your link lacks PROLIFIC_PID")]
    public async Task ALink_IsReadOrExplained(string query, string words)
    {
        var study = await ParticipantScene.CreateAsync(application, WithConsent);
        Assert.Contains(words, ParticipantScene.Text(await application.Visit().Http.GetStringAsync(study.Path + query)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnIdThatIsTooLong_IsRefused()
    {
        var study = await ParticipantScene.CreateAsync(application, WithConsent);
        Assert.Contains(Agree, await application.Visit().Http.GetStringAsync(study.LinkOf(new('a', 200))), StringComparison.Ordinal);
        Assert.Contains("is no id", await application.Visit().Http.GetStringAsync(study.LinkOf(new('a', 201))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?worker=w&place=right", "I agree and take part")]
    [InlineData("?worker=w&place=wrong", "Your link belongs to another study")]
    [InlineData("?worker=w", "Your link belongs to another study")]
    [InlineData("?PROLIFIC_PID=w&place=right", "Your link lacks worker: go back to the platform that sent you")]
    public async Task AnotherPlatform_HasNamesOfItsOwn(string query, string words)
    {
        var study = await ParticipantScene.CreateAsync(application, row =>
        {
            WithConsent(row);
            row.Platform = new() { ParticipantParameter = "worker", StudyParameter = "place", SessionParameter = "", StudyId = "right" };
        });
        Assert.Contains(words, ParticipantScene.Text(await application.Visit().Http.GetStringAsync(study.Path + query)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ResearchersAtAPlatformsLink_AreToldOfThePreview()
    {
        var study = await ParticipantScene.CreateAsync(application, WithConsent);
        var researcher = await application.VisitAsAsync(Roles.Researcher);
        Assert.Contains($"href=\"/studies/{study.StudyId}\"", await researcher.Http.GetStringAsync(study.Path), StringComparison.Ordinal);
        Assert.DoesNotContain("/studies/", await application.Visit().Http.GetStringAsync(study.Path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reading_StoresNothing_Agreeing_MakesOneAnnotatorUnderAPseudonym()
    {
        var study = await ParticipantScene.CreateAsync(application, WithConsent);
        var visitor = application.Visit();
        using (var page = await visitor.Http.GetAsync(study.LinkOf("5f3cpid")))
            Assert.True(page.Headers.CacheControl is { NoStore: true });
        Assert.Empty(await study.AnnotatorsAsync());

        using var answer = await study.AnswerAsync(visitor, study.LinkOf("5f3cpid"));
        Assert.Equal($"{study.Path}/rank", Visitor.Destination(answer));
        var annotator = Assert.Single(await study.AnnotatorsAsync());
        Assert.Equal(("5f3cpid", "session-1", null, 1), (annotator.ParticipantId, annotator.SessionId, annotator.UserId, annotator.ConsentVersion));
        var consent = Assert.Single(await study.ConsentsAsync());
        Assert.Equal((true, annotator.Id, 1), (consent.IsGiven, consent.AnnotatorId, consent.Version));
        foreach (var page in new[] { "", "/rank", "/withdraw" })
            Assert.DoesNotContain("5f3cpid", await visitor.Http.GetStringAsync(study.Path + page), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Declining_IsPolite_AndNamesNobody()
    {
        var study = await ParticipantScene.CreateAsync(application, WithConsent);
        var visitor = application.Visit();
        using var answer = await study.AnswerAsync(visitor, study.LinkOf("no-thanks"), "decline");
        var page = ParticipantScene.Text(await visitor.Http.GetStringAsync(Visitor.Destination(answer)));
        Assert.Contains("You are not taking part", page, StringComparison.Ordinal);
        Assert.Contains("Stop without completing", page, StringComparison.Ordinal);
        var consent = Assert.Single(await study.ConsentsAsync());
        Assert.Equal((false, null, 1), (consent.IsGiven, consent.AnnotatorId, consent.Version));
        Assert.Empty(await study.AnnotatorsAsync());
    }

    [Fact]
    public async Task ANewConsentText_IsShownAgain_BeforeAnythingIsStored()
    {
        var study = await ParticipantScene.CreateAsync(application, WithConsent);
        var visitor = application.Visit();
        var fields = ParticipantScene.HiddenFields(await visitor.Http.GetStringAsync(study.LinkOf("slow-reader")));
        await study.ChangeAsync(row => row.ConsentTexts.Add(new() { Version = 2, Text = "The **second** wording." }));
        fields["Answer"] = "agree";
        using var early = await visitor.Http.PostAsync($"{study.Path}/join", new FormUrlEncodedContent(fields));
        var again = Visitor.Destination(early)!;
        var page = ParticipantScene.Text(await visitor.Http.GetStringAsync(again));
        Assert.Contains("This text was changed while you were reading.", page, StringComparison.Ordinal);
        Assert.Contains("<strong>second</strong>", page, StringComparison.Ordinal);
        Assert.Empty(await study.AnnotatorsAsync());

        using var now = await study.AnswerAsync(visitor, again);
        var annotator = Assert.Single(await study.AnnotatorsAsync());
        Assert.Equal(("slow-reader", 2), (annotator.ParticipantId, annotator.ConsentVersion));
    }

    [Fact]
    public async Task TheConsentText_CanBeTakenHome_WithItsVersionAndHash()
    {
        var study = await ParticipantScene.CreateAsync(application, WithConsent);
        using var file = await application.Visit().Http.GetAsync($"{study.Path}/consent");
        Assert.Equal("attachment", file.Content.Headers.ContentDisposition?.DispositionType);
        var text = await file.Content.ReadAsStringAsync();
        Assert.Contains("Consent, version 1", text, StringComparison.Ordinal);
        // sha256sum of the text below it
        Assert.Contains(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(ConsentWords))), text, StringComparison.Ordinal);
        Assert.EndsWith(ConsentWords, text, StringComparison.Ordinal);
        using var none = await application.Visit().Http.GetAsync($"{study.Path}/consent?version=7");
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Fact]
    public async Task ManyTabsOfOneId_MakeOneAnnotator_AndGiveOneConsent()
    {
        var study = await ParticipantScene.CreateAsync(application, WithConsent);
        var tabs = await Task.WhenAll(Enumerable.Range(0, 12).Select(async _ =>
        {
            var visitor = application.Visit();
            return (visitor.Http, Fields: ParticipantScene.HiddenFields(await visitor.Http.GetStringAsync(study.LinkOf("everywhere"))));
        }));
        var answers = await Task.WhenAll(tabs.Select(tab => tab.Http.PostAsync($"{study.Path}/join", new FormUrlEncodedContent(tab.Fields.Append(new("Answer", "agree"))))));
        Assert.All(answers, answer => Assert.Equal($"{study.Path}/rank", Visitor.Destination(answer)));
        Assert.Single(await study.AnnotatorsAsync());
        Assert.Single(await study.ConsentsAsync());
    }

    [Fact]
    public async Task ManyPeopleAtOnce_DoNotExceedTheQuota()
    {
        var study = await ParticipantScene.CreateAsync(application, row =>
        {
            WithConsent(row);
            row.Quota = 4;
        });
        await Task.WhenAll(Enumerable.Range(0, 16).Select(person => study.AnswerAsync(application.Visit(), study.LinkOf($"person-{person}"))));
        var annotators = await study.AnnotatorsAsync();
        Assert.Equal([1, 2, 3, 4], annotators.Select(annotator => annotator.Number));
        Assert.Equal(4, (await study.ConsentsAsync()).Count);
    }

    [Fact]
    public async Task TheSameIdInTheSameSession_GoesOnWhereItStopped_InAnyBrowser()
    {
        var study = await ParticipantScene.CreateAsync(application, row =>
        {
            WithConsent(row);
            row.HasPractice = true;
        });
        await study.JoinAsync(application.Visit(), study.LinkOf("mover"));
        var elsewhere = application.Visit();
        using var answer = await elsewhere.Http.GetAsync(study.LinkOf("mover"));
        Assert.Equal($"{study.Path}/practice", Visitor.Destination(answer));
        Assert.Contains("This is for practice", await elsewhere.Http.GetStringAsync($"{study.Path}/practice"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheSameIdInAnotherSession_HasTakenPart_AndIsNotLetIn()
    {
        var study = await ParticipantScene.CreateAsync(application, WithConsent);
        var visitor = application.Visit();
        await study.JoinAsync(visitor, study.LinkOf("again"));
        var stranger = application.Visit();
        using (var answer = await stranger.Http.GetAsync(study.LinkOf("again", "session-2")))
        {
            Assert.Contains("You have taken part before", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.False(answer.Headers.Contains("Set-Cookie") && answer.Headers.GetValues("Set-Cookie").Any(cookie => cookie.StartsWith("participant=", StringComparison.Ordinal)));
        }
        using var rank = await stranger.Http.GetAsync($"{study.Path}/rank");
        Assert.Contains("/account/sign-in", rank.Headers.Location!.ToString(), StringComparison.Ordinal);

        await study.RankAsync((await study.AnnotatorsAsync())[0].Id);
        Assert.Contains("completion code", await visitor.Http.GetStringAsync($"{study.Path}/done"), StringComparison.Ordinal);
        Assert.Contains($"href=\"{study.Path}/done\"", await visitor.Http.GetStringAsync(study.LinkOf("again", "session-2")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TwoPeopleAtOneComputer_AreTwoAnnotators()
    {
        var study = await ParticipantScene.CreateAsync(application, WithConsent);
        var visitor = application.Visit();
        await study.JoinAsync(visitor, study.LinkOf("first"));
        var second = await study.JoinAsync(visitor, study.LinkOf("second"));
        Assert.Equal(("second", 2), (second.ParticipantId, second.Number));
        await study.RankAsync(second.Id);
        Assert.Contains("completion code", await visitor.Http.GetStringAsync($"{study.Path}/done"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhoeverHasTheLink_GetsAPseudonym_AndAgreeingTwiceMakesOne()
    {
        var study = await ParticipantScene.CreateAsync(application, row => row.Access = StudyAccess.Anyone);
        var visitor = application.Visit();
        var fields = ParticipantScene.HiddenFields(await visitor.Http.GetStringAsync(study.Path));
        fields["Answer"] = "agree";
        foreach (var _ in Enumerable.Range(0, 2))
        {
            using var answer = await visitor.Http.PostAsync($"{study.Path}/join", new FormUrlEncodedContent(fields));
            Assert.Equal($"{study.Path}/rank", Visitor.Destination(answer));
        }
        var annotator = Assert.Single(await study.AnnotatorsAsync());
        Assert.Equal((null, null, null, null), (annotator.UserId, annotator.ParticipantId, annotator.SessionId, annotator.ConsentVersion));
        Assert.Empty(await study.ConsentsAsync());
    }

    [Fact]
    public async Task InvitedPeople_SignInAndComeBack_AndAgreeUnderTheirAccount()
    {
        var study = await ParticipantScene.CreateAsync(application, row =>
        {
            WithConsent(row);
            row.Access = StudyAccess.Accounts;
        });
        using var answer = await application.Visit().Http.GetAsync(study.Path);
        Assert.Equal($"/account/sign-in?returnUrl={Uri.EscapeDataString(study.Path)}", Visitor.Destination(answer));

        var annotator = await study.JoinAsync(await application.VisitAsAsync(Roles.Annotator));
        Assert.NotNull(annotator.UserId);
        Assert.Equal(1, annotator.ConsentVersion);
    }

    private const string ConsentWords = "We store your **rankings**.\n\nContact: [ethics](mailto:ethics@example.org)";

    private static void WithConsent(Study study) => study.ConsentTexts.Add(new() { Version = 1, Text = ConsentWords });
}
