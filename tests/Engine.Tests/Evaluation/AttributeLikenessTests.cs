using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Engine.Tests.Evaluation;

public sealed class AttributeLikenessTests
{
    [Fact]
    public void AUserOfOneRewardModel_IsThatOne_AndTheOppositeOfItsNegative()
    {
        var random = new Random(2);
        int[] starts = [.. Enumerable.Range(0, 41).Select(prompt => prompt * 4)];
        var own = Enumerable.Range(0, 160).Select(_ => (float)random.NextDouble()).ToArray();
        var rewards = new RewardMatrix(["taste"], starts, own);
        var users = PopulationSampler.Sample(new PopulationSpec(["taste"], 1, 2, 0));
        var attributes = new RewardMatrix(
            ["opposite", "constant", "same", "unrelated"], starts, [.. own.SelectMany(reward => new[] { -reward, 1, reward * 3, (float)random.NextDouble() })]);
        var likeness = AttributeLikeness.Of(rewards, users, 1, attributes, seed: 0, resamples: 100);
        Assert.Equal(["same", "unrelated", "opposite", "constant"], likeness.Select(named => named.Name));
        Assert.Equal(1, likeness[0].Estimate.Value);
        Assert.Equal(-1, likeness[2].Estimate.Value);
        Assert.InRange(likeness[1].Estimate.Value!.Value, -0.4, 0.4);
        Assert.Equal("the attribute is the same in all responses of every prompt", likeness[3].Estimate.UndefinedBecause);
        Assert.Throws<ArgumentException>(() => AttributeLikeness.Of(rewards, users, 0, rewards.Select([0, 1], ["taste"]), 0));
    }
}
