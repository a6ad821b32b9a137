namespace PersonalLlm.Web.Cli;

/// <summary>Where a verb writes what it made: a file, or standard output for "-".</summary>
internal static class CliOutput
{
    /// <summary>Writes and returns the exit code: 0, or 1 with one sentence on standard error.</summary>
    public static async Task<int> WriteAsync(string path, Func<Stream, Task> write)
    {
        try
        {
            if (IsWrittenInPlace(path))
            {
                await using var stream = path == "-" ? Console.OpenStandardOutput() : File.Create(path);
                await write(stream);
            }
            else
            {
                await WriteWholeAsync(path, write);
            }
            return 0;
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return Refuse($"Cannot write {path}: {Reason(unwritable)}");
        }
    }

    /// <summary>The same, and says in words what came out, unless the file takes standard output itself.</summary>
    public static async Task<int> WriteAsync(string path, Func<Stream, Task> write, Action<TextWriter> describe)
    {
        var exitCode = await WriteAsync(path, write);
        if (exitCode == 0 && path != "-")
            describe(Console.Out);
        return exitCode;
    }

    // The system's own words name the unfinished file, which nobody asked for.
    private static string Reason(Exception unwritable) => unwritable switch
    {
        DirectoryNotFoundException or FileNotFoundException => "there is no such folder.",
        UnauthorizedAccessException => "access is denied.",
        ArgumentException => "this is no name of a file.",
        _ => unwritable.Message,
    };

    // A pipe, a device or a link to one takes what comes, and an empty file loses nothing; anything else is replaced in one step.
    private static bool IsWrittenInPlace(string path) =>
        path == "-" || path.Length > 0 && new FileInfo(path) is { Exists: true } there && (there.Length == 0 || there.LinkTarget is not null);

    /// <summary>Somebody who finds the file finds all of it: it takes its name once it is written, and an older one stays until then.</summary>
    private static async Task WriteWholeAsync(string path, Func<Stream, Task> write)
    {
        var whole = Path.GetFullPath(path);
        if (Directory.Exists(whole))
            throw new IOException("it is a folder.");
        var unfinished = $"{whole}.{Guid.NewGuid():n}.part";
        try
        {
            await using (var stream = new FileStream(unfinished, FileMode.CreateNew))
                await write(stream);
            File.Move(unfinished, whole, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    /// <summary>Where words for a person go while the result goes to <paramref name="path"/>: on standard output they would break it.</summary>
    public static TextWriter WordsBeside(string? path) => path == "-" ? Console.Error : Console.Out;

    /// <summary>One sentence on standard error, and the exit code for it.</summary>
    public static int Refuse(string because)
    {
        Console.Error.WriteLine(because);
        return 1;
    }
}
