using PersonalLlm.Engine.Inference;
using PersonalLlm.Engine.Inference.Onnx;
using PersonalLlm.Engine.Tests.Inference.Onnx;
using PersonalLlm.Testing;

namespace PersonalLlm.Engine.Tests.Inference;

public sealed class RewardScorerTests : IDisposable
{
    private static readonly OnnxSessionOptions s_oneThread = new() { Threads = 1 };

    private readonly ModelFiles _files = new();

    [OnnxFact]
    public void Batches_ChangeNoScoreBeyondTheTolerance_AndKeepTheOrderOfTheInput()
    {
        var texts = ModelFiles.Texts(200, seed: 1);
        var path = _files.Add(ModelFiles.Small);
        using var alone = Open(path, new() { TokenBudget = 1 });
        var expected = alone.Score(texts).Values;
        Assert.True(expected.Max() - expected.Min() > 0.1, "Scores that hardly differ would prove nothing.");
        foreach (var budget in new[] { 2, 60, 300, 1_000, 100_000 })
        {
            using var scorer = Open(path, new() { TokenBudget = budget });
            AssertSame(expected, scorer.Score(texts).Values);
        }
    }

    [OnnxFact]
    public void TheMask_MakesTheDifference()
    {
        // A model without one refuses to be opened; that padding would otherwise be read is what this shows.
        var texts = ModelFiles.Texts(1, seed: 2);
        var padded = new TokenSequence(new int[60], default);
        texts[0].Ids.CopyTo(System.Runtime.InteropServices.MemoryMarshal.AsMemory(padded.Ids));
        using var scorer = Open(_files.Add(ModelFiles.Small), new());
        var scores = scorer.Score([texts[0] with { TypeIds = default }, padded]).Values;
        Assert.True(Math.Abs(scores[0] - scores[1]) > 100 * RewardScorer.Tolerance);
    }

    [OnnxFact]
    public void ParallelBatches_GiveTheSameScores()
    {
        var texts = ModelFiles.Texts(300, seed: 3);
        var path = _files.Add(ModelFiles.Small);
        using var one = Open(path, new() { TokenBudget = 200 });
        using var four = Open(path, new() { TokenBudget = 200, ParallelBatches = 4 });
        Assert.Equal(one.Score(texts).Values, four.Score(texts).Values);
    }

    [OnnxFact]
    public void ManyThreads_MayShareAScorer()
    {
        var texts = ModelFiles.Texts(40, seed: 4);
        using var scorer = Open(_files.Add(ModelFiles.Small), new());
        var expected = scorer.Score(texts).Values;
        Parallel.For(0, 16, _ => Assert.Equal(expected, scorer.Score(texts).Values));
    }

    [OnnxFact]
    public void ACostModel_IsTurnedRound()
    {
        var texts = ModelFiles.Texts(5, seed: 5);
        var path = _files.Add(ModelFiles.Small);
        using var reward = Open(path, new());
        using var cost = RewardScorer.Open(OnnxFactAttribute.Runtime, path, 0, -1, s_oneThread, new());
        Assert.Equal(reward.Score(texts).Values.Select(score => -score), cost.Score(texts).Values);
    }

    [OnnxFact]
    public void TheManifest_SaysWhichNumberWithWhichSignAndHowLongATextMayBe()
    {
        var texts = ModelFiles.Texts(20, seed: 11);
        var path = _files.Add(ModelFiles.Small with { Outputs = 2 }, "cost.onnx");
        var manifest = new RewardModelManifest(
            "cost", "tiny", "this test", new string('0', 64), "cost.onnx", [], "tokenizer.json", "plain", MaximumLength: 30, OutputIndex: 1, Sign: -1, "MIT", "float32");
        using var byHand = RewardScorer.Open(OnnxFactAttribute.Runtime, path, 1, -1, s_oneThread, new() { MaximumLength = 30 });
        using var byManifest = RewardScorer.Open(OnnxFactAttribute.Runtime, _files.Folder, manifest, s_oneThread, new());
        var (expected, found) = (byHand.Score(texts), byManifest.Score(texts));
        Assert.NotEmpty(expected.Problems);
        Assert.Equal(expected.Problems, found.Problems);
        Assert.Equal(expected.Values, found.Values);
    }

