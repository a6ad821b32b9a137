namespace PersonalLlm.Data.Tests.Postgres;

/// <summary>What only happens when the program runs as root, as in many containers.</summary>
internal sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute() => Skip = Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows() ? null : "Runs only as root.";
}
