using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;

namespace PersonalLlm.Web.Features.Population.Opinions;

/// <summary>What the address of a survey's page says; a part that is missing or wrong is the default's.</summary>
/// <param name="Spec">Who answers: users over the survey's reward models, without noise.</param>
/// <param name="Normalizer">By what distances are divided.</param>
/// <param name="Group">Whose answers the table of questions shows.</param>
internal sealed record OpinionSettings(PopulationSpec Spec, OrdinalNormalizer Normalizer, string Group)
{
    public const int FewestUsers = 2;
    public const int MostUsers = 10_000;

    private const string PaperNormalizer = "paper-normaliser";

    /// <param name="rewardModels">Of the survey.</param>
    /// <param name="groups">Of the survey, the first being the default.</param>
    /// <param name="alpha">α, one or one per reward model.</param>
    /// <param name="users">How many.</param>
    /// <param name="seed">0 … 2³²−1.</param>
    /// <param name="generator">native or numpy-legacy.</param>
    /// <param name="normalizer">range or paper-normaliser.</param>
    /// <param name="group">Name of a group.</param>
    /// <param name="problem">One sentence on the first part that is wrong; null when all are fine.</param>
    public static OpinionSettings Read(
        IReadOnlyList<string> rewardModels, IReadOnlyList<string> groups,
        string? alpha, string? users, string? seed, string? generator, string? normalizer, string? group, out string? problem)
    {
        problem = null;
        var settings = new OpinionSettings(new PopulationSpec(rewardModels, 0.1, 1000, 0), OrdinalNormalizer.Range, groups[0]);
        if (alpha is not null)
        {
            if (Concentration.Parse(alpha) is { } concentration && concentration.FindProblem(rewardModels.Count) is null)
                settings = settings with { Spec = settings.Spec with { Concentration = concentration } };
            else
                problem ??= $"alpha must be a number above 0, or {rewardModels.Count} of them joined by commas, but it is \"{alpha}\".";
        }
        if (users is not null)
        {
            if (int.TryParse(users, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= FewestUsers and <= MostUsers)
                settings = settings with { Spec = settings.Spec with { Users = count } };
            else
                problem ??= $"users must be a whole number from {FewestUsers} to {MostUsers}, but it is \"{users}\".";
        }
        if (seed is not null)
        {
            if (uint.TryParse(seed, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                settings = settings with { Spec = settings.Spec with { Seed = number } };
            else
                problem ??= $"seed must be a whole number from 0 to {uint.MaxValue}, but it is \"{seed}\".";
        }
        if (generator is not null)
        {
            if (Enum.GetValues<WeightGenerator>().Where(one => PopulationSpec.NameOf(one) == generator).ToArray() is [var known])
                settings = settings with { Spec = settings.Spec with { Generator = known } };
            else
                problem ??= $"generator must be native or numpy-legacy, but it is \"{generator}\".";
        }
        if (normalizer is not null)
        {
            if (normalizer is PaperNormalizer or "range")
                settings = settings with { Normalizer = normalizer == PaperNormalizer ? OrdinalNormalizer.Paper : OrdinalNormalizer.Range };
            else
                problem ??= $"normaliser must be range or {PaperNormalizer}, but it is \"{normalizer}\".";
        }
        if (group is not null)
        {
            if (groups.Contains(group))
                settings = settings with { Group = group };
            else
                problem ??= $"The survey has no group \"{group}\".";
        }
        return settings;
    }

    public static string NameOf(OrdinalNormalizer normalizer) => normalizer == OrdinalNormalizer.Paper ? PaperNormalizer : "range";

    /// <summary>The address that shows these settings again.</summary>
    public string ToAddress(string path) => QueryHelpers.AddQueryString(path, new Dictionary<string, string?>
    {
        ["alpha"] = Spec.Concentration.ToString(),
        ["users"] = Spec.Users.ToString(CultureInfo.InvariantCulture),
        ["seed"] = Spec.Seed.ToString(CultureInfo.InvariantCulture),
        ["generator"] = PopulationSpec.NameOf(Spec.Generator),
        ["normaliser"] = NameOf(Normalizer),
        ["group"] = Group,
    });
}
