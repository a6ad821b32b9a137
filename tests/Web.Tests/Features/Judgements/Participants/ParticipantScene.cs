using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PersonalLlm.Data;
using PersonalLlm.Data.Judgements;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Web.Features.Judgements;

namespace PersonalLlm.Web.Tests.Features.Judgements.Participants;

/// <summary>A study of its own in the real application, and what its participants send to it without any script.</summary>
internal sealed partial class ParticipantScene(WebApplicationFactory<Program> application, int studyId, string code)
{
    private const int Responses = 3;

    public string Code => code;
    public string Path => $"/s/{code}";
    public int StudyId => studyId;

    public static async Task<ParticipantScene> CreateAsync(
        WebApplicationFactory<Program> application, Action<Study>? design = null, int prompts = 2, int overlap = 100)
    {
        var code = Guid.NewGuid().ToString("n")[..12];
        await using var data = Open(application);
        var (study, _) = await StudyScene.SeedAsync(data, code, prompts, Responses, overlap, people: 0);
        study.Access = StudyAccess.Platform;
        design?.Invoke(study);
        await data.SaveChangesAsync();
        return new(application, study.Id, code);
    }

    public PersonalLlmDbContext Data() => Open(application);

    public string LinkOf(string participantId, string session = "session-1") => $"{Path}?PROLIFIC_PID={participantId}&STUDY_ID=study&SESSION_ID={session}";

    /// <summary>Reads the page of a link and gives an answer to it, as the form on it does.</summary>
    public Task<HttpResponseMessage> AnswerAsync(Visitor visitor, string link, string answer = "agree") => AnswerAsync(visitor, link, answer, page => page);

    public async Task<HttpResponseMessage> AnswerAsync(Visitor visitor, string link, string answer, Func<Dictionary<string, string>, Dictionary<string, string>> change)
    {
        var fields = HiddenFields(await visitor.Http.GetStringAsync(link));
        fields["Answer"] = answer;
        return await visitor.Http.PostAsync($"{Path}/join", new FormUrlEncodedContent(change(fields)));
    }

    /// <summary>Agrees, and returns the annotator that it made.</summary>
    public async Task<Annotator> JoinAsync(Visitor visitor, string? link = null)
    {
        var before = await AnnotatorsAsync();
        using var answer = await AnswerAsync(visitor, link ?? Path);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.DoesNotContain("arrival=", Visitor.Destination(answer), StringComparison.Ordinal);
        return Assert.Single(await AnnotatorsAsync(), annotator => before.TrueForAll(known => known.Id != annotator.Id));
    }

    public async Task<List<Annotator>> AnnotatorsAsync()
    {
        await using var data = Data();
        return await data.Annotators.AsNoTracking().Where(row => row.StudyId == studyId).OrderBy(row => row.Number).ToListAsync();
    }

    public async Task<List<Consent>> ConsentsAsync()
    {
        await using var data = Data();
        return await data.Consents.AsNoTracking().Where(row => row.StudyId == studyId).ToListAsync();
    }

    public async Task ChangeAsync(Action<Study> change)
    {
        await using var data = Data();
        change(await data.Studies.Include(row => row.ConsentTexts).SingleAsync(row => row.Id == studyId));
        await data.SaveChangesAsync();
    }

    /// <summary>Ranks until nothing is left for the annotator, or so many items.</summary>
    public async Task RankAsync(Guid annotatorId, int items = int.MaxValue)
    {
        var leaser = application.Services.GetRequiredService<AssignmentLeaser>();
        var recorder = application.Services.GetRequiredService<JudgementRecorder>();
        var visitor = new Data.Studies.Visitor(Guid.Empty, [annotatorId]);
        while (items-- > 0 && await leaser.NextAsync(code, visitor) is LeaseOutcome.Leased leased)
            Assert.IsType<SubmitOutcome.Recorded>(await recorder.SubmitAsync(new(visitor, leased.AssignmentId, Guid.NewGuid(), new() { Ranking = Ranking.Parse("A,B,C") })));
    }

    public async Task<List<Judgement>> JudgementsAsync()
    {
        await using var data = Data();
        return await data.Judgements.AsNoTracking().WithSuperseded().Where(row => row.Assignment!.StudyId == studyId).ToListAsync();
    }

    public async Task<int> TakenAsync()
    {
        await using var data = Data();
        return await data.StudyPrompts.Where(row => row.StudyId == studyId).SumAsync(row => row.Taken);
    }

    public static Dictionary<string, string> HiddenFields(string html) => Hidden().Matches(html)
        // The layout carries a token for the scripts as well.
        .DistinctBy(field => field.Groups[1].Value).ToDictionary(field => field.Groups[1].Value, field => WebUtility.HtmlDecode(field.Groups[2].Value));

    public static string Text(string html) => WebUtility.HtmlDecode(html);

    private static PersonalLlmDbContext Open(WebApplicationFactory<Program> application) =>
        application.Services.GetRequiredService<IDbContextFactory<PersonalLlmDbContext>>().CreateDbContext();

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\"")]
    private static partial Regex Hidden();
}
