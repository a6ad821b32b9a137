using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.StaticAssets;
using Microsoft.Extensions.DependencyInjection;
using PersonalLlm.Data.Accounts;
using PersonalLlm.Data.Studies;
using PersonalLlm.Web.Tests.Features.Judgements.Participants;

namespace PersonalLlm.Web.Tests;

/// <summary>Asks every endpoint of the real application as a stranger, a participant, an annotator, a researcher and an admin.</summary>
public sealed class SecurityTests(PersonalLlmApplication fixture) : IClassFixture<PersonalLlmApplication>, IDisposable
{
    // As it is run; development adds endpoints of its own.
    private readonly WebApplicationFactory<Program> _application = fixture.WithWebHostBuilder(host => host.UseEnvironment("Production"));

    public void Dispose() => _application.Dispose();

    private enum Open
    {
        ToAnybody,
        ToSignedIn,
        ToAnnotators,
        ToResearchers,
        ToAdmins,
    }

    /// <summary>Who may come in. An endpoint that is not here fails the test: decide, give it its policy, then write it down.</summary>
    private static readonly Dictionary<string, Open> s_table = new()
    {
        ["/"] = Open.ToAnybody,
        // Files that came after the build, which a published program does not have.
        ["/{**path:file}"] = Open.ToSignedIn,
        ["/status/{Code:int?}"] = Open.ToAnybody,
        ["/account/sign-in"] = Open.ToAnybody,
        ["/account/sign-in/code"] = Open.ToAnybody,
        ["/account/setup"] = Open.ToAnybody,
        ["/account/join"] = Open.ToAnybody,
        ["/account/reset"] = Open.ToAnybody,
        ["/account/passkey/new"] = Open.ToAnybody,
        ["/account/passkey/use"] = Open.ToAnybody,
        ["/account"] = Open.ToSignedIn,
        ["/account/password"] = Open.ToSignedIn,
        ["/account/passkeys"] = Open.ToSignedIn,
        ["/account/two-factor"] = Open.ToSignedIn,
        ["/account/passkey/add"] = Open.ToSignedIn,
        ["/account/sign-out"] = Open.ToSignedIn,
        ["/people"] = Open.ToAdmins,
        ["/healthz/live"] = Open.ToAnybody,
        ["/healthz/ready"] = Open.ToAnybody,
        ["/datasets"] = Open.ToResearchers,
        ["/datasets/import"] = Open.ToResearchers,
        ["/datasets/{DatasetId:int}"] = Open.ToResearchers,
        ["/datasets/{DatasetId:int}/prompts/{PromptId:long}"] = Open.ToResearchers,
        ["/datasets/{datasetId:int}/export.jsonl"] = Open.ToResearchers,
        ["/populations"] = Open.ToResearchers,
        ["/populations/new"] = Open.ToResearchers,
        ["/populations/compare"] = Open.ToResearchers,
        ["/populations/compare.json"] = Open.ToResearchers,
        ["/populations/personas"] = Open.ToResearchers,
        ["/populations/personas/new"] = Open.ToResearchers,
        ["/populations/personas/{CohortId:int}"] = Open.ToResearchers,
        ["/populations/personas/{cohortId:int}/choices.csv"] = Open.ToResearchers,
        ["/populations/{CohortId:int}"] = Open.ToResearchers,
        ["/datasets/{DatasetId:int}/characteristics"] = Open.ToResearchers,
        ["/datasets/{datasetId:int}/characteristics.json"] = Open.ToResearchers,
        ["/opinions"] = Open.ToResearchers,
        ["/opinions/import"] = Open.ToResearchers,
        ["/opinions/{SurveyId:int}"] = Open.ToResearchers,
        ["/opinions/{surveyId:int}/representativeness.json"] = Open.ToResearchers,
        ["/opinions/example/{table}.csv"] = Open.ToResearchers,
        ["/studies"] = Open.ToResearchers,
        ["/studies/new"] = Open.ToResearchers,
        ["/studies/{Id:int}"] = Open.ToResearchers,
        ["/studies/{Id:int}/design"] = Open.ToResearchers,
        ["/studies/{studyId:int}/design.json"] = Open.ToResearchers,
        ["/studies/{StudyId:int}/annotators/{Number:int}"] = Open.ToResearchers,
        ["/studies/{studyId:int}/judgements.jsonl"] = Open.ToResearchers,
        ["/studies/{studyId:int}/pairs.jsonl"] = Open.ToResearchers,
        ["/studies/{studyId:int}/skips.jsonl"] = Open.ToResearchers,
        ["/studies/{studyId:int}/survey.jsonl"] = Open.ToResearchers,
        ["/studies/{StudyId:int}/dashboard"] = Open.ToResearchers,
        ["/api/studies/{studyId:int}/dashboard"] = Open.ToResearchers,
        ["/studies/{StudyId:int}/representativeness"] = Open.ToResearchers,
        ["/api/studies/{studyId:int}/representativeness"] = Open.ToResearchers,
        ["/s/{code}/rank/{judgementId:guid}/draft"] = Open.ToAnnotators,
        ["/s/{code}/rank/{judgementId:guid}/undo"] = Open.ToAnnotators,
        ["/s/{code}/skip"] = Open.ToAnnotators,
        ["/s/{code}/heartbeat"] = Open.ToAnnotators,
        // Whoever has a study's link: what is behind it says who may take part.
        ["/s/{Code}"] = Open.ToAnybody,
        ["/s/{code}/join"] = Open.ToAnybody,
        ["/s/{code}/consent"] = Open.ToAnybody,
        ["/s/{Code}/withdraw"] = Open.ToAnybody,
        ["/s/{Code}/withdraw/{Token}"] = Open.ToAnybody,
        ["/s/{Code}/survey"] = Open.ToAnnotators,
        ["/s/{Code}/practice"] = Open.ToAnnotators,
        ["/s/{code}/practice"] = Open.ToAnnotators,
        ["/s/{Code}/items"] = Open.ToAnnotators,
        ["/s/{Code}/rank"] = Open.ToAnnotators,
        ["/s/{Code}/done"] = Open.ToAnnotators,
        ["/s/{code}/rank/{judgementId:guid}"] = Open.ToAnnotators,
        // The circuit: whoever has none of the interactive pages has no use for it.
        ["/_blazor"] = Open.ToSignedIn,
        ["/_blazor/negotiate"] = Open.ToSignedIn,
        ["/_blazor/disconnect/"] = Open.ToSignedIn,
        ["/_blazor/initializers/"] = Open.ToSignedIn,
        ["/_framework/opaque-redirect"] = Open.ToSignedIn,
    };

