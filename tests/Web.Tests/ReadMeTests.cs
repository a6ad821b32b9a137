using PersonalLlm.Testing;
using PersonalLlm.Web.Cli;

namespace PersonalLlm.Web.Tests;

/// <summary>What the README shows exists.</summary>
public sealed class ReadMeTests
{
    private const string Run = "dotnet run --project src/Web";

    private static readonly string[] s_lines = File.ReadAllLines(Path.Combine(Checkout.Folder, "README.md"));

    public static TheoryData<string> Commands => [.. s_lines
        .Where(line => line.StartsWith(Run, StringComparison.Ordinal))
        .Select(line => line.Split('#')[0].Trim())];

    [Theory]
    [MemberData(nameof(Commands))]
    public void EveryCommand_IsUnderstood(string command)
    {
        var arguments = command[Run.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(argument => argument != "--").ToArray();
        Assert.Equal(arguments.Length > 0, CommandLine.IsVerb(arguments));
        if (arguments.Length > 0)
            Assert.Empty(CommandLine.Parse(arguments).Errors);
    }

    [Theory]
    [InlineData("tests/run.sh")]
    [InlineData("docs/simulate-json.md")]
    [InlineData("docs/characterise-json.md")]
    [InlineData("docs/opinionqa.md")]
    public void EveryFileOnTheWay_IsThere(string path)
    {
        Assert.Contains(s_lines, line => line.Contains(path, StringComparison.Ordinal));
        Assert.True(File.Exists(Path.Combine(Checkout.Folder, path)));
    }
}
