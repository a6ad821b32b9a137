using System.Text;
using PersonalLlm.Engine.Inference.Tokenization;
using Xunit.Abstractions;

namespace PersonalLlm.Engine.Tests.Inference.Tokenization;

public sealed class TokenizerOracleTests(Oracle oracle, ITestOutputHelper output) : IClassFixture<Oracle>
{
    [OracleTheory]
    [InlineData("WordPiece", 1000)]
    [InlineData("BPE byte level", 1000)]
    [InlineData("BPE byte fallback", 1000)]
    [InlineData("BPE with", 1000)]
    [InlineData("Unigram, Metaspace", 1000)]
    [InlineData("Unigram with a precompiled charsmap", 1000)]
    [InlineData("Unigram with byte fallback", 1000)]
    [InlineData("WordLevel", 1000)]
    [InlineData("pieces of", 1000)]
    public void Encode_GivesIdsMasksAndTypesOfTheOfficialLibrary(string kind, int fewestTexts)
    {
        var files = oracle.Files.Where(file => file.Name.StartsWith(kind, StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(files);
        var differences = new List<string>();
        var asked = 0;
        foreach (var file in files)
        {
            var before = differences.Count;
            var tokenizer = Tokenizer.Load(new MemoryStream(oracle.Json(file)));
            var answers = oracle.Answers(file).ToArray();
            foreach (var (text, pair, answer) in answers)
                if (Difference(tokenizer, file, text, pair, answer) is { } difference)
                    differences.Add($"{file.Name}: {difference}");
            asked += answers.Length;
            output.WriteLine($"{file.Name}: {answers.Length - (differences.Count - before)} of {answers.Length} agree");
        }
        output.WriteLine($"{kind}: {asked - differences.Count} of {asked} agree in {files.Length} files");
        Assert.True(asked >= fewestTexts);
        Assert.True(differences.Count == 0, $"{differences.Count} of {asked} differ:\n{string.Join('\n', differences.Take(20))}");
    }

    private static string? Difference(Tokenizer tokenizer, OracleFile file, string text, string? pair, int[]? answer)
    {
        int[]? ours;
        try
        {
            var encoded = tokenizer.Encode(text, pair);
            ours = file.Kind == "pieces"
                ? encoded.Ids.ToArray()
                : [.. encoded.Ids.Span, .. encoded.TypeIds.Span, .. encoded.AttentionMask.Span];
        }
        catch (InvalidOperationException)
        {
            ours = null;
        }
        if (ours is null && answer is null || ours is not null && answer is not null && ours.AsSpan().SequenceEqual(answer))
            return null;
        return $"{Escaped(text)}{(pair is null ? "" : $" + {Escaped(pair)}")}: ours {Written(ours)}, theirs {Written(answer)}";
    }

    private static string Written(int[]? ids) => ids is null ? "an error" : $"[{string.Join(' ', ids.Take(60))}]";

    private static string Escaped(string text)
    {
        var result = new StringBuilder("\"");
        foreach (var unit in text.Take(120))
            result.Append(unit is >= ' ' and <= '~' ? unit.ToString() : $"\\u{(int)unit:x4}");
        return result.Append('"').ToString();
    }
}
