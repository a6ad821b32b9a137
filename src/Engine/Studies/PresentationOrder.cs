using PersonalLlm.Engine.Judgements;

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
        var rows = Shuffled(cycle, seed, stream: 1);
        var labels = Shuffled(responseCount, seed, stream: 2);
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

    // First row 0, 1, R−1, 2, R−2, …; each further row adds one modulo R; rows from R on are the mirrored square.
    private static int Williams(int responseCount, int row, int position)
    {
        if (row >= responseCount)
            position = responseCount - 1 - position;
        var zigzag = int.IsOddInteger(position) ? (position + 1) / 2 : (responseCount - position / 2) % responseCount;
        return (zigzag + row) % responseCount;
    }

    private static int[] Shuffled(int count, uint seed, uint stream)
    {
        var items = Enumerable.Range(0, count).ToArray();
        var state = ((ulong)seed << 32) | stream;
        for (var last = count - 1; last > 0; last--)
        {
            var chosen = (int)(Next(ref state) % (ulong)(last + 1));
            (items[last], items[chosen]) = (items[chosen], items[last]);
        }
        return items;
    }

    // SplitMix64 (Steele, Lea and Flood, 2014); with at most 52 rows the bias of the remainder is below 1e-17.
    private static ulong Next(ref ulong state)
    {
        var mixed = state += 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
