namespace PersonalLlm.Engine.Population;

/// <summary>A drawn population, or a block of one: weights [users × reward models], row-major, float64.</summary>
public sealed class SimulatedUsers
{
    private readonly double[] weights;
    private readonly int firstUserIndex;

    // Null: all users from the first on.
    private readonly int[]? userIndexes;

    internal SimulatedUsers(PopulationSpec spec, int firstUserIndex, double[] weights)
    {
        Spec = spec;
        RewardModelCount = spec.RewardModels.Count;
        this.firstUserIndex = firstUserIndex;
        this.weights = weights;
    }

    private SimulatedUsers(PopulationSpec spec, int[] userIndexes, double[] weights)
        : this(spec, 0, weights) => this.userIndexes = userIndexes;

    /// <summary>As many users as reward models, each of whom follows one of them alone and without noise; what their specification says of α was never drawn from.</summary>
    public static SimulatedUsers ArchetypesOf(IReadOnlyList<string> rewardModels)
    {
        var weights = new double[rewardModels.Count * rewardModels.Count];
        for (var modelIndex = 0; modelIndex < rewardModels.Count; modelIndex++)
            weights[(modelIndex * rewardModels.Count) + modelIndex] = 1;
        return new SimulatedUsers(new PopulationSpec(rewardModels, 1, rewardModels.Count, 0), 0, weights);
    }

    /// <summary>Users whose weights were written down: those of a specification, whatever a later version of this program would draw from it.</summary>
    /// <param name="spec">What they were drawn from.</param>
    /// <param name="weights">[users × reward models], row-major.</param>
    /// <exception cref="ArgumentException">The weights are not of whole users.</exception>
    public static SimulatedUsers OfWeights(PopulationSpec spec, double[] weights) =>
        weights.Length % spec.RewardModels.Count == 0
            ? new SimulatedUsers(spec, 0, weights)
            : throw new ArgumentException($"{weights.Length} weights are not of whole users over {spec.RewardModels.Count} reward models.");

    /// <summary>What the users were drawn from.</summary>
    public PopulationSpec Spec { get; }

    /// <summary>How many users this block holds.</summary>
    public int Count => weights.Length / RewardModelCount;

    public int RewardModelCount { get; }

    /// <summary>
    /// Which draw of the specification a user is: what addresses her random numbers, so that her noise stays hers when others are dropped.
    /// </summary>
    /// <param name="userIndex">0-based within this block.</param>
    public int DrawOf(int userIndex) => userIndexes is null ? firstUserIndex + userIndex : userIndexes[userIndex];

    /// <summary>All weights, row-major.</summary>
    public ReadOnlySpan<double> Weights => weights;

    /// <summary>A user as a checked point on the simplex.</summary>
    /// <param name="userIndex">0-based within this block.</param>
    public PreferenceWeights this[int userIndex] => new(WeightsOf(userIndex));

    /// <summary>Weights of one user: [reward models].</summary>
    /// <param name="userIndex">0-based within this block.</param>
    public ReadOnlySpan<double> WeightsOf(int userIndex) => weights.AsSpan(userIndex * RewardModelCount, RewardModelCount);

    /// <summary>The first of these users: users are drawn independently, so they are a sample of all.</summary>
    /// <param name="count">At least 1.</param>
    public SimulatedUsers First(int count) => count >= Count ? this : Only([.. Enumerable.Range(0, count)]);

    /// <summary>Only some of these users.</summary>
    /// <param name="kept">0-based within this block, ascending.</param>
    internal SimulatedUsers Only(int[] kept)
    {
        var rows = new double[kept.Length * RewardModelCount];
        for (var place = 0; place < kept.Length; place++)
            WeightsOf(kept[place]).CopyTo(rows.AsSpan(place * RewardModelCount));
        return new SimulatedUsers(Spec, Array.ConvertAll(kept, DrawOf), rows);
    }
}
