using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;
using PersonalLlm.Testing;

namespace PersonalLlm.Web.Tests.Cli;

public sealed class SimulateCommandTests : IDisposable
{
    private const string Scored = "alpaca8_scored.jsonl.gz";

    // Two prompts, reward models "left" and "right" that disagree about everything; the file names them in the wrong order.
    private static readonly string[] SmallFile =
    [
        """{"prompt":"Say hello","subset":"chat","prompt_id":"a","response_1":"Hi","response_1_model":"x","response_1_right":0,"response_1_left":1,"response_2":"Hello there","response_2_model":"y","response_2_right":3,"response_2_left":-1}""",
        """{"prompt":"Say bye","subset":"chat","prompt_id":"b","response_1":"Bye","response_1_model":"y","response_1_right":5,"response_1_left":1,"response_2":"So long","response_2_model":"x","response_2_right":2,"response_2_left":3}""",
    ];

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("personalllm-simulate-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Report_HoldsWhatIsNeededToComputeItAgain()
    {
        var file = Write("small.jsonl", SmallFile);
        using var report = await SimulateAsync(file, "--alpha", "1", "--users", "500", "--seed", "7");
        var root = report.RootElement;
        Assert.Equal("small.jsonl", root.GetProperty("input").GetProperty("file").GetString());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))), root.GetProperty("input").GetProperty("sha256").GetString());
        Assert.Equal((2, 4), (root.GetProperty("prompts").GetInt32(), root.GetProperty("responses").GetInt32()));
        Assert.Equal(["left", "right"], root.GetProperty("rewardModels").EnumerateArray().Select(model => model.GetProperty("name").GetString()));
        // left: 1, −1, 1, 3 has mean 1 and sd √2; right: 0, 3, 5, 2 has mean 2.5 and sd √3.25.
        Assert.Equal([1, 2.5], root.GetProperty("rewardModels").EnumerateArray().Select(model => model.GetProperty("mean").GetDouble()));
        Assert.Equal(Math.Sqrt(3.25), root.GetProperty("rewardModels")[1].GetProperty("standardDeviation").GetDouble(), 1e-12);

        var spec = new PopulationSpec(["left", "right"], 1, 500, 7);
        var pins = root.GetProperty("population").GetProperty("pins").EnumerateArray().Select(pin => new RewardPin(
            pin.GetProperty("revision").GetString(), new RewardConstants(pin.GetProperty("mean").GetDouble(), pin.GetProperty("standardDeviation").GetDouble())));
        Assert.Equal((spec with { Pins = [.. pins] }).Hash(), root.GetProperty("population").GetProperty("hash").GetString());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("population").GetProperty("inverseTemperature").ValueKind);
        Assert.Equal(PopulationSampler.Sample(spec).Weights.ToArray(), Weights(root).SelectMany(weights => weights));
        AssertVotesFollow(root, [[1, 0], [-1, 3], [1, 5], [3, 2]]);
        Assert.All(root.GetProperty("votes").EnumerateArray(), votes => Assert.Equal(500, Numbers(votes.GetProperty("counts")).Sum()));
    }

    [Fact]
    public async Task SameArguments_WriteTheSameBytes()
    {
        var file = Write("small.jsonl", SmallFile);
        string[] outputs = [Path.Combine(folder.FullName, "1.json"), Path.Combine(folder.FullName, "2.json")];
        foreach (var output in outputs)
        {
            var (exitCode, _, error) = await ProgramProcess.RunAsync(
                ["simulate", "--data", file, "--alpha", "0.05", "--users", "300", "--seed", "0", "--inverse-temperature", "2", "--sweep", "0.1,1", "--json", output]);
            Assert.Equal((0, ""), (exitCode, error));
        }
        Assert.Equal(await File.ReadAllBytesAsync(outputs[0]), await File.ReadAllBytesAsync(outputs[1]));
    }

    [Fact]
    public async Task Csv_Gzip_AndACommaLocale_GiveTheNumbersOfTheJsonlFile()
    {
        var csv = Write("small.csv",
            "prompt,subset,prompt_id,response_1,response_1_model,response_1_right,response_1_left,response_2,response_2_model,response_2_right,response_2_left",
            "Say hello,chat,a,Hi,x,0,1,Hello there,y,3,-1",
            "Say bye,chat,b,Bye,y,5,1,So long,x,2,3");
        var gzip = Path.Combine(folder.FullName, "small.jsonl.gz");
        await using (var stream = new GZipStream(File.Create(gzip), CompressionLevel.Fastest))
            await stream.WriteAsync(Encoding.UTF8.GetBytes(string.Join('\n', SmallFile)));
        string[] arguments = ["--alpha", "0.5", "--users", "40", "--seed", "1", "--inverse-temperature", "1.5", "--json", "-"];
        var results = new List<string>();
        foreach (var file in new[] { Write("small.jsonl", SmallFile), csv, gzip })
        {
            var (exitCode, output, error) = await ProgramProcess.RunAsync(["simulate", "--data", file, .. arguments], locale: "de_DE.UTF-8");
            Assert.Equal((0, ""), (exitCode, error));
            results.Add(output[output.IndexOf("\"prompts\"", StringComparison.Ordinal)..]);
        }
        Assert.Single(results.Distinct());
    }

    [Fact]
    public async Task WithoutRewards_TheAttributeRewardModelsScore()
    {
        var file = Write("plain.jsonl",
            """{"prompt_id":"a","prompt":"Say hello","source":"chat","responses":[{"model":"x","text":"Hi! How are you?"},{"model":"y","text":"Greetings. Furthermore, one may perhaps proceed."}]}""",
            """{"prompt_id":"b","prompt":"Say bye","source":"chat","responses":[{"model":"x","text":"Bye"},{"model":"y","text":"# Farewell\n\n- one\n- two"},{"model":"z","text":"Certainly, for example: 1, 2, 3."}]}""");
        using var report = await SimulateAsync(file, "--alpha", "0.05", "--users", "100", "--seed", "0");
        Assert.Equal(AttributeRewardModels.Names, report.RootElement.GetProperty("rewardModels").EnumerateArray().Select(model => model.GetProperty("name").GetString()));
        Assert.Equal(["x", "y", "z"], report.RootElement.GetProperty("metrics").GetProperty("winShares").EnumerateObject().Select(share => share.Name));
    }

    [Fact]
    public async Task PersonalLlmsRawRewards_AreStandardisedByThePublishedConstants()
    {
        // Raw columns around the published constants: mean ± sd.
        var rows = Enumerable.Range(0, 20).Select(prompt => "{" + string.Join(',', Enumerable.Range(1, 2)
            .SelectMany(response => RewardNormalization.Published.Select(model => string.Create(CultureInfo.InvariantCulture,
                    $"\"response_{response}_{model.Key}\":{model.Value.Mean + ((((prompt + response) % 2) - 0.5) * 2 * model.Value.StandardDeviation)}"))
                .Append($"\"response_{response}\":\"text {prompt} {response}\"").Append($"\"response_{response}_model\":\"m{response}\""))
            .Append($"\"prompt\":\"p {prompt}\"").Append("\"subset\":\"s\"").Append($"\"prompt_id\":{prompt}")) + "}");
        using var report = await SimulateAsync(Write("raw.jsonl", [.. rows]), "--alpha", "0.05", "--users", "10", "--seed", "0");
        foreach (var model in report.RootElement.GetProperty("rewardModels").EnumerateArray())
        {
            Assert.StartsWith("published", model.GetProperty("source").GetString(), StringComparison.Ordinal);
            Assert.Equal(RewardNormalization.Published[model.GetProperty("name").GetString()!].Mean, model.GetProperty("mean").GetDouble());
        }
    }

    public static TheoryData<string[], int, string> Refusals => new()
    {
        { ["--data", "absent.jsonl"], 1, "There is no file absent.jsonl." },
        { ["--data", "EMPTY"], 1, "EMPTY: The file is empty." },
        { ["--data", "BROKEN"], 1, "BROKEN: Line 2:" },
        { ["--json", "/no/such/folder/out.json"], 1, "Cannot write /no/such/folder/out.json:" },
        { ["--alpha", "0"], 2, "The alpha must be a number above 0 (1e-9 to 1e9), or one per reward model with commas between them, but it is \"0\"." },
        { ["--alpha", "-0.5"], 2, "The alpha must be a number above 0 (1e-9 to 1e9), or one per reward model with commas between them, but it is \"-0.5\"." },
        { ["--alpha", "0,05"], 2, "The alpha must be a number above 0 (1e-9 to 1e9), or one per reward model with commas between them, but it is \"0,05\"." },
        { ["--alpha", "NaN"], 2, "The alpha must be a number above 0 (1e-9 to 1e9), or one per reward model with commas between them, but it is \"NaN\"." },
        { ["--alpha", "1,2,3"], 1, "Expected 2 concentrations, one per reward model, but got 3." },
        { ["--mean", "0.5,0.6"], 2, "The mean weights must be numbers above 0, one per reward model, that sum to 1, but they are \"0.5,0.6\"." },
        { ["--mean", "0.5,0.2,0.3"], 1, "Expected 2 concentrations, one per reward model, but got 3." },
        { ["--smallest-distance", "1.5"], 2, "The smallest distance must be a number above 0 and below 1.414, but it is \"1.5\"." },
        { ["--models", "left,middle"], 1, "There is no reward model \"middle\" in small.jsonl, only left, right." },
        { ["--models", "left,left"], 1, "The reward model \"left\" is named twice." },
        { ["--personas", "absent.csv"], 1, "There is no file absent.csv." },
        { ["--personas", "PERSONAS"], 1, "PERSONAS: Line 2: the data set has no prompt with the id \"z\"." },
        { ["--attributes", "absent.csv"], 2, "--attributes goes with --regress." },
        { ["--sweep", "1,0"], 2, "The alphas to sweep must be numbers above 0 (1e-9 to 1e9), but they are \"1,0\"." },
        { ["--users", "0"], 2, "The number of users must be a whole number from 1 to 2147483647, but it is \"0\"." },
        { ["--seed", "-1"], 2, "The seed must be a whole number from 0 to 4294967295, but it is \"-1\"." },
        { ["--seed", "4294967296"], 2, "The seed must be a whole number from 0 to 4294967295, but it is \"4294967296\"." },
        { ["--generator", "pcg64"], 2, "There is no generator \"pcg64\"; use native or numpy-legacy." },
        { ["--inverse-temperature", "-1"], 2, "The inverse temperature must be a number from 0 to 1e9, or infinity, but it is \"-1\"." },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task WrongInput_IsRefusedInOneSentence(string[] changed, int expectedExitCode, string expectedError)
    {
        var empty = Write("empty.jsonl");
        var broken = Write("broken.jsonl", SmallFile[0], "{\"prompt\":");
        var personas = Write("personas.csv", "persona,prompt_id,choice", "ann,z,A");
        var arguments = new Dictionary<string, string>
        {
            ["--data"] = Write("small.jsonl", SmallFile), ["--alpha"] = "1", ["--users"] = "10", ["--seed"] = "0", ["--json"] = "-",
        };
        arguments[changed[0]] = changed[1].Replace("EMPTY", empty).Replace("BROKEN", broken).Replace("PERSONAS", personas);
        var (exitCode, output, error) = await ProgramProcess.RunAsync(["simulate", .. arguments.SelectMany(argument => new[] { argument.Key, argument.Value })]);
        Assert.Equal(expectedExitCode, exitCode);
        Assert.Empty(output.Trim());
        Assert.StartsWith(expectedError.Replace("EMPTY", empty).Replace("BROKEN", broken).Replace("PERSONAS", personas), error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    [Fact]
    public async Task AMeanForEachAlpha_IsRefused()
    {
        var (exitCode, _, error) = await ProgramProcess.RunAsync(
            ["simulate", "--data", Write("small.jsonl", SmallFile), "--alpha", "1,2", "--mean", "0.5,0.5", "--users", "10", "--seed", "0", "--json", "-"]);
        Assert.Equal((2, "--mean goes with one --alpha, not with one per reward model."), (exitCode, error.Trim()));
    }

    // The order of names on the command line is the order of their numbers there, whatever order the file has.
    [Fact]
    public async Task NumbersPerRewardModel_GoByTheOrderOfTheNames()
    {
        var file = Write("small.jsonl", SmallFile);
        string[] arguments = ["--users", "40", "--seed", "1"];
        using var one = await SimulateAsync(file, ["--models", "right,left", "--alpha", "3,1", .. arguments]);
        using var other = await SimulateAsync(file, ["--models", "right,left", "--alpha", "2", "--mean", "0.75,0.25", .. arguments]);
        using var inFileOrder = await SimulateAsync(file, ["--alpha", "1,3", .. arguments]);
        Assert.Equal([1.0, 3], Numbers(one.RootElement.GetProperty("population").GetProperty("concentration")));
        Assert.Equal(inFileOrder.RootElement.GetProperty("population").GetRawText(), one.RootElement.GetProperty("population").GetRawText());
        Assert.Equal(inFileOrder.RootElement.GetProperty("population").GetRawText(), other.RootElement.GetProperty("population").GetRawText());
        Assert.Equal(inFileOrder.RootElement.GetProperty("weights").GetRawText(), one.RootElement.GetProperty("weights").GetRawText());
    }

    [Fact]
    public async Task OneOfTheRewardModels_DecidesAlone_ByTheSameConstants()
    {
        using var report = await SimulateAsync(Write("small.jsonl", SmallFile), "--models", "right", "--alpha", "1", "--users", "3", "--seed", "0");
        Assert.Equal(["right"], report.RootElement.GetProperty("rewardModels").EnumerateArray().Select(model => model.GetProperty("name").GetString()));
        Assert.Equal(2.5, report.RootElement.GetProperty("rewardModels")[0].GetProperty("mean").GetDouble());
        Assert.Equal([0.0, 3, 3, 0], report.RootElement.GetProperty("votes").EnumerateArray().SelectMany(votes => Numbers(votes.GetProperty("counts"))));
    }

    [Fact]
    public async Task UsersNearAnEarlierOne_AreDropped_AndTheirDrawsNamed()
    {
        using var whole = await SimulateAsync(Write("small.jsonl", SmallFile), "--alpha", "1", "--users", "200", "--seed", "3");
        using var fewer = await SimulateAsync(Write("small.jsonl", SmallFile), "--alpha", "1", "--users", "200", "--seed", "3", "--smallest-distance", "0.1");
        var (all, kept) = (Weights(whole.RootElement), Weights(fewer.RootElement));
        var draws = fewer.RootElement.GetProperty("draws").EnumerateArray().Select(draw => draw.GetInt32()).ToArray();
        Assert.Equal(kept.Length, fewer.RootElement.GetProperty("population").GetProperty("stayed").GetInt32());
        Assert.InRange(kept.Length, 2, 20);
        Assert.Equal(draws.Select(draw => all[draw]), kept);
        Assert.Equal(Enumerable.Range(0, 200), whole.RootElement.GetProperty("draws").EnumerateArray().Select(draw => draw.GetInt32()));
        foreach (var (one, other) in from one in Enumerable.Range(0, kept.Length) from other in Enumerable.Range(0, one) select (kept[one], kept[other]))
            Assert.True(one.Zip(other, (a, b) => (a - b) * (a - b)).Sum() >= 0.01);
    }

    [Fact]
    public async Task Sweep_IsWhatEveryAlphaWouldGiveAlone()
    {
        var file = Write("small.jsonl", SmallFile);
        using var swept = await SimulateAsync(file, "--alpha", "1", "--users", "50", "--seed", "3", "--sweep", "0.05,7");
        using var alone = await SimulateAsync(file, "--alpha", "7", "--users", "50", "--seed", "3");
        var points = swept.RootElement.GetProperty("sweep");
        Assert.Equal([0.05, 7], points.EnumerateArray().Select(point => point.GetProperty("concentration").GetDouble()));
        Assert.Equal(alone.RootElement.GetProperty("population").GetProperty("hash").GetString(), points[1].GetProperty("hash").GetString());
        Assert.Equal(alone.RootElement.GetProperty("effectiveRewardModels").GetRawText(), points[1].GetProperty("effectiveRewardModels").GetRawText());
        foreach (var metric in new[] { "majorityCurve", "meanEntropy", "overlap", "kendallTau" })
            Assert.Equal(alone.RootElement.GetProperty("metrics").GetProperty(metric).GetRawText(), points[1].GetProperty(metric).GetRawText());
    }

    [Fact]
    public async Task Personas_AreMeasuredAsTheUsersAre()
    {
        var personas = Write("personas.jsonl",
            """{"persona":"ann","persona_text":"A retired teacher.","prompt_id":"a","choice":0}""",
            """{"persona":"ann","prompt_id":"b","choice":"x"}""",
            """{"persona":"bob","prompt_id":"a","choice":"B,A"}""",
            """{"persona":"bob","prompt_id":"b","choice":1}""",
            """{"persona":"cat","prompt_id":"a","choice":null}""");
        using var report = await SimulateAsync(Write("small.jsonl", SmallFile), "--alpha", "1", "--users", "20", "--seed", "3", "--personas", personas);
        var said = report.RootElement.GetProperty("personas");
        Assert.Equal((3, 4, 1), (said.GetProperty("personas").GetInt32(), said.GetProperty("choices").GetInt32(), said.GetProperty("unusable").GetInt32()));
        var metrics = said.GetProperty("metrics");
        // On a one vote each, on b both for x: majorities of 1/2 and 1.
        Assert.Equal(0.5, metrics.GetProperty("majorityCurve")[0].GetProperty("share").GetProperty("value").GetDouble());
        Assert.Equal(Math.Log(2) / 2, metrics.GetProperty("meanEntropy").GetProperty("value").GetDouble(), 1e-12);
        Assert.Equal(0.75, metrics.GetProperty("winShares").GetProperty("x").GetProperty("value").GetDouble());
        Assert.Equal(0.5, metrics.GetProperty("overlap").GetProperty("value").GetDouble());
    }

    [Fact]
    public async Task Words_SayWhatTheFileSays_AndWhoseNumbersStandBeside()
    {
        var json = Path.Combine(folder.FullName, "report.json");
        var (_, output, _) = await ProgramProcess.RunAsync(
            ["simulate", "--data", Write("small.jsonl", SmallFile), "--alpha", "0.05", "--users", "500", "--seed", "7", "--sweep", "1", "--json", json]);
        using var report = JsonDocument.Parse(await File.ReadAllBytesAsync(json));
        var entropy = report.RootElement.GetProperty("metrics").GetProperty("meanEntropy").GetProperty("value").GetDouble();
        Assert.Contains("small.jsonl: 2 prompts, 4 responses, 2 reward models.", output);
        Assert.Matches("entropy of a prompt's votes +" + entropy.ToString("F3", CultureInfo.InvariantCulture), output);
        Assert.Contains("0.4260", output);
        Assert.Contains("These are other data, so that it is a yardstick only.", output);
        Assert.False(report.RootElement.GetProperty("published").GetProperty("isSameData").GetBoolean());
    }

    [Fact]
    public async Task Interrupted_ItStopsAtOnce_AndLeavesNoFile()
    {
        // Work for a minute, so that the signal comes in the middle of it.
        var file = Write("many.jsonl", [.. Enumerable.Range(0, 2000).Select(prompt => SmallFile[0].Replace("\"prompt_id\":\"a\"", $"\"prompt_id\":\"{prompt}\""))]);
        var json = Path.Combine(folder.FullName, "never.json");
        var (exitCode, error) = await ProgramProcess.InterruptAsync(
            ["simulate", "--data", file, "--alpha", "0.05", "--users", "200000", "--seed", "0", "--inverse-temperature", "1", "--sweep", "0.1,0.2,0.3,0.4,0.5,0.6", "--json", json],
            worked: TimeSpan.FromSeconds(3));
        Assert.Equal((130, "Stopped; nothing was written."), (exitCode, error.Trim()));
        Assert.Equal([file], Directory.GetFiles(folder.FullName));
    }

    [Fact]
    public async Task MissingArguments_AreNamed()
    {
        var (exitCode, _, error) = await ProgramProcess.RunAsync(["simulate", "--alpha", "1"]);
        Assert.Equal(2, exitCode);
        Assert.Contains("'--data' is required", error);
        Assert.DoesNotContain("   at ", error);
    }

    [Fact]
    public async Task EveryField_IsDocumented_AndEveryDocumentedFieldExists()
    {
        // Lists, marks and lengths that vary by themselves, so that noisy users have coefficients.
        var lines = Enumerable.Range(0, 80).Select(prompt => JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["prompt"] = $"prompt {prompt}", ["subset"] = "s", ["prompt_id"] = prompt,
            ["response_1"] = Text(prompt), ["response_1_model"] = "x", ["response_1_m"] = prompt * 7 % 5,
            ["response_2"] = Text(prompt + 1000), ["response_2_model"] = "y", ["response_2_m"] = prompt * 3 % 4,
        }));
        var personas = Write("personas.csv", "persona,prompt_id,choice", "ann,1,A", "bob,1,B", "bob,2,A=B", "ann,3,");
        var scores = Write("scores.csv", ["prompt_id,response,joy", .. Enumerable.Range(0, 80).SelectMany(prompt => new[] { $"{prompt},0,{prompt * 5 % 7}", $"{prompt},1,{prompt * 3 % 11}" }), "a,0,1", "a,1,2"]);
        using var report = await SimulateAsync(Write("small.jsonl", [.. lines, SmallFile[0].Replace("\"Hi\"", "\"\"").Replace("_right", "_m").Replace(",\"response_1_left\":1", "").Replace(",\"response_2_left\":-1", "")]), "--alpha", "1", "--users", "20", "--seed", "7", "--inverse-temperature", "0.5", "--regress", "--smallest-distance", "0.01", "--sweep", "0.1", "--personas", personas, "--attributes", scores);
        Assert.Equal(
            ReportFields.Documented("simulate-json.md"),
            ReportFields.Written(
                report.RootElement, "metrics.distinctWinners", "metrics.distinctWinnersPaperBinning", "metrics.winShares", "metrics.entropyBySubset", "metrics.entropyByKeyword", "regression.users[]",
                "personas.metrics.distinctWinners", "personas.metrics.distinctWinnersPaperBinning", "personas.metrics.winShares", "personas.metrics.entropyBySubset", "personas.metrics.entropyByKeyword"));

        static string Text(int number) => string.Concat(Enumerable.Range(0, 3 + (number * 37 % 11))
            .Select(word => ((number * 13 + word * 7) % 9) switch { 0 => "the ", 1 => "\n- item ", 2 => "wonderful, ", 3 => $"word{number + word}! ", 4 => "and ", _ => $"w{word} " }));
    }

    // Everything from the file on is computed again, the slow way and in double: only the weights are taken from the report, and
    // those are NumPy's to the last bit (see the goldens).
    [RealDataFact(Scored)]
    public Task RealData_AtAlphaOneTwentieth_EqualsTheSlowReference() => CompareOnRealData("0.05");

    [RealDataFact(Scored)]
    public Task RealData_AtAlphaOne_EqualsTheSlowReference() => CompareOnRealData("1");

    /// <summary>The way from the file to every number, all of it a second time in NumPy and SciPy (Golden/alpaca8_numpy.py), in float64.</summary>
    [RealDataFact(Scored)]
    public async Task RealData_GivesTheNumbersThatNumPyGives()
    {
        using var golden = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Golden", "alpaca8_numpy.json")));
        foreach (var expected in golden.RootElement.GetProperty("cases").EnumerateArray())
        {
            using var report = await SimulateAsync(
                RealData.Find(Scored)!, "--alpha", expected.GetProperty("alpha").GetRawText(), "--users", "1000", "--seed", "0", "--generator", "numpy-legacy");
            Assert.Equal(golden.RootElement.GetProperty("sha256").GetString(), report.RootElement.GetProperty("input").GetProperty("sha256").GetString());
            var metrics = report.RootElement.GetProperty("metrics");
            for (var place = 0; place < 3; place++)
            {
                Same(expected.GetProperty("majorityAtMost")[place], metrics.GetProperty("majorityCurve")[place].GetProperty("share"));
                Same(expected.GetProperty("percentileOfScore")[place], metrics.GetProperty("majorityCurve")[place].GetProperty("percentileOfScore"), unit: 100);
            }
            foreach (var named in new[] { "distinctWinners", "winShares", "entropyBySubset" })
            {
                Assert.Equal(expected.GetProperty(named).EnumerateObject().Select(one => one.Name), metrics.GetProperty(named).EnumerateObject().Select(one => one.Name));
                foreach (var one in expected.GetProperty(named).EnumerateObject())
                    Same(one.Value, metrics.GetProperty(named).GetProperty(one.Name));
            }
            Same(expected.GetProperty("meanEntropy"), metrics.GetProperty("meanEntropy"));
            Same(expected.GetProperty("overlap"), metrics.GetProperty("overlap"));
            Same(expected.GetProperty("effectiveRewardModels"), report.RootElement.GetProperty("effectiveRewardModels"));
            // Now and then a user's second and third response are nearer than float32 can tell apart, and a pair of half a million falls the other way.
            Same(expected.GetProperty("kendallTau"), metrics.GetProperty("kendallTau"), tolerance: 1e-6);
        }

        static void Same(JsonElement expected, JsonElement estimate, double unit = 1, double tolerance = 1e-12) =>
            Assert.Equal(expected.GetDouble() / unit, estimate.GetProperty("value").GetDouble(), tolerance);
    }

    private async Task CompareOnRealData(string alpha)
    {
        var file = RealData.Find(Scored)!;
        using var report = await SimulateAsync(file, "--alpha", alpha, "--users", "1000", "--seed", "0", "--generator", "numpy-legacy");
        using var text = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
        var rows = new List<Dictionary<string, JsonElement>>();
        while (await text.ReadLineAsync() is { } line)
            rows.Add(JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(line)!);
        string[] aliases = [.. rows[0].Keys.Where(key => key.StartsWith("response_1_", StringComparison.Ordinal) && key != "response_1_model")
            .Select(key => key["response_1_".Length..]).Order(StringComparer.Ordinal)];
        double[][] raw = [.. from row in rows from response in Enumerable.Range(1, 8)
                             select aliases.Select(alias => (double)row[$"response_{response}_{alias}"].GetSingle()).ToArray()];
        Assert.Equal(10, aliases.Length);
        AssertVotesFollow(report.RootElement, raw);

        var metrics = report.RootElement.GetProperty("metrics");
        double[][] shares = [.. report.RootElement.GetProperty("votes").EnumerateArray().Select(votes => Numbers(votes.GetProperty("counts")).Select(count => count / 1000).ToArray())];
        double[] thresholds = [0.5, 0.75, 0.95];
        for (var index = 0; index < 3; index++)
            Assert.Equal(shares.Average(share => share.Max() <= thresholds[index] ? 1 : 0), Value(metrics.GetProperty("majorityCurve")[index].GetProperty("share")), 1e-12);
        Assert.Equal(shares.Average(Entropy), Value(metrics.GetProperty("meanEntropy")), 1e-12);
        foreach (var bar in metrics.GetProperty("distinctWinners").EnumerateObject())
            Assert.Equal(shares.Average(share => share.Count(value => value > 0) == int.Parse(bar.Name, CultureInfo.InvariantCulture) ? 1 : 0), Value(bar.Value), 1e-12);
        foreach (var model in metrics.GetProperty("winShares").EnumerateObject())
            Assert.Equal(
                rows.Select((row, prompt) => Enumerable.Range(1, 8).Where(response => row[$"response_{response}_model"].GetString() == model.Name).Sum(response => shares[prompt][response - 1])).Average(),
                Value(model.Value), 1e-12);
        foreach (var subset in metrics.GetProperty("entropyBySubset").EnumerateObject())
            Assert.Equal(
                rows.Select((row, prompt) => (row, prompt)).Where(pair => pair.row["subset"].GetString() == subset.Name).Average(pair => Entropy(shares[pair.prompt])),
                Value(subset.Value), 1e-12);

        static double Entropy(double[] share) => -share.Where(value => value > 0).Sum(value => value * Math.Log(value));
        static double Value(JsonElement estimate) => estimate.GetProperty("value").GetDouble();
    }

    /// <summary>
    /// Standardises, scores and counts in double. Where a user's two best responses are closer than float32 can tell apart (10⁻⁵ is
    /// sixty times the rounding of a sum of ten terms), the choice is decided in float32 as documented: fused, in order of the reward models.
    /// </summary>
    private static void AssertVotesFollow(JsonElement report, double[][] raw)
    {
        var models = raw[0].Length;
        var mean = Enumerable.Range(0, models).Select(model => raw.Average(row => row[model])).ToArray();
        var deviation = Enumerable.Range(0, models).Select(model => Math.Sqrt(raw.Average(row => Math.Pow(row[model] - mean[model], 2)))).ToArray();
        var standardised = raw.Select(row => row.Select((reward, model) => (reward - mean[model]) / deviation[model]).ToArray()).ToArray();
        var weights = Weights(report);
        var first = 0;
        foreach (var votes in report.GetProperty("votes").EnumerateArray())
        {
            var actual = Numbers(votes.GetProperty("counts"));
            var expected = new double[actual.Length];
            foreach (var user in weights)
            {
                var utilities = new double[actual.Length];
                for (var response = 0; response < utilities.Length; response++)
                    for (var model = 0; model < models; model++)
                        utilities[response] += user[model] * standardised[first + response][model];
                if (utilities.OrderDescending().Take(2).ToArray() is [var best, var second] && best - second < 1e-5)
                    for (var response = 0; response < utilities.Length; response++)
                    {
                        var single = 0f;
                        for (var model = 0; model < models; model++)
                            single = MathF.FusedMultiplyAdd((float)standardised[first + response][model], (float)user[model], single);
                        utilities[response] = single;
                    }
                expected[Array.IndexOf(utilities, utilities.Max())]++;
            }
            Assert.Equal(expected, actual);
            first += actual.Length;
        }
        Assert.Equal(raw.Length, first);
    }

    private async Task<JsonDocument> SimulateAsync(string file, params string[] arguments)
    {
        var json = Path.Combine(folder.FullName, "report.json");
        var (exitCode, _, error) = await ProgramProcess.RunAsync(["simulate", "--data", file, .. arguments, "--json", json]);
        Assert.Equal((0, ""), (exitCode, error));
        return JsonDocument.Parse(await File.ReadAllBytesAsync(json));
    }

    private string Write(string name, params string[] lines)
    {
        var path = Path.Combine(folder.FullName, name);
        File.WriteAllLines(path, lines);
        return path;
    }

    private static double[][] Weights(JsonElement report) => [.. report.GetProperty("weights").EnumerateArray().Select(Numbers)];

    private static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(number => number.GetDouble())];
}
