namespace PersonalLlm.Engine.Inference.Onnx;

/// <summary>A loaded model. Runs may go on side by side; each keeps the session alive until it is done.</summary>
internal sealed unsafe class OnnxSession : IDisposable
{
    private readonly OrtApi _api;
    private readonly OrtHandle _session;
    private readonly string _modelName;
    private readonly Utf8Strings _inputNames;
    private readonly Utf8Strings _outputNames;

    private OnnxSession(OnnxRuntime runtime, OrtHandle session, string modelName)
    {
        (Runtime, _api, _session, _modelName) = (runtime, runtime.Api, session, modelName);
        try
        {
            using var lease = session.Borrow();
            Inputs = Describe(lease.Value, _api.SessionGetInputCount, _api.SessionGetInputName, _api.SessionGetInputTypeInfo);
            Outputs = Describe(lease.Value, _api.SessionGetOutputCount, _api.SessionGetOutputName, _api.SessionGetOutputTypeInfo);
            _inputNames = new(Inputs.Select(input => input.Name));
            _outputNames = new(Outputs.Select(output => output.Name));
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public OnnxRuntime Runtime { get; }

    public IReadOnlyList<OnnxValueInfo> Inputs { get; }

    public IReadOnlyList<OnnxValueInfo> Outputs { get; }

    /// <summary>Loads a model's file; weights that the model keeps in files of their own are found beside it.</summary>
    /// <exception cref="InferenceException">There is no such file, it is not a whole model, or this library or provider cannot compute it.</exception>
    public static OnnxSession Open(OnnxRuntime runtime, string path, OnnxSessionOptions options)
    {
        var name = Path.GetFileName(path);
        if (!File.Exists(path))
            throw new InferenceException($"The model's file {path} does not exist.");
        return Open(runtime, name, options, (api, environment, native) =>
        {
            nint session;
            fixed (byte* nativePath = Utf8Strings.OfPath(path))
                api.Check(api.CreateSession(environment, nativePath, native, &session));
            return session;
        });
    }

    /// <summary>Loads a model from memory, which may be let go afterwards.</summary>
    /// <exception cref="InferenceException">These bytes are not a whole model, or this library or provider cannot compute it.</exception>
    public static OnnxSession Open(OnnxRuntime runtime, ReadOnlyMemory<byte> model, string name, OnnxSessionOptions options) =>
        Open(runtime, name, options, (api, environment, native) =>
        {
            nint session;
            fixed (byte* bytes = model.Span)
                api.Check(api.CreateSessionFromArray(environment, bytes, (nuint)model.Length, native, &session));
            return session;
        });

    /// <summary>Computes all outputs.</summary>
    /// <param name="inputs">One tensor for each input of the model, in any order; they stay the caller's.</param>
    /// <param name="cancellation">Stops between two operators.</param>
    /// <returns>In the order of <see cref="Outputs"/>; the caller disposes it.</returns>
    /// <exception cref="InferenceException">An input is missing, unknown, or has another type or shape; or the model failed.</exception>
    public OnnxResults Run(ReadOnlySpan<(string Name, OnnxTensor Tensor)> inputs, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        var ordered = InOrder(inputs);
        using var options = cancellation.CanBeCanceled ? CreateRunOptions() : null;
        // Disposed before the options are: that waits for a callback under way, so that none meets them freed.
        using var registration = options is null ? default : cancellation.UnsafeRegister(Terminate, (_api, options));
        Span<nint> results = stackalloc nint[Outputs.Count];
        results.Clear();
        using var session = _session.Borrow();
        var status = RunNative(session.Value, options?.DangerousGetHandle() ?? 0, ordered, results);
        if (status == 0)
            return Take(results);
        var error = _api.TakeError(status);
        if (cancellation.IsCancellationRequested)
            throw new OperationCanceledException("The model was stopped in the middle of a run.", error, cancellation);
        throw new InferenceException($"{_modelName} failed in the middle of a run: {error.Brief}.", error);
    }

    public void Dispose()
    {
        _session.Dispose();
        _inputNames.Dispose();
        _outputNames.Dispose();
    }

    private static OnnxSession Open(OnnxRuntime runtime, string name, OnnxSessionOptions options, Func<OrtApi, nint, nint, nint> create)
    {
        var api = runtime.Api;
        try
        {
            using var native = options.Create(api);
            using OrtHandle.Lease environment = runtime.Environment.Borrow(), nativeOptions = native.Borrow();
            return new(runtime, new(api, OrtApi.Release.Session, create(api, environment.Value, nativeOptions.Value), runtime.Environment), name);
        }
        catch (OrtException problem)
        {
            throw new InferenceException(problem.Code switch
            {
                OrtErrorCode.InvalidProtobuf or OrtErrorCode.NoModel =>
                    $"{name} is cut off or not an ONNX model ({problem.Brief}); compare its size and SHA-256 with the original and copy it again.",
                OrtErrorCode.InvalidGraph or OrtErrorCode.NotImplemented =>
                    $"{name} asks for something that ONNX Runtime {runtime.Version} cannot compute on {OnnxProviders.NameOf(options.Provider)} ({problem.Brief}); export it again with an older opset, for example 17.",
                _ => $"{name} could not be loaded on {OnnxProviders.NameOf(options.Provider)}: {problem.Brief}.",
            }, problem);
        }
    }

    private static void Terminate(object? state)
    {
        var (api, options) = ((OrtApi, OrtHandle))state!;
        // It can only fail for want of memory, and a cancellation has nobody to tell.
        _ = api.RunOptionsSetTerminate(options.DangerousGetHandle());
    }

    private OnnxTensor[] InOrder(ReadOnlySpan<(string Name, OnnxTensor Tensor)> given)
    {
        var ordered = new OnnxTensor[Inputs.Count];
        foreach (var (name, tensor) in given)
        {
            var place = PlaceOf(name);
            if (place < 0)
                throw new InferenceException($"{_modelName} has no input {name}; it takes {string.Join(", ", Inputs)}.");
            if (Inputs[place].FindProblem(tensor.ElementType, tensor.Shape) is { } problem)
                throw new InferenceException($"{_modelName}: {problem}");
            ordered[place] = tensor;
        }
        return Array.IndexOf(ordered, null) is >= 0 and var missing
            ? throw new InferenceException($"{_modelName} was not given its input {Inputs[missing]}.")
            : ordered;
    }

    private int PlaceOf(string name)
    {
        for (var place = 0; place < Inputs.Count; place++)
            if (Inputs[place].Name == name)
                return place;
        return -1;
    }

    private nint RunNative(nint session, nint options, OnnxTensor[] inputs, Span<nint> results)
    {
        var values = stackalloc nint[inputs.Length];
        var held = 0;
        try
        {
            for (; held < inputs.Length; held++)
            {
                var added = false;
                inputs[held].Handle.DangerousAddRef(ref added);
                values[held] = inputs[held].Handle.DangerousGetHandle();
            }
            fixed (nint* inputNames = _inputNames.Pointers, outputNames = _outputNames.Pointers, first = results)
                return _api.Run(session, options, inputNames, values, (nuint)inputs.Length, outputNames, (nuint)results.Length, first);
        }
        finally
        {
            while (--held >= 0)
                inputs[held].Handle.DangerousRelease();
        }
    }

    private OnnxResults Take(ReadOnlySpan<nint> values)
    {
        // All are taken over before anything is said about one of them: what is not taken is not freed.
        var tensors = new OnnxTensor?[values.Length];
        for (var place = 0; place < tensors.Length; place++)
            tensors[place] = OnnxTensor.Take(_api, values[place]);
        return new(tensors, _modelName, Outputs);
    }

    private OrtHandle CreateRunOptions()
    {
        nint options;
        _api.Check(_api.CreateRunOptions(&options));
        return new(_api, OrtApi.Release.RunOptions, options);
    }

    private OnnxValueInfo[] Describe(
        nint session,
        delegate* unmanaged<nint, nuint*, nint> count,
        delegate* unmanaged<nint, nuint, nint, nint*, nint> name,
        delegate* unmanaged<nint, nuint, nint*, nint> type)
    {
        nuint length;
        _api.Check(count(session, &length));
        var infos = new OnnxValueInfo[length];
        for (nuint place = 0; place < length; place++)
        {
            nint text, info;
            _api.Check(name(session, place, _api.Allocator, &text));
            var taken = _api.TakeName(text);
            _api.Check(type(session, place, &info));
            try
            {
                infos[place] = OnnxValueInfo.Read(_api, taken, info);
            }
            finally
            {
                _api.Free(OrtApi.Release.TypeInfo, info);
            }
        }
        return infos;
    }
}

/// <summary>What one run gave, in the order of the model's outputs.</summary>
internal sealed class OnnxResults(OnnxTensor?[] tensors, string modelName, IReadOnlyList<OnnxValueInfo> outputs) : IDisposable
{
    /// <exception cref="InferenceException">The model gave something else than a tensor there.</exception>
    public OnnxTensor this[int output] => tensors[output]
        ?? throw new InferenceException($"{modelName} gave a sequence or a map as its output {outputs[output].Name}, where a tensor was expected.");

    public void Dispose()
    {
        foreach (var tensor in tensors)
            tensor?.Dispose();
    }
}
