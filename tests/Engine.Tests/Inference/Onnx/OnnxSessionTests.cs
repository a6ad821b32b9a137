using PersonalLlm.Engine.Inference;
using PersonalLlm.Engine.Inference.Onnx;
using PersonalLlm.Testing;

namespace PersonalLlm.Engine.Tests.Inference.Onnx;

public sealed class OnnxSessionTests
{
    private static readonly OnnxSessionOptions s_oneThread = new() { Threads = 1 };

    [OnnxFact]
    public void InputsAndOutputs_AreDescribedAsTheModelDeclaresThem()
    {
        using var session = Open(Sum());
        Assert.Equal(["x (Float32 [batch × 3])", "y (Float32 [3])"], session.Inputs.Select(input => $"{input}"));
        Assert.Equal(["sum (Float32 [batch × 3])"], session.Outputs.Select(output => $"{output}"));
    }

    [OnnxFact]
    public void InputsGoByName_InAnyOrder()
    {
        using var session = Open(Sum());
        using var x = Tensor([1, 2, 3, 4, 5, 6], 2, 3);
        using var y = Tensor([10, 20, 30], 3);
        using var results = session.Run([("y", y), ("x", x)]);
        Assert.Equal([11, 22, 33, 14, 25, 36], results[0].Values<float>().ToArray());
        Assert.Equal([2, 3], results[0].Shape.ToArray());
    }

    [OnnxFact]
    public void ATensor_IsReadWhereItLies()
    {
        using var session = Open(Sum());
        var numbers = new float[] { 1, 2, 3 };
        using var x = OnnxTensor.Over<float>(OnnxFactAttribute.Runtime, numbers, 1, 3);
        using var y = Tensor([0, 0, 0], 3);
        numbers[1] = 200;
        using var results = session.Run([("x", x), ("y", y)]);
        Assert.Equal([1, 200, 3], results[0].Values<float>().ToArray());
    }

    [OnnxFact]
    public void ATensorWithoutElements_IsComputedToo()
    {
        using var session = Open(Sum());
        using var x = Tensor([], 0, 3);
        using var y = Tensor([0, 0, 0], 3);
        using var results = session.Run([("x", x), ("y", y)]);
        Assert.Equal([0, 3], results[0].Shape.ToArray());
        Assert.True(results[0].Values<float>().IsEmpty);
    }

    [OnnxFact]
    public void AWrongName_IsAnsweredWithTheRightOnes()
    {
        using var session = Open(Sum());
        using var tensor = Tensor([1, 2, 3], 1, 3);
        var refusal = Assert.Throws<InferenceException>(() => session.Run([("tokens", tensor)]));
        Assert.Equal("sum.onnx has no input tokens; it takes x (Float32 [batch × 3]), y (Float32 [3]).", refusal.Message);
    }

    [OnnxFact]
    public void AMissingInput_IsNamed()
    {
        using var session = Open(Sum());
        using var tensor = Tensor([1, 2, 3], 1, 3);
        var refusal = Assert.Throws<InferenceException>(() => session.Run([("x", tensor)]));
        Assert.Equal("sum.onnx was not given its input y (Float32 [3]).", refusal.Message);
    }

    [OnnxFact]
    public void AWrongType_SaysWhatIsTaken()
    {
        using var session = Open(Sum());
        using var whole = OnnxTensor.Over<long>(OnnxFactAttribute.Runtime, new long[] { 1, 2, 3 }, 1, 3);
        var refusal = Assert.Throws<InferenceException>(() => session.Run([("x", whole)]));
        Assert.Equal("sum.onnx: The input x takes Float32, but was given Int64.", refusal.Message);
    }

    [OnnxFact]
    public void AWrongShape_SaysWhatIsTaken()
    {
        using var session = Open(Sum());
        using var wide = Tensor([1, 2, 3, 4], 1, 4);
        var refusal = Assert.Throws<InferenceException>(() => session.Run([("x", wide)]));
        Assert.Equal("sum.onnx: The input x takes Float32 [batch × 3], but was given [1 × 4].", refusal.Message);
    }

    [OnnxFact]
    public void ATruncatedModel_IsRefusedWithWhatToDo()
    {
        var whole = Sum();
        for (var length = 0; length < whole.Length; length += 11)
        {
            var refusal = Assert.Throws<InferenceException>(() => Open(whole[..length]));
            Assert.StartsWith("sum.onnx ", refusal.Message, StringComparison.Ordinal);
            Assert.EndsWith(".", refusal.Message, StringComparison.Ordinal);
        }
        Assert.Contains("is cut off or not an ONNX model", Assert.Throws<InferenceException>(() => Open(whole[..^20])).Message, StringComparison.Ordinal);
    }

    [OnnxFact]
    public void AMissingFile_IsNamed()
    {
        var path = Path.Combine(Path.GetTempPath(), "no-such-model.onnx");
        var refusal = Assert.Throws<InferenceException>(() => OnnxSession.Open(OnnxFactAttribute.Runtime, path, s_oneThread));
        Assert.Equal($"The model's file {path} does not exist.", refusal.Message);
    }

