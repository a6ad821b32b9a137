namespace PersonalLlm.Engine.Judgements;

/// <summary>One response preferred to another, as judgements of any instrument imply it.</summary>
/// <param name="Chosen">Response index.</param>
/// <param name="Rejected">Response index.</param>
/// <param name="Margin">How far apart they are in the instrument's own unit, at least 1; see <see cref="PreferencePairs"/>.</param>
/// <param name="Weight">One over the number of pairs of the judgement, so that every judgement weighs 1.</param>
public readonly record struct PreferencePair(int Chosen, int Rejected, int Margin, double Weight);

/// <summary>Which pairs an answer implies. Ties imply none, and neither do responses that were not compared.</summary>
/// <remarks>
/// Margins: full ranking and top-k, the difference of ranks, where those shown without a rank share the rank below the last one;
/// best–worst, 2 between best and worst and 1 between either and one in between; pairwise, the strength; Likert, the difference of ratings.
/// </remarks>
public static class PreferencePairs
{
    /// <summary>The pairs of one judgement, the chosen responses in the order of their indexes.</summary>
    /// <param name="answer">Finished, in response indexes. "None is acceptable" in place of an answer implies no pair.</param>
    /// <param name="instrument">What was asked.</param>
    /// <param name="shown">Indexes of the responses that were shown.</param>
    public static IReadOnlyList<PreferencePair> Of(Answer answer, Instrument instrument, IReadOnlyList<int> shown)
    {
        var pairs = new List<(int Chosen, int Rejected, int Margin)>();
        if (answer.Ranking.RankedCount > 0)
        {
            var worths = shown.Order().Select(responseIndex => (Index: responseIndex, Worth: WorthOf(answer, instrument, responseIndex))).ToArray();
            foreach (var chosen in worths)
            {
                foreach (var rejected in worths)
                {
                    if (chosen.Worth > rejected.Worth)
                        pairs.Add((chosen.Index, rejected.Index, chosen.Worth - rejected.Worth));
                }
            }
        }
        return [.. pairs.Select(pair => new PreferencePair(pair.Chosen, pair.Rejected, instrument == Instrument.Pairwise ? pair.Margin / 2 : pair.Margin, 1.0 / pairs.Count))];
    }

    /// <summary>The rank that the answer gives a response: null for those in between with best–worst, which nobody ranked against each other.</summary>
    public static int? SaidRank(Answer answer, Instrument instrument, int responseIndex) =>
        instrument == Instrument.BestWorst && answer.Ranking.RankedCount > 0 && answer.Scores[responseIndex] == 0 ? null : answer.Ranking.RankOf(responseIndex);

    private static int WorthOf(Answer answer, Instrument instrument, int responseIndex) => instrument switch
    {
        Instrument.FullRanking or Instrument.TopK => -(answer.Ranking.RankOf(responseIndex) ?? answer.Ranking.RankedCount + 1),
        _ => answer.Scores[responseIndex] ?? 0,
    };
}
