namespace PersonalLlm.E2E;

public sealed class StartAndStopTests(ServerFixture server, BrowserFixture browser) : IClassFixture<ServerFixture>, IClassFixture<BrowserFixture>
{
    [Fact]
    public async Task AStranger_IsLedToTheSignInForm_InTheBrowser()
    {
        var page = await browser.OpenAsync(server.Address);
        await page.GotoAsync("/datasets");
        Assert.Contains("/account/sign-in", page.Url, StringComparison.Ordinal);
        Assert.True(await page.GetByLabel("Password").IsVisibleAsync());
    }

    [Fact]
    public async Task WithNothingInstalled_TheProgramBringsItsOwnDatabase_AndTakesItAlong()
    {
        // Not below the checkout, which may lie where the account that runs PostgreSQL cannot go.
        var data = Path.Combine(Path.GetTempPath(), $"personalllm-e2e-{Guid.NewGuid():n}");
        try
        {
            await using var program = await ServerProcess.StartAsync(("Database:DataFolder", data), ("Datasets:Demo", "false"));
            var pidFile = Path.Combine(data, "postgres", "cluster", "postmaster.pid");
            Assert.True(File.Exists(pidFile));

            await program.KillAsync();
            Assert.True(File.Exists(pidFile), "The database should survive its program.");

            await program.StartAsync();
            Assert.Contains("was already running", program.Output, StringComparison.Ordinal);
            Assert.Equal(0, await program.StopAsync());
            Assert.False(File.Exists(pidFile), "The database should stop with its program.");
        }
        finally
        {
            if (Directory.Exists(data))
                Directory.Delete(data, recursive: true);
        }
    }

    [Theory]
    [InlineData("Database:ConnectionString", "Host=127.0.0.1;Prt=1", "is not a PostgreSQL connection string")]
    [InlineData("Database:Binaries", "/nowhere/bin", "holds no working initdb, pg_ctl and postgres")]
    [InlineData("Database:DataFolder", "/proc/nowhere", "choose another Database:DataFolder")]
    [InlineData("Database:Port", "70000", "between 0 and 65535")]
    public async Task AWrongSetting_EndsTheProgramWithOneSentence(string name, string value, string sentence)
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => ServerProcess.StartAsync((name, value)));
        Assert.Contains("exit code 1.", refused.Message, StringComparison.Ordinal);
        Assert.Contains(sentence, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", refused.Message, StringComparison.Ordinal);
    }
}
