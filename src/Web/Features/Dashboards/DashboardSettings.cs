using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using PersonalLlm.Engine.Population;
using PersonalLlm.Web.Components.Shared;

namespace PersonalLlm.Web.Features.Dashboards;

/// <summary>What a dashboard's address says about the simulated users; a part that is missing or wrong is the base population's.</summary>
/// <param name="CohortId">The population it starts from; null: all reward models of the data set, native generator.</param>
/// <param name="Spec">The population to draw, within the limits of the page.</param>
public sealed record DashboardSettings(int? CohortId, PopulationSpec Spec)
{
    /// <summary>In the address, the population that was frozen with the study.</summary>
    public const string FrozenText = "frozen";

    public const int FewestUsers = 2;
    public const int MostUsers = 10_000;

    /// <summary>The population shown for a data set that has none yet: noise-free users, few reward models each.</summary>
    public static PopulationSpec DefaultSpec(IReadOnlyList<string> rewardModels) => new(rewardModels, 0.1, 1000, 0);

    /// <param name="cohortId">Of the base population.</param>
    /// <param name="basis">What the address may change.</param>
    /// <param name="alpha">α.</param>
    /// <param name="users">How many.</param>
    /// <param name="seed">0 … 2³²−1.</param>
    /// <param name="beta">β, or "infinity".</param>
    /// <param name="problem">One sentence on the first part that is wrong; null when all are fine.</param>
    public static DashboardSettings Read(
        int? cohortId, PopulationSpec basis, string? alpha, string? users, string? seed, string? beta, out string? problem)
    {
        problem = null;
        var spec = basis with { Users = Math.Clamp(basis.Users, FewestUsers, MostUsers) };
        if (alpha is not null)
        {
            if (Concentration.Parse(alpha) is { Average: >= ConcentrationSlider.Smallest and <= ConcentrationSlider.Largest } concentration
                && concentration.FindProblem(spec.RewardModels.Count) is null)
                spec = spec with { Concentration = concentration };
            else
                problem ??= $"alpha must be a number from {ConcentrationSlider.Smallest} to {ConcentrationSlider.Largest}, or one per reward model with commas between them, but it is \"{alpha}\".";
        }
        if (users is not null)
        {
            if (int.TryParse(users, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= FewestUsers and <= MostUsers)
                spec = spec with { Users = count };
            else
                problem ??= $"users must be a whole number from {FewestUsers} to {MostUsers}, but it is \"{users}\".";
        }
        if (seed is not null)
        {
            if (uint.TryParse(seed, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                spec = spec with { Seed = number };
            else
                problem ??= $"seed must be a whole number from 0 to {uint.MaxValue}, but it is \"{seed}\".";
        }
        if (beta is not null)
        {
            if (beta == "infinity")
                spec = spec with { InverseTemperature = double.PositiveInfinity };
            else if (Number(beta) is >= 0 and <= PopulationSpec.LargestInverseTemperature and var inverseTemperature)
                spec = spec with { InverseTemperature = inverseTemperature };
            else
                problem ??= $"beta must be a number of at least 0, or \"infinity\", but it is \"{beta}\".";
        }
        return new DashboardSettings(cohortId, spec);
    }

    /// <summary>The base population as it stands in an address; empty for none.</summary>
    public string CohortText => CohortId is CohortChoice.Frozen ? FrozenText : CohortId?.ToString(CultureInfo.InvariantCulture) ?? "";

    /// <summary>The address that shows these settings again.</summary>
    public string ToAddress(string path) => QueryHelpers.AddQueryString(path, new Dictionary<string, string?>
    {
        ["cohort"] = CohortText,
        ["alpha"] = Spec.Concentration.ToString(),
        ["users"] = Spec.Users.ToString(CultureInfo.InvariantCulture),
        ["seed"] = Spec.Seed.ToString(CultureInfo.InvariantCulture),
        ["beta"] = double.IsPositiveInfinity(Spec.InverseTemperature) ? "infinity" : Spec.InverseTemperature.ToString("R", CultureInfo.InvariantCulture),
    });

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
}
