using PersonalLlm.Web.Features.Account;

namespace PersonalLlm.Web.Tests.Features.Account;

public class LocalAddressTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("/studies/4?tab=people#map")]
    [InlineData("/s/abc?next=https://elsewhere.example")]
    public void OrHome_KeepsAPathOfThisApplication(string address) => Assert.Equal(address, LocalAddress.OrHome(address));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("studies")]
    [InlineData("https://elsewhere.example")]
    [InlineData("//elsewhere.example")]
    [InlineData("/\\elsewhere.example")]
    [InlineData("\\/elsewhere.example")]
    [InlineData("/\t/elsewhere.example")]
    [InlineData("javascript:alert(1)")]
    public void OrHome_ForgetsAnAddressThatLeadsElsewhere(string? address) => Assert.Equal("/", LocalAddress.OrHome(address));
}