    /// <summary>Somebody who joined a study without an account.</summary>
    private const string Participant = "participant";

    private static readonly string?[] s_visitors = [null, Participant, Roles.Annotator, Roles.Researcher, Roles.Admin];

    [Fact]
    public void EveryEndpoint_IsInTheTable()
    {
        var endpoints = Endpoints().Select(Pattern).ToHashSet();
        Assert.Equal("", string.Join(' ', endpoints.Except(s_table.Keys)));
        Assert.Equal("", string.Join(' ', s_table.Keys.Except(endpoints)));
    }

    [Fact]
    public async Task EveryEndpoint_LetsInExactlyThoseWhomTheTableNames()
    {
        var wrong = new List<string>();
        foreach (var role in s_visitors)
        {
            foreach (var endpoint in Endpoints())
            {
                // Signing out would end the visit, so everybody comes with a cookie of their own.
                var visitor = await VisitorFor(role, endpoint);
                using var request = Request(endpoint);
                using var answer = await visitor.Http.SendAsync(request);
                var expected = Expected(role, s_table[Pattern(endpoint)]);
                var actual = Actual(answer);
                if (expected != actual || answer.StatusCode >= HttpStatusCode.InternalServerError)
                    wrong.Add($"{request.Method} {request.RequestUri} as {role ?? "a stranger"}: expected {expected}, got {actual} ({(int)answer.StatusCode})");
            }
        }

        Assert.Equal("", string.Join('\n', wrong));
    }

    [Fact]
    public async Task EveryEndpointThatChangesSomething_RefusesARequestWithoutAntiforgeryToken()
    {
        var accepted = new List<string>();
        foreach (var endpoint in Endpoints().Where(endpoint => !Pattern(endpoint).StartsWith("/_", StringComparison.Ordinal)))
        {
            foreach (var method in Methods(endpoint).Except(["GET", "HEAD"]))
            {
                var visitor = await VisitorFor(Roles.Admin, endpoint);
                using var request = new HttpRequestMessage(new(method), Address(endpoint))
                {
                    Content = TakesJson(endpoint)
                        ? new StringContent("{}", Encoding.UTF8, "application/json")
                        : new FormUrlEncodedContent([new("_handler", "any"), new("key", "k"), new("email", "e"), new("passkey", "p")]),
                };
                using var answer = await visitor.Http.SendAsync(request);
                if (answer.StatusCode != HttpStatusCode.BadRequest)
                    accepted.Add($"{method} {request.RequestUri}: {(int)answer.StatusCode}");
            }
        }

        Assert.Equal("", string.Join('\n', accepted));
    }