    [OnnxFact]
    public void AFile_IsTheSameModelAsItsBytes()
    {
        // A path that is not ASCII goes through the C interface in the system's own encoding.
        var path = Path.Combine(Path.GetTempPath(), $"Präferenz-模型-{Guid.NewGuid():N}.onnx");
        File.WriteAllBytes(path, Sum());
        try
        {
            using var session = OnnxSession.Open(OnnxFactAttribute.Runtime, path, s_oneThread);
            Assert.Equal(2, session.Inputs.Count);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [OnnxFact]
    public void AnUnknownOperator_SaysWhatToDo()
    {
        var model = new OnnxWriter("strange");
        model.Node("Frobnicate", [model.Input("x", OnnxWriter.Float, 3)], "y");
        model.Output("y", OnnxWriter.Float, 3);
        var refusal = Assert.Throws<InferenceException>(() => Open(model.ToArray()));
        Assert.Contains("Frobnicate", refusal.Message, StringComparison.Ordinal);
    }

    [OnnxFact]
    public async Task ARunWithoutEnd_StopsWhenItIsCancelled_AndTheSessionGoesOn()
    {
        using var session = Open(Endless());
        using var once = Turns(1);
        using var forEver = Turns(long.MaxValue);
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        var running = Task.Run(() => session.Run([("turns", forEver)], cancellation.Token));
        await Assert.ThrowsAsync<OperationCanceledException>(() => running.WaitAsync(TimeSpan.FromSeconds(60)));
        using var results = session.Run([("turns", once)]);
        Assert.Equal(2f, results[0].Values<float>()[0]);
    }

    [OnnxFact]
    public void ACancelledToken_StartsNothing()
    {
        using var session = Open(Endless());
        using var forEver = Turns(long.MaxValue);
        Assert.Throws<OperationCanceledException>(() => session.Run([("turns", forEver)], new CancellationToken(canceled: true)));
    }

    [OnnxFact]
    public void ManyThreads_GetWhatOneGets()
    {
        using var session = Open(Sum());
        Parallel.For(0, 2000, new() { MaxDegreeOfParallelism = 8 }, number =>
        {
            using var x = Tensor([number, number + 1, number + 2], 1, 3);
            using var y = Tensor([1, 1, 1], 3);
            using var results = session.Run([("x", x), ("y", y)]);
            Assert.Equal([number + 1, number + 2, number + 3], results[0].Values<float>().ToArray());
        });
    }

    [OnnxFact]
    public async Task DisposalDuringARun_WaitsForIt()
    {
        var session = Open(Endless());
        using var many = Turns(20_000);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = Task.Run(() =>
        {
            started.SetResult();
            using var results = session.Run([("turns", many)]);
            return results[0].Values<float>()[0];
        });
        await started.Task;
        session.Dispose();
        // Whichever came first: the run goes through or is refused; it never touches freed memory.
        try
        {
            Assert.True(float.IsFinite(await running) || float.IsPositiveInfinity(await running));
        }
        catch (ObjectDisposedException)
        {
        }
    }

    [OnnxFact]
    public void ARefusedModel_LeavesNothingBehind()
    {
        using var runtime = OnnxRuntime.Load();
        var before = runtime.Api.AliveHandles;
        for (var attempt = 0; attempt < 100; attempt++)
            Assert.Throws<InferenceException>(() => OnnxSession.Open(runtime, Sum().AsMemory()[..^30], "sum.onnx", s_oneThread));
        Assert.Equal(before, runtime.Api.AliveHandles);
    }

    [OnnxFact]
    public void ASession_OutlivesTheRuntimeItWasMadeWith()
    {
        var runtime = OnnxRuntime.Load();
        using var session = OnnxSession.Open(runtime, Sum(), "sum.onnx", s_oneThread);
        runtime.Dispose();
        using var x = OnnxTensor.Over<float>(runtime, new float[] { 1, 2, 3 }, 1, 3);
        using var y = OnnxTensor.Over<float>(runtime, new float[3], 3);
        using var results = session.Run([("x", x), ("y", y)]);
        Assert.Equal([1, 2, 3], results[0].Values<float>().ToArray());
    }

    private static OnnxSession Open(byte[] model) => OnnxSession.Open(OnnxFactAttribute.Runtime, model, "sum.onnx", s_oneThread);

    private static OnnxTensor Tensor(float[] numbers, params ReadOnlySpan<long> shape) => OnnxTensor.Over<float>(OnnxFactAttribute.Runtime, numbers, shape);

    private static OnnxTensor Turns(long turns) => OnnxTensor.Over<long>(OnnxFactAttribute.Runtime, new[] { turns }, 1);

    private static byte[] Sum()
    {
        var model = new OnnxWriter("sum");
        model.Node("Add", [model.Input("x", OnnxWriter.Float, "batch", 3), model.Input("y", OnnxWriter.Float, 3)], "sum");
        return model.Output("sum", OnnxWriter.Float, "batch", 3).ToArray();
    }

    /// <summary>Adds a number to itself as many times as asked.</summary>
    private static byte[] Endless()
    {
        var body = new OnnxWriter("body");
        body.Input("turn", OnnxWriter.Int64);
        body.Input("goes_on", OnnxWriter.Bool);
        body.Input("number", OnnxWriter.Float, 1);
        body.Node("Identity", ["goes_on"], "still");
        body.Node("Add", ["number", "number"], "doubled");
        body.Output("still", OnnxWriter.Bool).Output("doubled", OnnxWriter.Float, 1);
        var model = new OnnxWriter("endless");
        model.Input("turns", OnnxWriter.Int64, 1);
        model.Nodes("Loop", ["turns", model.Constant<bool>("yes", [true]), model.Constant<float>("one", [1], 1)], ["result"], ("body", body));
        return model.Output("result", OnnxWriter.Float, 1).ToArray();
    }
}
