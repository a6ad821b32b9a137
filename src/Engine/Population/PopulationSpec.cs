namespace PersonalLlm.Engine.Population;

/// <summary>How weights are drawn from a seed.</summary>
public enum WeightGenerator
{
    /// <summary>Counter-based (Philox): user u is the same alone, in a block, or on another machine.</summary>
    Native,

    /// <summary>Bit for bit <c>scipy.stats.dirichlet.rvs</c> on NumPy's legacy RandomState (MT19937).</summary>
    NumpyLegacy,
}

/// <summary>Everything that is needed to make a population of simulated users again.</summary>
/// <param name="RewardModels">Names of the reward models whose weights are drawn, in order.</param>
/// <param name="Concentration">Dirichlet α of the symmetric distribution over reward models; above 0.</param>
/// <param name="Users">How many simulated users; at least 1.</param>
/// <param name="Seed">0 … 2³²−1, the range both generators share.</param>
/// <param name="Generator">How weights follow from the seed.</param>
/// <param name="InverseTemperature">β ≥ 0 in P(r) ∝ exp(β·u); positive infinity is the noise-free user of PersonalLLM.</param>
public sealed record PopulationSpec(
    IReadOnlyList<string> RewardModels,
    double Concentration,
    int Users,
    uint Seed,
    WeightGenerator Generator = WeightGenerator.Native,
    double InverseTemperature = double.PositiveInfinity);
