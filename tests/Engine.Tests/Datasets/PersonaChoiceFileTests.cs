using System.IO.Compression;
using System.Text;
using PersonalLlm.Engine.Datasets;

namespace PersonalLlm.Engine.Tests.Datasets;

public sealed class PersonaChoiceFileTests
{
    private static readonly ChoosablePrompt[] s_prompts =
    [
        new("p0", ["gpt", "claude", "llama"]),
        new("p1", ["llama", "gpt"]),
        new("p2", ["same", "same", "other"]),
    ];

    [Theory]
    [InlineData("2", 2)]
    [InlineData("\"2\"", 2)]
    [InlineData("\"B\"", 1)]
    [InlineData("\"C,A=B\"", 2)]
    [InlineData("\"claude\"", 1)]
    [InlineData("null", PersonaVotes.Unusable)]
    [InlineData("\"\"", PersonaVotes.Unusable)]
    [InlineData("\"A=B,C\"", PersonaVotes.Unusable)]
    public async Task AChoice_MayBeAnIndexALetterARankingOrAModel(string choice, int expected)
    {
        var table = await ReadAsync($$"""{"persona":"a","prompt_id":"p0","choice":{{choice}}}""");
        Assert.True(table.IsUsable);
        Assert.Equal([expected, PersonaVotes.NotAsked, PersonaVotes.NotAsked], Assert.Single(table.Personas).Choices);
        Assert.Equal(choice.Contains("A=B,C", StringComparison.Ordinal), table.Problems.Count == 1);
    }

