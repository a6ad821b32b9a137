namespace PersonalLlm.Engine.Inference.Onnx;

/// <summary>How a model is computed. A plain value: native options are made from it for each session.</summary>
public sealed record OnnxSessionOptions
{
    public OnnxProvider Provider { get; init; } = OnnxProvider.Cpu;

    /// <summary>Which GPU, from 0.</summary>
    public int DeviceId { get; init; }

    /// <summary>Processor threads that share one operator; 0 = one for each core.</summary>
    public int Threads { get; init; }

    /// <summary>Whether idle threads wait by spinning: a few per cent faster, and the cores are never free for anybody else.</summary>
    public bool Spinning { get; init; }

    /// <summary>Nothing is logged, and no part of the model may fall back to the processor.</summary>
    internal bool IsProbe { get; init; }

    internal unsafe OrtHandle Create(OrtApi api)
    {
        nint options;
        api.Check(api.CreateSessionOptions(&options));
        var handle = new OrtHandle(api, OrtApi.Release.SessionOptions, options);
        try
        {
            api.Check(api.SetIntraOpThreads(options, Threads));
            // A pattern is kept for every shape that was ever seen, and batches of texts hardly ever have the same one.
            api.Check(api.DisableMemoryPattern(options));
            Set(api, options, "session.intra_op.allow_spinning", Spinning ? "1" : "0");
            if (IsProbe)
            {
                api.Check(api.SetSessionLogSeverity(options, 4));
                Set(api, options, "session.disable_cpu_ep_fallback", Provider == OnnxProvider.Cpu ? "0" : "1");
            }
            if (Provider == OnnxProvider.Cuda)
                AppendCuda(api, options);
            else if (Provider == OnnxProvider.WebGpu)
                AppendWebGpu(api, options);
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private unsafe void AppendCuda(OrtApi api, nint options)
    {
        nint cuda;
        api.Check(api.CreateCudaOptions(&cuda));
        using var handle = new OrtHandle(api, OrtApi.Release.CudaOptions, cuda);
        using var keys = new Utf8Strings(["device_id"]);
        using var values = new Utf8Strings([$"{DeviceId}"]);
        fixed (nint* key = keys.Pointers, value = values.Pointers)
            api.Check(api.UpdateCudaOptions(cuda, key, value, (nuint)keys.Pointers.Length));
        api.Check(api.AppendCudaProvider(options, cuda));
    }

    private static unsafe void AppendWebGpu(OrtApi api, nint options)
    {
        fixed (byte* name = Utf8Strings.Of("WebGPU"))
            api.Check(api.AppendProvider(options, name, null, null, 0));
    }

    private static unsafe void Set(OrtApi api, nint options, string key, string value)
    {
        fixed (byte* keyBytes = Utf8Strings.Of(key), valueBytes = Utf8Strings.Of(value))
            api.Check(api.AddSessionConfigEntry(options, keyBytes, valueBytes));
    }
}
