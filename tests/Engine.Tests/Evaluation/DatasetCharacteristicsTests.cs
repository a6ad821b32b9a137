using PersonalLlm.Engine.Datasets;
using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;
using PersonalLlm.Engine.Statistics;
using PersonalLlm.Engine.Tests.Population;

namespace PersonalLlm.Engine.Tests.Evaluation;

public sealed class DatasetCharacteristicsTests
{
    // Pair 0: a, b, c all first. Pair 1: a, b first, c second. Pair 2: a first, b second. Pair 3: a alone.
    private static readonly PairLabels Labels = new(
        ["a", "b", "c"],
        [0, 0, 1, 2],
        [
            [new(0, true), new(1, true), new(2, true)],
            [new(0, true), new(1, true), new(2, false)],
            [new(0, true), new(1, false)],
            [new(0, true)],
        ],
        repeatAgreement: [3, 0, 0], repeats: [4, 0, 0], ties: 0);

    private static readonly DatasetCharacteristics Result = DatasetCharacteristics.Of(Labels, seed: 1);

    [Fact]
    public void Divergence_CountsPairsWithAtLeastTwoLabels()
    {
        // Three pairs have two labels or more; two of them are not unanimous, with minorities of 1/3 and 1/2.
        Assert.Equal(2.0 / 3, Result.Divergence.Value!.Value, 1e-12);
        Assert.Equal(2.0 / 3, Result.HighDivergence.Value!.Value, 1e-12);
        Assert.Equal(2, Result.Divergence.N);
    }

    [Fact]
    public void HighDivergence_BeginsAtExactlyThirtyPerCent()
    {
        Assert.Equal(1, Of(3, 10).HighDivergence.Value);
        Assert.Equal(0, Of(29, 100).HighDivergence.Value);
        Assert.Equal(1, Of(29, 100).Divergence.Value);

        static DatasetCharacteristics Of(int minority, int total) => DatasetCharacteristics.Of(
            new PairLabels(
                [.. Enumerable.Range(0, total).Select(index => $"{index}")], [0],
                [[.. Enumerable.Range(0, total).Select(index => new PairLabel(index, index < minority))]], new double[total], new double[total], 0),
            seed: 1, resamples: 10);
    }

    [Fact]
    public void MajorityVoteAccuracy_WithAndWithoutSelf_GivesTiesHalf()
    {
        // With self. a: 1, 1, ½ → 5/6. b: 1, 1, ½ → 5/6. c: 1, 0 → 1/2.
        Assert.Equal([5.0 / 6, 5.0 / 6, 0.5], Result.WithSelf.ByAnnotator.Select(estimate => estimate.Value!.Value), Close);
        // Without. a: pair 0 agrees, pair 1: b first, c second: ½, pair 2: b alone is against: 0 → 1/2; b the same. c: 1, 0 → 1/2.
        Assert.Equal([0.5, 0.5, 0.5], Result.WithoutSelf.ByAnnotator.Select(estimate => estimate.Value!.Value), Close);
        Assert.Equal((0.5 + (10.0 / 6)) / 3, Result.WithSelf.Mean.Value!.Value, 1e-12);
        Assert.Equal((0.5, 5.0 / 6), (Result.WithSelf.Lowest.Value!.Value, Result.WithSelf.Highest.Value!.Value));
        // Half is not below half.
        Assert.Equal(0, Result.WithSelf.MinorityUsers.Value);
        Assert.Equal(3, Result.WithSelf.Mean.N);
        Assert.Equal([2, 2, 1], Result.WithSelf.ByAnnotator.Select(estimate => estimate.N));
    }

    [Fact]
    public void AgainstTheOthers_IsAMinorityUser()
    {
        var labels = new PairLabels(
            ["a", "b", "c"], [0, 1],
            [[new(0, true), new(1, true), new(2, false)], [new(0, false), new(1, false), new(2, true)]], [0, 0, 0], [0, 0, 0], 0);
        var result = DatasetCharacteristics.Of(labels, seed: 1);
        Assert.Equal(1.0 / 3, result.WithSelf.MinorityUsers.Value!.Value, 1e-12);
        Assert.Equal([1.0, 1, 0], result.WithSelf.ByAnnotator.Select(estimate => estimate.Value!.Value));
        Assert.Equal([0.5, 0.5, 0], result.WithoutSelf.ByAnnotator.Select(estimate => estimate.Value!.Value));
    }

