using PersonalLlm.Engine.Inference;
using PersonalLlm.Engine.Inference.Onnx;
using PersonalLlm.Engine.Tests.Inference.Onnx;
using PersonalLlm.Testing;

namespace PersonalLlm.Engine.Tests.Inference;

public sealed class TextEmbedderTests : IDisposable
{
    private static readonly EncoderModel s_encoder = ModelFiles.Small with { GivesTokens = true };

    private readonly ModelFiles _files = new();

    [OnnxTheory]
    [InlineData(Pooling.Mean)]
    [InlineData(Pooling.FirstToken)]
    public void Batches_ChangeNoVectorBeyondTheLastDigits(Pooling pooling)
    {
        var texts = ModelFiles.Texts(60, seed: 1);
        var path = _files.Add(s_encoder);
        using var alone = Open(path, pooling, isNormalised: false, tokenBudget: 1);
        using var together = Open(path, pooling, isNormalised: false, tokenBudget: 600);
        var expected = alone.Embed(texts);
        var found = together.Embed(texts);
        Assert.Equal(32, found.Dimensions);
        Assert.All(expected.Values.Zip(found.Values), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
    }

    [OnnxFact]
    public void TheMean_IsTheMeanOfTheTokensVectors()
    {
        var path = _files.Add(s_encoder);
        var text = ModelFiles.Texts(1, seed: 2)[0];
        using var session = OnnxSession.Open(OnnxFactAttribute.Runtime, path, new() { Threads = 1 });
        using var ids = Row(text.Ids);
        using var mask = Row(Enumerable.Repeat(1, text.Length).ToArray());
        using var types = Row(text.TypeIds);
        using var results = session.Run([("input_ids", ids), ("attention_mask", mask), ("token_type_ids", types)]);
        var tokens = results[0].Values<float>().ToArray();
        var byHand = Enumerable.Range(0, 32).Select(dimension => Enumerable.Range(0, text.Length).Average(token => tokens[(token * 32) + dimension])).ToArray();

        using var mean = Open(path, Pooling.Mean, isNormalised: false, tokenBudget: 100);
        Assert.All(byHand.Zip(mean.Embed([text]).Values), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        using var first = Open(path, Pooling.FirstToken, isNormalised: false, tokenBudget: 100);
        Assert.Equal(tokens[..32], first.Embed([text]).Values);
    }

    [OnnxFact]
    public void NormalisedVectors_HaveLengthOne_AndTheDirectionOfTheOthers()
    {
        var texts = ModelFiles.Texts(20, seed: 3);
        var path = _files.Add(s_encoder);
        using var raw = Open(path, Pooling.Mean, isNormalised: false, tokenBudget: 300);
        using var normalised = Open(path, Pooling.Mean, isNormalised: true, tokenBudget: 300);
        var (before, after) = (raw.Embed(texts), normalised.Embed(texts));
        for (var text = 0; text < texts.Length; text++)
        {
            Assert.Equal(1, Math.Sqrt(after.Of(text).ToArray().Sum(number => (double)number * number)), 1e-5);
            Assert.Equal(1, System.Numerics.Tensors.TensorPrimitives.CosineSimilarity(before.Of(text), after.Of(text)), 1e-5f);
        }
    }

    [OnnxFact]
    public void AnEncoderThatPoolsByItself_IsTakenAsItIs()
    {
        var path = _files.Add(ModelFiles.Small with { Outputs = 7 });
        var texts = ModelFiles.Texts(3, seed: 4);
        using var embedder = Open(path, Pooling.Mean, isNormalised: false, tokenBudget: 1);
        using var scorer = RewardScorer.Open(OnnxFactAttribute.Runtime, path, 6, 1, new() { Threads = 1 }, new() { TokenBudget = 1 });
        var vectors = embedder.Embed(texts);
        Assert.Equal(7, vectors.Dimensions);
        Assert.Equal(scorer.Score(texts).Values, Enumerable.Range(0, 3).Select(text => vectors.Of(text)[6]));
    }

    [OnnxFact]
    public void AVectorThatIsNone_IsAProblemOfThatTextAlone()
    {
        var texts = new[] { new TokenSequence(new[] { 1, 2 }), new(new[] { 1, 13 }), new(Array.Empty<int>()) };
        using var embedder = Open(_files.Add(s_encoder with { BrokenToken = 13 }), Pooling.Mean, isNormalised: true, tokenBudget: 100);
        var vectors = embedder.Embed(texts);
        Assert.Equal([1, 2], vectors.Problems.Select(problem => problem.SequenceIndex));
        Assert.All(vectors.Of(0).ToArray(), number => Assert.True(float.IsFinite(number)));
        Assert.All(vectors.Of(1).ToArray(), number => Assert.True(float.IsNaN(number)));
    }

    public void Dispose() => _files.Dispose();

    private static TextEmbedder Open(string path, Pooling pooling, bool isNormalised, int tokenBudget) =>
        TextEmbedder.Open(OnnxFactAttribute.Runtime, path, pooling, isNormalised, new() { Threads = 1 }, new() { TokenBudget = tokenBudget });

    private static OnnxTensor Row(ReadOnlyMemory<int> numbers) =>
        OnnxTensor.Over<long>(OnnxFactAttribute.Runtime, Array.ConvertAll(numbers.ToArray(), number => (long)number), 1, numbers.Length);
}
