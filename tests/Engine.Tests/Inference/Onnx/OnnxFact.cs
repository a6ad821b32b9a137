using PersonalLlm.Engine.Inference;
using PersonalLlm.Engine.Inference.Onnx;

namespace PersonalLlm.Engine.Tests.Inference.Onnx;

/// <summary>A test that needs ONNX Runtime's library; skipped, with the reason, in a build that was made without it.</summary>
internal sealed class OnnxFactAttribute : FactAttribute
{
    private static readonly Lazy<(OnnxRuntime? Runtime, string? Obstacle)> s_loaded = new(Load);

    public OnnxFactAttribute() => Skip = Obstacle;

    public static string? Obstacle => s_loaded.Value.Obstacle;

    public static OnnxRuntime Runtime => s_loaded.Value.Runtime!;

    private static (OnnxRuntime?, string?) Load()
    {
        try
        {
            return (OnnxRuntime.Load(), null);
        }
        catch (InferenceException obstacle)
        {
            return (null, obstacle.Message);
        }
    }
}
