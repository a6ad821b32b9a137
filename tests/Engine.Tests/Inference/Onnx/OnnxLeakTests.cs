using System.Runtime.InteropServices;
using PersonalLlm.Engine.Inference;
using PersonalLlm.Engine.Inference.Onnx;

namespace PersonalLlm.Engine.Tests.Inference.Onnx;

/// <summary>Beside nothing else, because it measures the memory of the whole process.</summary>
[CollectionDefinition(nameof(OnnxLeakTests), DisableParallelization = true)]
[Collection(nameof(OnnxLeakTests))]
public sealed class OnnxLeakTests : IDisposable
{
    private const int Runs = 10_000;

    private readonly ModelFiles _files = new();

    [OnnxFact]
    public void TenThousandRuns_LeakNothing()
    {
        using var runtime = OnnxRuntime.Load();
        var path = _files.Add(ModelFiles.Small);
        using var session = OnnxSession.Open(runtime, path, new() { Threads = 1 });
        using var cancellation = new CancellationTokenSource();
        // Every length once, so that what the library keeps for a size is there before.
        Run(1_000);
        var (handlesBefore, before) = (runtime.Api.AliveHandles, NativeMemory());
        Run(Runs);
        Assert.Equal(handlesBefore, runtime.Api.AliveHandles);
        var growth = (NativeMemory() - before) / (double)Runs;
        Assert.True(growth < Tolerated, $"{growth:F1} bytes of native memory stayed of each run.");

        void Run(int times)
        {
            for (var run = 0; run < times; run++)
            {
                var length = 1 + (run % 16);
                using var ids = OnnxTensor.Over<long>(runtime, new long[length], 1, length);
                using var mask = OnnxTensor.Over<long>(runtime, new long[length], 1, length);
                using var types = OnnxTensor.Over<long>(runtime, new long[length], 1, length);
                using var results = session.Run([("input_ids", ids), ("attention_mask", mask), ("token_type_ids", types)], cancellation.Token);
                Assert.Equal(1, results[0].Shape[0]);
                Assert.Throws<InferenceException>(() => session.Run([("input_ids", ids)], cancellation.Token));
            }
        }
    }

    public void Dispose() => _files.Dispose();

    private static double Tolerated => CountOfGlibc() is null ? 2_400 : 16;

    /// <summary>To the byte where the C library is glibc; elsewhere the process's pages have to do.</summary>
    private static long NativeMemory()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        if (CountOfGlibc() is { } count)
            return count() is var info ? (long)(info.InUse + info.Mapped) : 0;
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    private static MallInfo2? CountOfGlibc() => NativeLibrary.TryLoad("libc.so.6", out var library) && NativeLibrary.TryGetExport(library, "mallinfo2", out var count)
        ? Marshal.GetDelegateForFunctionPointer<MallInfo2>(count) : null;

    private delegate Counts MallInfo2();

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Counts
    {
        private readonly nuint _arena, _free, _fastFree, _maps;

        public readonly nuint Mapped;

        private readonly nuint _unused, _fastBytes;

        public readonly nuint InUse;

        private readonly nuint _freeBytes, _keptAtEnd;
    }
}
