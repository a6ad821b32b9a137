using System.IO.Compression;
using System.Text;
using PersonalLlm.Engine.Datasets;
using PersonalLlm.Testing;

namespace PersonalLlm.Engine.Tests.Datasets;

public sealed class DatasetFileTests
{
    private const string Scored =
        """{"prompt":"Why?","subset":"short","prompt_id":7,"response_1":"Because.","response_1_model":"a","response_2":"Who knows.","response_2_model":"b","response_1_helpful":1.5,"response_2_helpful":-2,"response_1_careful":0.25,"response_2_careful":3}""";

    private const string Listed =
        """{"prompt_id":"p-1","prompt":"Why?","source":"short","split":"train","responses":[{"model":"a","text":"Because."},{"model":"b","text":"Who knows."}]}""";

    [Fact]
    public async Task Read_TakesPersonalLlmColumnsWithRewards()
    {
        var (format, records, problems) = await ReadAsync(Scored);

        Assert.Equal("PersonalLLM JSONL", format);
        Assert.Empty(problems);
        var record = Assert.Single(records);
        Assert.Equal(("7", "Why?", "short", 1), (record.Key, record.Text, record.Subset, record.LineNumber));
        Assert.Equal(["Because.", "Who knows."], record.Responses.Select(response => response.Text));
        Assert.Equal(["a", "b"], record.Responses.Select(response => response.ResponseModel));
        Assert.Equal([1.5f, -2f], record.Responses.Select(response => response.Rewards["helpful"]));
        Assert.Equal(["careful", "helpful"], record.Responses[1].Rewards.Keys);
    }

    [Fact]
    public async Task Read_TakesTheGenericFormAndNamesWhatItLeavesOut()
    {
        var (format, records, problems) = await ReadAsync(Listed);

        Assert.Equal("Response list JSONL", format);
        Assert.Equal("Fields that are not imported: split.", Assert.Single(problems).ToString());
        var record = Assert.Single(records);
        Assert.Equal(("p-1", "Why?", "short"), (record.Key, record.Text, record.Subset));
        Assert.All(record.Responses, response => Assert.Empty(response.Rewards));
    }

    [Theory]
    [InlineData(',')]
    [InlineData(';')]
    [InlineData('\t')]
    public async Task Read_TakesCsvWithQuotedLineBreaksAndAnEmptyText(char separator)
    {
        var csv = """
            prompt,subset,prompt_id,response_1,response_1_model,response_2,response_2_model,response_1_helpful,response_2_helpful
            "Why, ""really""?",short,p1,"Two
            lines",a,,b,1.5,2e-3
            """.Replace(",", separator.ToString()).Replace($"Why{separator}", "Why,");
        var (format, records, problems) = await ReadAsync(csv);

        Assert.Equal("PersonalLLM CSV", format);
        var record = Assert.Single(records);
        Assert.Equal("Why, \"really\"?", record.Text);
        Assert.Equal(["Two\nlines", ""], record.Responses.Select(response => response.Text.ReplaceLineEndings("\n")));
        Assert.Equal(0.002f, record.Responses[1].Rewards["helpful"]);
        Assert.Equal("Line 2: response 2 (b) is empty.", Assert.Single(problems).ToString());
    }

    [Fact]
    public async Task Read_KnowsGzipByItsContent()
    {
        var (_, records, problems) = await ReadAsync(Gzip(Encoding.UTF8.GetBytes(Scored + "\n")));

        Assert.Single(records);
        Assert.Empty(problems);
    }

    [Fact]
    public async Task Read_LetsRowsDifferInHowManyResponsesTheyHave()
    {
        var three = """{"prompt":"How?","subset":"short","prompt_id":8,"response_1":"So.","response_1_model":"a","response_2":"Thus.","response_2_model":"b","response_3":"Well.","response_3_model":"c","response_4":null,"response_4_model":null,"response_4_helpful":null,"response_1_helpful":1,"response_2_helpful":1,"response_3_helpful":1,"response_1_careful":1,"response_2_careful":1,"response_3_careful":1}""";
        var (_, records, problems) = await ReadAsync(Scored + "\n\n" + three);

        Assert.Empty(problems);
        Assert.Equal([2, 3], records.Select(record => record.Responses.Count));
        Assert.Equal([1, 3], records.Select(record => record.LineNumber));
    }

