using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Studies;

/// <summary>
/// In which order an annotator sees the responses of a prompt: a Williams design (Williams, 1949), so that over a full cycle each
/// response stands equally often in each position and follows each other response equally often.
/// </summary>
/// <remarks>
/// The design has R rows for an even number of responses R and 2R (a Latin square and its mirror) for an odd one. Annotators and
/// prompts step through its rows together, so the cycle is complete both across prompts for one annotator and across annotators for
/// one prompt. The seed relabels responses and rows once per study.
/// </remarks>
public static class PresentationOrder
{
    /// <summary>How many orders make one balanced cycle.</summary>
    public static int CycleLength(int responseCount) => responseCount <= 1 ? 1 : int.IsEvenInteger(responseCount) ? responseCount : 2 * responseCount;

    /// <summary>Response indexes in the order of presentation: element 0 is shown first.</summary>
    /// <param name="responseCount">Responses of the prompt, at least 0.</param>
    /// <param name="annotatorNumber">Order of arrival of the annotator in the study.</param>
    /// <param name="promptIndex">Position of the prompt in the study.</param>
    /// <param name="seed">The study's seed.</param>
    public static int[] Of(int responseCount, int annotatorNumber, int promptIndex, uint seed)
    {
        var cycle = CycleLength(responseCount);
        var rows = Shuffled(cycle, seed, index: 0);
        var labels = Shuffled(responseCount, seed, index: 1);
        var row = rows[(int)(((long)annotatorNumber + promptIndex) % cycle)];
        var order = new int[responseCount];
        for (var position = 0; position < responseCount; position++)
            order[position] = labels[Williams(responseCount, row, position)];
        return order;
    }

    /// <summary>Turns a ranking of positions (0 = shown first) into one of response indexes.</summary>
    public static Ranking ToResponses(Ranking positions, IReadOnlyList<int> presentedOrder) =>
        Ranking.Of(positions.Tiers.Select(tier => tier.Select(position => presentedOrder[position])));

    /// <summary>Turns a ranking of response indexes into one of positions (0 = shown first).</summary>
    public static Ranking ToPositions(Ranking responses, IReadOnlyList<int> presentedOrder)
    {
        var positionOf = new Dictionary<int, int>();
        for (var position = 0; position < presentedOrder.Count; position++)
            positionOf[presentedOrder[position]] = position;
        return Ranking.Of(responses.Tiers.Select(tier => tier.Select(responseIndex => positionOf[responseIndex])));
    }

    /// <summary>Turns an answer in positions (0 = shown first) into one in response indexes.</summary>
    /// <param name="positions">Scores: one per position, or none.</param>
    /// <param name="presentedOrder">Response indexes in the order of presentation.</param>
    public static Answer ToResponses(Answer positions, IReadOnlyList<int> presentedOrder)
    {
        var scores = new int?[positions.Scores.Length == 0 ? 0 : presentedOrder.Max() + 1];
        for (var position = 0; position < positions.Scores.Length; position++)
            scores[presentedOrder[position]] = positions.Scores[position];
        return positions with { Ranking = ToResponses(positions.Ranking, presentedOrder), Scores = scores };
    }

    /// <summary>Turns an answer in response indexes into one in positions (0 = shown first).</summary>
    public static Answer ToPositions(Answer responses, IReadOnlyList<int> presentedOrder) => responses with
    {
        Ranking = ToPositions(responses.Ranking, presentedOrder),
        Scores = responses.Scores.Length == 0 ? [] : [.. presentedOrder.Select(responseIndex => responses.Scores[responseIndex])],
    };

    // First row 0, 1, R−1, 2, R−2, …; each further row adds one modulo R; rows from R on are the mirrored square.
    private static int Williams(int responseCount, int row, int position)
    {
        if (row >= responseCount)
            position = responseCount - 1 - position;
        var zigzag = int.IsOddInteger(position) ? (position + 1) / 2 : (responseCount - position / 2) % responseCount;
        return (zigzag + row) % responseCount;
    }

    private static int[] Shuffled(int count, uint seed, ulong index)
    {
        var items = Enumerable.Range(0, count).ToArray();
        new RandomStream(seed, RandomStreams.PresentationOrders, index).Shuffle(items.AsSpan());
        return items;
    }
}
