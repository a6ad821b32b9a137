namespace PersonalLlm.Engine.Population;

/// <summary>A drawn population, or a block of one: weights [users × reward models], row-major, float64.</summary>
public sealed class SimulatedUsers
{
    private readonly double[] weights;

    internal SimulatedUsers(PopulationSpec spec, int firstUserIndex, double[] weights)
    {
        Spec = spec;
        FirstUserIndex = firstUserIndex;
        this.weights = weights;
    }

    /// <summary>What the users were drawn from.</summary>
    public PopulationSpec Spec { get; }

    /// <summary>Index, in the whole population, of the first user of this block; 0 for the whole.</summary>
    public int FirstUserIndex { get; }

    /// <summary>How many users this block holds.</summary>
    public int Count => weights.Length / RewardModelCount;

    public int RewardModelCount => Spec.RewardModels.Count;

    /// <summary>All weights, row-major.</summary>
    public ReadOnlySpan<double> Weights => weights;

    /// <summary>A user as a checked point on the simplex.</summary>
    /// <param name="userIndex">0-based within this block.</param>
    public PreferenceWeights this[int userIndex] => new(WeightsOf(userIndex));

    /// <summary>Weights of one user: [reward models].</summary>
    /// <param name="userIndex">0-based within this block.</param>
    public ReadOnlySpan<double> WeightsOf(int userIndex) => weights.AsSpan(userIndex * RewardModelCount, RewardModelCount);
}