    [Fact]
    public void RoomForPersonalization_IsConsistencyAboveTheMajorityOfTheOthers()
    {
        Assert.Equal(0.75, Result.Consistency.Value);
        Assert.Equal(1, Result.Consistency.N);
        Assert.Equal(0.25, Result.RoomForPersonalization.Value!.Value, 1e-12);
        Assert.Equal("the annotator judged no pair twice", Result.ConsistencyByAnnotator[1].UndefinedBecause);
    }

    [Fact]
    public void WithoutRepeats_ConsistencyAndRoom_AreUndefined_AndSayWhy()
    {
        var labels = new PairLabels(["a", "b"], [0], [[new(0, true), new(1, true)]], [0, 0], [0, 0], 0);
        var result = DatasetCharacteristics.Of(labels, seed: 1);
        Assert.Equal("no annotator judged the same pair twice", result.Consistency.UndefinedBecause);
        Assert.Equal("no annotator judged the same pair twice", result.RoomForPersonalization.UndefinedBecause);
    }

    [Fact]
    public void NobodySharesAPair_IsUndefined_AndSaysWhy()
    {
        var labels = new PairLabels(["a", "b"], [0, 0], [[new(0, true)], [new(1, true)]], [1, 0], [1, 0], 0);
        var result = DatasetCharacteristics.Of(labels, seed: 1);
        foreach (var estimate in new[] { result.Divergence, result.HighDivergence, result.WithSelf.Mean, result.WithoutSelf.Lowest, result.WithSelf.MinorityUsers, result.RoomForPersonalization })
            Assert.Equal("no two annotators labelled the same pair", estimate.UndefinedBecause);
        Assert.Equal(1, result.Consistency.Value);
        Assert.Equal("the annotator labelled no pair that somebody else labelled", result.WithSelf.ByAnnotator[0].UndefinedBecause);
    }

    [Fact]
    public void Judgements_TellPairsByTheirResponses_NotByTheirOrder()
    {
        var labels = PairLabels.OfJudgements(
        [
            Choice("ann", "1", ["x", "y"], new ResponseComparison(0, 1, 1)),
            Choice("bob", "1", ["y", "x"], new ResponseComparison(0, 1, 1)),
            Choice("ann", "1", ["y", "x"], new ResponseComparison(0, 1, -1)),
            Choice("ann", "1", ["x", "y"], new ResponseComparison(0, 1, -1)),
            Choice("bob", "1", ["x", "z"], new ResponseComparison(0, 1, 0)),
            Choice("bob", "1", ["x", "x"], new ResponseComparison(0, 1, 1)),
            Choice("bob", "2", ["x", "y"], new ResponseComparison(0, 1, 1)),
        ]);
        Assert.Equal((2, 2, 3, 1, 2), (labels.PairCount, labels.PromptCount, labels.LabelCount, labels.Ties, labels.RepeatCount));
        var result = DatasetCharacteristics.Of(labels, seed: 1);
        Assert.Equal(1, result.Divergence.Value);
        Assert.Equal(0.5, result.Consistency.Value);

        static AnnotatedChoice Choice(string annotator, string item, string[] responses, ResponseComparison comparison) =>
            new(1, annotator, item, null, responses, [comparison]);
    }

    [Fact]
    public void SimulatedUsers_OfOppositeTaste_DivergeEverywhere()
    {
        var rewards = new RewardMatrix(["left", "right"], [0, 3, 5], [1, -1, 2, -2, 3, -3, 0, 0, 4, -4]);
        var labels = SimulatedPairLabels.Make(rewards, ["l", "r"], [1, 0, 0, 1], new ChoiceModel(double.PositiveInfinity, 1), null, seed: 1);
        Assert.Equal((4, 8, 0), (labels.PairCount, labels.LabelCount, labels.Ties));
        var result = DatasetCharacteristics.Of(labels, seed: 1);
        Assert.Equal((1.0, 1.0, 1.0), (result.Divergence.Value!.Value, result.HighDivergence.Value!.Value, result.Consistency.Value!.Value));
        Assert.Equal([0.5, 0.5], result.WithSelf.ByAnnotator.Select(estimate => estimate.Value!.Value));
        Assert.Equal(1, result.RoomForPersonalization.Value);
    }

