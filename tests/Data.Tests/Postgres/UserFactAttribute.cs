namespace PersonalLlm.Data.Tests.Postgres;

/// <summary>What never happens to root, to whom every folder is open.</summary>
internal sealed class UserFactAttribute : FactAttribute
{
    public UserFactAttribute() => Skip = Environment.IsPrivilegedProcess || OperatingSystem.IsWindows() ? "Runs only as a normal user." : null;
}
