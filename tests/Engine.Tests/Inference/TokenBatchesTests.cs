using PersonalLlm.Engine.Inference;

namespace PersonalLlm.Engine.Tests.Inference;

public sealed class TokenBatchesTests
{
    [Fact]
    public void EverySequence_IsInOneBatch_AndNoBatchIsBeyondTheBudget()
    {
        var random = new Random(1);
        for (var round = 0; round < 200; round++)
        {
            var lengths = Enumerable.Range(0, random.Next(0, 60)).Select(_ => random.Next(1, 100)).ToArray();
            var budget = random.Next(1, 500);
            var batches = TokenBatches.Plan(Enumerable.Range(0, lengths.Length), index => lengths[index], budget);
            Assert.Equal(Enumerable.Range(0, lengths.Length), batches.SelectMany(batch => batch).Order());
            Assert.All(batches, batch => Assert.True(batch.Length == 1 || batch.Length * batch.Max(index => lengths[index]) <= budget));
        }
    }

    [Fact]
    public void ABatch_IsAsFullAsTheBudgetAllows() =>
        Assert.Equal([[4, 1], [3, 0, 2], [5]], TokenBatches.Plan(Enumerable.Range(0, 6), index => new[] { 3, 5, 3, 4, 6, 1 }[index], tokenBudget: 12));

    [Fact]
    public void TextsOfRealLengths_ArePaddedByLessThanATwentieth()
    {
        // Log-normal, as lengths of responses are: a median of 200 tokens, one in twenty beyond 700.
        var random = new Random(2);
        var lengths = Enumerable.Range(0, 4_000).Select(_ => Math.Clamp((int)(200 * Math.Exp(0.77 * Normal())), 5, 512)).ToArray();
        var padded = TokenBatches.Plan(Enumerable.Range(0, lengths.Length), index => lengths[index], 1_000).Sum(batch => batch.Length * batch.Max(index => lengths[index]));
        Assert.InRange(padded / (double)lengths.Sum(), 1, 1.05);

        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }
}
