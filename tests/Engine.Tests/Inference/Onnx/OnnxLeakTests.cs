using System.Runtime.InteropServices;
using PersonalLlm.Engine.Inference;
using PersonalLlm.Engine.Inference.Onnx;

namespace PersonalLlm.Engine.Tests.Inference.Onnx;

/// <summary>Beside nothing else, because it measures the memory of the whole process.</summary>
[CollectionDefinition(nameof(OnnxLeakTests), DisableParallelization = true)]
[Collection(nameof(OnnxLeakTests))]
public sealed class OnnxLeakTests : IDisposable
{
    private const int Runs = 10_000, Rounds = 7;

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
        var handlesBefore = runtime.Api.AliveHandles;
        var growths = new double[Rounds];
        for (var round = 0; round < Rounds; round++)
        {
            var before = NativeMemory();
            Run(Runs);
            growths[round] = (NativeMemory() - before) / (double)Runs;
        }
        Assert.Equal(handlesBefore, runtime.Api.AliveHandles);
        // The compiler at work and the collector take and give back memory too, in one round or another; a leak is in every one.
        Assert.True(growths.Order().ElementAt(Rounds / 2) < Tolerated, $"Bytes of native memory that stayed of each run, by rounds: {string.Join(", ", growths.Select(growth => $"{growth:F1}"))}.");

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
