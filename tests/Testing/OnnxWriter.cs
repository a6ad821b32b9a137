using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace PersonalLlm.Testing;

/// <summary>
/// Writes ONNX models, so that tests and benchmarks need neither Python nor a model's file: the fields of onnx.proto that a model needs,
/// by their numbers. Methods give the name of what they added, so that a graph reads like its formula.
/// </summary>
internal sealed class OnnxWriter(string name)
{
    /// <summary>Element types by their numbers in onnx.proto.</summary>
    public const int Float = 1, Int64 = 7, Bool = 9, Float16 = 10;

    private readonly Message _graph = new();
    private int _nodes;

    public string Input(string value, int type, params object[] shape)
    {
        _graph.Add(11, ValueInfo(value, type, shape));
        return value;
    }

    public OnnxWriter Output(string value, int type, params object[] shape)
    {
        _graph.Add(12, ValueInfo(value, type, shape));
        return this;
    }

    /// <summary>Numbers that are part of the model.</summary>
    public string Constant<T>(string value, T[] numbers, params long[] shape) where T : unmanaged
    {
        var tensor = new Message();
        foreach (var size in shape)
            tensor.Add(1, size);
        var type = typeof(T) == typeof(float) ? Float : typeof(T) == typeof(long) ? Int64 : typeof(T) == typeof(bool) ? Bool : throw new NotSupportedException(typeof(T).Name);
        _graph.Add(5, tensor.Add(2, type).Add(8, value).Add(9, MemoryMarshal.AsBytes<T>(numbers)));
        return value;
    }

    /// <summary>An operator of one output, which gets a name of its own unless it is given one.</summary>
    public string Node(string operation, string[] inputs, string? output = null, params (string Name, object Value)[] attributes)
    {
        output ??= $"{operation}_{++_nodes}";
        Nodes(operation, inputs, [output], attributes);
        return output;
    }

    public void Nodes(string operation, string[] inputs, string[] outputs, params (string Name, object Value)[] attributes)
    {
        var node = new Message();
        foreach (var input in inputs)
            node.Add(1, input);
        foreach (var output in outputs)
            node.Add(2, output);
        node.Add(3, $"{outputs[0]}_node").Add(4, operation);
        foreach (var (key, value) in attributes)
            node.Add(5, Attribute(key, value));
        _graph.Add(1, node);
    }

    public byte[] ToArray(long opset = 17) =>
        new Message().Add(1, 8 /* version of the format */).Add(2, "PersonalLLM").Add(7, _graph.Add(2, name)).Add(8, new Message().Add(1, "").Add(2, opset)).ToArray();

    private static Message Attribute(string key, object value)
    {
        var attribute = new Message().Add(1, key);
        return value switch
        {
            float number => attribute.Add(2, number).Add(20, 1),
            long number => attribute.Add(3, number).Add(20, 2),
            string text => attribute.Add(4, text).Add(20, 3),
            OnnxWriter graph => attribute.Add(6, graph._graph.Add(2, "body")).Add(20, 5),
            long[] numbers => numbers.Aggregate(attribute, (message, number) => message.Add(8, number)).Add(20, 7),
            _ => throw new NotSupportedException($"An attribute of type {value.GetType().Name}."),
        };
    }

    private static Message ValueInfo(string value, int type, object[] shape)
    {
        var dimensions = new Message();
        foreach (var size in shape)
            dimensions.Add(1, size is string symbol ? new Message().Add(2, symbol) : new Message().Add(1, Convert.ToInt64(size, CultureInfo.InvariantCulture)));
        return new Message().Add(1, value).Add(2, new Message().Add(1, new Message().Add(1, type).Add(2, dimensions)));
    }

    /// <summary>A message of protocol buffers: fields by number, each with its wire type.</summary>
    private sealed class Message
    {
        private readonly MemoryStream _bytes = new();

        public Message Add(int field, long number)
        {
            Varint((ulong)field << 3);
            Varint((ulong)number);
            return this;
        }

        public Message Add(int field, float number)
        {
            Varint(((ulong)field << 3) | 5);
            _bytes.Write(BitConverter.GetBytes(number));
            return this;
        }

        public Message Add(int field, ReadOnlySpan<byte> bytes)
        {
            Varint(((ulong)field << 3) | 2);
            Varint((ulong)bytes.Length);
            _bytes.Write(bytes);
            return this;
        }

        public Message Add(int field, string text) => Add(field, Encoding.UTF8.GetBytes(text).AsSpan());

        public Message Add(int field, Message message) => Add(field, message.ToArray().AsSpan());

        public byte[] ToArray() => _bytes.ToArray();

        private void Varint(ulong number)
        {
            for (; number >= 128; number >>= 7)
                _bytes.WriteByte((byte)(number | 128));
            _bytes.WriteByte((byte)number);
        }
    }
}