    [Theory]
    [InlineData("{\"prompt\":\"Why", "Line 2: broken JSON at byte 15: Expected end of string, but instead reached end of data.")]
    [InlineData("[1,2]", "Line 2: expected one JSON object per line but found a list.")]
    [InlineData("""{"prompt":"q","prompt":"q"}""", "Line 2: the field prompt stands twice.")]
    [InlineData("""{"prompt_id":2,"response_1":"x","response_1_model":"a"}""", "Line 2: prompt is missing.")]
    [InlineData("""{"prompt":3,"prompt_id":2,"response_1":"x","response_1_model":"a"}""", "Line 2: prompt is a number; expected a text.")]
    [InlineData("""{"prompt":"q","response_1":"x","response_1_model":"a"}""", "Line 2: prompt_id is missing.")]
    [InlineData("""{"prompt":"q","prompt_id":true,"response_1":"x","response_1_model":"a"}""", "Line 2: prompt_id is true or false; expected a text or a number.")]
    [InlineData("""{"prompt":"q","prompt_id":2}""", "Line 2: response_1 is missing; a prompt needs at least one response.")]
    [InlineData("""{"prompt":"q","prompt_id":2,"response_1":["x"],"response_1_model":"a"}""", "Line 2: response_1 is a list; expected a text.")]
    [InlineData("""{"prompt":"q","prompt_id":2,"response_1":"x"}""", "Line 2: response_1_model is missing.")]
    [InlineData("""{"prompt":"q","prompt_id":2,"response_1":"x","response_1_model":"a","response_3":"y","response_3_model":"b"}""", "Line 2: response_2 is missing, but response_3 is there.")]
    [InlineData("""{"prompt":"q","prompt_id":2,"response_1_model":"a"}""", "Line 2: response_1 is missing, but the row has its model or rewards.")]
    [InlineData("""{"prompt":"q","prompt_id":2,"response_1":"x","response_1_model":"a","response_1_helpful":"good","response_1_careful":1}""", "Line 2: response_1_helpful is the text \"good\"; expected a number.")]
    [InlineData("""{"prompt":"q","prompt_id":2,"response_1":"x","response_1_model":"a","response_1_helpful": NaN,"response_1_careful":1}""", "Line 2: response_1_helpful is NaN; rewards must be finite numbers.")]
    [InlineData("""{"prompt":"q","prompt_id":2,"response_1":"x","response_1_model":"a","response_1_helpful":-Infinity,"response_1_careful":1}""", "Line 2: response_1_helpful is -Infinity; rewards must be finite numbers.")]
    [InlineData("""{"prompt":"q","prompt_id":2,"response_1":"x","response_1_model":"a","response_1_helpful":1e39,"response_1_careful":1}""", "Line 2: response_1_helpful is 1e39, more than a 32-bit number can hold.")]
    [InlineData("""{"prompt":"q","prompt_id":2,"response_1":"x","response_1_model":"a","response_1_helpful":1e999,"response_1_careful":1}""", "Line 2: response_1_helpful is 1e999; rewards must be finite numbers.")]
    [InlineData("""{"prompt":"q","prompt_id":2,"response_1":"x","response_1_model":"a","response_1_helpful":1}""", "Line 2: response 1 has no reward under careful, although line 1 has one; a reward model must score all responses or none.")]
    [InlineData("""{"prompt":"q","prompt_id":2,"response_1":"x","response_1_model":"a","response_1_helpful":1,"response_1_careful":1,"response_1_new":1}""", "Line 2: response 1 has a reward under new, which response 1 of line 1 lacks; a reward model must score all responses or none.")]
    [InlineData("""{"prompt":"q","prompt_id":7,"response_1":"x","response_1_model":"a","response_1_helpful":1,"response_1_careful":1}""", "Line 2: prompt_id 7 was already used on line 1; ids must be unique.")]
    [InlineData("""{"prompt":"q\u0000","prompt_id":2,"response_1":"x","response_1_model":"a"}""", "Line 2: prompt holds the character U+0000, which no text should.")]
    [InlineData("""{"prompt":"q\ud800","prompt_id":2,"response_1":"x","response_1_model":"a"}""", "Line 2: prompt holds bytes that are not valid Unicode text.")]
    public async Task Read_NamesTheLineAndTheReason(string secondLine, string expected)
    {
        var (_, _, problems) = await ReadAsync(Scored + "\n" + secondLine + "\n" + Scored.Replace(":7,", ":9,"));

        Assert.Equal(expected, Assert.Single(problems, problem => problem.IsFatal).ToString());
    }

