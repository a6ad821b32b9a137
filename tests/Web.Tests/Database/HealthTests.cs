namespace PersonalLlm.Web.Tests.Database;

public sealed class HealthTests(PersonalLlmApplication application) : IClassFixture<PersonalLlmApplication>
{
    [Theory]
    [InlineData("/healthz/live")]
    [InlineData("/healthz/ready")]
    public async Task Health_IsToldToAnybody(string path)
    {
        using var client = application.CreateClient();
        Assert.Equal("Healthy", await client.GetStringAsync(path));
    }
}
