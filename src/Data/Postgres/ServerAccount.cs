namespace PersonalLlm.Data.Postgres;

/// <summary>The account the server runs as: our own, or, because PostgreSQL refuses to run as root, another one.</summary>
internal sealed record ServerAccount(string? Name)
{
    private static readonly string[] s_candidates = ["postgres", "app", "nobody"];

    public static ServerAccount Ours { get; } = new((string?)null);

    /// <summary>As root: the owner of an existing cluster, else the first of postgres, app and nobody.</summary>
    public static async Task<ServerAccount> ChooseAsync(string cluster)
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess)
            return Ours;
        if (Directory.Exists(cluster))
            return await OwnerAsync(cluster);
        foreach (var candidate in s_candidates)
        {
            if ((await Tool.RunAsync("id", ["-u", candidate], null, "/")).Succeeded)
                return new ServerAccount(candidate);
        }

        throw new DatabaseUnavailableException(
            "PostgreSQL refuses to run as root and none of the accounts postgres, app and nobody exists; make one (useradd --system app), or start the program as a normal user.");
    }

    private static async Task<ServerAccount> OwnerAsync(string path)
    {
        string[] format = OperatingSystem.IsMacOS() ? ["-f", "%Su"] : ["-c", "%U"];
        var owner = (await Tool.RunAsync("stat", [.. format, path], null, "/")).Output.Trim();
        return owner is not ("root" or "UNKNOWN")
            ? new ServerAccount(owner)
            : throw new DatabaseUnavailableException(
                $"The database folder {path} belongs to {owner}, but PostgreSQL has to own it and refuses to run as root; give it to another account, for example with chown -R postgres {path}.");
    }

    public async Task<bool> CanEnterAsync(string folder) =>
        Name is null || (await Tool.RunAsync("/bin/sh", ["-c", "cd \"$1\"", "sh", folder], Name, "/")).Succeeded;

    public async Task<bool> CanRunAsync(string program) =>
        Name is null || (await Tool.RunAsync(program, ["--version"], Name, "/")).Succeeded;

    public async Task OwnAsync(string path)
    {
        if (Name is null)
            return;
        var changed = await Tool.RunAsync("chown", ["-R", Name, path], null, "/");
        if (!changed.Succeeded)
            throw new DatabaseUnavailableException($"{path} cannot be given to the account {Name}: {changed.Output.Trim()}");
    }
}
