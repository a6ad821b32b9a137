using PersonalLlm.Engine.Studies;

namespace PersonalLlm.Engine.Tests.Studies;

public sealed class PromptSampleTests
{
    [Fact]
    public void SameSeed_DrawsTheSamePrompts_EachOnce()
    {
        var sample = PromptSample.Draw(1000, 50, seed: 3);
        Assert.Equal(sample, PromptSample.Draw(1000, 50, seed: 3));
        Assert.NotEqual(sample, PromptSample.Draw(1000, 50, seed: 4));
        Assert.Equal(50, sample.Distinct().Count());
        Assert.Equal(sample.Order(), sample);
    }

    [Fact]
    public void EveryPrompt_IsDrawnAboutEquallyOften()
    {
        var drawn = new int[10];
        for (uint seed = 0; seed < 2000; seed++)
        {
            foreach (var position in PromptSample.Draw(10, 3, seed))
                drawn[position]++;
        }
        // Binomial(2000, 0.3): mean 600, sd 20.5; five standard deviations.
        Assert.All(drawn, count => Assert.InRange(count, 497, 703));
    }

    [Fact]
    public void SampleLargerThanTheWhole_IsTheWhole() => Assert.Equal([0, 1, 2], PromptSample.Draw(3, 10, 1));
}
