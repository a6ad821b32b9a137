using System.Globalization;
using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Web.Features.Population;

/// <summary>A prompt on which a user stands apart.</summary>
/// <param name="PromptIndex">In the data set.</param>
/// <param name="Own">Who wrote what she prefers.</param>
/// <param name="OwnShare">Share of all users who prefer the same.</param>
/// <param name="Majority">Who wrote what most prefer.</param>
/// <param name="MajorityShare">Share of all users who prefer that.</param>
public sealed record ApartOn(int PromptIndex, string Own, double OwnShare, string Majority, double MajorityShare);

/// <summary>What one simulated user is like.</summary>
/// <param name="UserIndex">0-based, within the users who stayed.</param>
/// <param name="EffectiveRewardModels">exp(H(w)) of her weights.</param>
/// <param name="Weights">By reward model, largest first.</param>
/// <param name="Favourites">Share of prompts on which she prefers a response model, most often first.</param>
/// <param name="WithMajority">Share of prompts on which she chooses what most choose.</param>
/// <param name="Apart">The prompts on which fewest are with her, at most three.</param>
/// <param name="Likeness">How like she is to each attribute reward model of the data set, most like first; empty without any.</param>
/// <param name="Coefficients">Her attribute regression by the order of <see cref="ResponseAttributes.Names"/>; empty before it is computed.</param>
public sealed record OneUser(
    int UserIndex,
    double EffectiveRewardModels,
    IReadOnlyList<(string RewardModel, double Weight)> Weights,
    IReadOnlyList<(string ResponseModel, double Share)> Favourites,
    double WithMajority,
    IReadOnlyList<ApartOn> Apart,
    IReadOnlyList<NamedEstimate> Likeness,
    IReadOnlyList<Estimate> Coefficients)
{
    private const int MostApart = 3;

    // Attribute by attribute, what a positive and what a negative coefficient means.
    private static readonly (string More, string Less)[] s_words =
    [
        ("longer responses", "shorter responses"),
        ("a larger vocabulary", "a smaller vocabulary"),
        ("longer words", "shorter words"),
        ("more stop words", "fewer stop words"),
        ("more punctuation", "less punctuation"),
        ("more list lines", "fewer list lines"),
    ];

    /// <param name="numbers">The population.</param>
    /// <param name="userIndex">0-based within the users who stayed.</param>
    /// <param name="attributes">Of all responses of the data set; null leaves her regression out.</param>
    /// <param name="cancellation">Stops it half-way.</param>
    public static OneUser Of(PopulationNumbers numbers, int userIndex, StandardisedAttributes? attributes, CancellationToken cancellation = default)
    {
        var (source, rewards, users, votes) = (numbers.Source, numbers.Rewards, numbers.Users, numbers.Votes);
        var weights = Array.ConvertAll(users.WeightsOf(userIndex).ToArray(), weight => (float)weight);
        var choice = new ChoiceModel(users.Spec);
        var wins = new Dictionary<string, int>();
        var apart = new List<ApartOn>();
        var withMajority = 0;
        Span<float> utilities = stackalloc float[Ranking.MaximumResponses];
        for (var promptIndex = 0; promptIndex < rewards.PromptCount; promptIndex++)
        {
            cancellation.ThrowIfCancellationRequested();
            var own = utilities[..rewards.ResponseCountOf(promptIndex)];
            Utility.Compute(rewards.RowsOf(promptIndex), weights, own);
            var first = rewards.FirstResponseOf(promptIndex);
            var chosen = choice.FirstChoice(own, users.DrawOf(userIndex), first);
            var name = source.ResponseModels[first + chosen];
            wins[name] = wins.GetValueOrDefault(name) + 1;
            var counts = votes.Of(promptIndex);
            var most = 0;
            for (var response = 1; response < counts.Length; response++)
                if (counts[response] > counts[most])
                    most = response;
            if (counts[chosen] == counts[most])
                withMajority++;
            else
                apart.Add(new ApartOn(promptIndex, name, counts[chosen] / users.Count, source.ResponseModels[first + most], counts[most] / users.Count));
        }
        string[] named = [.. source.Rewards.RewardModels.Where(AttributeRewardModels.Names.Contains)];
        return new OneUser(
            userIndex,
            users[userIndex].EffectiveNumber,
            [.. users.Spec.RewardModels.Zip(users.WeightsOf(userIndex).ToArray()).OrderByDescending(pair => pair.Second)],
            [.. wins.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => (pair.Key, (double)pair.Value / rewards.PromptCount))],
            (double)withMajority / rewards.PromptCount,
            [.. apart.OrderBy(prompt => prompt.OwnShare - prompt.MajorityShare).ThenBy(prompt => prompt.PromptIndex).Take(MostApart)],
            named.Length == 0
                ? []
                : AttributeLikeness.Of(rewards, users, userIndex, source.RewardsUnder(named), GroupNumbers.BootstrapSeed, GroupNumbers.Resamples, cancellation),
            attributes is null ? [] : AttributeRegression.OfUser(rewards, attributes, users, userIndex, RegressionContrast.BestWorst));
    }

    /// <summary>Her regression in a sentence: what her coefficients say beyond doubt, strongest first.</summary>
    public static string Story(IReadOnlyList<Estimate> coefficients)
    {
        if (coefficients.Count == 0)
            return "";
        var certain = coefficients.Select((estimate, attribute) => (Estimate: estimate, Words: s_words[attribute]))
            .Where(one => one.Estimate is { Low: > 0 } or { High: < 0 })
            .OrderByDescending(one => Math.Abs(one.Estimate.Value!.Value))
            .Select(one => string.Create(
                CultureInfo.InvariantCulture,
                $"{(one.Estimate.Value > 0 ? one.Words.More : one.Words.Less)} ({one.Estimate.Value:+0.00;−0.00} [{Signed(one.Estimate.Low!.Value)}, {Signed(one.Estimate.High!.Value)}])"))
            .ToList();
        if (certain.Count > 0)
            return $"Other attributes alike, she prefers {Listed(certain)}.";
        return coefficients.FirstOrDefault(estimate => estimate.IsDefined) is null
            ? $"What she prefers cannot be told from what is countable, because {coefficients[0].UndefinedBecause}."
            : "Nothing countable tells beyond doubt what she prefers.";
    }

    private static string Signed(double number) => number.ToString("0.00;−0.00", CultureInfo.InvariantCulture);

    private static string Listed(List<string> parts) => parts.Count == 1 ? parts[0] : $"{string.Join(", ", parts.SkipLast(1))} and {parts[^1]}";
}
