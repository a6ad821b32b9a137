using PersonalLlm.Engine.Inference;
using PersonalLlm.Engine.Inference.Onnx;

namespace PersonalLlm.Engine.Tests.Inference.Onnx;

/// <summary>Run where a GPU is, or a driver that plays one: for WebGPU, Mesa's software Vulkan (lavapipe) of version 25 or later, named in VK_DRIVER_FILES.</summary>
public sealed class GpuTests : IDisposable
{
    private readonly ModelFiles _files = new();

    [OnnxProviderFact(OnnxProvider.WebGpu)]
    public void WebGpu_ScoresAsTheProcessorDoes() => AssertScoresAsTheProcessor(OnnxProvider.WebGpu);

    [OnnxProviderFact(OnnxProvider.Cuda)]
    public void Cuda_ScoresAsTheProcessorDoes() => AssertScoresAsTheProcessor(OnnxProvider.Cuda);

    public void Dispose() => _files.Dispose();

    private void AssertScoresAsTheProcessor(OnnxProvider provider)
    {
        var path = _files.Add(ModelFiles.Small);
        var texts = ModelFiles.Texts(20, seed: 1);
        var expected = Score(OnnxProvider.Cpu);
        var found = Score(provider);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-3f));

        float[] Score(OnnxProvider on)
        {
            using var scorer = RewardScorer.Open(OnnxFactAttribute.Runtime, path, 0, 1, new() { Provider = on, Threads = 1 }, new());
            var scores = scorer.Score(texts);
            Assert.Empty(scores.Problems);
            return scores.Values;
        }
    }
}
