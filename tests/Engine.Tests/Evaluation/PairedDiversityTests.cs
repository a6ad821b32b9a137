using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Tests.Evaluation;

public sealed class PairedDiversityTests
{
    private const int Resamples = 300;

    private static readonly int[] s_starts = [0, 3, 5, 9, 12, 16, 18, 21];
    private static readonly string[] s_models = [.. Enumerable.Range(0, 21).Select(response => $"m{response % 4}")];

    [Fact]
    public void EveryNumber_EqualsItsTwinWorkedOutFromSharesPromptByPrompt()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var (left, right) = (Votes(seed), Votes(seed + 100));
            var compared = PairedDiversity.Of(left, right, s_models, 3, Resamples);
            var prompts = Enumerable.Range(0, 7).Where(prompt => Shares(left, prompt).Sum() > 0 && Shares(right, prompt).Sum() > 0).ToArray();
            Assert.Equal(prompts, compared.Prompts);
            AssertTwin(compared.Entropy, MeanDifference(Entropy));
            AssertTwin(compared.EffectiveResponses, MeanDifference(shares => Math.Exp(Entropy(shares))));
            AssertTwin(compared.Majority, MeanDifference(shares => shares.Max()));
            AssertTwin(compared.MajorityCurve.Single(point => point.Name == "0.75").Estimate, MeanDifference(shares => shares.Max() <= 0.75 ? 1 : 0));
            AssertTwin(compared.DistinctWinners, MeanDifference(shares => shares.Count(share => share > 0)));
            AssertTwin(compared.Distance, Mean(prompt => Shares(left, prompt).Zip(Shares(right, prompt), (one, other) => Math.Abs(one - other)).Sum() / 2));
            AssertTwin(compared.Overlap, Mean(prompt => Shares(left, prompt).Zip(Shares(right, prompt), (one, other) => one * other).Sum()));
            AssertTwin(compared.SameFavourite, Mean(prompt =>
            {
                var (one, other) = (Favourites(left, prompt), Favourites(right, prompt));
                return (double)one.Intersect(other).Count() / one.Union(other).Count();
            }));
            foreach (var share in compared.WinShares)
                AssertTwin(share.Estimate, drawn => WonBy(share.Name, right, drawn) - WonBy(share.Name, left, drawn));

            Func<int[], double> Mean(Func<int, double> ofPrompt) => drawn => drawn.Average(ofPrompt);
            Func<int[], double> MeanDifference(Func<double[], double> ofShares) => Mean(prompt => ofShares(Shares(right, prompt)) - ofShares(Shares(left, prompt)));

            // The same resamples, each written out as a list of prompts.
            void AssertTwin(Estimate actual, Func<int[], double> statistic)
            {
                var expected = Bootstrap.EstimateOne(
                    prompts.Length, "prompts",
                    new(times => statistic([.. times.ToArray().SelectMany((count, unit) => Enumerable.Repeat(prompts[unit], (int)count))]), prompts.Length), 3, Resamples);
                Assert.Equal(expected.N, actual.N);
                Assert.Equal(expected.Value!.Value, actual.Value!.Value, 12);
                Assert.Equal(expected.Low!.Value, actual.Low!.Value, 12);
                Assert.Equal(expected.High!.Value, actual.High!.Value, 12);
            }
        }
    }

    [Fact]
    public void TheSameVotes_DifferInNothing()
    {
        var votes = Votes(1);
        var compared = PairedDiversity.Of(votes, votes, s_models, 0, Resamples);
        foreach (var estimate in new[] { compared.Entropy, compared.Majority, compared.DistinctWinners, compared.Distance }.Concat(compared.WinShares.Select(share => share.Estimate)))
            Assert.Equal((0, 0, 0), (estimate.Value, estimate.Low, estimate.High));
        Assert.Equal(1, compared.SameFavourite.Value);
    }

    [Fact]
    public void ChangingSides_TurnsDifferencesRound_AndLeavesDistancesAlone()
    {
        var (one, other) = (PairedDiversity.Of(Votes(1), Votes(2), s_models, 0, Resamples), PairedDiversity.Of(Votes(2), Votes(1), s_models, 0, Resamples));
        Assert.Equal(-one.Entropy.Value!.Value, other.Entropy.Value!.Value, 12);
        Assert.Equal(-one.Entropy.High!.Value, other.Entropy.Low!.Value, 12);
        Assert.Equal(one.Distance.Value!.Value, other.Distance.Value!.Value, 12);
        Assert.Equal(one.Overlap.Value!.Value, other.Overlap.Value!.Value, 12);
        Assert.Equal(one.DistanceByPrompt, other.DistanceByPrompt);
    }

    [Fact]
    public void ThreeTimesTheVoters_DifferInNothing()
    {
        var (left, right) = (Votes(1), Votes(2));
        var tripled = new VoteCounts(s_starts, [.. right.Values.ToArray().Select(count => 3 * count)]);
        var (one, other) = (PairedDiversity.Of(left, right, s_models, 0, Resamples), PairedDiversity.Of(left, tripled, s_models, 0, Resamples));
        Assert.Equal(one.Entropy.Value!.Value, other.Entropy.Value!.Value, 12);
        Assert.Equal(one.Distance.Value!.Value, other.Distance.Value!.Value, 12);
    }

    [Fact]
    public void GroupsThatNeverMeet_HaveAReasonInPlaceOfNumbers()
    {
        var nobody = new VoteCounts(s_starts, new double[21]);
        var compared = PairedDiversity.Of(nobody, Votes(2), s_models, 0, Resamples);
        Assert.Equal("no prompt has votes of both groups", compared.Entropy.UndefinedBecause);
        Assert.All(compared.WinShares, share => Assert.False(share.Estimate.IsDefined));
        Assert.Empty(compared.Prompts);
        Assert.Throws<ArgumentException>(() => PairedDiversity.Of(nobody, new VoteCounts([0, 21], new double[21]), s_models, 0));
    }

    private static double WonBy(string model, VoteCounts votes, int[] drawn) =>
        drawn.Sum(prompt => Enumerable.Range(s_starts[prompt], s_starts[prompt + 1] - s_starts[prompt]).Where(response => s_models[response] == model).Sum(response => votes.Values[response]))
            / drawn.Sum(votes.TotalOf);

    private static double Entropy(double[] shares) => -shares.Where(share => share > 0).Sum(share => share * Math.Log(share));

    private static double[] Shares(VoteCounts votes, int prompt)
    {
        var own = votes.Of(prompt).ToArray();
        return own.Sum() == 0 ? own : [.. own.Select(count => count / own.Sum())];
    }

    private static IEnumerable<int> Favourites(VoteCounts votes, int prompt)
    {
        var own = votes.Of(prompt).ToArray();
        return Enumerable.Range(0, own.Length).Where(response => own[response] == own.Max());
    }

    /// <summary>Halves of votes too; one prompt of each group is empty.</summary>
    private static VoteCounts Votes(int seed)
    {
        var random = new Random(seed);
        var counts = Enumerable.Range(0, 21).Select(_ => random.Next(8) / 2.0).ToArray();
        var empty = random.Next(7);
        counts.AsSpan(s_starts[empty]..s_starts[empty + 1]).Clear();
        for (var prompt = 0; prompt < 7; prompt++)
            if (prompt != empty)
                counts[s_starts[prompt]]++;
        return new VoteCounts(s_starts, counts);
    }
}
