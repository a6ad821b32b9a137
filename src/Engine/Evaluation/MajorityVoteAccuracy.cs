using System.Runtime.InteropServices;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Evaluation;

/// <summary>
/// MV-ACC (Dong et al. 2025, §4.2): how often an annotator agrees with the majority; half where the majority is tied. Only pairs that
/// somebody else labelled count, with the annotator in the majority and without.
/// </summary>
internal sealed class MajorityVoteAccuracy
{
    // Of columns and resamples: memory does not grow with annotators × prompts.
    private const int NumbersAtOnce = 4_000_000;

    private readonly int promptCount;

    // Per annotator, by prompt: which prompts, how many pairs there, and the credit for them.
    private readonly List<OnPrompt>[] byPrompt;

    /// <param name="labels">Of all annotators.</param>
    public MajorityVoteAccuracy(PairLabels labels)
    {
        promptCount = labels.PromptCount;
        byPrompt = [.. labels.Annotators.Select(_ => new List<OnPrompt>())];
        for (var pairIndex = 0; pairIndex < labels.PairCount; pairIndex++)
        {
            var total = labels.LabelCountOf(pairIndex);
            if (total < 2)
                continue;
            var first = labels.FirstCountOf(pairIndex);
            var promptIndex = labels.PromptOf(pairIndex);
            var (withFirst, withSecond) = (Credit(first, total - first), Credit(total - first, first));
            var (withoutFirst, withoutSecond) = (Credit(first - 1, total - first), Credit(total - first - 1, first));
            for (var place = 0; place < total; place++)
            {
                var (annotatorIndex, prefersFirst) = labels.Label(pairIndex, place);
                ref var own = ref On(byPrompt[annotatorIndex], promptIndex);
                own.WithSelf += prefersFirst ? withFirst : withSecond;
                own.WithoutSelf += prefersFirst ? withoutFirst : withoutSecond;
                own.Pairs++;
            }
        }
    }

    /// <summary>[annotators]: the value; NaN where the annotator shares no pair with anybody.</summary>
    public double[] Values(bool countsSelf) => Array.ConvertAll(byPrompt, own => own.Sum(prompt => countsSelf ? prompt.WithSelf : prompt.WithoutSelf) / own.Sum(prompt => prompt.Pairs));

    /// <summary>[annotators]: Σ credit / Σ pairs of one annotator, prompts being the units.</summary>
    public (Estimate[] WithSelf, Estimate[] WithoutSelf) Estimates(uint seed, int resamples, CancellationToken cancellationToken)
    {
        var withSelf = new Estimate[byPrompt.Length];
        var withoutSelf = new Estimate[byPrompt.Length];
        var atOnce = Math.Clamp(NumbersAtOnce / (Math.Max(1, promptCount) + resamples), 1, 1000);
        for (var from = 0; from < byPrompt.Length; from += atOnce)
        {
            var some = byPrompt[from..Math.Min(from + atOnce, byPrompt.Length)];
            // Dense, because the bootstrap adds up columns of all prompts many at a time; the column of pairs serves both.
            var pairs = Dense(some, prompt => prompt.Pairs);
            var estimates = Bootstrap.Estimates(
                promptCount, "prompts",
                [.. Dense(some, prompt => prompt.WithSelf).Zip(pairs, Bootstrap.Ratio), .. Dense(some, prompt => prompt.WithoutSelf).Zip(pairs, Bootstrap.Ratio)],
                seed, resamples, cancellationToken);
            estimates.AsSpan(..some.Length).CopyTo(withSelf.AsSpan(from));
            estimates.AsSpan(some.Length..).CopyTo(withoutSelf.AsSpan(from));
        }
        return (withSelf, withoutSelf);
    }

    private double[][] Dense(List<OnPrompt>[] annotators, Func<OnPrompt, double> of) => Array.ConvertAll(annotators, own =>
    {
        var values = new double[promptCount];
        foreach (var prompt in own)
            values[prompt.PromptIndex] += of(prompt);
        return values;
    });

    private static double Credit(int same, int others) => same > others ? 1 : same == others ? 0.5 : 0;

    /// <summary>The pairs of a prompt mostly come one after the other.</summary>
    private static ref OnPrompt On(List<OnPrompt> own, int promptIndex)
    {
        if (own.Count == 0 || own[^1].PromptIndex != promptIndex)
            own.Add(new OnPrompt { PromptIndex = promptIndex });
        return ref CollectionsMarshal.AsSpan(own)[^1];
    }

    private struct OnPrompt
    {
        public int PromptIndex;
        public double WithSelf;
        public double WithoutSelf;
        public double Pairs;
    }
}
