using System.Globalization;
using PersonalLlm.Engine.Datasets;
using PersonalLlm.Engine.Judgements;

namespace PersonalLlm.Engine.Evaluation;

/// <summary>One annotator's label of one pair of responses.</summary>
/// <param name="AnnotatorIndex">0-based.</param>
/// <param name="PrefersFirst">True: the first response of the pair, in whatever fixed order; false: the second.</param>
public readonly record struct PairLabel(int AnnotatorIndex, bool PrefersFirst);

/// <summary>
/// Which of two responses annotators prefer, people or simulated users alike: labels of pairs, each pair belonging to a prompt. A tie is no
/// label. Of an annotator who judged a pair more than once the first judgement is the label; the later ones are repeats.
/// </summary>
public sealed class PairLabels
{
    private readonly int[] promptOfPair;
    private readonly int[] pairStarts;
    private readonly int[] packed;
    private readonly double[] repeatAgreement;
    private readonly double[] repeats;

    /// <param name="annotators">Their names, in the order of their indexes.</param>
    /// <param name="promptOfPair">[pairs]: 0-based; intervals draw prompts with all their pairs.</param>
    /// <param name="labels">[pairs]: at most one label per annotator.</param>
    /// <param name="repeatAgreement">[annotators]: how many of the repeats agree with the label; a probability may stand for a count.</param>
    /// <param name="repeats">[annotators]: how many there are.</param>
    /// <param name="ties">Judgements that preferred neither.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    public PairLabels(
        IReadOnlyList<string> annotators, int[] promptOfPair, IReadOnlyList<IReadOnlyList<PairLabel>> labels, double[] repeatAgreement, double[] repeats, int ties)
        : this(annotators, promptOfPair, Starts(labels), [.. labels.SelectMany(pair => pair.Select(Pack))], repeatAgreement, repeats, ties)
    {
    }

    internal PairLabels(
        IReadOnlyList<string> annotators, int[] promptOfPair, int[] pairStarts, int[] packed, double[] repeatAgreement, double[] repeats, int ties)
    {
        if (pairStarts.Length != promptOfPair.Length + 1 || repeats.Length != annotators.Count || repeatAgreement.Length != annotators.Count)
            throw new ArgumentException(
                $"Expected a prompt for each of {pairStarts.Length - 1} pairs and repeats of {annotators.Count} annotators but got {promptOfPair.Length}, {repeatAgreement.Length} and {repeats.Length}.");
        Annotators = annotators;
        this.promptOfPair = promptOfPair;
        this.pairStarts = pairStarts;
        this.packed = packed;
        this.repeatAgreement = repeatAgreement;
        this.repeats = repeats;
        Ties = ties;
        PromptCount = promptOfPair.DefaultIfEmpty(-1).Max() + 1;
    }

    public IReadOnlyList<string> Annotators { get; }

    public int PairCount => promptOfPair.Length;

    public int PromptCount { get; }

    public int LabelCount => packed.Length;

    /// <summary>Judgements that preferred neither response.</summary>
    public int Ties { get; }

    /// <summary>Judgements of a pair after an annotator's first; 0 for simulated users, whose repeats are known without being made.</summary>
    public int RepeatCount { get; internal init; }

    /// <summary>[annotators]</summary>
    internal ReadOnlySpan<double> RepeatAgreement => repeatAgreement;

    /// <summary>[annotators]</summary>
    internal ReadOnlySpan<double> Repeats => repeats;

    internal int PromptOf(int pairIndex) => promptOfPair[pairIndex];

    internal int LabelCountOf(int pairIndex) => pairStarts[pairIndex + 1] - pairStarts[pairIndex];

    internal PairLabel Label(int pairIndex, int place) => Unpack(packed[pairStarts[pairIndex] + place]);

    /// <summary>How many annotators prefer the first response of a pair.</summary>
    internal int FirstCountOf(int pairIndex)
    {
        var first = 0;
        foreach (var label in packed.AsSpan(pairStarts[pairIndex]..pairStarts[pairIndex + 1]))
            first += label & 1;
        return first;
    }

    /// <summary>
    /// The labels of judgements from a file. Two judgements are about the same pair when source, item id and the two responses are the
    /// same, in whichever order they were shown. Pairs of identical responses are left out.
    /// </summary>
    public static PairLabels OfJudgements(IEnumerable<AnnotatedChoice> choices)
    {
        var annotators = new Indexes<string>();
        var prompts = new Indexes<(string?, string)>();
        var pairs = new Indexes<(int, string, string)>();
        var labels = new List<List<PairLabel>>();
        var promptOfPair = new List<int>();
        var firstLabels = new Dictionary<(int Pair, int Annotator), bool>();
        var repeats = new List<(int Annotator, bool Agrees)>();
        var ties = 0;
        foreach (var choice in choices)
        {
            var annotatorIndex = annotators.Of(choice.Annotator);
            var promptIndex = prompts.Of((choice.Source, choice.ItemId));
            foreach (var (first, second, sign) in choice.Comparisons)
            {
                var order = string.CompareOrdinal(choice.Responses[first], choice.Responses[second]);
                if (order == 0)
                    continue;
                if (sign == 0)
                {
                    ties++;
                    continue;
                }
                var pairIndex = order < 0
                    ? pairs.Of((promptIndex, choice.Responses[first], choice.Responses[second]))
                    : pairs.Of((promptIndex, choice.Responses[second], choice.Responses[first]));
                if (pairIndex == labels.Count)
                {
                    labels.Add([]);
                    promptOfPair.Add(promptIndex);
                }
                var prefersFirst = sign > 0 == order < 0;
                if (firstLabels.TryGetValue((pairIndex, annotatorIndex), out var before))
                {
                    repeats.Add((annotatorIndex, before == prefersFirst));
                    continue;
                }
                firstLabels.Add((pairIndex, annotatorIndex), prefersFirst);
                labels[pairIndex].Add(new PairLabel(annotatorIndex, prefersFirst));
            }
        }
        var agreement = new double[annotators.Count];
        var counts = new double[annotators.Count];
        foreach (var (annotatorIndex, agrees) in repeats)
        {
            counts[annotatorIndex]++;
            agreement[annotatorIndex] += agrees ? 1 : 0;
        }
        return new PairLabels(annotators.Items, [.. promptOfPair], labels, agreement, counts, ties) { RepeatCount = repeats.Count };
    }

    /// <summary>The labels of rankings by index, as <see cref="OfJudgements"/> would read them from a file, annotator by annotator and prompt by prompt in this order.</summary>
    /// <param name="annotators">Names, by annotator index.</param>
    /// <param name="rankings">First judgements.</param>
    /// <param name="repeats">Later ones.</param>
    /// <param name="responsesOf">How many responses a prompt has.</param>
    /// <param name="isRestBelow">Whether responses without a rank are worse than those with one; else nothing is known about them.</param>
    public static PairLabels OfRankings(
        IReadOnlyList<string> annotators, IEnumerable<AnnotatorRanking> rankings, IEnumerable<AnnotatorRanking> repeats, Func<int, int> responsesOf, bool isRestBelow)
    {
        string[] letters = [.. Enumerable.Range(0, Ranking.MaximumResponses).Select(response => $"{Ranking.Letter(response)}")];
        return OfJudgements(rankings.Concat(repeats).Select(one =>
        {
            var responses = responsesOf(one.PromptIndex);
            var ranks = one.Ranking.Ranks(responses);
            if (isRestBelow)
                ranks = Array.ConvertAll(ranks, rank => rank ?? (int?)(responses + 1));
            return new AnnotatedChoice(
                0, annotators[one.AnnotatorIndex], one.PromptIndex.ToString(CultureInfo.InvariantCulture), null, letters[..responses],
                [
                    .. from first in Enumerable.Range(0, responses)
                       from second in Enumerable.Range(first + 1, responses - first - 1)
                       // Responses below the ranked ones were not compared with each other.
                       where ranks[first] is not null && ranks[second] is not null && !(isRestBelow && ranks[first] > responses && ranks[second] > responses)
                       select new ResponseComparison(first, second, Math.Sign(ranks[second]!.Value - ranks[first]!.Value)),
                ]);
        }));
    }

    internal static int Pack(PairLabel label) => (label.AnnotatorIndex << 1) | (label.PrefersFirst ? 1 : 0);

    private static PairLabel Unpack(int packed) => new(packed >> 1, (packed & 1) == 1);

    private static int[] Starts(IReadOnlyList<IReadOnlyList<PairLabel>> labels)
    {
        var starts = new int[labels.Count + 1];
        for (var pairIndex = 0; pairIndex < labels.Count; pairIndex++)
            starts[pairIndex + 1] = starts[pairIndex] + labels[pairIndex].Count;
        return starts;
    }

    /// <summary>Numbers things in the order in which they first come.</summary>
    private sealed class Indexes<T> where T : notnull
    {
        private readonly Dictionary<T, int> indexes = [];
        private readonly List<T> items = [];

        public int Count => items.Count;

        public IReadOnlyList<T> Items => items;

        public int Of(T item)
        {
            if (indexes.TryGetValue(item, out var index))
                return index;
            items.Add(item);
            return indexes[item] = items.Count - 1;
        }
    }
}
