namespace PersonalLlm.Data.Postgres;

/// <summary>
/// A lock that lives in a file and dies with its process, however that ends: kill −9 releases it too.
/// Opened for reading only, so that accounts which may read the file can share it.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    private readonly FileStream _file;

    private FolderLock(FileStream file) => _file = file;

    public static FolderLock? TryTakeAlone(string path) => TryTake(path, FileShare.None);

    public static FolderLock? TryShare(string path) => TryTake(path, FileShare.Read);

    public static async Task<FolderLock> TakeAloneAsync(string path, TimeSpan patience, CancellationToken cancellationToken)
    {
        var deadline = Environment.TickCount64 + (long)patience.TotalMilliseconds;
        while (true)
        {
            if (TryTakeAlone(path) is { } taken)
                return taken;
            if (Environment.TickCount64 > deadline)
                throw new DatabaseUnavailableException(
                    $"Another instance of the program has been starting or stopping the database for {patience.TotalSeconds:0} seconds "
                    + $"(it holds {path}); end that instance and try again.");
            await Task.Delay(50, cancellationToken);
        }
    }

    private static FolderLock? TryTake(string path, FileShare share)
    {
        try
        {
            return new FolderLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.Read, share));
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }

    public void Dispose() => _file.Dispose();
}
