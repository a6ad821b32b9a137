using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Evaluation;

/// <summary>Agreement of the annotators with the majority, over annotators. An annotator who shares no pair with anybody has none.</summary>
/// <param name="Mean">Mean over annotators.</param>
/// <param name="Lowest">Of all annotators.</param>
/// <param name="Highest">Of all annotators.</param>
/// <param name="MinorityUsers">Share of annotators below ½.</param>
/// <param name="ByAnnotator">[annotators]</param>
public sealed record MajorityVoteSummary(Estimate Mean, Estimate Lowest, Estimate Highest, Estimate MinorityUsers, IReadOnlyList<Estimate> ByAnnotator);

/// <summary>
/// How much room a set of judgements leaves for personalisation (Dong et al. 2025, §4.2). What is averaged over pairs has n = prompts and an
/// interval over prompts; what is averaged over annotators has n = annotators and an interval over annotators.
/// </summary>
/// <param name="Divergence">Share of pairs with at least two labels that are not unanimous.</param>
/// <param name="HighDivergence">Share of them whose minority is at least 30 %.</param>
/// <param name="WithSelf">MV-ACC, the annotator's own label counted in the majority.</param>
/// <param name="WithoutSelf">MV-ACC, the majority being that of the others.</param>
/// <param name="Consistency">Test–retest agreement: share of repeats that agree with the first judgement of the same pair by the same annotator.</param>
/// <param name="ConsistencyByAnnotator">[annotators]</param>
/// <param name="RoomForPersonalization">
/// Consistency − mean MV-ACC without self. The majority of the others stands for the aggregate model: it is what a perfect model of the group would say.
/// </param>
public sealed record DatasetCharacteristics(
    Estimate Divergence,
    Estimate HighDivergence,
    MajorityVoteSummary WithSelf,
    MajorityVoteSummary WithoutSelf,
    Estimate Consistency,
    IReadOnlyList<Estimate> ConsistencyByAnnotator,
    Estimate RoomForPersonalization)
{
    private const string NoRepeats = "no annotator judged the same pair twice";
    private const string NothingShared = "no two annotators labelled the same pair";

    /// <summary>All characteristics; seeded, the same for any number of threads.</summary>
    public static DatasetCharacteristics Of(
        PairLabels labels, uint seed, int resamples = Bootstrap.DefaultResamples, CancellationToken cancellationToken = default)
    {
        var accuracy = new MajorityVoteAccuracy(labels);
        var annotators = Enumerable.Range(0, labels.Annotators.Count).ToArray();
        var overPrompts = Bootstrap.Estimates(labels.PromptCount, "prompts", [PreferenceDivergence.Any(labels), PreferenceDivergence.High(labels)], seed, resamples, cancellationToken);
        var (withSelf, withoutSelf) = accuracy.Estimates(seed, resamples, cancellationToken);
        double[] valuesWithSelf = accuracy.Values(countsSelf: true), valuesWithoutSelf = accuracy.Values(countsSelf: false);
        double[] agreement = labels.RepeatAgreement.ToArray(), repeats = labels.Repeats.ToArray();
        var consistency = Bootstrap.Ratio(agreement, repeats);
        var meanWithoutSelf = Defined(valuesWithoutSelf, value => value);
        var overAnnotators = Bootstrap.Estimates(
            annotators.Length,
            "annotators",
            [
                Defined(valuesWithSelf, value => value), Defined(valuesWithSelf, value => value < 0.5 ? 1 : 0),
                meanWithoutSelf, Defined(valuesWithoutSelf, value => value < 0.5 ? 1 : 0),
                consistency,
                new(times => consistency.Compute(times) - meanWithoutSelf.Compute(times), Math.Min(consistency.N, meanWithoutSelf.N)),
            ],
            seed, resamples, cancellationToken);
        return new DatasetCharacteristics(
            OrUndefined(overPrompts[0], NothingShared),
            OrUndefined(overPrompts[1], NothingShared),
            Summary(overAnnotators[0], overAnnotators[1], valuesWithSelf, withSelf),
            Summary(overAnnotators[2], overAnnotators[3], valuesWithoutSelf, withoutSelf),
            OrUndefined(overAnnotators[4], NoRepeats),
            [.. annotators.Select(annotatorIndex => repeats[annotatorIndex] == 0
                ? Estimate.Undefined("the annotator judged no pair twice")
                : Estimate.WithoutInterval(agreement[annotatorIndex] / repeats[annotatorIndex], (int)repeats[annotatorIndex], "it is shown to compare annotators; the interval is over annotators"))],
            OrUndefined(overAnnotators[5], consistency.N == 0 ? NoRepeats : NothingShared));
    }

    private static MajorityVoteSummary Summary(Estimate mean, Estimate minority, double[] values, Estimate[] byAnnotator)
    {
        var defined = Array.FindAll(values, value => !double.IsNaN(value));
        const string Extreme = "it is the extreme of these annotators";
        return new MajorityVoteSummary(
            OrUndefined(mean, NothingShared),
            defined.Length == 0 ? Estimate.Undefined(NothingShared) : Estimate.WithoutInterval(defined.Min(), defined.Length, Extreme),
            defined.Length == 0 ? Estimate.Undefined(NothingShared) : Estimate.WithoutInterval(defined.Max(), defined.Length, Extreme),
            OrUndefined(minority, NothingShared),
            [.. byAnnotator.Select(estimate => OrUndefined(estimate, "the annotator labelled no pair that somebody else labelled"))]);
    }

    /// <summary>Mean over the annotators that have a value.</summary>
    private static Bootstrap.UnitStatistic Defined(double[] values, Func<double, double> of) => Bootstrap.Ratio(
        Array.ConvertAll(values, value => double.IsNaN(value) ? 0 : of(value)), Array.ConvertAll(values, value => double.IsNaN(value) ? 0.0 : 1.0));

    private static Estimate OrUndefined(Estimate estimate, string because) => estimate.IsDefined ? estimate : Estimate.Undefined(because, estimate.N);
}
