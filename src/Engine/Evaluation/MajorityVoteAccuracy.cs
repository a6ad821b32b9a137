using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Evaluation;

/// <summary>
/// MV-ACC (Dong et al. 2025, §4.2): how often an annotator agrees with the majority; half where the majority is tied. Only pairs that
/// somebody else labelled count, with the annotator in the majority and without.
/// </summary>
internal sealed class MajorityVoteAccuracy
{
    // Per annotator, by prompt: which prompts, how many pairs there, and the credit for them.
    private readonly List<(int PromptIndex, double Credit, double Pairs)>[] byPrompt;

    /// <param name="labels">Of all annotators.</param>
    /// <param name="countsSelf">Whether the annotator's own label is part of the majority.</param>
    public MajorityVoteAccuracy(PairLabels labels, bool countsSelf)
    {
        byPrompt = [.. labels.Annotators.Select(_ => new List<(int, double, double)>())];
        for (var pairIndex = 0; pairIndex < labels.PairCount; pairIndex++)
        {
            var total = labels.LabelCountOf(pairIndex);
            if (total < 2)
                continue;
            var first = labels.FirstCountOf(pairIndex);
            for (var place = 0; place < total; place++)
            {
                var (annotatorIndex, prefersFirst) = labels.Label(pairIndex, place);
                var same = (prefersFirst ? first : total - first) - (countsSelf ? 0 : 1);
                var others = prefersFirst ? total - first : first;
                Add(byPrompt[annotatorIndex], labels.PromptOf(pairIndex), same > others ? 1 : same == others ? 0.5 : 0);
            }
        }
    }

    /// <summary>Σ credit / Σ pairs of one annotator, prompts being the units.</summary>
    public Bootstrap.UnitStatistic Of(int annotatorIndex)
    {
        var own = byPrompt[annotatorIndex].ToArray();
        return new(
            times =>
            {
                double credit = 0, pairs = 0;
                foreach (var (promptIndex, credited, counted) in own)
                {
                    credit += times[promptIndex] * credited;
                    pairs += times[promptIndex] * counted;
                }
                return credit / pairs;
            },
            own.DistinctBy(prompt => prompt.PromptIndex).Count());
    }

    /// <summary>[annotators]: the value; NaN where the annotator shares no pair with anybody.</summary>
    public double[] Values() => Array.ConvertAll(byPrompt, own => own.Sum(prompt => prompt.Credit) / own.Sum(prompt => prompt.Pairs));

    private static void Add(List<(int PromptIndex, double Credit, double Pairs)> own, int promptIndex, double credit)
    {
        if (own is [.., var last] && last.PromptIndex == promptIndex)
            own[^1] = (promptIndex, last.Credit + credit, last.Pairs + 1);
        else
            own.Add((promptIndex, credit, 1));
    }
}