    [Fact]
    public async Task StaticFiles_AreOpenToStrangers()
    {
        var visitor = _application.Visit();
        var files = _application.Services.GetRequiredService<EndpointDataSource>().Endpoints
            .OfType<RouteEndpoint>().Where(IsStaticFile).Select(Address).Distinct().ToList();
        Assert.Contains("/app.css", files);
        foreach (var file in files)
        {
            using var answer = await visitor.Http.GetAsync(file);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Theory]
    [InlineData("/", HttpStatusCode.OK)]
    [InlineData("/account/sign-in", HttpStatusCode.OK)]
    [InlineData("/app.css", HttpStatusCode.OK)]
    [InlineData("/people", HttpStatusCode.Redirect)]
    [InlineData("/api/nothing", HttpStatusCode.Unauthorized)]
    public async Task EveryAnswer_CarriesTheSecurityHeaders(string path, HttpStatusCode status)
    {
        using var answer = await _application.Visit().Http.GetAsync(path);
        Assert.Equal(status, answer.StatusCode);
        AssertSecurityHeaders(answer);
    }

    [Fact]
    public async Task Errors_CarryTheSecurityHeadersToo()
    {
        var visitor = await _application.VisitAsAsync(Roles.Annotator);
        using var missing = await visitor.Http.GetAsync("/there/is/nothing");
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        AssertSecurityHeaders(missing);
        using var forbidden = await visitor.Http.GetAsync("/people");
        Assert.Equal(HttpStatusCode.Forbidden, forbidden.StatusCode);
        AssertSecurityHeaders(forbidden);
        Assert.Contains("with the role annotator", await forbidden.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static void AssertSecurityHeaders(HttpResponseMessage answer)
    {
        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
        Assert.Contains("camera=()", Assert.Single(answer.Headers.GetValues("Permissions-Policy")), StringComparison.Ordinal);
    }

    private readonly Dictionary<string, Visitor> _visitors = [];

    private async Task<Visitor> VisitorFor(string? role, RouteEndpoint endpoint)
    {
        if (Pattern(endpoint) == "/account/sign-out")
            return await EnterAsync(role);
        if (!_visitors.TryGetValue(role ?? "", out var visitor))
            _visitors[role ?? ""] = visitor = await EnterAsync(role);
        return visitor;
    }

    private async Task<Visitor> EnterAsync(string? role)
    {
        if (role != Participant)
            return await _application.VisitAsAsync(role);
        var study = await ParticipantScene.CreateAsync(_application, study => study.Access = StudyAccess.Anyone);
        var visitor = _application.Visit();
        await study.JoinAsync(visitor);
        return visitor;
    }

    private List<RouteEndpoint> Endpoints()
    {
        _application.CreateClient();
        return [.. _application.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(endpoint => !IsStaticFile(endpoint))];
    }

    private static bool IsStaticFile(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<StaticAssetDescriptor>() is not null;

    private static string Pattern(RouteEndpoint endpoint) => "/" + endpoint.RoutePattern.RawText?.TrimStart('/');

    private static IEnumerable<string> Methods(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"];

    private static bool TakesJson(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<IAcceptsMetadata>()?.ContentTypes.Contains("application/json") is true;

    private static HttpRequestMessage Request(RouteEndpoint endpoint) =>
        new(new(Methods(endpoint).Contains("GET") ? "GET" : Methods(endpoint).First()), Address(endpoint));

    // Rights are decided before anything is looked up, so what the address names need not exist.
    private static string Address(RouteEndpoint endpoint) =>
        "/" + string.Join('/', endpoint.RoutePattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
        {
            RoutePatternLiteralPart literal => literal.Content,
            RoutePatternSeparatorPart separator => separator.Content,
            RoutePatternParameterPart parameter => Example(parameter),
            _ => "",
        }))));

    private static string Example(RoutePatternParameterPart parameter) =>
        parameter.ParameterPolicies.Select(policy => policy.Content).FirstOrDefault() switch
        {
            "int" or "long" => "404",
            "guid" => Guid.Empty.ToString(),
            _ => parameter.IsCatchAll ? "none.txt" : "none",
        };

    private enum Answer
    {
        LetIn,
        AskedToSignIn,
        Forbidden,
    }

    private static Answer Expected(string? role, Open open) => (open, role) switch
    {
        (Open.ToAnybody, _) => Answer.LetIn,
        (Open.ToAnnotators, Participant) => Answer.LetIn,
        (_, null or Participant) => Answer.AskedToSignIn,
        (Open.ToSignedIn or Open.ToAnnotators, _) or (Open.ToResearchers, Roles.Researcher) or (_, Roles.Admin) => Answer.LetIn,
        _ => Answer.Forbidden,
    };

    private static Answer Actual(HttpResponseMessage answer) => answer switch
    {
        { StatusCode: HttpStatusCode.Unauthorized } => Answer.AskedToSignIn,
        { StatusCode: HttpStatusCode.Redirect, Headers.Location: { } to } when to.ToString().Contains("/account/sign-in?returnUrl=", StringComparison.Ordinal) => Answer.AskedToSignIn,
        { StatusCode: HttpStatusCode.Forbidden } => Answer.Forbidden,
        _ => Answer.LetIn,
    };
}
