using PersonalLlm.Engine.Inference;
using PersonalLlm.Engine.Inference.Onnx;

namespace PersonalLlm.Engine.Tests.Inference.Onnx;

public sealed class OnnxProvidersTests
{
    [OnnxFact]
    public void Cpu_AlwaysWorks()
    {
        var choice = OnnxFactAttribute.Runtime.Choose([OnnxProvider.Cpu]);
        Assert.Equal(OnnxProvider.Cpu, choice.Provider);
        Assert.Null(Assert.Single(choice.Attempts).Obstacle);
    }

    [OnnxFact]
    public void TheFirstThatWorks_IsChosen_AndEveryOneBeforeItSaysWhyItWasNot()
    {
        var choice = OnnxFactAttribute.Runtime.Choose(OnnxProviderChoice.FastestFirst);
        Assert.Equal(OnnxProviderChoice.FastestFirst.Take(choice.Attempts.Count), choice.Attempts.Select(attempt => attempt.Provider));
        Assert.Equal(choice.Provider, choice.Attempts[^1].Provider);
        Assert.Null(choice.Attempts[^1].Obstacle);
        Assert.All(choice.Attempts.SkipLast(1), attempt => Assert.EndsWith(".", attempt.Obstacle));
    }

    [OnnxFact]
    public void TheOrder_IsTheConfiguredOne() =>
        Assert.Equal(OnnxProvider.Cpu, OnnxFactAttribute.Runtime.Choose([OnnxProvider.Cpu, OnnxProvider.Cuda]).Provider);

    [OnnxFact]
    public void NoProvider_IsRefusedWithASentence()
    {
        var refusal = Assert.Throws<InferenceException>(() => OnnxFactAttribute.Runtime.Choose([]));
        Assert.Contains("name at least Cpu", refusal.Message, StringComparison.Ordinal);
    }
}
