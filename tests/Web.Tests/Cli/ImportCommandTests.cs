using System.Text.Json;

namespace PersonalLlm.Web.Tests.Cli;

public sealed class ImportCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("personalllm-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task DryRun_SaysWhatIsInTheFileAndNeedsNoDatabase()
    {
        var file = Write("good.jsonl", """{"prompt_id":1,"prompt":"q","source":"s","responses":[{"model":"a","text":"x"},{"model":"b","text":""}]}""");

        var (exitCode, output, error) = await ProgramProcess.RunAsync(["import", file, "--dry-run", "--json", "-"]);

        Assert.Equal(0, exitCode);
        using var report = JsonDocument.Parse(output);
        Assert.Equal("dryRun", report.RootElement.GetProperty("outcome").GetString());
        Assert.Equal(2, report.RootElement.GetProperty("responses").GetInt32());
        Assert.Equal(1, report.RootElement.GetProperty("problemCounts").GetProperty("Empty response").GetInt32());
        Assert.Contains("Line 1: response 2 (b) is empty.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BrokenFile_IsRefusedWithItsLine()
    {
        var file = Write("bad.jsonl", "{\"prompt_id\":1,\"prompt\":\"q\",\"responses\":[{\"model\":\"a\",\"text\":\"x\"}]}\n{\"prompt_id\":2,\"prompt\":7,\"responses\":[]}");

        var (exitCode, _, error) = await ProgramProcess.RunAsync(["import", file, "--name", "bad"]);

        Assert.Equal((1, "bad.jsonl cannot be imported: Line 2: prompt is a number; expected a text."), (exitCode, error.TrimEnd()));
    }

    [Theory]
    [InlineData(2, "Say --name NAME, or --dry-run.", "import", "x.jsonl")]
    [InlineData(1, "There is no file x.jsonl.", "import", "x.jsonl", "--dry-run")]
    public async Task WrongInput_IsOneSentence(int expected, string sentence, params string[] arguments)
    {
        var (exitCode, _, error) = await ProgramProcess.RunAsync(arguments);

        Assert.Equal((expected, sentence), (exitCode, error.Trim()));
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
