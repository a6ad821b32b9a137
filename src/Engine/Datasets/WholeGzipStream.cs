using System.Buffers.Binary;
using System.IO.Compression;

namespace PersonalLlm.Engine.Datasets;

/// <summary>
/// Decompresses gzip and refuses a file that was cut off. <see cref="GZipStream"/> itself takes the end of its input for the end of
/// the text and keeps silent.
/// </summary>
internal sealed class WholeGzipStream : ForwardStream
{
    private readonly Tail compressed;
    private readonly GZipStream text;
    private long length;

    public WholeGzipStream(Stream gzip)
    {
        compressed = new Tail(gzip);
        text = new GZipStream(compressed, CompressionMode.Decompress);
    }

    public override int Read(Span<byte> buffer) => Counted(text.Read(buffer), buffer.Length);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Counted(await text.ReadAsync(buffer, cancellationToken), buffer.Length);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            text.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>
    /// The last four bytes of a gzip file are the length of its text (RFC 1952; of its last member, if several are joined, hence "greater").
    /// The bytes in the middle of a cut file are as good as random, so that they pass with a chance of length / 2³².
    /// </summary>
    private int Counted(int read, int wanted)
    {
        length += read;
        if (read == 0 && wanted > 0 && compressed.LastFourBytes > length)
            throw new InvalidDataException("it ends too early");
        return read;
    }

    private sealed class Tail(Stream inner) : ForwardStream
    {
        private readonly byte[] last = new byte[4];

        public uint LastFourBytes => BinaryPrimitives.ReadUInt32LittleEndian(last);

        public override int Read(Span<byte> buffer)
        {
            var read = inner.Read(buffer);
            Remember(buffer[..read]);
            return read;
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            Remember(buffer.Span[..read]);
            return read;
        }

        private void Remember(ReadOnlySpan<byte> read)
        {
            var kept = last.Length - Math.Min(read.Length, last.Length);
            last.AsSpan(last.Length - kept).CopyTo(last);
            read[^(last.Length - kept)..].CopyTo(last.AsSpan(kept));
        }
    }
}
