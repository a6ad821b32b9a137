using System.IO.Compression;
using System.Text;
using PersonalLlm.Engine.Datasets;

namespace PersonalLlm.Engine.Tests.Datasets;

public sealed class AttributeScoreFileTests
{
    private static readonly ChoosablePrompt[] s_prompts = [new("p0", ["gpt", "claude"]), new("p1", ["same", "same", "other"])];

    private const string Csv = "prompt_id,response,formality,joy\np1,2,.5,1e-3\np0,B,2,-1\np0,gpt,3,0\np1,A,4,7\np1,1,5,8\n";

    private const string Lines = """
        {"prompt_index":1,"response":"other","formality":0.5,"joy":0.001}
        {"prompt_index":0,"response":1,"joy":-1,"formality":2}
        {"prompt_index":0,"response":"A","formality":"3","joy":0}
        {"prompt_index":1,"response":0,"formality":4,"joy":7}
        {"prompt_index":1,"response":"B","formality":5,"joy":8}
        """;

    [Theory]
    [InlineData(Csv)]
    [InlineData(Lines)]
    public async Task Scores_AreThoseOfTheirResponses_InWhateverOrderTheyCome(string file)
    {
        foreach (var isZipped in new[] { false, true })
        {
            var scores = await ReadAsync(file, isZipped);
            Assert.Empty(scores.Problems);
            Assert.Equal(["formality", "joy"], scores.Names);
            Assert.Equal([3, 0, 2, -1, 4, 7, 5, 8, 0.5, 0.001], scores.Values);
        }
    }

    [Theory]
    [InlineData("", "The file is empty.")]
    [InlineData("prompt_id,response\np0,0\n", "Line 1: the header has")]
    [InlineData("prompt_id,joy\np0,0\n", "Line 1: the header has")]
    [InlineData("prompt_id,response,joy\n", "The file names its columns but holds no scores.")]
    [InlineData("prompt_id,response,joy\np9,0,1\n", "Line 2: the data set has no prompt with the id \"p9\".")]
    [InlineData("prompt_id,response,joy\np0,2,1\n", "Line 2: response is 2, but prompt p0 has responses 0 to 1.")]
    [InlineData("prompt_id,response,joy\np1,same,1\n", "Line 2: response is \"same\", which is neither a number, a letter nor the model of one response of prompt p1.")]
    [InlineData("prompt_id,response,joy\np0,0,much\n", "Line 2: joy is \"much\"; expected a finite number.")]
    [InlineData("prompt_id,response,joy\np0,0,1e999\n", "Line 2: joy is \"1e999\"; expected a finite number.")]
    [InlineData("prompt_id,response,joy\np0,0,\n", "Line 2: joy is a text; expected a finite number.")]
    [InlineData("prompt_id,response,joy\np0,0,1\np0,gpt,1\n", "Line 3: response A of prompt p0 is scored a second time.")]
    [InlineData("prompt_id,response,tokens\np0,0,1\n", "Line 2: tokens is counted here already; give the attribute another name.")]
    [InlineData("prompt_id,response,joy\np0,0,1\np0,1,1\np1,0,1\np1,2,1\n", "Response B of prompt p1 has no scores; every response needs them.")]
    [InlineData("{\"prompt_id\":\"p0\",\"response\":0,\"joy\":1}\n{\"prompt_id\":\"p0\",\"response\":1,\"grief\":1}", "Line 2: grief is an attribute that earlier lines do not have.")]
    [InlineData("{\"prompt_id\":\"p0\",\"response\":0,\"joy\":[]}", "Line 1: joy is a list; expected a finite number.")]
    [InlineData("{\"prompt_id\":\"p0\",\"response\":0}", "Line 1: there are 0 attributes; 1 to 50 are expected.")]
    public async Task WhatCannotBeUsed_IsSaidInOneSentence(string file, string expected)
    {
        var scores = await ReadAsync(file, isZipped: false);
        Assert.Empty(scores.Values);
        Assert.StartsWith(expected, scores.Problems[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnyBytes_AreReadWithoutAnException()
    {
        var random = new Random(7);
        for (var turn = 0; turn < 2000; turn++)
        {
            var bytes = Encoding.UTF8.GetBytes(turn % 2 == 0 ? Csv : Lines);
            for (var change = random.Next(1, 6); change > 0; change--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var scores = await AttributeScoreFile.ReadAsync(new MemoryStream(bytes), s_prompts, ["tokens"]);
            Assert.Equal(scores.Problems.Any(problem => problem.IsFatal) ? 0 : 5 * scores.Names.Count, scores.Values.Length);
            Assert.All(scores.Values, score => Assert.True(double.IsFinite(score)));
        }
    }

    private static async Task<AttributeScores> ReadAsync(string file, bool isZipped)
    {
        var bytes = Encoding.UTF8.GetBytes(file);
        if (isZipped)
        {
            using var zipped = new MemoryStream();
            await using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest))
                await gzip.WriteAsync(bytes);
            bytes = zipped.ToArray();
        }
        return await AttributeScoreFile.ReadAsync(new MemoryStream(bytes), s_prompts, ["tokens"]);
    }
}
