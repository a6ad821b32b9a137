using System.Buffers;

namespace PersonalLlm.Engine.Inference.Onnx;

/// <summary>A tensor that ONNX Runtime reads or wrote: over the caller's memory, which stays pinned until disposal, or over its own.</summary>
internal sealed unsafe class OnnxTensor : IDisposable
{
    private readonly OrtApi _api;
    private readonly long[] _shape;
    private readonly MemoryHandle _pin;

    private OnnxTensor(OrtApi api, nint value, OnnxElementType type, long[] shape, MemoryHandle pin)
    {
        Handle = new(api, OrtApi.Release.Value, value);
        (_api, ElementType, _shape, _pin) = (api, type, shape, pin);
    }

    public OnnxElementType ElementType { get; }

    public ReadOnlySpan<long> Shape => _shape;

    internal OrtHandle Handle { get; }

    /// <summary>A tensor over memory of the caller's: nothing is copied.</summary>
    /// <param name="runtime">Whose tensor it is.</param>
    /// <param name="data">Row-major; pinned until disposal.</param>
    /// <param name="shape">Sizes whose product is the length of the data.</param>
    public static OnnxTensor Over<T>(OnnxRuntime runtime, Memory<T> data, params ReadOnlySpan<long> shape) where T : unmanaged
    {
        if (CountOf(shape) != data.Length)
            throw new ArgumentException($"A shape of {CountOf(shape)} elements was given for {data.Length}.", nameof(shape));
        var api = runtime.Api;
        var pin = data.Pin();
        nint value, status;
        fixed (long* sizes = shape)
        {
            // Without elements there is no address either, and the library would allocate for a null.
            long nothing;
            var first = pin.Pointer is null ? &nothing : pin.Pointer;
            status = api.CreateTensorWithData(api.CpuMemory, first, (nuint)data.Length * (nuint)sizeof(T), sizes, (nuint)shape.Length, TypeOf<T>(), &value);
        }
        if (status != 0)
        {
            pin.Dispose();
            api.Check(status);
        }
        return new(api, value, TypeOf<T>(), shape.ToArray(), pin);
    }

    /// <summary>The elements in place, row-major: good until disposal.</summary>
    public Span<T> Values<T>() where T : unmanaged
    {
        if (TypeOf<T>() != ElementType)
            throw new InvalidOperationException($"The tensor holds {ElementType}, not {TypeOf<T>()}.");
        using var value = Handle.Borrow();
        void* data;
        _api.Check(_api.GetTensorMutableData(value.Value, &data));
        return new(data, checked((int)CountOf(_shape)));
    }

    public void Dispose()
    {
        Handle.Dispose();
        _pin.Dispose();
    }

    /// <summary>Takes over a value that a run returned; null, and the value freed, when it is not a tensor.</summary>
    internal static OnnxTensor? Take(OrtApi api, nint value)
    {
        int isTensor;
        api.Check(api.IsTensor(value, &isTensor));
        if (isTensor == 0)
        {
            api.Free(OrtApi.Release.Value, value);
            return null;
        }
        nint info;
        api.Check(api.GetTensorTypeAndShape(value, &info));
        try
        {
            var (type, sizes) = OnnxValueInfo.ReadTensor(api, info);
            return new(api, value, type, sizes, default);
        }
        finally
        {
            api.Free(OrtApi.Release.TensorInfo, info);
        }
    }

    private static long CountOf(ReadOnlySpan<long> shape)
    {
        long count = 1;
        foreach (var size in shape)
            count = checked(count * size);
        return count;
    }

    private static OnnxElementType TypeOf<T>() =>
        typeof(T) == typeof(float) ? OnnxElementType.Float32
        : typeof(T) == typeof(long) ? OnnxElementType.Int64
        : typeof(T) == typeof(int) ? OnnxElementType.Int32
        : typeof(T) == typeof(Half) ? OnnxElementType.Float16
        : typeof(T) == typeof(double) ? OnnxElementType.Float64
        : throw new NotSupportedException($"No element type of ONNX is mapped to {typeof(T).Name}.");
}
