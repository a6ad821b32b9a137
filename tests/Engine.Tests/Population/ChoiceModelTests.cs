using PersonalLlm.Engine.Population;

namespace PersonalLlm.Engine.Tests.Population;

public class ChoiceModelTests
{
    private static readonly float[] Utilities = [0.5f, -1f, 1.2f, 0f];

    [Fact]
    public void NoiseFree_ChoosesTheLargest_AndTheFirstOfEquals()
    {
        var choice = new ChoiceModel(double.PositiveInfinity, 0);
        Assert.Equal(2, choice.FirstChoice(Utilities, 0, 0));
        Assert.Equal(1, choice.FirstChoice([0f, 3f, 3f], 0, 0));
        var bestFirst = new int[4];
        choice.Rank([1f, 2f, 2f, 1f], 0, 0, bestFirst);
        Assert.Equal([1, 2, 0, 3], bestFirst);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.7)]
    [InlineData(3)]
    public void FirstChoices_FollowTheSoftmax(double inverseTemperature)
    {
        const int Users = 100_000;
        var choice = new ChoiceModel(inverseTemperature, 5);
        var counts = new int[4];
        for (var userIndex = 0; userIndex < Users; userIndex++)
            counts[choice.FirstChoice(Utilities, userIndex, 12)]++;
        var weights = Utilities.Select(utility => Math.Exp(inverseTemperature * utility)).ToArray();
        for (var response = 0; response < 4; response++)
        {
            var expected = weights[response] / weights.Sum();
            Assert.InRange(((counts[response] / (double)Users) - expected) / Math.Sqrt(expected * (1 - expected) / Users), -4.5, 4.5);
        }
    }

    [Fact]
    public void Rankings_FollowPlackettAndLuce()
    {
        const int Users = 200_000;
        const double InverseTemperature = 1.3;
        var choice = new ChoiceModel(InverseTemperature, 5);
        var counts = new Dictionary<string, int>();
        var bestFirst = new int[4];
        for (var userIndex = 0; userIndex < Users; userIndex++)
        {
            choice.Rank(Utilities, userIndex, 3, bestFirst);
            var order = string.Concat(bestFirst);
            counts[order] = counts.GetValueOrDefault(order) + 1;
        }
        var weights = Utilities.Select(utility => Math.Exp(InverseTemperature * utility)).ToArray();
        var chiSquare = counts.Sum(pair => Math.Pow(pair.Value - Expected(pair.Key), 2) / Expected(pair.Key));
        Assert.Equal(24, counts.Count);
        Assert.InRange((chiSquare - 23) / Math.Sqrt(46), -4.5, 4.5);

        double Expected(string order)
        {
            double probability = 1, left = weights.Sum();
            foreach (var letter in order)
            {
                probability *= weights[letter - '0'] / left;
                left -= weights[letter - '0'];
            }
            return probability * Users;
        }
    }

    [Fact]
    public void FirstChoice_IsTheTopOfTheRanking()
    {
        var choice = new ChoiceModel(1, 5);
        var bestFirst = new int[4];
        for (var userIndex = 0; userIndex < 500; userIndex++)
        {
            choice.Rank(Utilities, userIndex, 7, bestFirst);
            Assert.Equal(bestFirst[0], choice.FirstChoice(Utilities, userIndex, 7));
            Assert.Equal([0, 1, 2, 3], bestFirst.Order());
        }
    }

    [Fact]
    public void Noise_BelongsToUserAndResponse()
    {
        // Rows 5 and 6 get the same noise, whether their prompt begins at row 5, at row 4, or somewhere else.
        var choice = new ChoiceModel(1, 5);
        var fromFive = new double[2];
        var fromFour = new double[9];
        choice.Perturb(new float[2], 8, 5, fromFive);
        choice.Perturb(new float[9], 8, 4, fromFour);
        Assert.Equal(fromFive, fromFour[1..3]);
        Assert.Equal(9, fromFour.Distinct().Count());
    }
}
