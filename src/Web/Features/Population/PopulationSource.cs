using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Web.Features.Population;

/// <summary>A data set as simulated users see it.</summary>
/// <param name="DatasetId">The data set.</param>
/// <param name="Name">Its name.</param>
/// <param name="Rewards">Standardised, all prompts, all reward models in ordinal order.</param>
/// <param name="ResponseModels">[responses]: which language model wrote it.</param>
/// <param name="Subsets">[prompts]: its subset, or null.</param>
public sealed record PopulationSource(int DatasetId, string Name, RewardMatrix Rewards, string[] ResponseModels, string?[] Subsets);
