using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace PersonalLlm.Data.Postgres;

/// <summary>An installation of PostgreSQL: a folder with initdb, pg_ctl and postgres.</summary>
/// <param name="Folder">The folder of the programs.</param>
/// <param name="Version">For example 18.4.</param>
/// <param name="Package">The npm package's <c>native</c> folder; null for an installation that is not ours to copy.</param>
internal sealed partial record PostgresBinaries(string Folder, string Version, string? Package)
{
    private static readonly string[] s_programs = ["postgres", "initdb", "pg_ctl"];

    public int Major => int.Parse(Version.Split('.')[0], System.Globalization.CultureInfo.InvariantCulture);

    public string Program(string name) => ProgramIn(Folder, name);

    /// <summary>The first installation, best first; of the cluster's own major version when there is a cluster.</summary>
    public static PostgresBinaries Choose(EmbeddedPostgresOptions options, string folder, int? clusterMajor)
    {
        var found = new List<PostgresBinaries>();
        foreach (var candidate in Find(options))
        {
            if (clusterMajor is null || candidate.Major == clusterMajor)
                return candidate;
            found.Add(candidate);
        }

        if (options.Binaries is { } configured && found.Count == 0)
            throw new DatabaseUnavailableException(
                $"The folder {configured} (Database:Binaries) holds no working initdb, pg_ctl and postgres.");
        if (clusterMajor is null)
            throw new DatabaseUnavailableException(
                "No PostgreSQL was found: build src/Web (npm brings one), install one on the system, or name one with Database:Binaries or Database:ConnectionString.");
        var versions = found.Count == 0 ? "no PostgreSQL" : "only PostgreSQL " + string.Join(" and ", found.Select(f => f.Version));
        throw new DatabaseUnavailableException(
            $"The database in {folder} was made by PostgreSQL {clusterMajor} and {versions} was found; install version {clusterMajor}, name it with Database:Binaries, or choose another Database:DataFolder.");
    }

    private static IEnumerable<PostgresBinaries> Find(EmbeddedPostgresOptions options)
    {
        if (options.Binaries is { } configured)
            return Probe(configured, package: null) is { } chosen ? [chosen] : [];
        return Packages(options.PackageFolders).Concat(Installed());
    }

    private static IEnumerable<PostgresBinaries> Packages(IReadOnlyList<string> packageFolders)
    {
        foreach (var packages in packageFolders)
        {
            var native = Path.Combine(packages, "@embedded-postgres", PackageName, "native");
            if (Directory.Exists(native) && Probe(Path.Combine(native, "bin"), native) is { } binaries)
                yield return binaries;
        }
    }

    private static string PackageName
    {
        get
        {
            var system = OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux";
            return $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
        }
    }

    private static IEnumerable<PostgresBinaries> Installed() =>
        InstallationPatterns.SelectMany(Matches)
            .Select(folder => Probe(folder, package: null))
            .OfType<PostgresBinaries>()
            .OrderByDescending(binaries => binaries.Major);

    /// <summary>Where distributions and installers put it; a * stands for any text within one folder name.</summary>
    private static string[] InstallationPatterns =>
        OperatingSystem.IsWindows() ? [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "PostgreSQL", "*", "bin")]
        : OperatingSystem.IsMacOS() ? ["/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin", "/Applications/Postgres.app/Contents/Versions/*/bin", "/Library/PostgreSQL/*/bin"]
        : ["/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/libexec/postgresql*", "/usr/local/pgsql/bin", "/usr/local/bin", "/usr/bin"];

    private static IEnumerable<string> Matches(string pattern)
    {
        var root = Path.GetPathRoot(pattern)!;
        IEnumerable<string> folders = [root];
        foreach (var part in pattern[root.Length..].Split(Path.DirectorySeparatorChar))
        {
            folders = part.Contains('*', StringComparison.Ordinal)
                ? folders.SelectMany(folder => Directory.GetDirectories(folder, part)).ToList()
                : folders.Select(folder => Path.Combine(folder, part)).Where(Directory.Exists).ToList();
        }

        return folders;
    }

    private static PostgresBinaries? Probe(string folder, string? package)
    {
        if (!s_programs.All(name => File.Exists(ProgramIn(folder, name))))
            return null;
        if (package is not null)
            TryLink(package);
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(ProgramIn(folder, "postgres"), "--version") { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var match = VersionPattern().Match(process.StandardOutput.ReadToEnd());
            return match.Success ? new PostgresBinaries(folder, match.Groups[1].Value, package) : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // For another processor, or not executable for us: not a candidate.
            return null;
        }
    }

    /// <summary>
    /// Makes the package's library links, which npm leaves out when install scripts are off. False when the folder is not ours
    /// to write.
    /// </summary>
    private static bool TryLink(string native)
    {
        try
        {
            foreach (var (link, target) in MissingLinks(native))
            {
                if (OperatingSystem.IsWindows())
                    File.Copy(target, link);
                else
                    File.CreateSymbolicLink(link, Path.GetFileName(target));
            }

            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // Somebody else may have made them at the same moment.
            return !MissingLinks(native).Any();
        }
    }

    private static IEnumerable<(string Link, string Target)> MissingLinks(string native)
    {
        var list = Path.Combine(native, "pg-symlinks.json");
        if (!File.Exists(list))
            yield break;
        var package = Path.GetDirectoryName(native)!;
        using var json = JsonDocument.Parse(File.ReadAllText(list));
        foreach (var entry in json.RootElement.EnumerateArray())
        {
            var target = Path.Combine(package, entry.GetProperty("source").GetString()!);
            var link = Path.Combine(package, entry.GetProperty("target").GetString()!);
            if (File.Exists(target) && !File.Exists(link))
                yield return (link, target);
        }
    }

    /// <summary>True when the account can run these programs with all their libraries.</summary>
    public async Task<bool> IsUsableByAsync(ServerAccount account) =>
        (Package is null || !MissingLinks(Package).Any()) && await account.CanRunAsync(Program("postgres"));

    /// <summary>The same programs below a folder that the server's account can reach.</summary>
    public PostgresBinaries CopyBelow(string folder)
    {
        var home = Path.Combine(folder, "binaries", Version);
        var native = Path.Combine(home, "native");
        if (!Directory.Exists(home))
        {
            // Into a scratch folder first: a crash half way leaves no half of a PostgreSQL.
            var scratch = Path.Combine(folder, "binaries", "scratch-" + Guid.NewGuid().ToString("N"));
            CopyFolder(Package!, Path.Combine(scratch, "native"));
            TryLink(Path.Combine(scratch, "native"));
            Directory.Move(scratch, home);
        }

        return new PostgresBinaries(Path.Combine(native, "bin"), Version, native);
    }

    private static void CopyFolder(string source, string destination)
    {
        Directory.CreateDirectory(destination);
        foreach (var file in new DirectoryInfo(source).EnumerateFiles().Where(file => file.LinkTarget is null))
            file.CopyTo(Path.Combine(destination, file.Name));
        foreach (var folder in Directory.EnumerateDirectories(source))
            CopyFolder(folder, Path.Combine(destination, Path.GetFileName(folder)));
    }

    private static string ProgramIn(string folder, string name) =>
        Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name);

    [GeneratedRegex(@"\(PostgreSQL\) (\d+(?:\.\d+)*)")]
    private static partial Regex VersionPattern();
}
