namespace PersonalLlm.Engine.Population;

/// <summary>A point on the simplex over reward models: how much each one counts for a user. At least 0, sum 1.</summary>
public sealed class PreferenceWeights
{
    // Ten weights read back from 9-digit text still sum to one within this; a forgotten normalisation does not.
    private const double SumTolerance = 1e-6;

    private readonly double[] values;

    /// <param name="values">One weight per reward model.</param>
    /// <exception cref="ArgumentException">A weight is negative or not a number, or the sum is not 1.</exception>
    public PreferenceWeights(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        for (var modelIndex = 0; modelIndex < values.Length; modelIndex++)
        {
            if (!(values[modelIndex] >= 0))
                throw new ArgumentException($"Weights must be at least 0, but weight {modelIndex} is {values[modelIndex]}.");
            sum += values[modelIndex];
        }
        if (!(Math.Abs(sum - 1) <= SumTolerance))
            throw new ArgumentException($"Weights must sum to 1 but sum to {sum}.");
        this.values = values.ToArray();
    }

    public int Count => values.Length;

    public double this[int modelIndex] => values[modelIndex];

    public ReadOnlySpan<double> Values => values;

    /// <summary>exp of the entropy: how many reward models, equally weighted, would be as spread out. 1 … number of models.</summary>
    public double EffectiveNumber => EffectiveNumberOf(values);

    /// <summary>exp(−Σ p ln p) of shares that sum to 1; natural logarithm, 0 ln 0 = 0.</summary>
    public static double EffectiveNumberOf(ReadOnlySpan<double> shares)
    {
        var entropy = 0.0;
        foreach (var share in shares)
            if (share > 0)
                entropy -= share * Math.Log(share);
        return Math.Exp(entropy);
    }
}
