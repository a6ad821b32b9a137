using System.Net;
using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data.Judgements;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Studies;

namespace PersonalLlm.Web.Tests.Features.Judgements;

public sealed class JudgementEndpointTests(PersonalLlmApplication application) : IClassFixture<PersonalLlmApplication>
{
    private static readonly (string, string)[] s_timing =
    [
        ("ActiveMs", "41000.7"), ("IdleMs", "3000"), ("Exposure", "9000,8000.5,7000,0"), ("Touched", "1,1,0,1"), ("Input", "tap+keys"), ("Viewport", "390x844"),
    ];

    public static TheoryData<InstrumentSpec, int, string, string, int?[]> Answers => new()
    {
        { new(), 4, "Rank=2&Rank=1&Rank=2&Rank=4", "B,A=C,D", [] },
        { new() { Kind = Instrument.TopK, TopK = 2 }, 4, "Rank=&Rank=1&Rank=&Rank=2", "B,D", [] },
        { new() { Kind = Instrument.BestWorst }, 4, "Best=3&Worst=0", "D,B=C,A", [-1, 0, 0, 1] },
        { new() { Kind = Instrument.Pairwise }, 2, "Preference=-2", "A,B", [2, -2] },
        { new() { Kind = Instrument.Pairwise }, 2, "Preference=3", "B,A", [-3, 3] },
        { new() { Kind = Instrument.Pairwise }, 2, "Preference=0", "A=B", [0, 0] },
        { new() { Kind = Instrument.Likert, Points = 5 }, 4, "Score-0=2&Score-1=5&Score-2=5&Score-3=1", "B=C,A,D", [2, 5, 5, 1] },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task FormOfEachInstrument_IsRecordedByWhatStoodAtEachPosition(InstrumentSpec instrument, int shown, string fields, string ranking, int?[] scores)
    {
        var spec = instrument with { Reasons = ["Correct", "Clear"], AsksConfidence = true, AsksComment = true };
        var visit = await InstrumentVisit.BeginAsync(application, spec, shown);
        var timing = s_timing.Select(field => field.Item1 is "Exposure" or "Touched" ? (field.Item1, string.Join(',', field.Item2.Split(',')[..shown])) : field);
        var judgementId = Guid.NewGuid();
        var reply = await visit.SubmitAsync(judgementId,
            [.. Fields(fields), .. timing, ("Reason", "Clear"), ("Reason", "Correct"), ("Confidence", "4"), ("Comment", "first line\r\nsecond, über")]);
        Assert.Equal("recorded", reply.GetProperty("outcome").GetString());
        Assert.Equal($"{visit.Path}/rank", reply.GetProperty("next").GetString());
        Assert.Equal(judgementId, reply.GetProperty("judgementId").GetGuid());

        await using var data = application.CreateContext();
        var stored = await data.Judgements.Include(row => row.Assignment).SingleAsync(row => row.Id == judgementId);
        Assert.Equal(reply.GetProperty("undoUntil").GetDateTimeOffset(), stored.SubmittedAt + TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(1));
        var positions = PresentationOrder.ToPositions(stored.Answer, stored.Assignment!.PresentedOrder);
        Assert.Equal(ranking, positions.Ranking.ToString());
        Assert.Equal(scores, positions.Scores);
        Assert.Equal(["Correct", "Clear"], positions.Reasons);
        Assert.Equal((4, "first line\nsecond, über"), (positions.Confidence, positions.Comment));
        Assert.Equal((41001, 3000, "tap+keys", "390x844"), (stored.Timing.ActiveMs, stored.Timing.IdleMs, stored.Timing.Input, stored.Timing.Viewport));
        Assert.Equal(new[] { 9000, 8000, 7000, 0 }[..shown], stored.Timing.ExposureMs);
        Assert.Equal(new[] { true, true, false, true }[..shown], stored.Timing.Touched);
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task FormOfEachInstrument_WorksWithoutScript(InstrumentSpec instrument, int shown, string fields, string ranking, int?[] scores)
    {
        var visit = await InstrumentVisit.BeginAsync(application, instrument, shown);
        var judgementId = Guid.NewGuid();
        string[] names = [.. Fields(fields).Select(field => field.Name)];
        using var incomplete = await visit.PostAsync($"/rank/{judgementId}", asScript: false, [.. names.Distinct().Where(name => name != "Rank").Select(name => (name, "")), .. names.Where(name => name == "Rank").Select(name => (name, ""))]);
        Assert.Equal($"{visit.Path}/rank?after=incomplete", Visitor.Destination(incomplete));
        using var complete = await visit.PostAsync($"/rank/{judgementId}", asScript: false, [.. Fields(fields)]);
        Assert.Equal($"{visit.Path}/rank", Visitor.Destination(complete));
        await using var data = application.CreateContext();
        var stored = await data.Judgements.Include(row => row.Assignment).SingleAsync(row => row.Id == judgementId);
        Assert.Equal(ranking, PresentationOrder.ToPositions(stored.Answer, stored.Assignment!.PresentedOrder).Ranking.ToString());
        Assert.Equal(scores.Length, stored.Answer.Scores.Length);
        Assert.Equal((null, "", 0), (stored.Timing.ActiveMs, stored.Timing.Input, stored.Timing.ExposureMs.Length));
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task DraftOfEachInstrument_ComesBackAsItWas(InstrumentSpec instrument, int shown, string fields, string ranking, int?[] scores)
    {
        var visit = await InstrumentVisit.BeginAsync(application, instrument with { AsksComment = true, AsksConfidence = true, Reasons = ["Clear"] }, shown);
        var judgementId = Guid.NewGuid();
        string Body(int sequence, string comment) => $$$"""
            {"assignmentId":"{{{visit.AssignmentId}}}","sequence":{{{sequence}}},"answer":{"ranking":"{{{(scores.Length == 0 ? ranking : "")}}}","scores":[{{{string.Join(',', scores)}}}],
             "allBad":true,"reasons":["Clear"],"confidence":2,"comment":"{{{comment}}}"},"timing":{"activeMs":12.6,"idleMs":0,"exposureMs":[],"touched":[],"input":"tap","viewport":"1280x800"}}
            """;
        var (status, reply) = await visit.DraftAsync(judgementId, Body(7, "so far"));
        Assert.Equal((HttpStatusCode.OK, "saved"), (status, reply.GetProperty("outcome").GetString()));
        (_, reply) = await visit.DraftAsync(judgementId, Body(6, "before"));
        Assert.Equal("older", reply.GetProperty("outcome").GetString());
        var answer = reply.GetProperty("answer");
        Assert.Equal("so far", answer.GetProperty("comment").GetString());
        Assert.Equal(2, answer.GetProperty("confidence").GetInt32());
        Assert.True(answer.GetProperty("allBad").GetBoolean());
        Assert.Equal(scores, answer.GetProperty("scores").EnumerateArray().Select(score => (int?)score.GetInt32()));
        Assert.Equal(scores.Length == 0 ? ranking : "", answer.GetProperty("ranking").GetString());
        await using var data = application.CreateContext();
        var draft = await data.JudgementDrafts.SingleAsync(row => row.AssignmentId == visit.AssignmentId);
        Assert.Equal((13, "tap", "1280x800", judgementId), (draft.Timing.ActiveMs, draft.Timing.Input, draft.Timing.Viewport, draft.JudgementId));
        _ = fields;
    }

    [Theory]
    [InlineData("Rank=1&Rank=2&Rank=3", "Expected 4 ranks, one for each response shown, as numbers.")]
    [InlineData("Rank=1&Rank=2&Rank=3&Rank=best", "Expected 4 ranks, one for each response shown, as numbers.")]
    [InlineData("Rank=1&Rank=2&Rank=3&Rank=0", "Expected 4 ranks, one for each response shown, as numbers.")]
    [InlineData("Rank=1&Rank=2&Rank=3&Rank=4&Exposure=1,2", "Expected 4 exposure times, one for each response shown, but got 2.")]
    [InlineData("Rank=1&Rank=2&Rank=3&Rank=4&Exposure=1,x,3,4", "Times are sent as milliseconds, joined by commas.")]
    [InlineData("Rank=1&Rank=2&Rank=3&Rank=4&Exposure=1,2,3,-4", "A time cannot be negative.")]
    [InlineData("Rank=1&Rank=2&Rank=3&Rank=4&Touched=1,0,1,yes", "Whether a response was touched is sent as 1 or 0, joined by commas.")]
    [InlineData("Rank=1&Rank=2&Rank=3&Rank=4&Touched=1,0,1", "Expected 4 touched flags, one for each response shown, but got 3.")]
    [InlineData("Rank=1&Rank=2&Rank=3&Rank=4&ActiveMs=-5", "A time cannot be negative.")]
    [InlineData("Rank=1&Rank=2&Rank=3&Rank=4&Input=mind", "The input is made of tap, drag, keys, form, joined by +.")]
    [InlineData("Rank=1&Rank=2&Rank=3&Rank=4&Viewport=<b>", "The viewport is sent as width and height, for example 390x844.")]
    [InlineData("Rank=1&Rank=2&Rank=3&Rank=4&Reason=Nice", "“Nice” is not among the reasons offered.")]
    [InlineData("Rank=1&Rank=2&Rank=3&Rank=4&Confidence=9", "This study does not ask how sure you are.")]
    [InlineData("Rank=1&Rank=2&Rank=3&Rank=4&Confidence=very", "How sure you are must be a number.")]
    [InlineData("Rank=1&Rank=2&Rank=3&Rank=4&Comment=hello", "This study does not ask for a comment.")]
    [InlineData("Rank=1&Rank=2&Rank=3&Rank=4&Revises=yes", "The form does not say which prompt it is about.")]
    [InlineData("Rank=&Rank=2&Rank=&Rank=4", "Still without a rank: A, C.")]
    public async Task WrongFields_GetOneSentence_AndNothingIsRecorded(string fields, string sentence)
    {
        var visit = await InstrumentVisit.BeginAsync(application, new());
        var reply = await visit.SubmitAsync(Guid.NewGuid(), [.. Fields(fields)]);
        Assert.Equal(("invalid", sentence), (reply.GetProperty("outcome").GetString(), reply.GetProperty("message").GetString()));
        Assert.Equal("Still" == sentence[..5] ? [0, 2] : [], reply.GetProperty("missing").EnumerateArray().Select(position => position.GetInt32()));
        await using var data = application.CreateContext();
        Assert.False(await data.Judgements.AnyAsync(row => row.AssignmentId == visit.AssignmentId));
    }

    [Theory]
    [InlineData("Score-0=1&Score-1=2&Score-2=9&Score-3=1", Instrument.Likert, "A score goes from 1 to 7, not 9.")]
    [InlineData("Best=7&Worst=0", Instrument.BestWorst, "Best and worst are positions from 0 to 3.")]
    [InlineData("Best=1&Worst=1", Instrument.BestWorst, "Choose the worst response as well.")]
    public async Task WrongScores_GetOneSentence(string fields, Instrument instrument, string sentence)
    {
        var visit = await InstrumentVisit.BeginAsync(application, new() { Kind = instrument });
        var reply = await visit.SubmitAsync(Guid.NewGuid(), [.. Fields(fields)]);
        Assert.Equal(("invalid", sentence), (reply.GetProperty("outcome").GetString(), reply.GetProperty("message").GetString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no json")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"assignmentId":"x","sequence":1,"answer":{}}""")]
    [InlineData("""{"assignmentId":"ID","sequence":-1,"answer":{}}""")]
    [InlineData("""{"assignmentId":"ID","sequence":1}""")]
    [InlineData("""{"assignmentId":"ID","sequence":1,"answer":{"ranking":"A;B"}}""")]
    [InlineData("""{"assignmentId":"ID","sequence":1,"answer":{"ranking":"A,Z"}}""")]
    [InlineData("""{"assignmentId":"ID","sequence":1,"answer":{"scores":[1,2]}}""")]
    [InlineData("""{"assignmentId":"ID","sequence":1,"answer":{"scores":[1.5]}}""")]
    [InlineData("""{"assignmentId":"ID","sequence":1,"answer":{"reasons":[null,"Nice"]}}""")]
    [InlineData("""{"assignmentId":"ID","sequence":1,"answer":{},"timing":{"exposureMs":[1,2,3,4,5]}}""")]
    [InlineData("""{"assignmentId":"ID","sequence":1,"answer":{},"timing":{"touched":[1]}}""")]
    public async Task WrongDraft_GetsOneSentence_AndNothingIsKept(string body)
    {
        var visit = await InstrumentVisit.BeginAsync(application, new());
        var (status, reply) = await visit.DraftAsync(Guid.NewGuid(), body.Replace("ID", $"{visit.AssignmentId}", StringComparison.Ordinal));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid"), (status, reply.GetProperty("outcome").GetString()));
        Assert.EndsWith(".", reply.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", reply.GetProperty("message").GetString(), StringComparison.Ordinal);
        await using var data = application.CreateContext();
        Assert.False(await data.JudgementDrafts.AnyAsync(row => row.AssignmentId == visit.AssignmentId));
    }

    [Fact]
    public async Task RevisionAndUndo_GoThroughTheirAddresses_WithAndWithoutScript()
    {
        var visit = await InstrumentVisit.BeginAsync(application, new());
        var (first, second, third) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        await visit.SubmitAsync(first, [.. Fields("Rank=1&Rank=2&Rank=3&Rank=4")]);
        var revised = await visit.SubmitAsync(second, [.. Fields($"Rank=4&Rank=3&Rank=2&Rank=1&Revises={first}")]);
        Assert.Equal(("recorded", $"{visit.Path}/items"), (revised.GetProperty("outcome").GetString(), revised.GetProperty("next").GetString()));
        var stale = await visit.SubmitAsync(third, [.. Fields($"Rank=1&Rank=1&Rank=1&Rank=1&Revises={first}")]);
        Assert.Equal("conflict", stale.GetProperty("outcome").GetString());
        using var incomplete = await visit.PostAsync($"/rank/{third}", asScript: false, [.. Fields($"Rank=1&Rank=&Rank=&Rank=1&Revises={second}")]);
        Assert.Equal($"{visit.Path}/items?after=changeIncomplete", Visitor.Destination(incomplete));
        Assert.Contains("Your change lacked something", await visit.Visitor.Http.GetStringAsync(Visitor.Destination(incomplete)), StringComparison.Ordinal);

        using var undone = await visit.PostAsync($"/rank/{second}/undo", asScript: true);
        Assert.Contains("\"undone\"", await undone.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var again = await visit.PostAsync($"/rank/{second}/undo", asScript: false);
        Assert.Equal($"{visit.Path}/rank", Visitor.Destination(again));
        using var nobodys = await visit.PostAsync($"/rank/{Guid.NewGuid()}/undo", asScript: true);
        Assert.Equal(HttpStatusCode.NotFound, nobodys.StatusCode);
        await using var data = application.CreateContext();
        Assert.Equal(first, (await data.Judgements.SingleAsync(row => row.AssignmentId == visit.AssignmentId)).Id);
        Assert.Equal(2, await data.Judgements.WithSuperseded().CountAsync(row => row.AssignmentId == visit.AssignmentId));
    }

    [Fact]
    public async Task UndoThatComesTooLate_IsToldInASentence()
    {
        var visit = await InstrumentVisit.BeginAsync(application, new());
        var judgementId = Guid.NewGuid();
        await visit.SubmitAsync(judgementId, [.. Fields("Rank=1&Rank=2&Rank=3&Rank=4")]);
        await using var data = application.CreateContext();
        await data.Judgements.Where(row => row.Id == judgementId)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.SubmittedAt, row => row.SubmittedAt - TimeSpan.FromMinutes(1)));
        using var script = await visit.PostAsync($"/rank/{judgementId}/undo", asScript: true);
        Assert.Contains("It is too late to undo this. Your ranking stays recorded.", await script.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var plain = await visit.PostAsync($"/rank/{judgementId}/undo", asScript: false);
        Assert.Equal($"{visit.Path}/rank?after=tooLate", Visitor.Destination(plain));
        Assert.Contains("It is too late to undo this.", await visit.Visitor.Http.GetStringAsync(Visitor.Destination(plain)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Skip_NeedsAReason_AndGoesOn()
    {
        var visit = await InstrumentVisit.BeginAsync(application, new());
        using var silent = await visit.PostAsync("/skip", asScript: false, ("Reason", " "));
        Assert.Equal($"{visit.Path}/rank?after=skipReason", Visitor.Destination(silent));
        using var silentScript = await visit.PostAsync("/skip", asScript: true);
        Assert.Contains("Say in a few words why you skip this prompt.", await silentScript.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var skipped = await visit.PostAsync("/skip", asScript: true, ("Reason", "I do not know the subject"));
        Assert.Contains("\"skipped\"", await skipped.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await using var data = application.CreateContext();
        var assignment = await data.Assignments.SingleAsync(row => row.Id == visit.AssignmentId);
        Assert.Equal((AssignmentState.Skipped, "I do not know the subject"), (assignment.State, assignment.SkipReason));
        var late = await visit.SubmitAsync(Guid.NewGuid(), [.. Fields("Rank=1&Rank=2&Rank=3&Rank=4")]);
        Assert.Equal("skipped", late.GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task Heartbeat_RenewsTheLease()
    {
        var visit = await InstrumentVisit.BeginAsync(application, new());
        await using var data = application.CreateContext();
        await data.Assignments.Where(row => row.Id == visit.AssignmentId)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.LeasedUntil, DateTimeOffset.UtcNow + TimeSpan.FromMinutes(1)));
        using var beat = await visit.PostAsync("/heartbeat", asScript: true);
        Assert.Contains("\"renewed\"", await beat.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.True((await data.Assignments.SingleAsync(row => row.Id == visit.AssignmentId)).LeasedUntil > DateTimeOffset.UtcNow + TimeSpan.FromMinutes(20));
        await visit.SubmitAsync(Guid.NewGuid(), [.. Fields("Rank=1&Rank=2&Rank=3&Rank=4")]);
        using var late = await visit.PostAsync("/heartbeat", asScript: true);
        Assert.Contains("\"submitted\"", await late.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sentences_AreGermanOnAGermanStudy()
    {
        var visit = await InstrumentVisit.BeginAsync(application, new() { Kind = Instrument.Likert }, change: study => study.Language = "de");
        var reply = await visit.SubmitAsync(Guid.NewGuid(), ("Score-0", "3"));
        Assert.Equal("Noch ohne Bewertung: B, C, D.", reply.GetProperty("message").GetString());
    }

    [Fact]
    public async Task CommentBeyondWhatIsKept_IsRefused()
    {
        var visit = await InstrumentVisit.BeginAsync(application, new() { AsksComment = true });
        var (status, _) = await visit.DraftAsync(Guid.NewGuid(), $$$"""{"assignmentId":"{{{visit.AssignmentId}}}","sequence":1,"answer":{"comment":"{{{new string('x', 5001)}}}"}}""");
        Assert.Equal(HttpStatusCode.BadRequest, status);
    }

    private static IEnumerable<(string Name, string Value)> Fields(string form) =>
        form.Split('&').Select(field => field.Split('=', 2)).Select(parts => (parts[0], parts[1]));
}
