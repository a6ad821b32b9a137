namespace PersonalLlm.Engine.Evaluation;

/// <summary>A row of Dong et al. (2025, arXiv 2502.19158), table of §4.2, as printed there.</summary>
/// <param name="Dataset">Its name there.</param>
/// <param name="Samples">As printed, "53k".</param>
/// <param name="Users">How many.</param>
/// <param name="Divergence">Share of samples that are not unanimous.</param>
/// <param name="HighDivergence">Share of them whose minority is at least 30 %.</param>
/// <param name="LowestMajorityVoteAccuracy">Of the user who agrees least with the majority.</param>
/// <param name="HighestMajorityVoteAccuracy">Of the user who agrees most with it.</param>
/// <param name="Consistency">Null: unknown.</param>
public sealed record PublishedCharacteristics(
    string Dataset, string Samples, int Users, double Divergence, double HighDivergence, double LowestMajorityVoteAccuracy, double HighestMajorityVoteAccuracy, double? Consistency)
{
    public static IReadOnlyList<PublishedCharacteristics> Rows { get; } =
    [
        new("P-SOUPS", "53k", 6, 1.00, 0.98, 0.51, 0.59, 1),
        new("TL;DR", "179k", 5, 0.49, 0.27, 0.81, 0.87, null),
        new("Personal-LLM", "333k", 8, 0.87, 0.16, 0.33, 0.93, 1),
    ];
}
