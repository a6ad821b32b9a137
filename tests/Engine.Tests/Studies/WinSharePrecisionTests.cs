using PersonalLlm.Engine.Statistics;
using PersonalLlm.Engine.Studies;

namespace PersonalLlm.Engine.Tests.Studies;

public sealed class WinSharePrecisionTests
{
    [Fact]
    public void OneJudgementEach_IsTheTextbookInterval() =>
        // 2 · 1.96 · √(0.5 · 0.5 / 100)
        Assert.Equal(0.196, WinSharePrecision.IntervalWidth(100, 1, 0.5), 3);

    [Fact]
    public void TheSameNumberOfJudgements_FromFewerPeople_SaysLess() =>
        Assert.True(WinSharePrecision.IntervalWidth(600, 30, 0.25) > WinSharePrecision.IntervalWidth(600, 5, 0.25));

    [Theory]
    [InlineData(40, 10, 0.25, 0.1)]
    [InlineData(60, 20, 0.5, 0.3)]
    public void SimulatedStudies_ScatterAsMuchAsItSays(int people, int each, double share, double correlation)
    {
        // A judgement follows the person's taste with probability √ρ, so two of them both do with probability ρ: their correlation.
        const int studies = 4000;
        var random = new RandomStream(11, 0, 0);
        var shares = new double[studies];
        for (var study = 0; study < studies; study++)
        {
            var wins = 0;
            for (var person = 0; person < people; person++)
            {
                var likesIt = random.NextUniform() < share;
                for (var judgement = 0; judgement < each; judgement++)
                    wins += (random.NextUniform() < Math.Sqrt(correlation) ? likesIt : random.NextUniform() < share) ? 1 : 0;
            }
            shares[study] = wins / (double)(people * each);
        }
        var mean = shares.Average();
        var scatter = Math.Sqrt(shares.Sum(value => (value - mean) * (value - mean)) / (studies - 1));
        Assert.InRange(WinSharePrecision.IntervalWidth(people * each, each, share, correlation) / (2 * 1.959964 * scatter), 0.95, 1.05);
    }
}
