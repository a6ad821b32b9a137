using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;

namespace PersonalLlm.Engine.Tests.Evaluation;

public sealed class WeightsMapTests
{
    [Fact]
    public void ThreeRewardModelsAreTheTriangleItself()
    {
        var users = PopulationSampler.Sample(new PopulationSpec(["a", "b", "c"], 0.3, 40, 1));
        var map = WeightsMap.Of(users, most: 25);
        Assert.True(map.IsExact);
        Assert.Equal(25, map.Users.Count);
        for (var one = 0; one < 25; one++)
            for (var other = 0; other < one; other++)
            {
                // Distances in the triangle are those of the weights, one side being √2 of them.
                var apart = Math.Sqrt(users.WeightsOf(one).ToArray().Zip(users.WeightsOf(other).ToArray(), (x, y) => (x - y) * (x - y)).Sum());
                Assert.Equal(apart / Math.Sqrt(2), Distance(map.Users[one], map.Users[other]), 12);
            }
    }

    [Fact]
    public void ManyRewardModelsAreShownAlongTheAxesOfLargestVariance()
    {
        var spec = new PopulationSpec(["a", "b", "c", "d", "e"], Concentration.PerModel([3, 3, 0.05, 0.05, 0.05]), 4000, 7);
        var users = PopulationSampler.Sample(spec);
        var map = WeightsMap.Of(users);
        Assert.False(map.IsExact);
        Assert.Equal(0, map.Users.Average(point => point.X), 10);
        Assert.Equal(0, map.Users.Average(point => point.Y), 10);
        var variance = map.Users.Average(point => point.X * point.X);
        Assert.True(variance > map.Users.Average(point => point.Y * point.Y));
        // What varies is a against b, so their corners lie apart along the first axis.
        Assert.True(Math.Abs(map.Corners[0].X - map.Corners[1].X) > 1.3);
        var total = Enumerable.Range(0, 5).Sum(model => Variance([.. Enumerable.Range(0, users.Count).Select(user => users.WeightsOf(user)[model])]));
        Assert.Equal(variance / total, map.Explained!.Value.X, 9);
    }

    [Fact]
    public void TheSameUsersMakeTheSameMap()
    {
        var spec = new PopulationSpec(["a", "b", "c", "d"], 0.2, 300, 5);
        Assert.Equal(WeightsMap.Of(PopulationSampler.Sample(spec)).Users, WeightsMap.Of(PopulationSampler.Sample(spec)).Users);
    }

    [Fact]
    public void UsersWhoAreAllAlikeLieOnOnePoint()
    {
        var map = WeightsMap.Of(PopulationSampler.Sample(new PopulationSpec(["a", "b", "c", "d"], 0.2, 1, 5)));
        Assert.Equal((0.0, 0.0), map.Explained);
        Assert.Single(map.Users);
        Assert.Equal(4, map.Corners.Count);
    }

    private static double Variance(double[] values) => values.Average(value => (value - values.Average()) * (value - values.Average()));

    private static double Distance(MapPoint one, MapPoint other) => Math.Sqrt(Math.Pow(one.X - other.X, 2) + Math.Pow(one.Y - other.Y, 2));
}
