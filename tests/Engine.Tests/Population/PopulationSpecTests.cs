using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Engine.Tests.Population;

public class PopulationSpecTests
{
    private static readonly PopulationSpec Spec = new(["a", "b"], 0.05, 1000, 0);

    [Fact]
    public void Hash_OfASpecification_NeverChanges() =>
        Assert.Equal("030c35d6b2ca37ef481996635493f37bc931b180463359d6fad879431487e194", Spec.Hash());

    [Fact]
    public void Hash_IsTheSame_ForTheSameSpecification() =>
        Assert.Equal(Spec.Hash(), new PopulationSpec(new List<string> { "a", "b" }, 0.05, 1000, 0).Hash());

    [Fact]
    public void Hash_Differs_WhenAnythingDiffers()
    {
        PopulationSpec[] others =
        [
            Spec,
            Spec with { RewardModels = ["b", "a"] },
            Spec with { RewardModels = ["ab"] },
            Spec with { RewardModels = ["a", "b", ""] },
            Spec with { Concentration = 0.06 },
            Spec with { Users = 1001 },
            Spec with { Seed = 1 },
            Spec with { Generator = WeightGenerator.NumpyLegacy },
            Spec with { InverseTemperature = 1 },
            Spec with { Concentration = Concentration.PerModel([0.05, 0.06]) },
            Spec with { Concentration = Concentration.PerModel([0.06, 0.05]) },
            Spec with { SmallestDistance = 0.2 },
            Spec with { Pins = [new(null, new RewardConstants(0, 1)), new(null, new RewardConstants(0, 1))] },
            Spec with { Pins = [new("v1", new RewardConstants(0, 1)), new(null, new RewardConstants(0, 1))] },
            Spec with { Pins = [new("v1", new RewardConstants(0, 1)), new(null, new RewardConstants(0, 2))] },
        ];
        Assert.Equal(others.Length, others.Select(other => other.Hash()).Distinct().Count());
    }

    [Fact]
    public void FindProblem_AcceptsTheExtremes()
    {
        Assert.Null(Spec.FindProblem());
        Assert.Null((Spec with { InverseTemperature = 0, Seed = uint.MaxValue, Users = 1, Concentration = 1e-9 }).FindProblem());
    }

    [Fact]
    public void FindProblem_SaysWhatIsWrong()
    {
        Assert.Contains("at least one reward model", (Spec with { RewardModels = [] }).FindProblem());
        Assert.Contains("\"a\" is named twice", (Spec with { RewardModels = ["a", "a"] }).FindProblem());
        Assert.Contains("above 0 (from 1E-09 to 1000000000), but it is 0.", (Spec with { Concentration = 0 }).FindProblem());
        Assert.Contains("NaN", (Spec with { Concentration = double.NaN }).FindProblem());
        Assert.Contains("above 0", (Spec with { Concentration = double.PositiveInfinity }).FindProblem());
        Assert.Contains("at least 1 user, but 0", (Spec with { Users = 0 }).FindProblem());
        Assert.Contains("inverse temperature", (Spec with { InverseTemperature = -1 }).FindProblem());
        Assert.Contains("inverse temperature", (Spec with { InverseTemperature = double.NaN }).FindProblem());
        Assert.Contains("inverse temperature", (Spec with { InverseTemperature = 1e300 }).FindProblem());
        Assert.Contains("no generator", (Spec with { Generator = (WeightGenerator)9 }).FindProblem());
    }
}
