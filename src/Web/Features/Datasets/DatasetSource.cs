namespace PersonalLlm.Web.Features.Datasets;

/// <summary>A file that can be read from its beginning more than once: once to look, once to import.</summary>
/// <param name="FileName">As the person knows it.</param>
/// <param name="Open">Opens it for reading; the reader disposes the stream.</param>
internal sealed record DatasetSource(string FileName, Func<Stream> Open)
{
    public static DatasetSource OfFile(string path, string? fileName = null) => new(
        fileName ?? Path.GetFileName(path),
        () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 17, FileOptions.Asynchronous | FileOptions.SequentialScan));
}
