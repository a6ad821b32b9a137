namespace PersonalLlm.Engine.Evaluation;

/// <summary>Overall R as Santurkar et al. (2023) and Zollo et al. (2024) print it.</summary>
public sealed record PublishedRepresentativeness(string Who, double Overall)
{
    public static IReadOnlyList<PublishedRepresentativeness> Rows { get; } =
    [
        new("humans, average group", 0.949),
        new("humans, worst group", 0.866),
        new("ada", 0.824),
        new("davinci", 0.791),
        new("text-davinci-003", 0.701),
        new("j1-jumbo", 0.816),
        new("PersonalLLM", 0.838),
        new("PersonalLLM", 0.839),
    ];
}
