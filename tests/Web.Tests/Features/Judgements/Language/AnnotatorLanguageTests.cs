using PersonalLlm.Data.Accounts;

namespace PersonalLlm.Web.Tests.Features.Judgements.Language;

public sealed class AnnotatorLanguageTests(PersonalLlmApplication application) : IClassFixture<PersonalLlmApplication>
{
    [Theory]
    [InlineData("", "", "", "en")]
    [InlineData("", "", "de-AT,de;q=0.9,en;q=0.8", "de")]
    [InlineData("", "", "fr-FR,fr;q=0.9", "en")]
    [InlineData("", "?lang=de", "en", "de")]
    [InlineData("", "?lang=fr", "de", "de")]
    [InlineData("de", "?lang=en", "en", "de")]
    [InlineData("en", "?lang=de", "de", "en")]
    public async Task Page_SpeaksTheStudysLanguage_ElseTheChosenOne_ElseTheBrowsers(string study, string query, string browser, string expected)
    {
        var (visitor, address) = await VisitAsync(study);
        Assert.Contains($"<html lang=\"{expected}\" dir=\"ltr\"", await ReadAsync(visitor, address + query, browser), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ChosenLanguage_IsRemembered_AndOtherPagesStayEnglish()
    {
        var (visitor, address) = await VisitAsync("");
        await ReadAsync(visitor, address + "?lang=de", "en");
        Assert.Contains("lang=\"de\"", await ReadAsync(visitor, address, "en"), StringComparison.Ordinal);
        Assert.Contains("<html lang=\"en\"", await ReadAsync(visitor, "/account", "de"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Switch_KeepsTheRestOfTheAddress_AndIsAbsentWhereTheStudySettlesIt()
    {
        var (visitor, address) = await VisitAsync("");
        Assert.Contains($"href=\"{address}?PROLIFIC_PID=a%26b&amp;lang=de\"", await ReadAsync(visitor, address + "?PROLIFIC_PID=a%26b&lang=en", ""), StringComparison.Ordinal);
        var (other, fixedAddress) = await VisitAsync("de");
        Assert.DoesNotContain("hreflang", await ReadAsync(other, fixedAddress, ""), StringComparison.Ordinal);
    }

    private async Task<(Visitor Visitor, string Address)> VisitAsync(string language)
    {
        var code = Guid.NewGuid().ToString("n")[..10];
        await using var data = application.CreateContext();
        var (study, _) = await StudyScene.SeedAsync(data, code, prompts: 2, responses: 3, overlap: 2, people: 0);
        study.Language = language;
        await data.SaveChangesAsync();
        return (await application.VisitAsAsync(Roles.Annotator), $"/s/{code}");
    }

    private static async Task<string> ReadAsync(Visitor visitor, string address, string browserLanguages)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (browserLanguages != "")
            request.Headers.Add("Accept-Language", browserLanguages);
        using var answer = await visitor.Http.SendAsync(request);
        return await answer.Content.ReadAsStringAsync();
    }
}
