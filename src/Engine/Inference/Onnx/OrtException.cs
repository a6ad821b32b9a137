using System.Text.RegularExpressions;

namespace PersonalLlm.Engine.Inference.Onnx;

/// <summary>ONNX Runtime's own kinds of failure, with its numbers.</summary>
internal enum OrtErrorCode
{
    Ok, Fail, InvalidArgument, NoSuchFile, NoModel, EngineError, RuntimeException, InvalidProtobuf, ModelLoaded, NotImplemented, InvalidGraph,
    ExecutionProviderFail, ModelLoadCanceled, ModelRequiresCompilation, NotFound, DeviceReset,
}

/// <summary>What ONNX Runtime answered in place of a result; leaves this folder only as the cause of an <see cref="InferenceException"/>.</summary>
internal sealed partial class OrtException(OrtErrorCode code, string message) : Exception(message)
{
    private const int LongestBrief = 400;

    public OrtErrorCode Code { get; } = code;

    /// <summary>The message on one line, without the source lines and error numbers that some of them carry, and without its last stop.</summary>
    public string Brief
    {
        get
        {
            var line = Preamble().Replace(Message.ReplaceLineEndings(" ").Trim(), "");
            return (line.Length > LongestBrief ? $"{line.AsSpan(0, LongestBrief)} …" : line).TrimEnd('.', ' ');
        }
    }

    // "/onnxruntime_src/…/file.cc:123 onnxruntime::Function(…) what happened", "[ONNXRuntimeError] : 1 : FAIL : what happened".
    [GeneratedRegex(@"^(?:\S+\.(?:cc|h):\d+ .*?\)(?:::<lambda\(\)>)? |\[ONNXRuntimeError\] : \d+ : \w+ : )+")]
    private static partial Regex Preamble();
}
