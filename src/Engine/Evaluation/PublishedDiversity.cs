using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Engine.Evaluation;

/// <summary>One group of PersonalLLM (Zollo et al. 2024) and what was printed of its diversity.</summary>
/// <param name="Voters">Who chose: "simulated users, α = 0.05" or "personas".</param>
/// <param name="Concentration">α of the symmetric Dirichlet distribution; null for personas, which have none.</param>
/// <param name="Prompts">On how many prompts.</param>
/// <param name="MajorityCurve">
/// [<see cref="Diversity.Thresholds"/>]: share of prompts, 0 to 1, by the published definition. Compare it with <see cref="MajorityPoint.PercentileOfScore"/>,
/// not with <see cref="MajorityPoint.Share"/>.
/// </param>
/// <param name="DistinctWinnersPaperBinning">Share of prompts, 0 to 1, in the bars of <see cref="DiversitySummary.DistinctWinnersPaperBinning"/>.</param>
public sealed record PublishedDiversity(
    string Voters, double? Concentration, int Prompts, IReadOnlyList<double> MajorityCurve, IReadOnlyList<double> DistinctWinnersPaperBinning)
{
    /// <summary>Where the values were printed, and as what.</summary>
    public const string Source =
        "the notebook alpha_persona_comp.ipynb in the published code of PersonalLLM (Zollo et al. 2024, arXiv 2409.20296), percentileofscore over its 1,000 test prompts";

    private const int TestPrompts = 1000;

    /// <summary>All printed rows, from strong tastes to weak ones, personas last.</summary>
    public static IReadOnlyList<PublishedDiversity> Rows { get; } =
    [
        new("simulated users, α = 0.01", 0.01, TestPrompts, [0.4955, 0.9360, 0.9980], [0.058, 0.186, 0.283, 0.289, 0.182]),
        new("simulated users, α = 0.05", 0.05, TestPrompts, [0.4260, 0.8960, 0.9980], [0.053, 0.167, 0.277, 0.287, 0.214]),
        new("simulated users, α = 0.1", 0.1, TestPrompts, [0.3400, 0.8300, 0.9970], [0.066, 0.173, 0.275, 0.292, 0.192]),
        new("personas", null, TestPrompts, [0.1415, 0.5575, 0.8515], [0.353, 0.330, 0.205, 0.057, 0.036]),
    ];

    /// <summary>The printed row of personas.</summary>
    public static PublishedDiversity Personas => Rows[^1];

    /// <summary>The printed row of simulated users of this α, or null when none was printed.</summary>
    public static PublishedDiversity? Of(Concentration concentration) =>
        concentration.IsSymmetric ? Rows.FirstOrDefault(row => row.Concentration == concentration.Average) : null;

    /// <summary>
    /// Whether these may be the data that the values were printed for: PersonalLLM's ten reward models, no other, and as many prompts as its test split.
    /// On any other data the published values are a yardstick, nothing to be reproduced.
    /// </summary>
    /// <param name="rewardModels">Their names, in any order.</param>
    /// <param name="prompts">How many prompts there are.</param>
    public static bool IsPublishedData(IReadOnlyCollection<string> rewardModels, int prompts) =>
        prompts == TestPrompts
        && rewardModels.Count == RewardNormalization.Published.Count
        && rewardModels.All(RewardNormalization.Published.ContainsKey);
}
