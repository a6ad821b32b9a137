namespace PersonalLlm.Engine.Rewards;

/// <summary>What a response is worth to a user: u = Σ_k w_k z_k.</summary>
/// <remarks>
/// Float32, the terms added in the order of the reward models with one rounding each (fused multiply-add). The vote kernels do the
/// same in every lane, so that a vote counted there and a utility computed here never disagree about who won. This is why it is not
/// <c>TensorPrimitives.Dot</c>, whose order of addition depends on the machine's vector width.
/// </remarks>
public static class Utility
{
    /// <summary>Rewards [responses × reward models], row-major · weights [reward models] → utilities [responses].</summary>
    /// <exception cref="ArgumentException">The shapes do not fit together.</exception>
    public static void Compute(ReadOnlySpan<float> rewards, ReadOnlySpan<float> weights, Span<float> utilities)
    {
        if (rewards.Length != utilities.Length * weights.Length)
            throw new ArgumentException(
                $"Expected {utilities.Length} responses × {weights.Length} reward models but got {rewards.Length} rewards.");
        for (var responseIndex = 0; responseIndex < utilities.Length; responseIndex++)
        {
            var row = rewards.Slice(responseIndex * weights.Length, weights.Length);
            var utility = 0f;
            for (var modelIndex = 0; modelIndex < weights.Length; modelIndex++)
                utility = MathF.FusedMultiplyAdd(row[modelIndex], weights[modelIndex], utility);
            utilities[responseIndex] = utility;
        }
    }
}
