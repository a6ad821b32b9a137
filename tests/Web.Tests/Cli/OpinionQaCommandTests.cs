using System.Text.Json;

namespace PersonalLlm.Web.Tests.Cli;

public sealed class OpinionQaCommandTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("personalllm-opinionqa-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Report_ComparesEveryGroup_AndItsFieldsAreDocumented()
    {
        // One reward model: every user answers "always" and "no". Everybody agrees on walks, and half of them on tea.
        var humans = Write("humans.csv", "group,question_id,option,weight", "overall,tea,never,1", "overall,tea,always,1", "overall,walks,no,4", "old,tea,never,2");
        var (exitCode, output, error) = await RunAsync(humans);
        Assert.Equal((0, ""), (exitCode, error));
        using var report = JsonDocument.Parse(output);
        var root = report.RootElement;
        Assert.Equal(0.75, root.GetProperty("overall").GetProperty("range").GetProperty("value").GetDouble());
        Assert.Equal("old", root.GetProperty("groups")[0].GetProperty("group").GetString());
        Assert.Equal(0, root.GetProperty("groups")[0].GetProperty("range").GetProperty("value").GetDouble());
        Assert.Equal(0, root.GetProperty("groups")[0].GetProperty("paperNormalizer").GetProperty("value").GetDouble());
        Assert.Equal([0, 0, 20.0], root.GetProperty("votes")[0].GetProperty("counts").EnumerateArray().Select(count => count.GetDouble()));
        Assert.Equal(ReportFields.Documented("opinionqa.md"), ReportFields.Written(root));
    }

    [Fact]
    public async Task ThePopulation_MayBeAnyThatSimulateDraws()
    {
        var (_, output, _) = await RunAsync(Write("humans.csv", "group,question_id,option,weight", "old,tea,never,2"), "--smallest-distance", "0.1");
        using var report = JsonDocument.Parse(output);
        // Over a single reward model everybody has the same weight, so that one user stays.
        var population = report.RootElement.GetProperty("population");
        Assert.Equal((20, 1), (population.GetProperty("users").GetInt32(), population.GetProperty("stayed").GetInt32()));
        Assert.Equal(1, report.RootElement.GetProperty("votes")[0].GetProperty("counts").EnumerateArray().Sum(count => count.GetDouble()));
        var (exitCode, _, error) = await RunAsync(Write("humans.csv", "group,question_id,option,weight", "old,tea,never,2"), "--mean", "0.5,0.5");
        Assert.Equal((1, "Expected 1 concentrations, one per reward model, but got 2."), (exitCode, error.Trim()));
    }

    [Fact]
    public async Task WithoutAGroupOverall_OverallIsUndefined()
    {
        var (_, output, _) = await RunAsync(Write("humans.csv", "group,question_id,option,weight", "old,tea,never,2"));
        using var report = JsonDocument.Parse(output);
        Assert.Equal("the humans' table has no group overall", report.RootElement.GetProperty("overall").GetProperty("range").GetProperty("undefinedBecause").GetString());
    }

    [Fact]
    public async Task WrongTables_AreRefusedInOneSentence()
    {
        Assert.Equal((1, "", "There is no file absent.csv.\n"), await RunAsync("absent.csv"));
        Assert.Equal((1, "", "humans: line 2: there is no question coffee in the table of questions; add it there, or leave the row out.\n"), await RunAsync(Write("humans.csv", "group,question_id,option,weight", "old,coffee,never,2")));
    }

    private Task<(int ExitCode, string Output, string Error)> RunAsync(string humans, params string[] more) => ProgramProcess.RunAsync(
    [
        "opinionqa",
        "--questions", Write("questions.csv", "question_id,option,ordinal", "tea,never,1", "tea,often,2", "tea,always,3", "walks,yes,1", "walks,sometimes,1.5", "walks,no,2"),
        "--choices", Write("choices.csv", "question_id,only", "tea,1", "walks,0.9"),
        "--humans", humans, "--alpha", "1", "--users", "20", "--seed", "0", "--json", "-", .. more,
    ]);

    private string Write(string name, params string[] lines)
    {
        var path = Path.Combine(folder.FullName, name);
        File.WriteAllLines(path, lines);
        return path;
    }
}
