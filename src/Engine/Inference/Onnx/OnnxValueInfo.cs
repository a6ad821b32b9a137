using System.Runtime.InteropServices;

namespace PersonalLlm.Engine.Inference.Onnx;

/// <summary>ONNX's element types, with their numbers in a model file.</summary>
internal enum OnnxElementType
{
    /// <summary>Not a tensor: a sequence, a map.</summary>
    None,
    Float32, UInt8, Int8, UInt16, Int16, Int32, Int64, String, Bool, Float16, Float64, UInt32, UInt64, Complex64, Complex128, BFloat16,
}

/// <summary>A size of a tensor: a number, or a name that stands for one, or neither (<paramref name="Size"/> is −1).</summary>
internal readonly record struct OnnxDimension(long Size, string? Name)
{
    public override string ToString() => Size >= 0 ? $"{Size}" : Name ?? "any";
}

/// <summary>What a model takes or gives under one name.</summary>
internal sealed record OnnxValueInfo(string Name, OnnxElementType ElementType, IReadOnlyList<OnnxDimension> Shape)
{
    public override string ToString() => $"{Name} ({TypeAndShape})";

    public string TypeAndShape => $"{ElementType} [{string.Join(" × ", Shape)}]";

    /// <summary>One sentence saying why a tensor cannot be given here, or null when it can.</summary>
    public string? FindProblem(OnnxElementType type, ReadOnlySpan<long> shape)
    {
        if (type != ElementType)
            return $"The input {Name} takes {ElementType}, but was given {type}.";
        var fits = shape.Length == Shape.Count;
        for (var dimension = 0; fits && dimension < shape.Length; dimension++)
            fits = Shape[dimension].Size < 0 || Shape[dimension].Size == shape[dimension];
        return fits ? null : $"The input {Name} takes {TypeAndShape}, but was given [{string.Join(" × ", shape.ToArray())}].";
    }

    internal static unsafe OnnxValueInfo Read(OrtApi api, string name, nint typeInfo)
    {
        nint info;
        api.Check(api.CastTypeInfoToTensorInfo(typeInfo, &info));
        if (info == 0)
            return new(name, OnnxElementType.None, []);
        var (type, sizes) = ReadTensor(api, info);
        var symbols = stackalloc nint[sizes.Length];
        api.Check(api.GetSymbolicDimensions(info, symbols, (nuint)sizes.Length));
        var shape = new OnnxDimension[sizes.Length];
        for (var dimension = 0; dimension < shape.Length; dimension++)
            shape[dimension] = new(sizes[dimension], Marshal.PtrToStringUTF8(symbols[dimension]) is { Length: > 0 } symbol ? symbol : null);
        return new(name, type, shape);
    }

    internal static unsafe (OnnxElementType Type, long[] Sizes) ReadTensor(OrtApi api, nint info)
    {
        OnnxElementType type;
        nuint rank;
        api.Check(api.GetTensorElementType(info, &type));
        api.Check(api.GetDimensionsCount(info, &rank));
        var sizes = new long[rank];
        fixed (long* first = sizes)
            api.Check(api.GetDimensions(info, first, rank));
        return (type, sizes);
    }
}
