using System.Globalization;
using PersonalLlm.Engine.Population;

namespace PersonalLlm.Web.Features.Population;

/// <summary>What a page may change about a specification, one change at a time. Pins never come along: they are made when a population is kept.</summary>
internal static class PopulationForm
{
    /// <summary>Mean weight below which a reward model is better switched off.</summary>
    public const double SmallestShare = 0.005;

    /// <summary>The population shown before anybody has changed anything: noise-free users, few reward models each.</summary>
    public static PopulationSpec Default(IReadOnlyList<string> rewardModels) => new(rewardModels, 0.1, 1000, 0);

    /// <summary>Mean weights of the reward models; they sum to 1.</summary>
    public static double[] MeanWeights(PopulationSpec spec) =>
        [.. Enumerable.Range(0, spec.RewardModels.Count).Select(modelIndex => spec.Concentration.MeanWeight(modelIndex, spec.RewardModels.Count))];

    /// <summary>All reward models with the same mean weight.</summary>
    public static PopulationSpec Alike(PopulationSpec spec) => spec with { Concentration = spec.Concentration.Average, Pins = null };

    /// <summary>Mean weights that can be changed one by one; as they were.</summary>
    public static PopulationSpec Around(PopulationSpec spec) => Around(spec, MeanWeights(spec));

    /// <summary>One reward model's mean weight; the others keep their proportions and share the rest.</summary>
    /// <param name="spec">At least two reward models.</param>
    /// <param name="modelIndex">Of the reward model.</param>
    /// <param name="share">Clamped so that something is left for the others.</param>
    public static PopulationSpec WithMeanWeight(PopulationSpec spec, int modelIndex, double share)
    {
        var mean = MeanWeights(spec);
        share = Math.Clamp(share, SmallestShare, 1 - (SmallestShare * (mean.Length - 1)));
        var others = 1 - mean[modelIndex];
        for (var other = 0; other < mean.Length; other++)
            mean[other] = other == modelIndex ? share : mean[other] / others * (1 - share);
        return Around(spec, mean);
    }

    /// <summary>A reward model more, or less; the mean weights of the rest keep their proportions. The last one stays.</summary>
    public static PopulationSpec WithRewardModel(PopulationSpec spec, string name, bool isOn)
    {
        if (isOn == spec.RewardModels.Contains(name) || (!isOn && spec.RewardModels.Count == 1))
            return spec;
        // Ordinal order is the order of columns and weights.
        string[] models = [.. (isOn ? spec.RewardModels.Append(name) : spec.RewardModels.Where(other => other != name)).Order(StringComparer.Ordinal)];
        var changed = spec with { RewardModels = models, Concentration = spec.Concentration.Average, Pins = null };
        if (spec.Concentration.IsSymmetric)
            return changed;
        var before = spec.RewardModels.Zip(MeanWeights(spec)).ToDictionary(pair => pair.First, pair => pair.Second);
        // Who joins gets what everybody would have if all were alike.
        var joining = 1.0 / models.Length;
        double[] mean = [.. models.Select(model => before.TryGetValue(model, out var share) ? share * (isOn ? 1 - joining : 1) : joining)];
        var total = mean.Sum();
        return Around(changed, [.. mean.Select(share => share / total)]);
    }

    /// <summary>The command that writes the same weights, without any database.</summary>
    public static string WeightsCommand(PopulationSpec spec) => string.Create(
        CultureInfo.InvariantCulture,
        $"dotnet run --project src/Web -- weights --alpha {spec.Concentration} --users {spec.Users} --seed {spec.Seed} --models {spec.RewardModels.Count} --generator {PopulationSpec.NameOf(spec.Generator)} --csv weights.csv");

    // Twelve digits are more than anybody means, and keep addresses readable.
    private static PopulationSpec Around(PopulationSpec spec, double[] mean)
    {
        var exact = Concentration.Around(mean, spec.Concentration.Average);
        var readable = Enumerable.Range(0, mean.Length).Select(modelIndex => double.Parse(exact[modelIndex].ToString("G12", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));
        return spec with { Concentration = Concentration.PerModel(readable), Pins = null };
    }
}
