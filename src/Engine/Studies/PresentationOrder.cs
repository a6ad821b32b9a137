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
/// <para>
/// When only k &lt; R of the responses are shown, the cycle is R − 1 blocks of R rows, a base block moved round modulo R. In a block each
/// response stands once in each position; the first two of the base blocks differ by 1, 2, … R − 1, so that over a full cycle any two
/// responses are shown together, and with k = 2 each ordered pair once.
/// </para>
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

    /// <summary>How many orders make one balanced cycle when <paramref name="shown"/> of the responses are shown.</summary>
    public static int CycleLength(int responseCount, int shown) => shown >= responseCount ? CycleLength(responseCount) : responseCount * (responseCount - 1);

    /// <summary>Response indexes in the order of presentation under a study's design; only those that are shown.</summary>
    /// <param name="design">Says how many responses are shown, and in what order. As stored, those shown are still chosen in balance.</param>
    /// <param name="responseCount">Responses of the prompt, at least 0.</param>
    /// <param name="annotatorNumber">Order of arrival of the annotator in the study.</param>
    /// <param name="promptIndex">Position of the prompt in the study.</param>
    /// <param name="seed">The study's seed.</param>
    public static int[] Of(AssignmentDesign design, int responseCount, int annotatorNumber, int promptIndex, uint seed)
    {
        var shown = Math.Clamp(design.ResponsesPerPrompt ?? responseCount, 0, responseCount);
        switch (design.Order)
        {
            case ResponseOrder.Random:
                var order = Enumerable.Range(0, responseCount).ToArray();
                new RandomStream(seed, RandomStreams.RandomOrders, Address(annotatorNumber, promptIndex)).Shuffle(order.AsSpan());
                return order[..shown];
            case ResponseOrder.AsStored:
                return shown == responseCount ? [.. Enumerable.Range(0, responseCount)] : [.. Some(responseCount, shown, annotatorNumber, promptIndex, seed).Order()];
            default:
                return shown == responseCount ? Of(responseCount, annotatorNumber, promptIndex, seed) : Some(responseCount, shown, annotatorNumber, promptIndex, seed);
        }
    }

    /// <summary>The order of a silent repeat: the same responses in another order, unless the design keeps the stored one.</summary>
    /// <param name="design">The study's design.</param>
    /// <param name="first">The order of the first showing.</param>
    /// <param name="annotatorNumber">Order of arrival of the annotator in the study.</param>
    /// <param name="promptIndex">Position of the prompt in the study.</param>
    /// <param name="seed">The study's seed.</param>
    public static int[] Again(AssignmentDesign design, IReadOnlyList<int> first, int annotatorNumber, int promptIndex, uint seed)
    {
        int[] order = [.. first];
        if (design.Order == ResponseOrder.AsStored || order.Length < 2)
            return order;
        var random = new RandomStream(seed, RandomStreams.RepeatOrders, Address(annotatorNumber, promptIndex));
        do
            random.Shuffle(order.AsSpan());
        while (order.AsSpan().SequenceEqual([.. first]));
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

    /// <summary>Some of the responses: a row of the design for k &lt; R.</summary>
    private static int[] Some(int responseCount, int shown, int annotatorNumber, int promptIndex, uint seed)
    {
        var row = (int)(((long)annotatorNumber + promptIndex) % CycleLength(responseCount, shown));
        var differences = Shuffled(responseCount - 1, seed, index: 0, RandomStreams.ResponseBlocks);
        var difference = 1 + differences[row / responseCount];
        var labels = Shuffled(responseCount, seed, index: 1);
        var shift = Shuffled(responseCount, seed, index: 2)[row % responseCount];
        int[] others = [.. Enumerable.Range(1, responseCount - 1).Where(item => item != difference)];
        new RandomStream(seed, RandomStreams.ResponseBlocks, (ulong)difference).Shuffle(others.AsSpan());
        int[] block = [0, difference, .. others];
        return [.. block.Take(shown).Select(item => labels[(item + shift) % responseCount])];
    }

    private static ulong Address(int annotatorNumber, int promptIndex) => ((ulong)(uint)annotatorNumber << 32) | (uint)promptIndex;

    private static int[] Shuffled(int count, uint seed, ulong index, uint stream = RandomStreams.PresentationOrders)
    {
        var items = Enumerable.Range(0, count).ToArray();
        new RandomStream(seed, stream, index).Shuffle(items.AsSpan());
        return items;
    }
}
