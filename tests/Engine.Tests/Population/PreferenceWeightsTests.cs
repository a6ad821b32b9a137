using PersonalLlm.Engine.Population;

namespace PersonalLlm.Engine.Tests.Population;

public class PreferenceWeightsTests
{
    [Fact]
    public void EffectiveNumber_IsOneForOneModelAndAllForEqualWeights()
    {
        Assert.Equal(1, new PreferenceWeights([0, 1, 0]).EffectiveNumber, 1e-12);
        Assert.Equal(4, new PreferenceWeights([0.25, 0.25, 0.25, 0.25]).EffectiveNumber, 1e-12);
        // H(3/4, 1/4) = 2 ln 2 − (3/4) ln 3, so exp H = 4 / 3^(3/4).
        Assert.Equal(4 / Math.Pow(3, 0.75), new PreferenceWeights([0.75, 0.25]).EffectiveNumber, 1e-12);
    }

    [Fact]
    public void WeightsOffTheSimplex_AreRefused()
    {
        Assert.Contains("weight 1 is -0.5", Assert.Throws<ArgumentException>(() => new PreferenceWeights([1.5, -0.5])).Message);
        Assert.Contains("sum to 0.9", Assert.Throws<ArgumentException>(() => new PreferenceWeights([0.5, 0.4])).Message);
        Assert.Throws<ArgumentException>(() => new PreferenceWeights([double.NaN, 1]));
        Assert.Throws<ArgumentException>(() => new PreferenceWeights([]));
    }

    [Fact]
    public void Values_AreACopy()
    {
        double[] values = [0.5, 0.5];
        var weights = new PreferenceWeights(values);
        values[0] = 9;
        Assert.Equal(0.5, weights[0]);
        Assert.Equal(2, weights.Count);
    }
}
