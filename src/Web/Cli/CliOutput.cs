namespace PersonalLlm.Web.Cli;

/// <summary>Where a verb writes what it made: a file, or standard output for "-".</summary>
internal static class CliOutput
{
    /// <summary>Writes and returns the exit code: 0, or 1 with one sentence on standard error.</summary>
    public static async Task<int> WriteAsync(string path, Func<Stream, Task> write)
    {
        try
        {
            await using var stream = path == "-" ? Console.OpenStandardOutput() : File.Create(path);
            await write(stream);
            return 0;
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return Refuse($"Cannot write {path}: {unwritable.Message}");
        }
    }

    /// <summary>One sentence on standard error, and the exit code for it.</summary>
    public static int Refuse(string because)
    {
        Console.Error.WriteLine(because);
        return 1;
    }
}
