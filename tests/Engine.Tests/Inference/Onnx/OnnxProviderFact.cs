using PersonalLlm.Engine.Inference.Onnx;

namespace PersonalLlm.Engine.Tests.Inference.Onnx;

/// <summary>A test that needs a provider of ONNX Runtime; skipped, with the provider's own obstacle, where it cannot compute.</summary>
internal sealed class OnnxProviderFactAttribute : FactAttribute
{
    public OnnxProviderFactAttribute(OnnxProvider provider) =>
        Skip = OnnxFactAttribute.Obstacle ?? OnnxFactAttribute.Runtime.Choose([provider, OnnxProvider.Cpu]).Attempts[0].Obstacle;
}
