using PersonalLlm.Web.Cli;

namespace PersonalLlm.Web.Tests.Cli;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(false, "serve")]
    [InlineData(false, "serve", "--urls", "http://localhost:1")]
    [InlineData(false, "--urls", "http://localhost:1")]
    [InlineData(true, "--help")]
    [InlineData(true, "serve", "--help")]
    [InlineData(true, "simulate", "--help")]
    [InlineData(true, "simulat")]
    public void OnlyServeAndSettings_StartTheServer(bool isVerb, params string[] arguments) =>
        Assert.Equal(isVerb, CommandLine.IsVerb(arguments));

    [Fact]
    public async Task AMistypedVerb_HasWrongArguments() => Assert.Equal(2, await CommandLine.RunAsync(["simulat"]));
}