    [OnnxFact]
    public void TheOutputIndex_ChoosesTheNumber()
    {
        var texts = ModelFiles.Texts(5, seed: 6);
        var path = _files.Add(ModelFiles.Small with { Outputs = 3 });
        var scores = Enumerable.Range(0, 3).Select(output =>
        {
            using var scorer = RewardScorer.Open(OnnxFactAttribute.Runtime, path, output, 1, s_oneThread, new());
            return scorer.Score(texts).Values;
        }).ToArray();
        Assert.Equal(15, scores.SelectMany(values => values).Distinct().Count());
        var refusal = Assert.Throws<InferenceException>(() => RewardScorer.Open(OnnxFactAttribute.Runtime, path, 3, 1, s_oneThread, new()));
        Assert.Equal("model.onnx gives 3 numbers for a text, so that there is no number 3 (counted from 0).", refusal.Message);
    }

    [OnnxFact]
    public void AScoreThatIsNoNumber_IsAProblemOfThatTextAlone()
    {
        var texts = ModelFiles.Texts(30, seed: 7).Select(text => Without(text, token: 13)).ToArray();
        using var scorer = Open(_files.Add(ModelFiles.Small with { BrokenToken = 13 }), new() { TokenBudget = 10_000 });
        var expected = scorer.Score(texts);
        Assert.Empty(expected.Problems);
        texts[11] = new(new[] { 1, 13, 2 });
        var scores = scorer.Score(texts);
        var problem = Assert.Single(scores.Problems);
        Assert.Equal(11, problem.SequenceIndex);
        Assert.Equal("model.onnx gave no number (NaN) for a text of 3 tokens: its file may be damaged, or its numbers overflow in half precision.", problem.Message);
        Assert.True(float.IsNaN(scores.Values[11]));
        expected.Values[11] = 0;
        scores.Values[11] = 0;
        AssertSame(expected.Values, scores.Values);
    }

    [OnnxFact]
    public void ATokenBeyondTheVocabulary_IsAProblemOfThatTextAlone()
    {
        var texts = ModelFiles.Texts(10, seed: 8);
        texts[4] = new(new[] { 1, 50, 2 });
        using var scorer = Open(_files.Add(ModelFiles.Small), new() { TokenBudget = 10_000 });
        var scores = scorer.Score(texts);
        var problem = Assert.Single(scores.Problems);
        Assert.Equal(4, problem.SequenceIndex);
        Assert.StartsWith("model.onnx failed in the middle of a run: ", problem.Message, StringComparison.Ordinal);
        Assert.Equal(9, scores.Values.Count(float.IsFinite));
    }

    [OnnxFact]
    public void AnEmptyTextAndOneThatIsTooLong_SayWhatTheyAre()
    {
        TokenSequence[] texts = [new(Array.Empty<int>()), new(new int[20]), new(new int[5])];
        using var scorer = Open(_files.Add(ModelFiles.Small), new() { MaximumLength = 10 });
        var scores = scorer.Score(texts);
        Assert.Equal(
            ["The text has no tokens, so that there is nothing to read.", "The text has 20 tokens, but the model takes at most 10."],
            scores.Problems.Select(problem => problem.Message));
        Assert.True(float.IsFinite(scores.Values[2]));
    }

    [OnnxFact]
    public void NoTexts_GiveNoScores()
    {
        using var scorer = Open(_files.Add(ModelFiles.Small), new());
        Assert.Empty(scorer.Score([]).Values);
    }

