using MathNet.Numerics.Statistics;

namespace PersonalLlm.Engine.Tests.Reference;

/// <summary>τ-b the other way round: Pearson's correlation of the ±1/0 sign vectors over ordered pairs (Daniels 1944).</summary>
internal static class KendallTauReference
{
    public static double Of(int?[] first, int?[] second)
    {
        var common = Enumerable.Range(0, first.Length).Where(index => first[index] is not null && second[index] is not null).ToArray();
        var pairs = (from one in common from other in common where one != other select (one, other)).ToArray();
        // Over ordered pairs both sign vectors have mean 0, so the correlation is exactly Σab / √(Σa² Σb²).
        return Correlation.Pearson(
            pairs.Select(pair => (double)Math.Sign(first[pair.one]!.Value - first[pair.other]!.Value)),
            pairs.Select(pair => (double)Math.Sign(second[pair.one]!.Value - second[pair.other]!.Value)));
    }
}
