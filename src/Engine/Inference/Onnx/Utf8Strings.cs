using System.Runtime.InteropServices;
using System.Text;

namespace PersonalLlm.Engine.Inference.Onnx;

/// <summary>Zero-terminated UTF-8 strings in native memory, freed together.</summary>
internal sealed class Utf8Strings(IEnumerable<string> strings) : IDisposable
{
    private nint[] _pointers = [.. strings.Select(Marshal.StringToCoTaskMemUTF8)];

    public ReadOnlySpan<nint> Pointers => _pointers;

    public void Dispose()
    {
        foreach (var pointer in Interlocked.Exchange(ref _pointers, []))
            Marshal.FreeCoTaskMem(pointer);
    }

    public static byte[] Of(string text) => Encoding.UTF8.GetBytes(text + '\0');

    /// <summary>A path as the C interface wants it: UTF-16 on Windows, UTF-8 elsewhere.</summary>
    public static byte[] OfPath(string path) => (OperatingSystem.IsWindows() ? Encoding.Unicode : Encoding.UTF8).GetBytes(path + '\0');
}
