namespace PersonalLlm.Data.Postgres;

/// <summary>Where the embedded server lives and what it is made of.</summary>
public sealed record EmbeddedPostgresOptions
{
    /// <summary>Full path of the folder for cluster, password, log and locks; made when missing.</summary>
    public required string Folder { get; init; }

    /// <summary>
    /// Used instead of <see cref="Folder"/> when the program runs as root and the account that has to run the server cannot
    /// reach it. Null: refuse, because a person chose the folder.
    /// </summary>
    public string? FallbackFolder { get; init; }

    /// <summary>A folder that holds initdb, pg_ctl and postgres. Null: the npm package, then what the system has.</summary>
    public string? Binaries { get; init; }

    /// <summary>Folders that may hold <c>@embedded-postgres/…</c>, best first.</summary>
    public IReadOnlyList<string> PackageFolders { get; init; } = [];

    /// <summary>The port on 127.0.0.1; 0 takes any free one.</summary>
    public int Port { get; init; }

    /// <summary>False only for tests: what was acknowledged may then be lost when the machine (not the program) dies.</summary>
    public bool IsDurable { get; init; } = true;

    /// <summary>Further server settings, as in postgresql.conf.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>How often a dead server is looked for.</summary>
    public TimeSpan SupervisionInterval { get; init; } = TimeSpan.FromSeconds(1);
}
