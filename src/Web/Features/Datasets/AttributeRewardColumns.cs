using PersonalLlm.Data.Rewards;
using PersonalLlm.Engine.Datasets;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Web.Features.Datasets;

/// <summary>The attribute reward models as columns of a data set.</summary>
internal static class AttributeRewardColumns
{
    /// <summary>How they are stored.</summary>
    public static IReadOnlyList<(string Name, RewardModelKind Kind, string Description)> Rows { get; } =
        [.. AttributeRewardModels.All.Select(model => (model.Name, RewardModelKind.Attribute, model.Description))];

    /// <summary>How the column of this alias is stored: under the built-in reward model of that name, or as an imported one.</summary>
    public static (string Name, RewardModelKind Kind, string Description) RowOf(string alias) =>
        Rows.FirstOrDefault(row => row.Name == alias) is { Name: not null } builtIn ? builtIn : (alias, RewardModelKind.Imported, "");

    public static bool Contains(string rewardModel) => AttributeRewardModels.Names.Contains(rewardModel);

    /// <summary>
    /// A file may bring columns with the names of attribute reward models, for it may be our own export; then its numbers have to be theirs.
    /// </summary>
    public static DatasetProblem? FirstDifference(PromptRecord record)
    {
        for (var responseIndex = 0; responseIndex < record.Responses.Count; responseIndex++)
            foreach (var model in AttributeRewardModels.All)
                if (record.Responses[responseIndex].Rewards.TryGetValue(model.Name, out var reward)
                    && model.Score(record.Responses[responseIndex].Text) is var own && Math.Abs(own - reward) > 1e-4)
                    return new DatasetProblem(record.LineNumber, "Name of a built-in reward model",
                        FormattableString.Invariant($"response_{responseIndex + 1}_{model.Name} is {reward}, but the built-in attribute reward model of that name gives {own}; rename the column."),
                        IsFatal: true);
        return null;
    }
}
