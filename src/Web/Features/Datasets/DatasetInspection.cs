using PersonalLlm.Engine.Datasets;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Web.Features.Datasets;

/// <summary>A reward column as a file holds it.</summary>
public sealed record RewardColumnSummary(string RewardModel, RewardConstants Fitted, RewardScale Scale);

/// <summary>What a dry run found.</summary>
/// <param name="FileName">As the person knows it.</param>
/// <param name="ContentHash">SHA-256 of the file's bytes, hexadecimal.</param>
/// <param name="Format">Null when it is none that we know.</param>
/// <param name="Prompts">Prompts that can be imported.</param>
/// <param name="Responses">Their responses.</param>
/// <param name="ResponsesPerPrompt">The different numbers of responses that occur, ascending.</param>
/// <param name="Subsets">How many different subsets.</param>
/// <param name="ResponseModels">How many responses each response model wrote.</param>
/// <param name="Rewards">One per reward column, in ordinal order; empty when the file has none.</param>
/// <param name="Problems">In the order of the file, at most <see cref="DatasetInspector.ListedPerKind"/> of a kind.</param>
/// <param name="ProblemCounts">All problems, counted by kind.</param>
/// <param name="Preview">The first prompts.</param>
public sealed record DatasetInspection(
    string FileName,
    string ContentHash,
    string? Format,
    int Prompts,
    int Responses,
    IReadOnlyList<int> ResponsesPerPrompt,
    int Subsets,
    IReadOnlyDictionary<string, int> ResponseModels,
    IReadOnlyList<RewardColumnSummary> Rewards,
    IReadOnlyList<DatasetProblem> Problems,
    IReadOnlyDictionary<string, int> ProblemCounts,
    IReadOnlyList<PromptRecord> Preview)
{
    /// <summary>True when nothing speaks against importing it.</summary>
    public bool CanBeImported => Prompts > 0 && !Problems.Any(problem => problem.IsFatal);

    /// <summary>True when every reward column is one of PersonalLLM's ten.</summary>
    public bool IsPersonalLlm => Rewards.Count > 0 && Rewards.All(reward => RewardNormalization.Published.ContainsKey(reward.RewardModel));

    /// <summary>One sentence on what the reward columns look like.</summary>
    public string RewardVerdict
    {
        get
        {
            if (Rewards.Count == 0)
                return "The file has no rewards; the ten attribute reward models will be computed from the texts.";
            var standardised = Rewards.Where(reward => reward.Scale == RewardScale.Standardised).Select(reward => reward.RewardModel).ToList();
            var unclear = Rewards.Where(reward => reward.Scale == RewardScale.Unclear).Select(reward => reward.RewardModel).ToList();
            if (standardised.Count == Rewards.Count)
                return "The rewards look already standardised: every column has mean near 0 and standard deviation near 1.";
            if (unclear.Count > 0)
                return $"The columns {string.Join(", ", unclear)} look neither raw nor standardised by PersonalLLM's published constants; their constants are estimated on this file.";
            if (standardised.Count > 0)
                return $"The columns {string.Join(", ", standardised)} look already standardised, the others raw.";
            return IsPersonalLlm
                ? "The rewards look raw: column means lie near PersonalLLM's published ones, which will standardise them."
                : "The rewards look raw; they are standardised by constants estimated on this file.";
        }
    }
}
