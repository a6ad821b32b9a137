namespace PersonalLlm.Engine.Tests.Inference.Onnx;

/// <summary>Many tests that need ONNX Runtime's library; skipped, with the reason, in a build that was made without it.</summary>
internal sealed class OnnxTheoryAttribute : TheoryAttribute
{
    public OnnxTheoryAttribute() => Skip = OnnxFactAttribute.Obstacle;
}
