using System.Runtime.InteropServices;

namespace PersonalLlm.Engine.Inference.Onnx;

/// <summary>Where ONNX Runtime's native library is looked for.</summary>
internal static class OnnxLibrary
{
    /// <summary>How to get the library, for whoever lacks it.</summary>
    public const string Advice =
        "Build with npm at hand and without -p:OnnxRuntime=false, or download a release of ONNX Runtime 1.17 or later for this system and name its library's file or folder in the settings.";

    // The npm package and the releases name the library by its major version, the NuGet package does not.
    private static readonly string[] s_names = OperatingSystem.IsWindows() ? ["onnxruntime.dll"]
        : OperatingSystem.IsMacOS() ? ["libonnxruntime.1.dylib", "libonnxruntime.dylib"]
        : ["libonnxruntime.so.1", "libonnxruntime.so"];

    /// <summary>Loads the library that the settings name, or else the first one found beside the program, or else the system's.</summary>
    /// <param name="configuredPath">A file, or a folder that holds the library; when it is given, nothing else is tried.</param>
    /// <returns>The library, and from where it came.</returns>
    /// <exception cref="InferenceException">There is none, or it cannot be loaded.</exception>
    public static (nint Library, string Path) Load(string? configuredPath)
    {
        var candidates = configuredPath is null ? BesideTheProgram() : Named(configuredPath);
        if (candidates.FirstOrDefault(File.Exists) is { } file)
            return (Open(file), file);
        if (configuredPath is null)
            foreach (var name in s_names)
                if (NativeLibrary.TryLoad(name, out var library))
                    return (library, name);
        throw new InferenceException($"ONNX Runtime's library was not found. Looked for {string.Join(", ", candidates)}"
            + $"{(configuredPath is null ? " and in the system's library folders" : "")}. {Advice}");
    }

    private static nint Open(string file)
    {
        try
        {
            // With its folder as the place of its own parts: the provider libraries and, on Windows, DirectML lie there.
            return NativeLibrary.Load(Path.GetFullPath(file));
        }
        catch (Exception problem) when (problem is DllNotFoundException or BadImageFormatException)
        {
            throw new InferenceException($"{file} is there but cannot be loaded as ONNX Runtime's library: {problem.Message.Split('\n')[0].TrimEnd('.')}. {Advice}", problem);
        }
    }

    private static string[] Named(string path) => Directory.Exists(path) ? [.. s_names.Select(name => Path.Combine(path, name))] : [path];

    private static string[] BesideTheProgram() =>
    [
        .. from folder in new[] { "onnxruntime", Path.Combine("runtimes", RuntimeInformation.RuntimeIdentifier, "native"), "" }
           from name in s_names
           select Path.Combine(AppContext.BaseDirectory, folder, name),
    ];
}
