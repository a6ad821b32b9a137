namespace PersonalLlm.Engine.Judgements;

/// <summary>One annotator's ranking of one prompt, as the metrics take it.</summary>
/// <param name="AnnotatorIndex">0-based; the same annotator has the same index on every prompt.</param>
/// <param name="PromptIndex">0-based, in the reward matrix that the ranking is compared with.</param>
/// <param name="Ranking">May be partial, may hold ties.</param>
public readonly record struct AnnotatorRanking(int AnnotatorIndex, int PromptIndex, Ranking Ranking);
