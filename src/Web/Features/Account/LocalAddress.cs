namespace PersonalLlm.Web.Features.Account;

/// <summary>An address to go back to after signing in, which can only lie in this application.</summary>
internal static class LocalAddress
{
    /// <summary>The address itself when it is a rooted path of this application; else the home page.</summary>
    public static string OrHome(string? address) => IsLocal(address) ? address! : "/";

    // "//host" and "/\host" leave the application; a control sign may be dropped by a browser and turn into one of them.
    private static bool IsLocal(string? address) =>
        address is ['/', ..] and not ['/', '/' or '\\', ..] && !address.Any(char.IsControl);
}
