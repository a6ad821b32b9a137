using System.CommandLine.Help;
using PersonalLlm.Testing;
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

    [Theory]
    [InlineData("simulate", "simulate-json.md")]
    [InlineData("characterise", "characterise-json.md")]
    [InlineData("opinionqa", "opinionqa.md")]
    public void EveryOption_IsOnThePageOfItsVerb(string verb, string page)
    {
        var text = File.ReadAllText(Path.Combine(Checkout.Folder, "docs", page));
        var options = CommandLine.Parse([verb]).CommandResult.Command.Options.Where(option => option is not HelpOption).Select(option => option.Name).ToArray();
        Assert.Contains("--seed", options);
        Assert.All(options, option => Assert.Matches($@"{option}\b", text));
    }

    [Fact]
    public async Task AMistypedVerb_HasWrongArguments() => Assert.Equal(2, await CommandLine.RunAsync(["simulat"]));
}
