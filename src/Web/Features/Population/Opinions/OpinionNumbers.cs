using PersonalLlm.Engine.Datasets;
using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Web.Features.Population.Opinions;

/// <summary>How a population answers a survey, and how close that is to people.</summary>
/// <param name="EffectiveRewardModels">Mean over users of exp(H(w)).</param>
/// <param name="Votes">[questions][options]</param>
/// <param name="Range">R by group, in the order of the tables, distances divided by the range of the ordinals.</param>
/// <param name="Paper">The same, divided by options − 1.</param>
internal sealed record OpinionNumbers(
    PopulationSpec Spec, Estimate EffectiveRewardModels, double[][] Votes, IReadOnlyList<NamedEstimate> Range, IReadOnlyList<NamedEstimate> Paper)
{
    /// <exception cref="ArgumentException">The population cannot be drawn.</exception>
    public static OpinionNumbers Of(OpinionTables tables, PopulationSpec spec, CancellationToken cancellation = default)
    {
        var users = PopulationSampler.Sample(spec, cancellation);
        var votes = Representativeness.Votes(tables, users, cancellation);
        return new OpinionNumbers(
            spec,
            Diversity.EffectiveRewardModels(users, spec.Seed, cancellationToken: cancellation),
            votes,
            Representativeness.ByGroup(tables, votes, OrdinalNormalizer.Range, spec.Seed, cancellation),
            Representativeness.ByGroup(tables, votes, OrdinalNormalizer.Paper, spec.Seed, cancellation));
    }

    public IReadOnlyList<NamedEstimate> By(OrdinalNormalizer normalizer) => normalizer == OrdinalNormalizer.Paper ? Paper : Range;

    /// <summary>What lies behind R of a group: its questions, the one that population and people answer most differently first.</summary>
    public IReadOnlyList<OpinionDistance> Distances(OpinionTables tables, string group, OrdinalNormalizer normalizer) =>
    [
        .. tables.Answers.Where(answers => answers.Group == group)
            .Select(answers => new OpinionDistance(
                tables.Questions[answers.QuestionIndex],
                Shares(Votes[answers.QuestionIndex]),
                Shares(answers.Weights),
                Representativeness.Distance(tables.Questions[answers.QuestionIndex].Ordinals, Votes[answers.QuestionIndex], answers.Weights, normalizer)))
            .OrderByDescending(question => question.Distance),
    ];

    private static double[] Shares(IReadOnlyList<double> weights)
    {
        var total = weights.Sum();
        return [.. weights.Select(weight => weight / total)];
    }
}

/// <summary>One question, answered by the population and by a group of people.</summary>
/// <param name="Simulated">[options]: shares.</param>
/// <param name="People">[options]: shares.</param>
/// <param name="Distance">Wasserstein-1, normalised.</param>
public sealed record OpinionDistance(OpinionQuestion Question, IReadOnlyList<double> Simulated, IReadOnlyList<double> People, double Distance);
