using System.Runtime.InteropServices;

namespace PersonalLlm.Engine.Inference.Onnx;

/// <summary>A loaded library of ONNX Runtime. One is enough for a process; it and everything made with it may be used from many threads.</summary>
public sealed unsafe class OnnxRuntime : IDisposable
{
    private OnnxRuntime(OrtApi api, string libraryPath)
    {
        (Api, LibraryPath) = (api, libraryPath);
        nint environment;
        // Level 4: what goes wrong comes back as an exception; on standard error it would only stand a second time.
        fixed (byte* name = Utf8Strings.Of("PersonalLLM"))
            api.Check(api.CreateEnvironment(4, name, &environment));
        Environment = new(api, OrtApi.Release.Environment, environment);
        api.Check(api.DisableTelemetryEvents(environment));
        CompiledProviders = ReadCompiledProviders(api);
    }

    /// <summary>Of ONNX Runtime, for example "1.30.0".</summary>
    public string Version => Api.Version;

    /// <summary>The library's file, or its name when the system found it.</summary>
    public string LibraryPath { get; }

    /// <summary>The execution providers that the library was built with, by ONNX Runtime's names; each may still lack its device or its own libraries.</summary>
    public IReadOnlyList<string> CompiledProviders { get; }

    internal OrtApi Api { get; }

    internal OrtHandle Environment { get; }

    /// <summary>Loads the library: from the path that is given, and otherwise from beside the program or from the system.</summary>
    /// <param name="configuredPath">A file, or a folder that holds the library.</param>
    /// <exception cref="InferenceException">It is missing, too old, or not ONNX Runtime; the message says where it was looked for and how to get it.</exception>
    public static OnnxRuntime Load(string? configuredPath = null)
    {
        var (library, path) = OnnxLibrary.Load(configuredPath);
        return new(new(library, path), path);
    }

    /// <summary>The first of these providers that computes a tiny model rightly, and why those before it do not.</summary>
    /// <param name="order">As configured; <see cref="OnnxProviderChoice.FastestFirst"/> by default.</param>
    /// <param name="deviceId">Which GPU, from 0.</param>
    /// <exception cref="InferenceException">None of them works.</exception>
    public OnnxProviderChoice Choose(IReadOnlyList<OnnxProvider> order, int deviceId = 0) => OnnxProviders.Choose(this, order, deviceId);

    /// <summary>Lets the library's state go as soon as the last session does; the library itself stays loaded as long as the process lives.</summary>
    public void Dispose() => Environment.Dispose();

    private static string[] ReadCompiledProviders(OrtApi api)
    {
        nint* names;
        int count;
        api.Check(api.GetAvailableProviders(&names, &count));
        try
        {
            return Array.ConvertAll(new ReadOnlySpan<nint>(names, count).ToArray(), name => Marshal.PtrToStringUTF8(name)!);
        }
        finally
        {
            api.Check(api.ReleaseAvailableProviders(names, count));
        }
    }
}
