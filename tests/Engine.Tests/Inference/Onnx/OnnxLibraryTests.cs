using PersonalLlm.Engine.Inference;
using PersonalLlm.Engine.Inference.Onnx;

namespace PersonalLlm.Engine.Tests.Inference.Onnx;

public sealed class OnnxLibraryTests
{
    [Fact]
    public void AMissingLibrary_SaysWhereItWasLookedForAndHowToGetIt()
    {
        var path = Path.Combine(Path.GetTempPath(), "no-such-folder", "libonnxruntime.so.1");
        var refusal = Assert.Throws<InferenceException>(() => OnnxRuntime.Load(path));
        Assert.Contains(path, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("npm", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("settings", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFileThatIsNoLibrary_IsRefusedByName()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "not a library");
            var refusal = Assert.Throws<InferenceException>(() => OnnxRuntime.Load(file));
            Assert.StartsWith($"{file} is there but cannot be loaded", refusal.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void ALibraryThatIsNotOnnxRuntime_IsRefusedByName()
    {
        // Every .NET program carries this native library.
        var runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var other = Directory.EnumerateFiles(runtime, "*System.Native.*").Single(file => Path.GetExtension(file) is ".so" or ".dylib");
        var refusal = Assert.Throws<InferenceException>(() => OnnxRuntime.Load(other));
        Assert.Contains("not ONNX Runtime", refusal.Message, StringComparison.Ordinal);
    }

    [OnnxFact]
    public void AFolder_MayBeNamedInsteadOfTheFile()
    {
        using var again = OnnxRuntime.Load(Path.GetDirectoryName(OnnxFactAttribute.Runtime.LibraryPath));
        Assert.Equal(OnnxFactAttribute.Runtime.Version, again.Version);
    }
}
