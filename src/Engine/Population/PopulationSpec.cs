using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Engine.Population;

/// <summary>How weights are drawn from a seed.</summary>
public enum WeightGenerator
{
    /// <summary>Counter-based (Philox): user u is the same alone, in a block, or on another machine.</summary>
    Native,

    /// <summary>Bit for bit <c>scipy.stats.dirichlet.rvs</c> on NumPy's legacy RandomState (MT19937).</summary>
    NumpyLegacy,
}

/// <summary>Which numbers of a reward model are meant.</summary>
/// <param name="Revision">Of the reward model; null when unknown, as of numbers that came with a data set.</param>
/// <param name="Constants">What standardises them.</param>
public sealed record RewardPin(string? Revision, RewardConstants Constants);

/// <summary>Everything that is needed to make a population of simulated users again.</summary>
/// <param name="RewardModels">Names of the reward models whose weights are drawn, in order.</param>
/// <param name="Concentration">Dirichlet α, one for all reward models or one for each.</param>
/// <param name="Users">How many simulated users are drawn; at least 1. Fewer stay where <see cref="SmallestDistance"/> drops some.</param>
/// <param name="Seed">0 … 2³²−1, the range both generators share.</param>
/// <param name="Generator">How weights follow from the seed.</param>
/// <param name="InverseTemperature">β ≥ 0 in P(r) ∝ exp(β·u); positive infinity is the noise-free user of PersonalLLM.</param>
public sealed record PopulationSpec(
    IReadOnlyList<string> RewardModels,
    Concentration Concentration,
    int Users,
    uint Seed,
    WeightGenerator Generator = WeightGenerator.Native,
    double InverseTemperature = double.PositiveInfinity)
{
    /// <summary>Beyond this a finite β could no longer be told from infinity in the arithmetic of choices.</summary>
    public const double LargestInverseTemperature = 1e9;

    /// <summary>
    /// t of the de-duplication: a user whose weights lie closer than this (‖wᵢ − wⱼ‖₂) to those of an earlier user who stayed is dropped
    /// (<see cref="NearDuplicates"/>); above 0 and below √2, or null when everybody stays.
    /// </summary>
    public double? SmallestDistance { get; init; }

    /// <summary>[reward models]: which numbers of each reward model these users judge by; null when the specification is of weights alone.</summary>
    public IReadOnlyList<RewardPin>? Pins { get; init; }

    /// <summary>One sentence saying what is wrong with these numbers, or null when a population can be drawn from them.</summary>
    public string? FindProblem()
    {
        if (RewardModels.Count < 1)
            return "A population needs at least one reward model.";
        if (RewardModels.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            return $"The reward model \"{twice.Key}\" is named twice.";
        if (Concentration.FindProblem(RewardModels.Count) is { } problem)
            return problem;
        if (Users < 1)
            return $"A population needs at least 1 user, but {Users} were asked for.";
        if (!Enum.IsDefined(Generator))
            return $"There is no generator number {(int)Generator}.";
        if (!(InverseTemperature >= 0) || (InverseTemperature > LargestInverseTemperature && !double.IsPositiveInfinity(InverseTemperature)))
            return $"The inverse temperature must be between 0 and {Text(LargestInverseTemperature)}, or infinite, but it is {Text(InverseTemperature)}.";
        if (SmallestDistance is { } distance && !(distance > 0 && distance < Math.Sqrt(2)))
            return $"The smallest distance between two users must be above 0 and below 1.414, but it is {Text(distance)}.";
        if (Pins is not null && Pins.Count != RewardModels.Count)
            return $"Expected {RewardModels.Count} pins, one per reward model, but got {Pins.Count}.";
        return null;
    }

    /// <summary>Whether both draw the same users, whatever numbers those judge by.</summary>
    public bool DrawsTheSameAs(PopulationSpec other) => (this with { Pins = null }).Hash() == (other with { Pins = null }).Hash();

    /// <summary>SHA-256 of the specification, lower-case hexadecimal: the same specification has the same hash everywhere.</summary>
    public string Hash()
    {
        // Written by hand, field by field, so that no serializer's defaults can ever change a published hash.
        var canonical = string.Join('\n',
            "population 2",
            "reward-models " + string.Concat(RewardModels.Select(name => $"{name.Length}:{name}")),
            "pins " + (Pins is null ? "none" : string.Concat(Pins.Select(pin =>
                $"{pin.Revision?.Length ?? -1}:{pin.Revision}:{Text(pin.Constants.Mean)}:{Text(pin.Constants.StandardDeviation)};"))),
            "concentration " + Concentration,
            "users " + Users.ToString(CultureInfo.InvariantCulture),
            "seed " + Seed.ToString(CultureInfo.InvariantCulture),
            "generator " + NameOf(Generator),
            "inverse-temperature " + (double.IsPositiveInfinity(InverseTemperature) ? "infinity" : Text(InverseTemperature)),
            "smallest-distance " + (SmallestDistance is { } distance ? Text(distance) : "none"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));
    }

    /// <summary>The generator's name on the command line and in files.</summary>
    public static string NameOf(WeightGenerator generator) => generator == WeightGenerator.NumpyLegacy ? "numpy-legacy" : "native";

    private static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);
}
