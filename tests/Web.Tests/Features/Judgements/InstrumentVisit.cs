using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using PersonalLlm.Data.Accounts;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Web.Features.Judgements;

namespace PersonalLlm.Web.Tests.Features.Judgements;

/// <summary>Somebody who answers in a study of one instrument through its public addresses, as the page's form and its script do.</summary>
internal sealed partial class InstrumentVisit
{
    private readonly PersonalLlmApplication _application;
    private readonly Guid _userId;
    private string _token = "";

    private InstrumentVisit(PersonalLlmApplication application, Visitor visitor, Guid userId, Study study) =>
        (_application, Visitor, _userId, Study) = (application, visitor, userId, study);

    public Visitor Visitor { get; }
    public Study Study { get; }
    public string Path => $"/s/{Study.Code}";
    public Guid AssignmentId { get; private set; }

    public static async Task<InstrumentVisit> BeginAsync(
        PersonalLlmApplication application, InstrumentSpec instrument, int responses = 4, int prompts = 3, Action<Study>? change = null)
    {
        await using var data = application.CreateContext();
        var (study, _) = await StudyScene.SeedAsync(data, $"v{Guid.NewGuid():n}"[..12], prompts, responses, overlap: 2, people: 0);
        study.Instrument = instrument;
        change?.Invoke(study);
        await data.SaveChangesAsync();
        var person = await application.AddPersonAsync(Roles.Annotator);
        var visit = new InstrumentVisit(application, application.Visit(), person.Id, study);
        Assert.Equal(HttpStatusCode.Redirect, (await visit.Visitor.SignInAsync(person.Email!)).StatusCode);
        await visit.NextAsync();
        return visit;
    }

    /// <summary>The item in hand; the page's form gives the token.</summary>
    public async Task NextAsync()
    {
        AssignmentId = Assert.IsType<LeaseOutcome.Leased>(await _application.Services.GetRequiredService<AssignmentLeaser>().NextAsync(Study.Code, new(_userId))).AssignmentId;
        _token = WebUtility.HtmlDecode(Token().Match(await Visitor.Http.GetStringAsync($"{Path}/rank")).Groups[1].Value);
        Assert.NotEmpty(_token);
    }

    public Task<HttpResponseMessage> PostAsync(string path, bool asScript, params (string Name, string Value)[] fields)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Path + path)
        {
            Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))
                .Append(new("__RequestVerificationToken", _token)).Append(new("AssignmentId", $"{AssignmentId}"))),
        };
        if (asScript)
            request.Headers.Accept.ParseAdd("application/json");
        return Visitor.Http.SendAsync(request);
    }

    /// <summary>The reply to a submit with script.</summary>
    public async Task<JsonElement> SubmitAsync(Guid judgementId, params (string Name, string Value)[] fields)
    {
        using var answer = await PostAsync($"/rank/{judgementId}", asScript: true, fields);
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    public async Task<(HttpStatusCode Status, JsonElement Reply)> DraftAsync(Guid judgementId, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"{Path}/rank/{judgementId}/draft") { Content = new StringContent(body, null, "application/json") };
        request.Headers.Add("RequestVerificationToken", _token);
        using var answer = await Visitor.Http.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
