using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace PersonalLlm.Data.Postgres;

/// <summary>The folder of one embedded database, what is in it, and who runs its server.</summary>
internal sealed partial class PostgresFolder
{
    public const string SuperUser = "personalllm";

    private PostgresFolder(string path, ServerAccount account, PostgresBinaries binaries)
    {
        Root = path;
        Account = account;
        Binaries = binaries;
    }

    public string Root { get; }
    public ServerAccount Account { get; }
    public PostgresBinaries Binaries { get; }
    public string Cluster => ClusterIn(Root);
    public string Log => Path.Combine(Root, "server.log");
    public string PasswordFile => Path.Combine(Root, "password");

    /// <summary>Held alone while the server is started or stopped.</summary>
    public string ChangeLock => ChangeLockIn(Root);

    /// <summary>Shared by every instance of the program that uses the server; whoever can take it alone is the last one out.</summary>
    public string UseLock => Path.Combine(Root, "use.lock");

    public static string ChangeLockIn(string root) => Path.Combine(root, "change.lock");

    private static string ClusterIn(string root) => Path.Combine(root, "cluster");

    /// <summary>Makes the folder, or the one to fall back to, reachable for the account that will run the server.</summary>
    public static async Task<string> OpenAsync(EmbeddedPostgresOptions options, ILogger logger)
    {
        if (await TryOpenAsync(options.Folder) is not { } unreachableFor)
            return options.Folder;
        if (options.FallbackFolder is not { } fallback)
            throw new DatabaseUnavailableException(
                $"The database folder {options.Folder} cannot be reached by the account {unreachableFor}, which has to run PostgreSQL because it refuses to run as root; choose another Database:DataFolder, or open the folders above it with chmod o+x.");
        LogFallback(logger, options.Folder, unreachableFor, fallback);
        return await TryOpenAsync(fallback) is not { } still
            ? fallback
            : throw new DatabaseUnavailableException(
                $"Neither {options.Folder} nor {fallback} can be reached by the account {still}, which has to run PostgreSQL because it refuses to run as root; choose another Database:DataFolder.");
    }

    /// <returns>The name of the account that cannot enter the folder; null when all is well.</returns>
    private static async Task<string?> TryOpenAsync(string root)
    {
        try
        {
            var account = await ServerAccount.ChooseAsync(ClusterIn(root));
            var isNew = !Directory.Exists(root);
            Directory.CreateDirectory(root);
            if (isNew)
                await account.OwnAsync(root);
            if (isNew && !OperatingSystem.IsWindows())
                File.SetUnixFileMode(root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            if (!await account.CanEnterAsync(root))
                return account.Name;
            // Not Exists: that says "no" about what is there but belongs to somebody else.
            foreach (var folder in Directory.GetDirectories(root, Path.GetFileName(ClusterIn(root))))
                _ = Directory.GetFiles(folder, "PG_VERSION");
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            throw new DatabaseUnavailableException(
                $"The database folder {root} is not open to the account {Environment.UserName}; run the program as the folder's owner, or choose another Database:DataFolder.");
        }
        catch (IOException unreachable)
        {
            throw new DatabaseUnavailableException(
                $"The database folder {root} cannot be used ({unreachable.Message.TrimEnd('.')}); choose another Database:DataFolder.", unreachable);
        }
    }

    /// <summary>Finds the programs and, in an empty folder, makes the cluster. Only under the change lock.</summary>
    public static async Task<PostgresFolder> PrepareAsync(
        string root, EmbeddedPostgresOptions options, ILogger logger, CancellationToken cancellationToken)
    {
        var account = await ServerAccount.ChooseAsync(ClusterIn(root));
        var binaries = PostgresBinaries.Choose(options, root, MajorVersionOf(ClusterIn(root)));
        if (!await binaries.IsUsableByAsync(account))
            binaries = await CopyAsync(binaries, root, account);
        var folder = new PostgresFolder(root, account, binaries);
        if (!Directory.Exists(folder.Cluster))
        {
            LogMaking(logger, binaries.Version, folder.Cluster);
            await folder.MakeClusterAsync(options.IsDurable, cancellationToken);
        }
        else if (!File.Exists(folder.PasswordFile))
            throw new DatabaseUnavailableException(
                $"The database in {root} has lost its password file; put {folder.PasswordFile} back.");
        return folder;
    }

    private static async Task<PostgresBinaries> CopyAsync(PostgresBinaries binaries, string root, ServerAccount account)
    {
        if (binaries.Package is null)
            throw new DatabaseUnavailableException(
                $"The programs in {binaries.Folder} cannot be run by the account {account.Name}, which has to run PostgreSQL because it refuses to run as root; open the folder to it or choose another Database:Binaries.");
        var copy = binaries.CopyBelow(root);
        await account.OwnAsync(Path.Combine(root, "binaries"));
        return copy;
    }

    private static int? MajorVersionOf(string cluster)
    {
        if (!Directory.Exists(cluster))
            return null;
        var file = Path.Combine(cluster, "PG_VERSION");
        if (File.Exists(file) && int.TryParse(File.ReadAllText(file), NumberStyles.None | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var major))
            return major;
        throw new DatabaseUnavailableException(
            $"The folder {cluster} is not a PostgreSQL database (its file PG_VERSION is missing or unreadable); move it away or choose another Database:DataFolder.");
    }

    private async Task MakeClusterAsync(bool isDurable, CancellationToken cancellationToken)
    {
        // In a scratch folder that is renamed when complete: a crash half way never leaves half a database.
        foreach (var left in Directory.GetDirectories(Root, "new-*"))
            Directory.Delete(left, recursive: true);
        var scratch = Path.Combine(Root, "new-" + Guid.NewGuid().ToString("N"));
        await EnsurePasswordAsync();
        List<string> arguments =
        [
            "-D", scratch, "-U", SuperUser, "--pwfile", PasswordFile, "--auth=scram-sha-256", "-E", "UTF8", "--data-checksums", "--no-instructions",
        ];
        // The same order of texts on every system, whatever languages it has installed.
        arguments.AddRange(Binaries.Major >= 17 ? ["--locale-provider=builtin", "--locale=C", "--builtin-locale=C.UTF-8"] : ["--locale=C"]);
        if (!isDurable)
            arguments.Add("--no-sync");
        var made = await Tool.RunAsync(Binaries.Program("initdb"), arguments, Account.Name, Root, cancellationToken);
        if (!made.Succeeded)
            throw new DatabaseUnavailableException(ServerFailure.Describe(made.Output, this));
        Directory.Move(scratch, Cluster);
    }

    private async Task EnsurePasswordAsync()
    {
        if (File.Exists(PasswordFile))
            return;
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using (var file = new StreamWriter(PasswordFile, options))
            await file.WriteAsync(Convert.ToHexString(RandomNumberGenerator.GetBytes(24)));
        await Account.OwnAsync(PasswordFile);
    }

    [LoggerMessage(LogLevel.Warning, "The database goes to {Fallback} because the account {Account}, which runs PostgreSQL when the program runs as root, cannot reach {Folder}.")]
    private static partial void LogFallback(ILogger logger, string folder, string account, string fallback);

    [LoggerMessage(LogLevel.Information, "Making a PostgreSQL {Version} database in {Cluster}.")]
    private static partial void LogMaking(ILogger logger, string version, string cluster);
}
