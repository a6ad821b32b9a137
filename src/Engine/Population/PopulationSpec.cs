using System.Globalization;
using System.Security.Cryptography;
using System.Text;

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
/// <param name="Concentration">Dirichlet α of the symmetric distribution over reward models; above 0, from 1e-9 to 1e9.</param>
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
    double InverseTemperature = double.PositiveInfinity)
{
    /// <summary>Below this the logarithm of a weight overflows; a user is one reward model long before.</summary>
    public const double SmallestConcentration = 1e-9;

    /// <summary>Above this all weights are equal to the last digit that counts.</summary>
    public const double LargestConcentration = 1e9;

    /// <summary>Beyond this a finite β could no longer be told from infinity in the arithmetic of choices.</summary>
    public const double LargestInverseTemperature = 1e9;

    /// <summary>One sentence saying what is wrong with these numbers, or null when a population can be drawn from them.</summary>
    public string? FindProblem()
    {
        if (RewardModels.Count < 1)
            return "A population needs at least one reward model.";
        if (RewardModels.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            return $"The reward model \"{twice.Key}\" is named twice.";
        if (Concentration is not (>= SmallestConcentration and <= LargestConcentration))
            return $"The concentration (alpha) must be above 0 (from {Text(SmallestConcentration)} to {Text(LargestConcentration)}), but it is {Text(Concentration)}.";
        if (Users < 1)
            return $"A population needs at least 1 user, but {Users} were asked for.";
        if (!Enum.IsDefined(Generator))
            return $"There is no generator number {(int)Generator}.";
        if (!(InverseTemperature >= 0) || (InverseTemperature > LargestInverseTemperature && !double.IsPositiveInfinity(InverseTemperature)))
            return $"The inverse temperature must be between 0 and {Text(LargestInverseTemperature)}, or infinite, but it is {Text(InverseTemperature)}.";
        return null;
    }

    /// <summary>SHA-256 of the specification, lower-case hexadecimal: the same specification has the same hash everywhere.</summary>
    public string Hash()
    {
        // Written by hand, field by field, so that no serializer's defaults can ever change a published hash.
        var canonical = string.Join('\n',
            "population 1",
            "reward-models " + string.Concat(RewardModels.Select(name => $"{name.Length}:{name}")),
            "concentration " + Text(Concentration),
            "users " + Users.ToString(CultureInfo.InvariantCulture),
            "seed " + Seed.ToString(CultureInfo.InvariantCulture),
            "generator " + NameOf(Generator),
            "inverse-temperature " + (double.IsPositiveInfinity(InverseTemperature) ? "infinity" : Text(InverseTemperature)));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));
    }

    /// <summary>The generator's name on the command line and in files.</summary>
    public static string NameOf(WeightGenerator generator) => generator == WeightGenerator.NumpyLegacy ? "numpy-legacy" : "native";

    private static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);
}