    [Theory]
    [InlineData("""{"prompt_id":1,"prompt":"q","responses":"none"}""", "Line 1: responses is a text; expected a list of objects with model and text.")]
    [InlineData("""{"prompt_id":1,"prompt":"q","responses":[]}""", "Line 1: responses is an empty list; a prompt needs at least one response.")]
    [InlineData("""{"prompt_id":1,"prompt":"q","responses":["x"]}""", "Line 1: responses[0] is a text; expected an object with model and text.")]
    [InlineData("""{"prompt_id":1,"prompt":"q","responses":[{"model":"a"}]}""", "Line 1: responses[0].text is missing.")]
    [InlineData("""{"prompt_id":1,"prompt":"q","responses":[{"model":"","text":"x"}]}""", "Line 1: responses[0].model is missing.")]
    public async Task Read_NamesWhatIsWrongWithAResponseList(string line, string expected)
    {
        var (_, records, problems) = await ReadAsync(line);

        Assert.Empty(records);
        Assert.Equal(expected, problems[0].ToString());
    }

    [Fact]
    public async Task Read_RefusesMoreResponsesThanThereAreLetters()
    {
        var responses = string.Join(',', Enumerable.Range(1, 27).Select(number => $$"""{"model":"m","text":"{{number}}"}"""));
        var (_, _, problems) = await ReadAsync($$"""{"prompt_id":1,"prompt":"q","responses":[{{responses}}]}""");
        Assert.Equal("Line 1: responses has 27 entries; a prompt has at most 26 responses, one for each letter.", problems[0].ToString());

        var columns = string.Join(',', Enumerable.Range(1, 27).Select(number => $"\"response_{number}\":\"{number}\",\"response_{number}_model\":\"m\""));
        (_, _, problems) = await ReadAsync($$"""{"prompt_id":1,"prompt":"q",{{columns}}}""");
        Assert.Equal("Line 1: response_27 is one too many; a prompt has at most 26 responses, one for each letter.", problems[0].ToString());
    }

    [Fact]
    public async Task Read_ReportsOdditiesWithoutRefusingTheFile()
    {
        var odd = """{"prompt_id":"p-2","prompt":"Why?","responses":[{"model":"a","text":"Same."},{"model":"b","text":" "},{"model":"c","text":"Same."},{"model":"d","text":"LONG"}]}"""
            .Replace("LONG", new string('x', 20_001));
        var (_, records, problems) = await ReadAsync(Listed.Replace("\"split\":\"train\",", "") + "\n" + odd + "\n"
            + """{"prompt_id":"p-3","prompt":"","responses":[{"model":"a","text":"Alone."}]}""");

        Assert.Equal(3, records.Count);
        Assert.DoesNotContain(problems, problem => problem.IsFatal);
        Assert.Equal(
            [
                "Line 2: the prompt has the same text as the one on line 1.", "Line 2: response 2 (b) is empty.",
                "Line 2: response 4 (d) has 20,001 characters.", "Line 2: responses 1 and 3 are identical.",
                "Line 3: the prompt is empty.", "Line 3: the prompt has a single response, so there is nothing to rank.",
                "2 of 3 prompts name no subset.",
            ],
            problems.Select(problem => problem.ToString()));
    }

