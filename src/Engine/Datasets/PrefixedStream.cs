namespace PersonalLlm.Engine.Datasets;

/// <summary>Bytes that were already read, followed by the rest of their stream. Leaves that stream open.</summary>
internal sealed class PrefixedStream(ReadOnlyMemory<byte> prefix, Stream rest) : ForwardStream
{
    private ReadOnlyMemory<byte> prefix = prefix;

    public override int Read(Span<byte> buffer) => prefix.IsEmpty ? rest.Read(buffer) : TakePrefix(buffer);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        prefix.IsEmpty ? rest.ReadAsync(buffer, cancellationToken) : ValueTask.FromResult(TakePrefix(buffer.Span));

    private int TakePrefix(Span<byte> buffer)
    {
        var taken = Math.Min(buffer.Length, prefix.Length);
        prefix.Span[..taken].CopyTo(buffer);
        prefix = prefix[taken..];
        return taken;
    }
}
