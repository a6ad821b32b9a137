using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Evaluation;

/// <summary>Mean Kendall τ-b of a voter of one group and a voter of another on the same prompt; within one group it is <see cref="PairwiseAgreement"/>.</summary>
public static class AgreementBetween
{
    /// <summary>Two simulated populations, over all pairs of users and all prompts, from pair counts alone.</summary>
    /// <remarks>
    /// On two responses that A of the U users of one population order one way and B the other, and A′, B′ of the U′ users of the other, the mean of sign · sign′ over
    /// pairs of users is (A − B)(A′ − B′) / (U U′). The sum over pairs of responses, over √(o·o′) with o the pairs that a user orders on average, is the mean τ-b;
    /// exact where all users of a population tie the same responses (as <see cref="PairwiseAgreement.WithinSimulated"/>).
    /// </remarks>
    /// <param name="one">Of a population.</param>
    /// <param name="other">Of another, over the same prompts.</param>
    /// <returns>n is the number of prompts.</returns>
    /// <exception cref="ArgumentException">The prompts differ.</exception>
    public static Estimate OfSimulated(PairCounts one, PairCounts other)
    {
        if (one.PromptCount != other.PromptCount)
            throw new ArgumentException($"Expected pair counts over the same prompts but got {one.PromptCount} and {other.PromptCount}.");
        var sum = 0.0;
        var prompts = 0;
        for (var promptIndex = 0; promptIndex < one.PromptCount; promptIndex++)
        {
            double balance = 0, orderedByOne = 0, orderedByOther = 0;
            for (var a = 0; a < one.ResponseCountOf(promptIndex); a++)
                for (var b = a + 1; b < one.ResponseCountOf(promptIndex); b++)
                {
                    double above = one.Above(promptIndex, a, b), below = one.Above(promptIndex, b, a);
                    double aboveOther = other.Above(promptIndex, a, b), belowOther = other.Above(promptIndex, b, a);
                    balance += (above - below) * (aboveOther - belowOther);
                    orderedByOne += above + below;
                    orderedByOther += aboveOther + belowOther;
                }
            if (orderedByOne == 0 || orderedByOther == 0)
                continue;
            prompts++;
            // balance / (U U′) / √(o/U · o′/U′)
            sum += balance / Math.Sqrt(orderedByOne * orderedByOther * one.Users * other.Users);
        }
        return prompts == 0
            ? Estimate.Undefined("no prompt has two responses that differ")
            : Estimate.WithoutInterval(sum / prompts, prompts, "every pair is counted, none is sampled");
    }

    /// <summary>Two groups of people, over all pairs of a person of the one and a person of the other on prompts that both ranked.</summary>
    /// <remarks>
    /// The interval resamples the people of both groups, each with all their rankings: a pair drawn t₁ and t₂ times counts t₁·t₂ times. The groups are taken as they are; somebody who is in both under two
    /// pseudonyms is two people here.
    /// </remarks>
    /// <param name="one">Of a group.</param>
    /// <param name="other">Of another; annotator indexes are its own, prompt indexes the same.</param>
    /// <param name="seed">Of the bootstrap.</param>
    /// <param name="cancellationToken">Checked between resamples.</param>
    /// <returns>n is the number of people in at least one pair.</returns>
    public static Estimate OfPeople(
        IReadOnlyList<AnnotatorRanking> one, IReadOnlyList<AnnotatorRanking> other, uint seed, CancellationToken cancellationToken = default)
    {
        var pairs = new SortedDictionary<(int One, int Other), (double Sum, int Count)>();
        var othersOf = other.Select(ranking => (ranking.AnnotatorIndex, ranking.PromptIndex, Ranks: KendallTau.RanksOf(ranking.Ranking))).ToLookup(ranking => ranking.PromptIndex);
        foreach (var ranking in one)
        {
            var ranks = KendallTau.RanksOf(ranking.Ranking);
            foreach (var second in othersOf[ranking.PromptIndex])
                if (KendallTau.Of(ranks, second.Ranks) is { } tau)
                {
                    var key = (ranking.AnnotatorIndex, second.AnnotatorIndex);
                    var sofar = pairs.GetValueOrDefault(key);
                    pairs[key] = (sofar.Sum + tau, sofar.Count + 1);
                }
        }
        if (pairs.Count == 0)
            return Estimate.Undefined("no two people of different groups rank the same prompt");
        var unitOfOne = pairs.Keys.Select(pair => pair.One).Distinct().Order().Select((annotator, unit) => (annotator, unit)).ToDictionary();
        var unitOfOther = pairs.Keys.Select(pair => pair.Other).Distinct().Order().Select((annotator, place) => (annotator, unit: unitOfOne.Count + place)).ToDictionary();
        var sums = pairs.Select(pair => (One: unitOfOne[pair.Key.One], Other: unitOfOther[pair.Key.Other], pair.Value.Sum, pair.Value.Count)).ToArray();
        var people = unitOfOne.Count + unitOfOther.Count;
        return Bootstrap.EstimateOne(people, "people", new Bootstrap.UnitStatistic(MeanOverPairs, people), seed, cancellationToken: cancellationToken);

        double MeanOverPairs(ReadOnlySpan<double> times)
        {
            double sum = 0, count = 0;
            foreach (var pair in sums)
            {
                var together = times[pair.One] * times[pair.Other];
                sum += together * pair.Sum;
                count += together * pair.Count;
            }
            return sum / count;
        }
    }
}
