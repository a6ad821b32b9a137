using PersonalLlm.Web.Cli;

namespace PersonalLlm.Web.Tests.Cli;

public sealed class CliOutputTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("personalllm-output-");

    [Fact]
    public async Task AnInterruptedWrite_LeavesTheOlderFileAndNothingElse()
    {
        var path = Path.Combine(folder.FullName, "result.json");
        await File.WriteAllTextAsync(path, "older");
        await Assert.ThrowsAsync<OperationCanceledException>(() => CliOutput.WriteAsync(path, async stream =>
        {
            await stream.WriteAsync(new byte[100_000]);
            throw new OperationCanceledException();
        }));
        Assert.Equal([path], Directory.GetFiles(folder.FullName));
        Assert.Equal("older", await File.ReadAllTextAsync(path));
    }

    [Fact]
    public async Task ANewFile_IsWritten_AndWhatCannotBeWrittenIsRefused()
    {
        var path = Path.Combine(folder.FullName, "new.json");
        Assert.Equal(0, await CliOutput.WriteAsync(path, stream => stream.WriteAsync("new"u8.ToArray()).AsTask()));
        Assert.Equal("new", await File.ReadAllTextAsync(path));
        foreach (var impossible in new[] { "", folder.FullName, Path.Combine(folder.FullName, "none", "new.json") })
            Assert.Equal(1, await CliOutput.WriteAsync(impossible, stream => stream.WriteAsync("new"u8.ToArray()).AsTask()));
        Assert.Equal([path], Directory.GetFiles(folder.FullName));
    }

    [Fact]
    public async Task AWholeWrite_ReplacesTheOlderFile_AlsoBehindALink()
    {
        var path = Path.Combine(folder.FullName, "result.json");
        var link = Path.Combine(folder.FullName, "link.json");
        await File.WriteAllTextAsync(path, "older");
        File.CreateSymbolicLink(link, path);
        Assert.Equal(0, await CliOutput.WriteAsync(link, stream => stream.WriteAsync("newer"u8.ToArray()).AsTask()));
        Assert.Equal("newer", await File.ReadAllTextAsync(path));
        Assert.Equal(path, new FileInfo(link).LinkTarget);
    }

    public void Dispose() => folder.Delete(recursive: true);
}