    [Theory]
    [InlineData("", "The file is empty.")]
    [InlineData("  \n\n", "The file is empty.")]
    [InlineData("[{\"prompt\":1}]", "The file is one JSON list; expected JSONL, one object per line.")]
    [InlineData("{\"question\":\"Why?\",\"answer\":\"x\"}", "The first line has neither \"responses\" nor \"response_1\"; its fields are question, answer. Expected PersonalLLM's columns (prompt, prompt_id, response_1, response_1_model, …) or prompt_id, prompt, source, responses.")]
    [InlineData("prompt,response_1\nWhy?,x", "Line 1: the header has no column prompt_id, response_1_model; it has prompt, response_1. A CSV file needs PersonalLLM's column names.")]
    [InlineData("Dear reader", "Line 1: the header has no column prompt, prompt_id, response_1, response_1_model; it has Dear reader. A CSV file needs PersonalLLM's column names.")]
    [InlineData("prompt,prompt_id,response_1,response_1_model,prompt\n", "Line 1: the header names the column prompt twice.")]
    [InlineData("prompt,prompt_id,response_1,response_1_model\n", "The file holds no prompt that can be imported.")]
    [InlineData("prompt,prompt_id,response_1,response_1_model\nq,1,x", "Line 2: the row has 3 cells, but the header names 4 columns.")]
    [InlineData("prompt,prompt_id,response_1,response_1_model\nq,1,\"x,a\n", "Line 2: a quoted cell that begins in this row is never closed.")]
    [InlineData("prompt,prompt_id,response_1,response_1_model\nq,1,\"x\"y,a\n", "Line 2: a double quote stands where none may; inside a quoted cell it has to be doubled.")]
    [InlineData("prompt,prompt_id,response_1,response_1_model,response_1_helpful\nq,1,x,a,nan\n", "Line 2: response_1_helpful is nan; rewards must be finite numbers.")]
    [InlineData("prompt,prompt_id,response_1,response_1_model,response_1_helpful\nq,1,x,a,much\n", "Line 2: response_1_helpful is the text \"much\"; expected a number.")]
    [InlineData("prompt,prompt_id,response_1,response_1_model,response_1_helpful\nq,1,x,a,1\nr,2,x,a,\n", "Line 3: response 1 has no reward under helpful, although line 2 has one; a reward model must score all responses or none.")]
    public async Task Read_SaysInOneSentenceWhyAFileIsNoDataSet(string text, string expected)
    {
        var (_, _, problems) = await ReadAsync(text);

        Assert.Equal(expected, Assert.Single(problems, problem => problem.IsFatal).ToString());
    }

