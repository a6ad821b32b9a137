namespace PersonalLlm.Engine.Inference.Onnx;

/// <summary>What computes a model.</summary>
public enum OnnxProvider
{
    /// <summary>An NVIDIA GPU, with CUDA 12, cuDNN 9 and ONNX Runtime's CUDA libraries beside its own.</summary>
    Cuda,

    /// <summary>Any GPU with a Vulkan, Metal or Direct3D 12 driver.</summary>
    WebGpu,

    /// <summary>The processor; always there.</summary>
    Cpu,
}

/// <summary>What became of one provider when it was tried.</summary>
/// <param name="Provider">Which.</param>
/// <param name="Obstacle">One sentence saying why it cannot be used; null when it can.</param>
public sealed record OnnxProviderAttempt(OnnxProvider Provider, string? Obstacle);

/// <summary>Which provider was chosen, and why those before it were not.</summary>
/// <param name="Provider">The first that computed a model rightly.</param>
/// <param name="Attempts">In the order in which they were tried; the last is the chosen one.</param>
/// <param name="LibraryVersion">Of ONNX Runtime, for example "1.30.0".</param>
/// <param name="LibraryPath">The library's file.</param>
public sealed record OnnxProviderChoice(OnnxProvider Provider, IReadOnlyList<OnnxProviderAttempt> Attempts, string LibraryVersion, string LibraryPath)
{
    /// <summary>The default order: the fastest first.</summary>
    public static IReadOnlyList<OnnxProvider> FastestFirst { get; } = [OnnxProvider.Cuda, OnnxProvider.WebGpu, OnnxProvider.Cpu];

    /// <summary>The whole story in a line, for a log.</summary>
    public override string ToString() => $"ONNX Runtime {LibraryVersion} ({LibraryPath}) computes on {OnnxProviders.NameOf(Provider)}."
        + string.Concat(Attempts.Where(attempt => attempt.Obstacle is not null).Select(attempt => $" {OnnxProviders.NameOf(attempt.Provider)}: {attempt.Obstacle}"));
}

/// <summary>Tries providers by letting each compute a tiny model: that one is compiled in says nothing about its device, driver or libraries.</summary>
internal static class OnnxProviders
{
    /// <exception cref="InferenceException">None of them works.</exception>
    public static OnnxProviderChoice Choose(OnnxRuntime runtime, IReadOnlyList<OnnxProvider> order, int deviceId)
    {
        var attempts = new List<OnnxProviderAttempt>();
        foreach (var provider in order.Distinct())
        {
            attempts.Add(new(provider, Probe(runtime, new() { Provider = provider, DeviceId = deviceId })));
            if (attempts[^1].Obstacle is null)
                return new(provider, attempts, runtime.Version, runtime.LibraryPath);
        }
        throw new InferenceException(attempts.Count == 0 ? "No execution provider is named in the settings: name at least Cpu."
            : "No execution provider that the settings name can be used here; add Cpu to them. "
                + string.Join(" ", attempts.Select(attempt => $"{NameOf(attempt.Provider)}: {attempt.Obstacle}")));
    }

    public static string NameOf(OnnxProvider provider) => provider switch
    {
        OnnxProvider.Cuda => "CUDA",
        OnnxProvider.WebGpu => "WebGPU",
        _ => "CPU",
    };

    private static string? Probe(OnnxRuntime runtime, OnnxSessionOptions options)
    {
        if (!runtime.CompiledProviders.Contains(NameOf(options.Provider) + "ExecutionProvider", StringComparer.OrdinalIgnoreCase))
            return $"This library of ONNX Runtime was built without it (it has {string.Join(", ", runtime.CompiledProviders)}).";
        try
        {
            using var session = OnnxSession.Open(runtime, ProbeModel.Bytes, "the probe", options with { IsProbe = true });
            using var left = OnnxTensor.Over<float>(runtime, new float[] { 1, 2, 3, 4 }, 2, 2);
            using var right = OnnxTensor.Over<float>(runtime, new float[] { 5, 6, 7, 8 }, 2, 2);
            using var results = session.Run([("a", left), ("b", right)]);
            // (1 2; 3 4) · (5 6; 7 8) by hand; a driver that computes something else is worse than none.
            return results[0].Values<float>().SequenceEqual([19f, 22, 43, 50]) ? null : "It was found, but multiplied two small matrices wrongly.";
        }
        catch (InferenceException problem)
        {
            return (problem.InnerException is OrtException cause ? $"{cause.Brief}." : problem.Message) + AdviceFor(options.Provider, runtime.Version);
        }
    }

    private static string AdviceFor(OnnxProvider provider, string version) => provider switch
    {
        OnnxProvider.Cuda => $" It needs CUDA 12, cuDNN 9, and ONNX Runtime's provider libraries for CUDA beside its own, all of version {version} (NuGet: Microsoft.ML.OnnxRuntime.Gpu).",
        OnnxProvider.WebGpu => " It needs a GPU with a current Vulkan, Metal or Direct3D 12 driver.",
        _ => "",
    };
}
