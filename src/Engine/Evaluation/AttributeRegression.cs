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
/// <param name="Name">Of <see cref="StandardisedAttributes.Names"/>.</param>
/// <param name="Mean">Over responses: the coefficients are per standard deviation.</param>
/// <param name="StandardDeviation">Over responses, dividing by n; 0 when the attribute never differs, and then it is in no regression.</param>
/// <param name="MeanCoefficient">Over the users that have one; the interval and n are over users.</param>
/// <param name="Quartiles">Lowest, lower quartile, median, upper quartile, highest; empty when no user has one.</param>
public sealed record AttributeCoefficients(string Name, double Mean, double StandardDeviation, Estimate MeanCoefficient, IReadOnlyList<double> Quartiles);

/// <summary>
/// What countable attributes of responses a user prefers (Zollo et al. 2024, §3): per user a logistic regression, without intercept or penalty, of the
/// preferred against a less preferred response of every prompt, on standardised attributes.
/// </summary>
/// <param name="Attributes">In the order of <see cref="StandardisedAttributes.Names"/>.</param>
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
        RewardMatrix rewards, IReadOnlyList<string> texts, SimulatedUsers users, RegressionContrast contrast, uint seed, CancellationToken cancellationToken = default) =>
        Of(rewards, StandardisedAttributes.Of(texts, cancellationToken), users, contrast, seed, null, cancellationToken);

    /// <summary>The same with attributes that were counted before.</summary>
    /// <param name="rewards">Standardised; its reward models are those of the population, in the same order.</param>
    /// <param name="attributes">Of the same responses.</param>
    /// <param name="users">Their rankings decide what is preferred.</param>
    /// <param name="contrast">With which response the first choice is compared.</param>
    /// <param name="seed">Of the bootstrap over users.</param>
    /// <param name="progress">Told how many users are done, from several threads and not in order; null for nobody.</param>
    /// <param name="cancellationToken">Checked between users.</param>
    /// <exception cref="ArgumentException">The number of responses differs.</exception>
    public static AttributeRegression Of(
        RewardMatrix rewards,
        StandardisedAttributes attributes,
        SimulatedUsers users,
        RegressionContrast contrast,
        uint seed,
        IProgress<int>? progress,
        CancellationToken cancellationToken = default)
    {
        Refuse(rewards, attributes);
        var byUser = new Estimate[users.Count][];
        var done = 0;
        Parallel.For(0, users.Count, new ParallelOptions { CancellationToken = cancellationToken }, userIndex =>
        {
            byUser[userIndex] = Fit(rewards, attributes, users, userIndex, contrast);
            progress?.Report(Interlocked.Increment(ref done));
        });
        return new AttributeRegression(
            [.. attributes.Names.Select((name, attribute) =>
            {
                double[] coefficients = [.. byUser.Where(user => user[attribute].IsDefined).Select(user => user[attribute].Value!.Value).Order()];
                return new AttributeCoefficients(name, attributes.Means[attribute], attributes.Deviations[attribute],
                    coefficients.Length == 0
                        ? Estimate.Undefined(byUser.FirstOrDefault()?[attribute].UndefinedBecause is { } because ? $"no user has a coefficient; the first one because {because}" : "there are no users")
                        : Bootstrap.EstimateOne(coefficients.Length, "users", Bootstrap.Mean(coefficients), seed, cancellationToken: cancellationToken),
                    coefficients.Length == 0 ? [] : [.. new[] { 0, 0.25, 0.5, 0.75, 1 }.Select(probability => Bootstrap.Quantile(coefficients, probability))]);
            })],
            byUser);
    }

    /// <summary>The regression of one user.</summary>
    /// <param name="rewards">Standardised; its reward models are those of the population, in the same order.</param>
    /// <param name="attributes">Of the same responses.</param>
    /// <param name="users">The population.</param>
    /// <param name="userIndex">0-based within <paramref name="users"/>.</param>
    /// <param name="contrast">With which response the first choice is compared.</param>
    /// <returns>[attributes], in the order of <see cref="StandardisedAttributes.Names"/>: coefficient with its 95 % Wald interval, n prompts.</returns>
    /// <exception cref="ArgumentException">The number of responses differs.</exception>
    public static IReadOnlyList<Estimate> OfUser(
        RewardMatrix rewards, StandardisedAttributes attributes, SimulatedUsers users, int userIndex, RegressionContrast contrast)
    {
        Refuse(rewards, attributes);
        return Fit(rewards, attributes, users, userIndex, contrast);
    }

    private static void Refuse(RewardMatrix rewards, StandardisedAttributes attributes)
    {
        if (attributes.ResponseCount != rewards.ResponseCount)
            throw new ArgumentException($"Expected {rewards.ResponseCount} texts but got {attributes.ResponseCount}.");
    }

    private static Estimate[] Fit(RewardMatrix rewards, StandardisedAttributes attributes, SimulatedUsers users, int userIndex, RegressionContrast contrast)
    {
        var estimates = new Estimate[attributes.Names.Count];
        Array.Fill(estimates, Estimate.Undefined("the attribute is the same in every response"));
        var varying = Enumerable.Range(0, estimates.Length).Where(attribute => attributes.Deviations[attribute] > 0).ToArray();
        if (varying.Length == 0)
            return estimates;
        var differences = Differences(rewards, users, userIndex, contrast, attributes, varying);
        var fitted = differences.Length == 0
            ? [.. varying.Select(_ => Estimate.Undefined("no prompt has enough responses to compare"))]
            : LogisticRegression.Fit(differences, varying.Length);
        for (var place = 0; place < varying.Length; place++)
            estimates[varying[place]] = fitted[place];
        return estimates;
    }

    /// <summary>[prompts × varying attributes]: the preferred response minus the other.</summary>
    private static double[] Differences(
        RewardMatrix rewards, SimulatedUsers users, int userIndex, RegressionContrast contrast, StandardisedAttributes attributes, int[] varying)
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
            var preferred = attributes.Of(rewards.FirstResponseOf(promptIndex) + bestFirst[0]);
            var other = attributes.Of(rewards.FirstResponseOf(promptIndex) + bestFirst[contrast == RegressionContrast.PaperRank4 ? 3 : responses - 1]);
            foreach (var attribute in varying)
                differences.Add(preferred[attribute] - other[attribute]);
        }
        return [.. differences];
    }
}
