using PersonalLlm.Web.Live;

namespace PersonalLlm.Web.Tests.Live;

public sealed class PaceTests
{
    [Fact]
    public async Task ManyCalls_BecomeOneRunPerInterval_AndTheLastCallIsNotForgotten()
    {
        var runs = 0;
        var pace = new Pace(TimeSpan.FromMilliseconds(200), TimeProvider.System, () =>
        {
            runs++;
            return Task.CompletedTask;
        });

        await pace.AskAsync();
        Assert.Equal(1, runs);

        var later = Enumerable.Range(0, 50).Select(_ => pace.AskAsync()).ToArray();
        Assert.Equal(1, runs);
        await Task.WhenAll(later);
        Assert.Equal(2, runs);
    }
}
