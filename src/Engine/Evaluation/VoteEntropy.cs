namespace PersonalLlm.Engine.Evaluation;

/// <summary>How spread out the first choices of a prompt are.</summary>
internal static class VoteEntropy
{
    /// <summary>H_p = −Σ_r s_r ln s_r of the vote shares s; natural logarithm. 0 when all agree, ln R when all R are equally popular.</summary>
    /// <param name="votes">Of one prompt; not all 0.</param>
    public static double Of(ReadOnlySpan<double> votes)
    {
        var total = 0.0;
        foreach (var count in votes)
            total += count;
        var entropy = 0.0;
        foreach (var count in votes)
            if (count > 0)
                entropy -= count / total * Math.Log(count / total);
        return entropy;
    }
}