    [OnnxFact]
    public void AModelThatTakesSomethingElse_IsRefusedByItsInputs()
    {
        var path = _files.Add(ModelFiles.Small with { IdsName = "tokens" });
        var refusal = Assert.Throws<InferenceException>(() => Open(path, new()));
        Assert.StartsWith("model.onnx takes tokens (Int64 [batch × length]), which no text has", refusal.Message, StringComparison.Ordinal);
    }

    [OnnxFact]
    public void AModelWithoutAMask_IsRefused()
    {
        var path = _files.Add(ModelFiles.Small with { HasMask = false });
        var refusal = Assert.Throws<InferenceException>(() => Open(path, new()));
        Assert.Equal("model.onnx has no input attention_mask, so that it would read padding as text; export it with one.", refusal.Message);
    }

    [OnnxFact]
    public void AnEncoder_IsNotTakenForARewardModel()
    {
        var path = _files.Add(ModelFiles.Small with { GivesTokens = true });
        var refusal = Assert.Throws<InferenceException>(() => Open(path, new()));
        Assert.Contains("Is it exported for sequence classification?", refusal.Message, StringComparison.Ordinal);
    }

    [OnnxFact]
    public void ATruncatedFile_IsRefused()
    {
        var path = _files.Add(ModelFiles.Small.Write()[..^1000], "model.onnx");
        var refusal = Assert.Throws<InferenceException>(() => Open(path, new()));
        Assert.StartsWith("model.onnx is cut off or not an ONNX model", refusal.Message, StringComparison.Ordinal);
    }

    [OnnxFact]
    public void Progress_CountsEveryTextAndTokenOnce()
    {
        var texts = ModelFiles.Texts(100, seed: 9);
        var tokens = texts.Sum(text => (long)text.Length);
        var seen = new Seen();
        using var scorer = Open(_files.Add(ModelFiles.Small), new() { TokenBudget = 100, ParallelBatches = 3 });
        scorer.Score([.. texts, new TokenSequence(Array.Empty<int>())], seen);
        Assert.Equal(new(101, 101, tokens, tokens), seen.All[^1]);
        Assert.True(seen.All.Count > 10);
        Assert.True(seen.All.Zip(seen.All.Skip(1)).All(pair => pair.First.Tokens < pair.Second.Tokens && pair.First.Sequences < pair.Second.Sequences));
    }

    [OnnxTheory]
    [InlineData(1)]
    [InlineData(3)]
    public void Cancellation_StopsAfterTheBatchesUnderWay(int parallelBatches)
    {
        using var cancellation = new CancellationTokenSource();
        var seen = new Seen(cancellation.Cancel);
        using var scorer = Open(_files.Add(ModelFiles.Small), new() { TokenBudget = 60, ParallelBatches = parallelBatches });
        Assert.ThrowsAny<OperationCanceledException>(() => scorer.Score(ModelFiles.Texts(1_000, seed: 10), seen, cancellation.Token));
        Assert.InRange(seen.All.Count, 1, parallelBatches);
    }

    public void Dispose() => _files.Dispose();

    private static RewardScorer Open(string path, BatchOptions batches) => RewardScorer.Open(OnnxFactAttribute.Runtime, path, 0, 1, s_oneThread, batches);

    private static void AssertSame(float[] expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        for (var index = 0; index < expected.Length; index++)
            Assert.InRange(Math.Abs(expected[index] - found[index]) / (1 + Math.Abs(expected[index])), 0, RewardScorer.Tolerance);
    }

    private static TokenSequence Without(TokenSequence text, int token) => text with { Ids = text.Ids.ToArray().Select(id => id == token ? 0 : id).ToArray() };

    private sealed class Seen(Action? then = null) : IProgress<InferenceProgress>
    {
        public List<InferenceProgress> All { get; } = [];

        public void Report(InferenceProgress value)
        {
            All.Add(value);
            then?.Invoke();
        }
    }
}