    [Fact]
    public async Task Read_RecognisesAPictureForWhatItIs()
    {
        var (format, _, problems) = await ReadAsync([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, 0, 0, 0, 13]);

        Assert.Null(format);
        Assert.Equal("The file is not a data set: it looks like a PNG image. Expected JSONL or CSV, plain or compressed with gzip.", Assert.Single(problems).ToString());
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.999)]
    public async Task Read_SaysThatAGzipFileIsIncomplete(double kept)
    {
        var lines = string.Join('\n', Enumerable.Range(0, 3000).Select(number => Scored.Replace(":7,", $":{number * 7919},").Replace("Why", $"Why {number * 104729 % 1000003}")));
        var whole = Gzip(Encoding.UTF8.GetBytes(lines));
        var (_, _, problems) = await ReadAsync(whole[..(int)(whole.Length * kept)]);

        Assert.StartsWith("The compressed file is damaged or incomplete", problems[^1].ToString(), StringComparison.Ordinal);
        Assert.True(problems[^1].IsFatal);
    }

    [Fact]
    public async Task Read_SaysThatAFileIsNotUtf8()
    {
        var latin = Encoding.Latin1.GetBytes(Scored.Replace("Because", "Weil für"));
        var (_, _, problems) = await ReadAsync(latin);
        Assert.Equal("Line 1: response_1 holds bytes that are not valid Unicode text.", problems[0].ToString());

        latin = Encoding.Latin1.GetBytes("prompt,prompt_id,response_1,response_1_model\nfür,1,x,a\n");
        (_, _, problems) = await ReadAsync(latin);
        Assert.Equal("Line 2: the row holds bytes that are not valid UTF-8; save the file as UTF-8.", problems[0].ToString());
    }

    [Fact]
    public async Task Read_StopsAfterAHundredFatalProblems()
    {
        var (_, _, problems) = await ReadAsync(Scored + "\n" + string.Concat(Enumerable.Repeat("{broken\n", 1000)));

        Assert.Equal(DatasetFile.MaximumFatalProblems + 1, problems.Count);
        Assert.Equal("Reading stopped after 100 problems; there may be more.", problems[^1].ToString());
    }

    [Fact]
    public async Task Read_DoesNotHoldAFirstLineLongerThanItsFirstLook()
    {
        var (_, records, problems) = await ReadAsync("\ufeff" + Listed.Replace("Because.", new string('y', 300_000)));

        Assert.Equal(300_000, Assert.Single(records).Responses[0].Text.Length);
        Assert.Contains(problems, problem => problem.Kind == "Very long response");
    }

    [Fact]
    public async Task Written_RecordsReadBackEqual()
    {
        var random = new Random(7);
        var records = Enumerable.Range(1, 60).Select(line => RandomRecord(random, line)).ToList();
        using var written = new MemoryStream();
        foreach (var record in records)
            await DatasetWriter.WriteAsync(written, record);

        var (format, read, problems) = await ReadAsync(written.ToArray());

        Assert.Equal("PersonalLLM JSONL", format);
        Assert.DoesNotContain(problems, problem => problem.IsFatal);
        Assert.Equal(records.Count, read.Count);
        foreach (var (expected, actual) in records.Zip(read))
            AssertEqual(expected, actual);
    }

    [RealDataFact("alpaca8.jsonl.gz")]
    public async Task Alpaca8_IsReadWholeWithItsKnownOddities()
    {
        var (format, records, problems) = await ReadAsync(await File.ReadAllBytesAsync(RealData.Find("alpaca8.jsonl.gz")!));

        Assert.Equal("Response list JSONL", format);
        Assert.Equal(719, records.Count);
        Assert.Equal(5752, records.Sum(record => record.Responses.Count));
        Assert.DoesNotContain(problems, problem => problem.IsFatal);
        Assert.Single(problems, problem => problem.Kind == "Empty response");
        var withTwins = records.Where(record => record.Responses.Select(response => response.Text).Distinct().Count() < record.Responses.Count);
        Assert.Equal(withTwins.Select(record => record.LineNumber),
            problems.Where(problem => problem.Kind == "Identical responses").Select(problem => problem.LineNumber).Distinct());
    }

    [RealDataFact("alpaca8_scored.jsonl.gz")]
    public async Task Alpaca8Scored_SurvivesWritingAndReading()
    {
        var (format, records, problems) = await ReadAsync(await File.ReadAllBytesAsync(RealData.Find("alpaca8_scored.jsonl.gz")!));
        Assert.Equal("PersonalLLM JSONL", format);
        Assert.Equal(57_520, records.Sum(record => record.Responses.Sum(response => response.Rewards.Count)));
        Assert.DoesNotContain(problems, problem => problem.IsFatal);

        using var written = new MemoryStream();
        foreach (var record in records)
            await DatasetWriter.WriteAsync(written, record);
        var (_, read, _) = await ReadAsync(written.ToArray());
        Assert.Equal(records.Count, read.Count);
        foreach (var (expected, actual) in records.Zip(read))
            AssertEqual(expected, actual);
    }

    private static PromptRecord RandomRecord(Random random, int line)
    {
        const string Alphabet = "ab \"\\\n\t,<>&é漢🎈'/{}[]:";
        string Text() => string.Concat(Enumerable.Range(0, random.Next(0, 40)).Select(_ => Alphabet.EnumerateRunes().ElementAt(random.Next(20)).ToString()));
        var responses = Enumerable.Range(0, random.Next(1, 27)).Select(number => new ResponseRecord($"model {random.Next(5)}", Text(),
            new SortedDictionary<string, float>(StringComparer.Ordinal) { ["helpful"] = (float)(random.NextDouble() * 1e3 - 500), ["a_b_2"] = random.NextSingle() * float.Epsilon * 1e6f }));
        return new PromptRecord(line, $"key \"{line}\"", Text(), line % 3 == 0 ? null : "sub\\set", [.. responses]);
    }

    private static void AssertEqual(PromptRecord expected, PromptRecord actual)
    {
        Assert.Equal((expected.LineNumber, expected.Key, expected.Text, expected.Subset), (actual.LineNumber, actual.Key, actual.Text, actual.Subset));
        Assert.Equal(expected.Responses.Count, actual.Responses.Count);
        foreach (var (wanted, got) in expected.Responses.Zip(actual.Responses))
        {
            Assert.Equal((wanted.ResponseModel, wanted.Text), (got.ResponseModel, got.Text));
            Assert.Equal(wanted.Rewards.OrderBy(reward => reward.Key, StringComparer.Ordinal), got.Rewards.OrderBy(reward => reward.Key, StringComparer.Ordinal));
        }
    }

    private static byte[] Gzip(byte[] plain)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(plain);
        return packed.ToArray();
    }

    private static Task<(string? Format, List<PromptRecord> Records, List<DatasetProblem> Problems)> ReadAsync(string text) =>
        ReadAsync(Encoding.UTF8.GetBytes(text));

    private static async Task<(string? Format, List<PromptRecord> Records, List<DatasetProblem> Problems)> ReadAsync(byte[] bytes)
    {
        await using var file = await DatasetFile.OpenAsync(new MemoryStream(bytes));
        var (records, problems) = (new List<PromptRecord>(), new List<DatasetProblem>());
        await foreach (var entry in file.ReadAsync())
        {
            if (entry.Record is { } record)
                records.Add(record);
            if (entry.Problem is { } problem)
                problems.Add(problem);
        }
        return (file.Format?.Name, records, problems);
    }
}
