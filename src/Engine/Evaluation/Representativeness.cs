using PersonalLlm.Engine.Datasets;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Evaluation;

/// <summary>By what a Wasserstein distance over ordinals is divided.</summary>
public enum OrdinalNormalizer
{
    /// <summary>Largest − smallest ordinal (Santurkar et al. 2023): the largest distance possible becomes 1.</summary>
    Range,

    /// <summary>Options − 1 (Zollo et al. 2024): the same on 1, 2, 3 …, and lenient where a middle option is coded 1.5.</summary>
    Paper,
}

/// <summary>How well a population's answers represent a group of people: R = 1 − mean over questions of the normalised Wasserstein-1 distance.</summary>
public static class Representativeness
{
    /// <summary>
    /// Answers of simulated users: the score of a user is Σ_k w_k · choice_k, her vote the option whose place on the scale, (ordinal − smallest) / (largest − smallest),
    /// is nearest; of equally near ones the first.
    /// </summary>
    /// <param name="tables">Whose reward models are those of the population, in the same order.</param>
    /// <param name="users">A population or a block of one.</param>
    /// <param name="cancellationToken">Checked between questions.</param>
    /// <returns>[questions][options]: votes.</returns>
    /// <exception cref="ArgumentException">The reward models differ.</exception>
    public static double[][] Votes(OpinionTables tables, SimulatedUsers users, CancellationToken cancellationToken = default)
    {
        if (!tables.RewardModels.SequenceEqual(users.Spec.RewardModels))
            throw new ArgumentException(
                $"The population is over {string.Join(", ", users.Spec.RewardModels)} but the choices are of {string.Join(", ", tables.RewardModels)}.");
        var models = tables.RewardModels.Count;
        var votes = tables.Questions.Select(question => new double[question.Options.Count]).ToArray();
        Parallel.For(0, votes.Length, new ParallelOptions { CancellationToken = cancellationToken }, questionIndex =>
        {
            var ordinals = tables.Questions[questionIndex].Ordinals;
            double smallest = ordinals.Min(), range = ordinals.Max() - smallest;
            var places = ordinals.Select(ordinal => (ordinal - smallest) / range).ToArray();
            for (var userIndex = 0; userIndex < users.Count; userIndex++)
            {
                var weights = users.WeightsOf(userIndex);
                var score = 0.0;
                for (var modelIndex = 0; modelIndex < models; modelIndex++)
                    score += weights[modelIndex] * tables.Choices[(questionIndex * models) + modelIndex];
                votes[questionIndex][Nearest(places, score)]++;
            }
        });
        return votes;
    }

    /// <summary>R of every group, in the order of the tables. The interval and n are over the questions that the group answered.</summary>
    /// <param name="tables">Questions and people's answers.</param>
    /// <param name="votes">[questions][options], not all 0 on a question.</param>
    /// <param name="normalizer">By what distances are divided.</param>
    /// <param name="seed">Of the bootstrap over questions.</param>
    /// <param name="cancellationToken">Checked between resamples.</param>
    public static IReadOnlyList<NamedEstimate> ByGroup(
        OpinionTables tables, double[][] votes, OrdinalNormalizer normalizer, uint seed, CancellationToken cancellationToken = default)
    {
        var groups = tables.Answers.Select(answers => answers.Group).Distinct().ToArray();
        var answersOf = tables.Answers.ToLookup(answers => answers.Group);
        var estimates = Bootstrap.Estimates(
            votes.Length,
            "questions",
            [.. groups.Select(group =>
            {
                var similarities = new double[votes.Length];
                var answered = new double[votes.Length];
                foreach (var answers in answersOf[group])
                {
                    answered[answers.QuestionIndex] = 1;
                    similarities[answers.QuestionIndex] =
                        1 - Distance(tables.Questions[answers.QuestionIndex].Ordinals, votes[answers.QuestionIndex], answers.Weights, normalizer);
                }
                return Bootstrap.Ratio(similarities, answered);
            })],
            seed, cancellationToken: cancellationToken);
        return [.. groups.Zip(estimates, (group, estimate) => new NamedEstimate(group, estimate))];
    }

    /// <summary>Wasserstein-1 between two distributions over the same ordinals, ∫ |F − G|, divided by the normaliser.</summary>
    /// <param name="ordinals">[options], in any order.</param>
    /// <param name="one">[options]: weights, not all 0; need not sum to 1.</param>
    /// <param name="other">[options]: weights, not all 0; need not sum to 1.</param>
    /// <param name="normalizer">By what the distance is divided.</param>
    public static double Distance(IReadOnlyList<double> ordinals, IReadOnlyList<double> one, IReadOnlyList<double> other, OrdinalNormalizer normalizer)
    {
        var ascending = Enumerable.Range(0, ordinals.Count).OrderBy(option => ordinals[option]).ToArray();
        double totalOne = one.Sum(), totalOther = other.Sum(), difference = 0, distance = 0;
        for (var place = 0; place + 1 < ascending.Length; place++)
        {
            difference += (one[ascending[place]] / totalOne) - (other[ascending[place]] / totalOther);
            distance += Math.Abs(difference) * (ordinals[ascending[place + 1]] - ordinals[ascending[place]]);
        }
        return distance / (normalizer == OrdinalNormalizer.Paper ? ordinals.Count - 1 : ordinals[ascending[^1]] - ordinals[ascending[0]]);
    }

    private static int Nearest(double[] places, double score)
    {
        var nearest = 0;
        for (var option = 1; option < places.Length; option++)
            if (Math.Abs(places[option] - score) < Math.Abs(places[nearest] - score))
                nearest = option;
        return nearest;
    }
}
