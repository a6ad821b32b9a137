namespace PersonalLlm.Data.Postgres;

/// <summary>What a tool's or the server's own words mean for the person who started the program.</summary>
internal static class ServerFailure
{
    public static bool IsPortTaken(string output) => output.Contains("Address already in use", StringComparison.Ordinal);

    /// <summary>An orphan of a killed server has not noticed yet; it ends by itself within moments.</summary>
    public static bool IsOrphanStillThere(string output) =>
        output.Contains("pre-existing shared memory block", StringComparison.Ordinal);

    public static string Describe(string output, PostgresFolder folder)
    {
        if (output.Contains("No space left on device", StringComparison.Ordinal))
            return $"The disk that holds the database folder {folder.Root} is full; make room and start again.";
        var reason = output.Split('\n').FirstOrDefault(IsReason)?.Trim() ?? output.Trim().Split('\n')[^1];
        return $"PostgreSQL {folder.Binaries.Version} did not start in {folder.Root} ({reason}); more is in {folder.Log}.";
    }

    private static bool IsReason(string line) =>
        line.Contains("FATAL:", StringComparison.Ordinal) || line.Contains("PANIC:", StringComparison.Ordinal)
        || line.Contains("error:", StringComparison.Ordinal);
}
