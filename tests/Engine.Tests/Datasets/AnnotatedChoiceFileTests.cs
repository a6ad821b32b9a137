using System.Text;
using PersonalLlm.Engine.Datasets;
using PersonalLlm.Testing;

namespace PersonalLlm.Engine.Tests.Datasets;

public sealed class AnnotatedChoiceFileTests
{
    [Theory]
    [InlineData("\"choice\":1", "0-1:-1")]
    [InlineData("\"choice\":null", "0-1:0")]
    [InlineData("\"rank\":[1,2]", "0-1:1")]
    [InlineData("\"rank\":[2,2]", "0-1:0")]
    [InlineData("\"rank\":[1,null]", "")]
    public async Task TwoResponses_AreCompared(string said, string expected) => Assert.Equal(expected, await ComparisonsAsync("[\"x\",\"y\"]", said));

    [Fact]
    public async Task AChoiceAmongThree_SaysNothingAboutTheOthers() =>
        Assert.Equal("0-1:-1 1-2:1", await ComparisonsAsync("""[{"model":"m","text":"x"},{"text":"y"},"z"]""", "\"choice\":1"));

    [Fact]
    public async Task ARankingOfThree_ComparesEveryPair() =>
        Assert.Equal("0-1:-1 0-2:-1 1-2:0", await ComparisonsAsync("[\"x\",\"y\",\"z\"]", "\"rank\":[3,1,1]"));

    [Theory]
    [InlineData("""{"item_id":1,"responses":["x","y"],"choice":0}""", "Line 1: annotator is missing.")]
    [InlineData("""{"annotator":1,"item_id":1,"responses":["x"],"choice":0}""", "Line 1: responses has fewer than two entries")]
    [InlineData("""{"annotator":1,"item_id":1,"responses":["x","y"]}""", "Line 1: neither choice nor rank is given")]
    [InlineData("""{"annotator":1,"item_id":1,"responses":["x","y"],"choice":0,"rank":[1,2]}""", "Line 1: both choice and rank are given")]
    [InlineData("""{"annotator":1,"item_id":1,"responses":["x","y"],"choice":2}""", "Line 1: choice is 2; expected null for a tie, or the index of a response, 0 to 1.")]
    [InlineData("""{"annotator":1,"item_id":1,"responses":["x","y"],"rank":[1]}""", "Line 1: rank is a list; expected a list with one rank for each of the 2 responses.")]
    [InlineData("""{"annotator":1,"item_id":1,"responses":["x","y"],"rank":[0,1]}""", "Line 1: rank holds 0; expected numbers from 1")]
    [InlineData("""{"annotator":1,""", "Line 1: broken JSON")]
    public async Task AWrongLine_IsNamedWithItsReason(string line, string expected)
    {
        var (choice, problem) = Assert.Single(await ReadAsync(line));
        Assert.Null(choice);
        Assert.StartsWith(expected, problem!.ToString(), StringComparison.Ordinal);
    }

    // Recomputed by a few lines of Python over the file, from its fields alone.
    [RealDataFact("annotators.jsonl.gz")]
    public async Task RealJudgements_CanBeRead_AndTheirPairsCounted()
    {
        await using var stream = File.OpenRead(RealData.Find("annotators.jsonl.gz")!);
        var choices = new List<AnnotatedChoice>();
        await foreach (var (choice, problem) in AnnotatedChoiceFile.ReadAsync(stream))
        {
            Assert.Null(problem);
            choices.Add(choice!);
        }
        Assert.Equal(23_195, choices.Count);
        var labels = Engine.Evaluation.PairLabels.OfJudgements(choices.Where(choice => choice.Source == "pandalm"));
        var result = Engine.Evaluation.DatasetCharacteristics.Of(labels, seed: 1, resamples: 20);
        Assert.Equal(815, labels.PairCount);
        Assert.Equal(0.0749063670411985, result.Divergence.Value!.Value, 1e-12);
        Assert.Equal(0.9747539560270847, result.WithSelf.Mean.Value!.Value, 1e-12);
        Assert.Equal(0.9495134708744288, result.WithoutSelf.Mean.Value!.Value, 1e-12);
    }

    private static async Task<string> ComparisonsAsync(string responses, string said)
    {
        var (choice, problem) = Assert.Single(await ReadAsync($$"""{"annotator":"a","item_id":7,"responses":{{responses}},{{said}}}"""));
        Assert.Null(problem);
        return string.Join(' ', choice!.Comparisons.Order(Comparer<ResponseComparison>.Create((one, other) => (one.First, one.Second).CompareTo((other.First, other.Second))))
            .Select(pair => $"{pair.First}-{pair.Second}:{pair.Sign}"));
    }

    private static async Task<List<(AnnotatedChoice? Choice, DatasetProblem? Problem)>> ReadAsync(string text)
    {
        var entries = new List<(AnnotatedChoice?, DatasetProblem?)>();
        await foreach (var entry in AnnotatedChoiceFile.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(text))))
            entries.Add(entry);
        return entries;
    }
}
