using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Studies;

/// <summary>How often the response in one place of the page was put first, beside how often it would be if the place did not matter.</summary>
/// <param name="Position">0-based place on the page.</param>
/// <param name="Share">Share of first ranks, a tie of t responses counting 1/t for each; n is the number of annotators.</param>
/// <param name="Expected">Mean of 1/k over the judgements that had this place, k the number of responses shown.</param>
/// <param name="Judgements">How many judgements had this place and a first rank.</param>
public sealed record PositionBias(int Position, Estimate Share, double Expected, int Judgements)
{
    /// <summary>One row per place; the interval resamples annotators, whose own judgements are alike.</summary>
    /// <param name="byAnnotator">First judgements of prompts, grouped by who made them.</param>
    /// <param name="seed">Of the resampling.</param>
    public static IReadOnlyList<PositionBias> Of(IReadOnlyList<IReadOnlyList<ObservedJudgement>> byAnnotator, uint seed)
    {
        var places = byAnnotator.SelectMany(own => own).Select(judgement => judgement.PresentedOrder.Length).DefaultIfEmpty(0).Max();
        var firsts = Matrix();
        var shown = Matrix();
        var expected = new double[places];
        for (var annotatorIndex = 0; annotatorIndex < byAnnotator.Count; annotatorIndex++)
        {
            foreach (var judgement in byAnnotator[annotatorIndex])
            {
                var best = judgement.Ranking.FirstChoices;
                if (best.Count == 0)
                    continue;
                for (var position = 0; position < judgement.PresentedOrder.Length; position++)
                {
                    shown[position][annotatorIndex]++;
                    expected[position] += 1.0 / judgement.PresentedOrder.Length;
                    if (best.Contains(judgement.PresentedOrder[position]))
                        firsts[position][annotatorIndex] += 1.0 / best.Count;
                }
            }
        }
        var shares = Bootstrap.Estimates(
            byAnnotator.Count, "annotators", [.. Enumerable.Range(0, places).Select(position => Bootstrap.Ratio(firsts[position], shown[position]))], seed);
        return [.. shares.Select((share, position) => (share, position)).Where(row => shown[row.position].Sum() > 0)
            .Select(row => new PositionBias(row.position, row.share, expected[row.position] / shown[row.position].Sum(), (int)shown[row.position].Sum()))];

        double[][] Matrix() => [.. Enumerable.Range(0, places).Select(_ => new double[byAnnotator.Count])];
    }
}
