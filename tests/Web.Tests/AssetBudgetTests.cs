using System.IO.Compression;
using PersonalLlm.Testing;

namespace PersonalLlm.Web.Tests;

/// <summary>What a browser must fetch, compressed. Annotators come with phones and slow networks.</summary>
public sealed class AssetBudgetTests
{
    private static readonly string s_folder = Path.Combine(Checkout.Folder, "src", "Web", "wwwroot", "lib");

    [Theory]
    [InlineData("shell.js", 4)]
    [InlineData("ranking-board.js", 14)]
    [InlineData("highlight-*.js", 60)]
    [InlineData("mathematics-*.js", 90)]
    [InlineData("katex.css", 8)]
    public void Bundle_StaysWithinItsBudget(string pattern, int kilobytes)
    {
        var file = Assert.Single(Directory.GetFiles(s_folder, pattern));
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize, leaveOpen: true))
            gzip.Write(File.ReadAllBytes(file));
        Assert.InRange(compressed.Length, 1, kilobytes * 1024);
    }
}
