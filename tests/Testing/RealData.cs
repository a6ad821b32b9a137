using Xunit;

namespace PersonalLlm.Testing;

/// <summary>Real preference data, where the machine has it: a folder shared/data beside or above the checkout.</summary>
internal static class RealData
{
    /// <summary>Full path of a file of that folder; null where there is none.</summary>
    public static string? Find(string fileName)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "data", fileName);
            if (File.Exists(path))
                return path;
        }

        return null;
    }
}

/// <summary>Runs only where a file of shared/data exists.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RealDataFactAttribute : FactAttribute
{
    public RealDataFactAttribute(string fileName)
    {
        if (RealData.Find(fileName) is null)
            Skip = "The folder shared/data is absent, so there is no real data to read.";
    }
}
