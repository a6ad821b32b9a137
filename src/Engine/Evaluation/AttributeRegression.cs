using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Evaluation;

/// <summary>Which response of a prompt the preferred one is compared with.</summary>
public enum RegressionContrast
{
    /// <summary>The last of the user's ranking.</summary>
    BestWorst,

    /// <summary>The fourth of the user's ranking, as the published code does; prompts with fewer than four responses are left out.</summary>
    PaperRank4,
}

/// <summary>The coefficients of one attribute over users, for a box plot.</summary>
/// <param name="Name">Of <see cref="ResponseAttributes.Names"/>.</param>
/// <param name="Mean">Over responses: the coefficients are per standard deviation.</param>
/// <param name="StandardDeviation">Over responses, dividing by n; 0 when the attribute never differs, and then it is in no regression.</param>
/// <param name="MeanCoefficient">Over the users that have one; the interval and n are over users.</param>
/// <param name="Quartiles">Lowest, lower quartile, median, upper quartile, highest; empty when no user has one.</param>
public sealed record AttributeCoefficients(string Name, double Mean, double StandardDeviation, Estimate MeanCoefficient, IReadOnlyList<double> Quartiles);

/// <summary>
/// What countable attributes of responses a user prefers (Zollo et al. 2024, §3): per user a logistic regression, without intercept or penalty, of the
/// preferred against a less preferred response of every prompt, on standardised attributes.
/// </summary>
/// <param name="Attributes">In the order of <see cref="ResponseAttributes.Names"/>.</param>
/// <param name="ByUser">[users][attributes]: coefficient with its 95 % Wald interval, n prompts.</param>
public sealed record AttributeRegression(IReadOnlyList<AttributeCoefficients> Attributes, IReadOnlyList<IReadOnlyList<Estimate>> ByUser)
{
    /// <summary>One regression per user.</summary>
    /// <param name="rewards">Standardised; its reward models are those of the population, in the same order.</param>
    /// <param name="texts">[responses]</param>
    /// <param name="users">Their rankings decide what is preferred.</param>
    /// <param name="contrast">With which response the first choice is compared.</param>
    /// <param name="seed">Of the bootstrap over users.</param>
    /// <param name="cancellationToken">Checked between users.</param>
    /// <exception cref="ArgumentException">The number of texts differs from that of responses.</exception>
    public static AttributeRegression Of(
        RewardMatrix rewards, IReadOnlyList<string> texts, SimulatedUsers users, RegressionContrast contrast, uint seed, CancellationToken cancellationToken = default)
    {
        if (texts.Count != rewards.ResponseCount)
            throw new ArgumentException($"Expected {rewards.ResponseCount} texts but got {texts.Count}.");
        var (values, means, deviations) = Standardised(texts);
        var varying = Enumerable.Range(0, deviations.Length).Where(attribute => deviations[attribute] > 0).ToArray();
        var byUser = new Estimate[users.Count][];
        Parallel.For(0, users.Count, new ParallelOptions { CancellationToken = cancellationToken }, userIndex =>
            byUser[userIndex] = OfUser(Differences(rewards, users, userIndex, contrast, values, varying), varying, deviations.Length));
        return new AttributeRegression(
            [.. ResponseAttributes.Names.Select((name, attribute) =>
            {
                double[] coefficients = [.. byUser.Where(user => user[attribute].IsDefined).Select(user => user[attribute].Value!.Value).Order()];
                return new AttributeCoefficients(name, means[attribute], deviations[attribute],
                    coefficients.Length == 0
                        ? Estimate.Undefined(byUser.FirstOrDefault()?[attribute].UndefinedBecause is { } because ? $"no user has a coefficient; the first one because {because}" : "there are no users")
                        : Bootstrap.EstimateOne(coefficients.Length, "users", Bootstrap.Mean(coefficients), seed, cancellationToken: cancellationToken),
                    coefficients.Length == 0 ? [] : [.. new[] { 0, 0.25, 0.5, 0.75, 1 }.Select(probability => Bootstrap.Quantile(coefficients, probability))]);
            })],
            byUser);
    }

    private static Estimate[] OfUser(double[] differences, int[] varying, int attributes)
    {
        var estimates = new Estimate[attributes];
        Array.Fill(estimates, Estimate.Undefined("the attribute is the same in every response"));
        if (varying.Length == 0)
            return estimates;
        var fitted = differences.Length == 0
            ? [.. varying.Select(_ => Estimate.Undefined("no prompt has enough responses to compare"))]
            : LogisticRegression.Fit(differences, varying.Length);
        for (var place = 0; place < varying.Length; place++)
            estimates[varying[place]] = fitted[place];
        return estimates;
    }

    /// <summary>[prompts × varying attributes]: the preferred response minus the other.</summary>
    private static double[] Differences(
        RewardMatrix rewards, SimulatedUsers users, int userIndex, RegressionContrast contrast, double[] values, int[] varying)
    {
        var choice = new ChoiceModel(users.Spec);
        var weights = Array.ConvertAll(users.WeightsOf(userIndex).ToArray(), weight => (float)weight);
        var differences = new List<double>(rewards.PromptCount * varying.Length);
        for (var promptIndex = 0; promptIndex < rewards.PromptCount; promptIndex++)
        {
            var responses = rewards.ResponseCountOf(promptIndex);
            if (responses < (contrast == RegressionContrast.PaperRank4 ? 4 : 2))
                continue;
            var utilities = new float[responses];
            var bestFirst = new int[responses];
            Utility.Compute(rewards.RowsOf(promptIndex), weights, utilities);
            choice.Rank(utilities, users.DrawOf(userIndex), rewards.FirstResponseOf(promptIndex), bestFirst);
            var preferred = (rewards.FirstResponseOf(promptIndex) + bestFirst[0]) * ResponseAttributes.Names.Count;
            var other = (rewards.FirstResponseOf(promptIndex) + bestFirst[contrast == RegressionContrast.PaperRank4 ? 3 : responses - 1]) * ResponseAttributes.Names.Count;
            foreach (var attribute in varying)
                differences.Add(values[preferred + attribute] - values[other + attribute]);
        }
        return [.. differences];
    }

    private static (double[] Values, double[] Means, double[] Deviations) Standardised(IReadOnlyList<string> texts)
    {
        var attributes = ResponseAttributes.Names.Count;
        var values = new double[texts.Count * attributes];
        Parallel.For(0, texts.Count, responseIndex => ResponseAttributes.Count(texts[responseIndex], values.AsSpan(responseIndex * attributes, attributes)));
        double[] means = new double[attributes], deviations = new double[attributes];
        for (var attribute = 0; attribute < attributes; attribute++)
        {
            var column = Enumerable.Range(0, texts.Count).Select(responseIndex => values[(responseIndex * attributes) + attribute]).ToArray();
            means[attribute] = column.Average();
            deviations[attribute] = column.All(value => value == column[0]) ? 0 : Math.Sqrt(column.Average(value => (value - means[attribute]) * (value - means[attribute])));
            for (var responseIndex = 0; responseIndex < texts.Count && deviations[attribute] > 0; responseIndex++)
                values[(responseIndex * attributes) + attribute] = (column[responseIndex] - means[attribute]) / deviations[attribute];
        }
        return (values, means, deviations);
    }
}