    [Fact]
    public void SimulatedConsistency_IsTheProbabilityOfAgreement()
    {
        // One pair, utilities 1 and 0, β = 2: p = 1 / (1 + e⁻²).
        var rewards = new RewardMatrix(["only"], [0, 2], [1, 0]);
        var labels = SimulatedPairLabels.Make(rewards, ["u"], [1], new ChoiceModel(2, 1), null, seed: 1);
        var p = 1 / (1 + Math.Exp(-2));
        Assert.Equal((p * p) + ((1 - p) * (1 - p)), DatasetCharacteristics.Of(labels, seed: 1).Consistency.Value!.Value, 1e-6);
    }

    [Fact]
    public void PairsPerPrompt_AreDrawnFromTheSeed_AndBoundTheirNumber()
    {
        var rewards = RandomRewards.Make(3, 40, 5, 5, 2);
        var choice = new ChoiceModel(double.PositiveInfinity, 1);
        var one = SimulatedPairLabels.Make(rewards, ["a", "b"], [1, 0, 0, 1], choice, 3, seed: 5);
        Assert.Equal((120, 240), (one.PairCount, one.LabelCount));
        Assert.Equal(
            DatasetCharacteristics.Of(one, 1).Divergence, DatasetCharacteristics.Of(SimulatedPairLabels.Make(rewards, ["a", "b"], [1, 0, 0, 1], choice, 3, seed: 5), 1).Divergence);
        Assert.NotEqual(
            DatasetCharacteristics.Of(one, 1).Divergence, DatasetCharacteristics.Of(SimulatedPairLabels.Make(rewards, ["a", "b"], [1, 0, 0, 1], choice, 3, seed: 6), 1).Divergence);
    }

    [Fact]
    public void RandomLabels_EqualTheSlowReference()
    {
        const int Users = 7, Prompts = 30;
        var rewards = RandomRewards.Make(8, Prompts, 4, 4, 3);
        var users = PopulationSampler.Sample(new PopulationSpec(RandomRewards.Names(3), 0.3, Users, 5));
        var labels = SimulatedPairLabels.Make(rewards, [.. Enumerable.Range(0, Users).Select(user => $"{user}")], users.Weights.ToArray(), new ChoiceModel(users.Spec), null, 1);
        var result = DatasetCharacteristics.Of(labels, seed: 1, resamples: 50);
        double divergent = 0, high = 0, pairs = 0;
        var credit = new double[Users];
        for (var prompt = 0; prompt < Prompts; prompt++)
            for (var a = 0; a < 4; a++)
                for (var b = a + 1; b < 4; b++)
                {
                    var prefersA = Enumerable.Range(0, Users).Select(user => Utility(user, prompt, a) > Utility(user, prompt, b)).ToArray();
                    var count = prefersA.Count(prefers => prefers);
                    pairs++;
                    divergent += count is > 0 and < Users ? 1 : 0;
                    high += Math.Min(count, Users - count) / (double)Users >= 0.3 ? 1 : 0;
                    for (var user = 0; user < Users; user++)
                    {
                        var others = count - (prefersA[user] ? 1 : 0);
                        credit[user] += others * 2 == Users - 1 ? 0.5 : others * 2 > Users - 1 == prefersA[user] ? 1 : 0;
                    }
                }
        Assert.Equal(divergent / pairs, result.Divergence.Value!.Value, 1e-12);
        Assert.Equal(high / pairs, result.HighDivergence.Value!.Value, 1e-12);
        Assert.Equal(credit.Select(sum => sum / pairs), result.WithoutSelf.ByAnnotator.Select(estimate => estimate.Value!.Value), Close);
        Assert.All(result.WithoutSelf.ByAnnotator, estimate => Assert.InRange(estimate.Value!.Value, estimate.Low!.Value, estimate.High!.Value));

        double Utility(int user, int prompt, int response) =>
            Enumerable.Range(0, 3).Sum(model => users.WeightsOf(user)[model] * rewards.RowsOf(prompt)[(response * 3) + model]);
    }

    [Fact]
    public void WrongLengths_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => new PairLabels(["a"], [0, 1], [[new(0, true)]], [0], [0], 0));
        Assert.Throws<ArgumentException>(() => SimulatedPairLabels.Make(RandomRewards.Make(1, 2, 2, 2, 2), ["a"], [1], new ChoiceModel(1, 1), null, 1));
    }

    private static bool Close(double expected, double actual) => Math.Abs(expected - actual) < 1e-12;
}
