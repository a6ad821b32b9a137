using System.Net;
using PersonalLlm.Data.Accounts;

namespace PersonalLlm.Web.Tests;

/// <summary>Addresses that were mistyped, shortened by a mail program, or lead to what is gone.</summary>
public sealed class AddressTests(PersonalLlmApplication application) : IClassFixture<PersonalLlmApplication>
{
    [Theory]
    [InlineData("/nowhere")]
    [InlineData("/datasets/999999")]
    [InlineData("/datasets/999999?q=a")]
    [InlineData("/datasets/abc")]
    [InlineData("/datasets/999999/prompts/1")]
    [InlineData("/studies/999999")]
    [InlineData("/studies/999999/dashboard")]
    [InlineData("/populations/999999")]
    [InlineData("/datasets/1?q=%00")]
    [InlineData("/datasets/1?subset=%00")]
    public async Task AnAddressThatLeadsNowhere_SaysSo(string address)
    {
        var visitor = await application.VisitAsAsync(Roles.Admin);
        using var answer = await visitor.Http.GetAsync(address);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("There is nothing here", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/studies/new?dataset=abc")]
    [InlineData("/populations/new?dataset=abc")]
    [InlineData("/account/reset?id=abc&token=def")]
    [InlineData("/account/sign-in/code?remember=maybe")]
    public async Task AMistypedSetting_CountsAsLeftOut(string address)
    {
        var visitor = await application.VisitAsAsync(Roles.Admin);
        using var answer = await visitor.Http.GetAsync(address);
        Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Redirect, $"{address} answered {(int)answer.StatusCode}.");
    }
}
