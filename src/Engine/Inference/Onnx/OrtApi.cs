using System.Runtime.InteropServices;

namespace PersonalLlm.Engine.Inference.Onnx;

/// <summary>
/// The part of ONNX Runtime's C interface that is called here. <c>OrtApi</c> is a struct of function pointers that only ever grows at its
/// end (onnxruntime_c_api.h), so that a function's slot is the same in every release that has it.
/// </summary>
internal sealed unsafe class OrtApi
{
    /// <summary>The oldest interface that has every slot used here (17 came with ONNX Runtime 1.17); every newer library serves it.</summary>
    private const uint InterfaceVersion = 17;

    private readonly nint* _table;
    private int _aliveHandles;

    public OrtApi(nint library, string path)
    {
        if (!NativeLibrary.TryGetExport(library, "OrtGetApiBase", out var getBase))
            throw new InferenceException($"{path} is a library, but not ONNX Runtime: it has no OrtGetApiBase. {OnnxLibrary.Advice}");
        var apiBase = (nint*)((delegate* unmanaged<nint>)getBase)();
        Version = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)apiBase[1])()) ?? "of unknown version";
        _table = (nint*)((delegate* unmanaged<uint, nint>)apiBase[0])(InterfaceVersion);
        if (_table is null)
            throw new InferenceException($"{path} is ONNX Runtime {Version}, which is too old: version 1.{InterfaceVersion} or later is needed.");
        nint allocator, memory;
        Check(GetAllocatorWithDefaultOptions(&allocator));
        Check(CreateCpuMemoryInfo(0 /* device, not arena */, 0 /* default */, &memory));
        (Allocator, CpuMemory) = (allocator, memory);
    }

    /// <summary>The slots of the functions that free an object; each takes the object and returns nothing.</summary>
    public enum Release
    {
        Environment = 92, Status = 93, Session = 95, Value = 96, RunOptions = 97, TypeInfo = 98, TensorInfo = 99, SessionOptions = 100,
        CudaOptions = 208,
    }

    public string Version { get; }

    /// <summary>The library's default allocator; never freed.</summary>
    public nint Allocator { get; }

    /// <summary>Says that memory is the processor's; one for each library, kept as long as that.</summary>
    public nint CpuMemory { get; }

    /// <summary>Native objects that are owned now: what a leak would show in.</summary>
    public int AliveHandles => Volatile.Read(ref _aliveHandles);

    public delegate* unmanaged<int, byte*, nint*, nint> CreateEnvironment => (delegate* unmanaged<int, byte*, nint*, nint>)_table[3];

    public delegate* unmanaged<nint, nint> DisableTelemetryEvents => (delegate* unmanaged<nint, nint>)_table[6];

    public delegate* unmanaged<nint, void*, nint, nint*, nint> CreateSession => (delegate* unmanaged<nint, void*, nint, nint*, nint>)_table[7];

    public delegate* unmanaged<nint, void*, nuint, nint, nint*, nint> CreateSessionFromArray => (delegate* unmanaged<nint, void*, nuint, nint, nint*, nint>)_table[8];

    public delegate* unmanaged<nint, nint, nint*, nint*, nuint, nint*, nuint, nint*, nint> Run =>
        (delegate* unmanaged<nint, nint, nint*, nint*, nuint, nint*, nuint, nint*, nint>)_table[9];

    public delegate* unmanaged<nint*, nint> CreateSessionOptions => (delegate* unmanaged<nint*, nint>)_table[10];

    public delegate* unmanaged<nint, nint> DisableMemoryPattern => (delegate* unmanaged<nint, nint>)_table[17];

    public delegate* unmanaged<nint, int, nint> SetSessionLogSeverity => (delegate* unmanaged<nint, int, nint>)_table[22];

    public delegate* unmanaged<nint, int, nint> SetIntraOpThreads => (delegate* unmanaged<nint, int, nint>)_table[24];

    public delegate* unmanaged<nint, nuint*, nint> SessionGetInputCount => (delegate* unmanaged<nint, nuint*, nint>)_table[30];

    public delegate* unmanaged<nint, nuint*, nint> SessionGetOutputCount => (delegate* unmanaged<nint, nuint*, nint>)_table[31];

    public delegate* unmanaged<nint, nuint, nint*, nint> SessionGetInputTypeInfo => (delegate* unmanaged<nint, nuint, nint*, nint>)_table[33];

    public delegate* unmanaged<nint, nuint, nint*, nint> SessionGetOutputTypeInfo => (delegate* unmanaged<nint, nuint, nint*, nint>)_table[34];

    public delegate* unmanaged<nint, nuint, nint, nint*, nint> SessionGetInputName => (delegate* unmanaged<nint, nuint, nint, nint*, nint>)_table[36];

    public delegate* unmanaged<nint, nuint, nint, nint*, nint> SessionGetOutputName => (delegate* unmanaged<nint, nuint, nint, nint*, nint>)_table[37];

    public delegate* unmanaged<nint*, nint> CreateRunOptions => (delegate* unmanaged<nint*, nint>)_table[39];

    public delegate* unmanaged<nint, nint> RunOptionsSetTerminate => (delegate* unmanaged<nint, nint>)_table[46];

    public delegate* unmanaged<nint, void*, nuint, long*, nuint, OnnxElementType, nint*, nint> CreateTensorWithData =>
        (delegate* unmanaged<nint, void*, nuint, long*, nuint, OnnxElementType, nint*, nint>)_table[49];

    public delegate* unmanaged<nint, int*, nint> IsTensor => (delegate* unmanaged<nint, int*, nint>)_table[50];

    public delegate* unmanaged<nint, void**, nint> GetTensorMutableData => (delegate* unmanaged<nint, void**, nint>)_table[51];

    public delegate* unmanaged<nint, nint*, nint> CastTypeInfoToTensorInfo => (delegate* unmanaged<nint, nint*, nint>)_table[55];

    public delegate* unmanaged<nint, OnnxElementType*, nint> GetTensorElementType => (delegate* unmanaged<nint, OnnxElementType*, nint>)_table[60];

    public delegate* unmanaged<nint, nuint*, nint> GetDimensionsCount => (delegate* unmanaged<nint, nuint*, nint>)_table[61];

    public delegate* unmanaged<nint, long*, nuint, nint> GetDimensions => (delegate* unmanaged<nint, long*, nuint, nint>)_table[62];

    public delegate* unmanaged<nint, nint*, nuint, nint> GetSymbolicDimensions => (delegate* unmanaged<nint, nint*, nuint, nint>)_table[63];

    public delegate* unmanaged<nint, nint*, nint> GetTensorTypeAndShape => (delegate* unmanaged<nint, nint*, nint>)_table[65];

    public delegate* unmanaged<nint, void*, nint> AllocatorFree => (delegate* unmanaged<nint, void*, nint>)_table[76];

    public delegate* unmanaged<nint**, int*, nint> GetAvailableProviders => (delegate* unmanaged<nint**, int*, nint>)_table[125];

    public delegate* unmanaged<nint*, int, nint> ReleaseAvailableProviders => (delegate* unmanaged<nint*, int, nint>)_table[126];

    public delegate* unmanaged<nint, byte*, byte*, nint> AddSessionConfigEntry => (delegate* unmanaged<nint, byte*, byte*, nint>)_table[130];

    public delegate* unmanaged<nint, nint, nint> AppendCudaProvider => (delegate* unmanaged<nint, nint, nint>)_table[204];

    public delegate* unmanaged<nint*, nint> CreateCudaOptions => (delegate* unmanaged<nint*, nint>)_table[205];

    public delegate* unmanaged<nint, nint*, nint*, nuint, nint> UpdateCudaOptions => (delegate* unmanaged<nint, nint*, nint*, nuint, nint>)_table[206];

    public delegate* unmanaged<nint, byte*, nint*, nint*, nuint, nint> AppendProvider => (delegate* unmanaged<nint, byte*, nint*, nint*, nuint, nint>)_table[216];

    private delegate* unmanaged<nint, OrtErrorCode> GetErrorCode => (delegate* unmanaged<nint, OrtErrorCode>)_table[1];

    private delegate* unmanaged<nint, nint> GetErrorMessage => (delegate* unmanaged<nint, nint>)_table[2];

    private delegate* unmanaged<int, int, nint*, nint> CreateCpuMemoryInfo => (delegate* unmanaged<int, int, nint*, nint>)_table[69];

    private delegate* unmanaged<nint*, nint> GetAllocatorWithDefaultOptions => (delegate* unmanaged<nint*, nint>)_table[78];

    /// <summary>Turns a status other than "fine" into an exception, and frees it.</summary>
    public void Check(nint status)
    {
        if (status != 0)
            throw TakeError(status);
    }

    public OrtException TakeError(nint status)
    {
        var error = new OrtException(GetErrorCode(status), Marshal.PtrToStringUTF8(GetErrorMessage(status)) ?? "");
        Free(Release.Status, status);
        return error;
    }

    public void Free(Release what, nint handle) => ((delegate* unmanaged<nint, void>)_table[(int)what])(handle);

    /// <summary>A name that the library allocated, as a string; its own copy is freed.</summary>
    public string TakeName(nint name)
    {
        var text = Marshal.PtrToStringUTF8(name)!;
        Check(AllocatorFree(Allocator, (void*)name));
        return text;
    }

    public void CountHandle(int change) => Interlocked.Add(ref _aliveHandles, change);
}