    [Theory]
    [InlineData("""{"prompt_id":"p0","choice":0}""", "Line 1: persona is missing.")]
    [InlineData("""{"persona":"a","choice":0}""", "Line 1: neither prompt_id nor prompt_index is given.")]
    [InlineData("""{"persona":"a","prompt_id":"p0","prompt_index":0,"choice":0}""", "Line 1: both prompt_id and prompt_index are given")]
    [InlineData("""{"persona":"a","prompt_id":"nowhere","choice":0}""", "Line 1: the data set has no prompt with the id \"nowhere\".")]
    [InlineData("""{"persona":"a","prompt_index":3,"choice":0}""", "Line 1: prompt_index is 3; expected a number from 0 to 2.")]
    [InlineData("""{"persona":"a","prompt_id":"p1","choice":2}""", "Line 1: choice is 2, but prompt p1 has responses 0 to 1.")]
    [InlineData("""{"persona":"a","prompt_id":"p1","choice":-1}""", "Line 1: choice is -1, but prompt p1 has responses 0 to 1.")]
    [InlineData("""{"persona":"a","prompt_id":"p1","choice":"C"}""", "Line 1: choice is C, but prompt p1 has responses A to B.")]
    [InlineData("""{"persona":"a","prompt_id":"p1","choice":"claude"}""", "Line 1: choice is \"claude\", which is neither a number, a letter, a ranking nor the model")]
    [InlineData("""{"persona":"a","prompt_id":"p2","choice":"same"}""", "Line 1: choice is \"same\", which wrote more than one response")]
    [InlineData("""{"persona":"a","prompt_id":"p0","choice":true}""", "Line 1: choice is true or false; expected a text or a number.")]
    [InlineData("""{"persona":"a","prompt_id":"p0","choice":[0]}""", "Line 1: choice is a list; expected a text or a number.")]
    [InlineData("""{"persona":"a",""", "Line 1: broken JSON")]
    [InlineData("persona,choice\na,0", "Line 1: the header has persona, choice; expected persona, prompt_id or prompt_index, choice")]
    [InlineData("persona,prompt_id,choice,choice\na,p0,0,0", "Line 1: the header names the column choice twice.")]
    [InlineData("persona,prompt_id,choice\na,p0", "Line 2: the row has 2 cells, but the header names 3 columns.")]
    [InlineData("persona,prompt_id,choice\na,p0,0\na,nowhere,0", "Line 3: the data set has no prompt with the id \"nowhere\".")]
    [InlineData("persona,prompt_id,choice\n", "The file names its columns but holds no choices.")]
    [InlineData(" \n", "The file is empty.")]
    [InlineData("PK\u0003\u0004\0", "The file is not a text")]
    public async Task AWrongLine_IsNamedWithItsReason(string text, string expected)
    {
        var table = await ReadAsync(text);
        Assert.False(table.IsUsable);
        Assert.StartsWith(expected, table.Problems[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OnePersona_HasOneTextAndOneChoicePerPrompt()
    {
        var table = await ReadAsync("""
            {"persona":"a","prompt_id":"p0","choice":0,"persona_text":"Likes it short."}
            {"persona":"a","prompt_id":"p0","choice":0}
            {"persona":"a","prompt_id":"p1","choice":0,"persona_text":"Likes it long."}
            """);
        Assert.Equal(
            ["Line 2: persona \"a\" chooses on prompt p0 a second time.", "Line 3: persona \"a\" has another text than on an earlier line."],
            table.Problems.Select(problem => problem.ToString()));
    }

    [Fact]
    public async Task AHundredProblems_AreEnough()
    {
        var table = await ReadAsync(string.Join('\n', Enumerable.Repeat("""{"persona":"a","prompt_id":"nowhere","choice":0}""", 300)));
        Assert.Equal(101, table.Problems.Count);
        Assert.StartsWith("Reading stopped after 100 problems", table.Problems[^1].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task WhatIsWritten_IsReadBack_PlainCompressedOrWithAMark(bool compressed, bool marked)
    {
        PersonaVotes[] personas =
        [
            new("Brief, \"very\"", "Wants the point first;\nnothing else.", [1, PersonaVotes.Unusable, PersonaVotes.NotAsked]),
            new("Übersicht", "", [PersonaVotes.NotAsked, PersonaVotes.NotAsked, 2]),
            new("=SUM(1)", "None of it", [0, 1, 0]),
        ];
        using var written = new MemoryStream();
        if (marked)
            written.Write(Encoding.UTF8.Preamble);
        await PersonaChoiceFile.WriteAsync(written, personas, [.. s_prompts.Select(prompt => prompt.Key)]);
        var table = await PersonaChoiceFile.ReadAsync(compressed ? Zip(written.ToArray()) : new MemoryStream(written.ToArray()), s_prompts);
        Assert.Empty(table.Problems);
        Assert.Equal(personas.Select(Words), table.Personas.Select(Words));

        static string Words(PersonaVotes persona) => $"{persona.Name}|{persona.Text}|{string.Join(' ', persona.Choices)}";
    }

    [Fact]
    public async Task ACompressedFileThatWasCutOff_IsRefused()
    {
        var rows = string.Join('\n', Enumerable.Range(0, 2000).Select(persona => $$"""{"persona":"{{Guid.NewGuid()}}","prompt_id":"p0","choice":{{persona % 3}}}"""));
        var whole = Zip(Encoding.UTF8.GetBytes(rows)).ToArray();
        var table = await PersonaChoiceFile.ReadAsync(new MemoryStream(whole[..(whole.Length / 2)]), s_prompts);
        Assert.False(table.IsUsable);
        Assert.Contains(table.Problems, problem => problem.Kind == "Damaged file");
    }

    [Fact]
    public async Task AnyBytes_AreReadWithoutAnException()
    {
        var random = new Random(7);
        var seeds = new[] { "persona,prompt_id,choice\na,p0,0\n\"b\",p1,\"B,A\"\n", "{\"persona\":\"a\",\"prompt_id\":\"p0\",\"choice\":\"A=B\"}\n{\"persona\":\"b\",\"prompt_index\":1,\"choice\":1}\n" };
        for (var turn = 0; turn < 2000; turn++)
        {
            var bytes = Encoding.UTF8.GetBytes(seeds[turn % 2]);
            for (var change = random.Next(1, 6); change > 0; change--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var table = await PersonaChoiceFile.ReadAsync(turn % 10 < 2 ? Zip(bytes) : new MemoryStream(bytes), s_prompts);
            Assert.All(table.Personas, persona => Assert.All(persona.Choices.Zip(s_prompts), pair => Assert.InRange(pair.First, PersonaVotes.Unusable, pair.Second.ResponseModels.Count - 1)));
        }
    }

    private static MemoryStream Zip(byte[] bytes)
    {
        var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(bytes);
        zipped.Position = 0;
        return zipped;
    }

    private static Task<PersonaTable> ReadAsync(string text) => PersonaChoiceFile.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), s_prompts);
}
