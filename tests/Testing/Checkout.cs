namespace PersonalLlm.Testing;

/// <summary>The folder that holds the solution, found from the test assembly upwards.</summary>
internal static class Checkout
{
    public static string Folder { get; } = FolderThatHolds("PersonalLlm.Web.sln")
        ?? throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds PersonalLlm.Web.sln.");

    /// <summary>The nearest folder upwards that holds the file or folder; null when there is none.</summary>
    public static string? FolderThatHolds(string relativePath)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Path.Exists(Path.Combine(folder.FullName, relativePath)))
                return folder.FullName;
        }

        return null;
    }
}
