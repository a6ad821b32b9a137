using System.Text.Json;
using PersonalLlm.Testing;

namespace PersonalLlm.Web.Tests.Cli;

public sealed class CharacteriseCommandTests : IDisposable
{
    // Reward models "left" and "right" disagree about prompt a and agree about prompt b.
    private static readonly string[] SmallFile =
    [
        """{"prompt":"Say hello","subset":"chat","prompt_id":"a","response_1":"Hi","response_1_model":"x","response_1_right":0,"response_1_left":1,"response_2":"","response_2_model":"y","response_2_right":3,"response_2_left":-1}""",
        """{"prompt":"Say bye","subset":"chat","prompt_id":"b","response_1":"Bye","response_1_model":"y","response_1_right":5,"response_1_left":3,"response_2":"So long","response_2_model":"x","response_2_right":2,"response_2_left":1}""",
    ];

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("personalllm-characterise-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Archetypes_AreTheRewardModels()
    {
        using var report = await RunAsync("--data", Write("small.jsonl", SmallFile), "--archetypes");
        Assert.Equal("archetypes", report.RootElement.GetProperty("annotatorsAre").GetString());
        Assert.Equal(["left", "right"], report.RootElement.GetProperty("annotators").EnumerateArray().Select(annotator => annotator.GetProperty("name").GetString()));
        var characteristics = report.RootElement.GetProperty("characteristics");
        Assert.Equal(0.5, Value(characteristics.GetProperty("divergence")));
        Assert.Equal(0.75, Value(characteristics.GetProperty("withSelf").GetProperty("mean")));
        Assert.Equal(0.5, Value(characteristics.GetProperty("withoutSelf").GetProperty("mean")));
        Assert.Equal(0.5, Value(characteristics.GetProperty("roomForPersonalization")));
    }

    [Fact]
    public async Task People_AreReadFromAFileOfJudgements()
    {
        var file = Write("people.jsonl",
            """{"annotator":"ann","item_id":1,"source":"s","responses":["x","y"],"choice":0}""",
            """{"annotator":"bob","item_id":1,"source":"s","responses":["y","x"],"choice":0}""",
            """{"annotator":"ann","item_id":1,"source":"s","responses":["x","y"],"choice":0}""",
            """{"annotator":"ann","item_id":1,"source":"other","responses":["x","y"],"choice":null}""");
        using var report = await RunAsync("--judgements", file, "--source", "s");
        Assert.Equal(JsonValueKind.Null, report.RootElement.GetProperty("population").ValueKind);
        var counts = report.RootElement.GetProperty("counts");
        Assert.Equal((2, 1, 2, 0, 1), (Count("annotators"), Count("pairs"), Count("labels"), Count("ties"), Count("repeats")));
        Assert.Equal(1, Value(report.RootElement.GetProperty("characteristics").GetProperty("divergence")));
        Assert.Equal(1, Value(report.RootElement.GetProperty("characteristics").GetProperty("consistency")));

        int Count(string name) => counts.GetProperty(name).GetInt32();
    }

    [Fact]
    public async Task EveryField_IsDocumented_AndEveryDocumentedFieldExists()
    {
        using var report = await RunAsync("--data", Write("small.jsonl", SmallFile), "--alpha", "1", "--users", "20", "--seed", "7", "--inverse-temperature", "1");
        Assert.Equal(ReportFields.Documented("characterise-json.md"), ReportFields.Written(report.RootElement));
    }

    // With noise: hers goes by her draw, so that she answers the same whoever was dropped before her.
    [Fact]
    public async Task UsersWhoStay_JudgeAsTheyDidAmongAll()
    {
        var file = Write("small.jsonl", [.. Enumerable.Range(0, 40).SelectMany(copy => SmallFile.Select(line => line.Replace("\"prompt_id\":\"", $"\"prompt_id\":\"{copy}")))]);
        string[] arguments = ["--data", file, "--models", "right,left", "--mean", "0.3,0.7", "--alpha", "1", "--users", "60", "--seed", "7", "--inverse-temperature", "1"];
        using var whole = await RunAsync(arguments);
        using var fewer = await RunAsync([.. arguments, "--smallest-distance", "0.2"]);
        var consistencies = whole.RootElement.GetProperty("annotators").EnumerateArray().ToDictionary(
            annotator => annotator.GetProperty("name").GetString()!, annotator => annotator.GetProperty("consistency").GetRawText());
        var stayed = fewer.RootElement.GetProperty("annotators").EnumerateArray().ToArray();
        Assert.Equal(fewer.RootElement.GetProperty("population").GetProperty("stayed").GetInt32(), stayed.Length);
        Assert.InRange(stayed.Length, 2, 10);
        Assert.NotEqual($"{stayed.Length - 1}", stayed[^1].GetProperty("name").GetString());
        Assert.All(stayed, annotator => Assert.Equal(consistencies[annotator.GetProperty("name").GetString()!], annotator.GetProperty("consistency").GetRawText()));
    }

    public static TheoryData<string[], int, string> Refusals => new()
    {
        { [], 2, "Either --data or --judgements is expected, and not both." },
        { ["--data", "d", "--judgements", "j"], 2, "Either --data or --judgements is expected, and not both." },
        { ["--judgements", "j", "--alpha", "1"], 2, "--alpha goes with --data; people are as they are." },
        { ["--data", "d", "--archetypes", "--users", "3"], 2, "--users goes without --archetypes, whose users are the reward models." },
        { ["--data", "d", "--alpha", "1", "--users", "3"], 2, "Option '--seed' is required with --data." },
        { ["--data", "d", "--archetypes", "--mean", "0.5,0.5"], 2, "--mean goes without --archetypes, whose users are the reward models." },
        { ["--data", "SMALL", "--archetypes", "--models", "middle"], 1, "There is no reward model \"middle\" in small.jsonl, only left, right." },
        { ["--data", "d", "--archetypes", "--pairs-per-prompt", "0"], 2, "The number of pairs per prompt must be a whole number from 1 to 2147483647, but it is \"0\"." },
        { ["--data", "absent.jsonl", "--archetypes"], 1, "There is no file absent.jsonl." },
        { ["--judgements", "absent.jsonl"], 1, "There is no file absent.jsonl." },
        { ["--judgements", "BROKEN"], 1, "BROKEN: Line 1: annotator is missing." },
        { ["--judgements", "PEOPLE", "--source", "x"], 1, "PEOPLE holds no judgements of the source \"x\"." },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task WrongInput_IsRefusedInOneSentence(string[] arguments, int expectedExitCode, string expectedError)
    {
        var broken = Write("broken.jsonl", """{"responses":["x","y"],"choice":0}""");
        var people = Write("people.jsonl", """{"annotator":"ann","item_id":1,"responses":["x","y"],"choice":0}""");
        var small = Write("small.jsonl", SmallFile);
        var (exitCode, output, error) = await ProgramProcess.RunAsync(
            ["characterise", .. arguments.Select(argument => argument.Replace("BROKEN", broken).Replace("PEOPLE", people).Replace("SMALL", small)), "--json", "-"]);
        Assert.Equal(expectedExitCode, exitCode);
        Assert.Empty(output.Trim());
        Assert.StartsWith(expectedError.Replace("BROKEN", broken).Replace("PEOPLE", people), error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    private async Task<JsonDocument> RunAsync(params string[] arguments)
    {
        var json = Path.Combine(folder.FullName, "report.json");
        var (exitCode, output, error) = await ProgramProcess.RunAsync(["characterise", .. arguments, "--json", json]);
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains("room for personalisation", output);
        return JsonDocument.Parse(await File.ReadAllBytesAsync(json));
    }

    private string Write(string name, params string[] lines)
    {
        var path = Path.Combine(folder.FullName, name);
        File.WriteAllLines(path, lines);
        return path;
    }

    private static double Value(JsonElement estimate) => estimate.GetProperty("value").GetDouble();
}
