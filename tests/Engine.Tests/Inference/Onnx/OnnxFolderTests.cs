using System.Text.RegularExpressions;
using PersonalLlm.Testing;

namespace PersonalLlm.Engine.Tests.Inference.Onnx;

/// <summary>What the compiler does not hold: the native library is known in one folder, and so is unsafe code.</summary>
public sealed partial class OnnxFolderTests
{
    [Fact]
    public void OnlyTheOnnxFolder_HasUnsafeCodeOrCallsNativeLibraries()
    {
        var engine = Path.Combine(Checkout.Folder, "src", "Engine");
        var sources = Directory.EnumerateFiles(engine, "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(engine, file).Replace('\\', '/'))
            .Where(file => !file.StartsWith("obj/", StringComparison.Ordinal) && !file.StartsWith("Inference/Onnx/", StringComparison.Ordinal))
            .ToArray();
        Assert.NotEmpty(sources);
        Assert.DoesNotContain(sources, file => Native().IsMatch(File.ReadAllText(Path.Combine(engine, file))));
    }

    [GeneratedRegex(@"\bunsafe\b(?=\s+(?:partial|class|struct|static|delegate|void|\{))|\bNativeLibrary\b|\bOrtApi\b")]
    private static partial Regex Native();
}
