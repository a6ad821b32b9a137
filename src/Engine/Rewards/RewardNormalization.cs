namespace PersonalLlm.Engine.Rewards;

/// <summary>What a column of rewards looks like before anything is done to it.</summary>
public enum RewardScale
{
    /// <summary>As the reward model gave it.</summary>
    Raw,

    /// <summary>Mean near 0 and standard deviation near 1: somebody standardised it already.</summary>
    Standardised,

    /// <summary>Near neither the published constants nor 0 and 1.</summary>
    Unclear,
}

/// <summary>Mean and standard deviation of one reward model's raw rewards.</summary>
/// <param name="Mean">Finite.</param>
/// <param name="StandardDeviation">Above 0.</param>
public readonly record struct RewardConstants(double Mean, double StandardDeviation)
{
    /// <summary>z = (raw − mean) / sd, computed in double and rounded once.</summary>
    public float Apply(float raw) => (float)((raw - Mean) / StandardDeviation);
}

/// <summary>Constants that standardise each column of a reward matrix: z = (raw − mean) / sd.</summary>
public sealed class RewardNormalization
{
    /// <summary>
    /// PersonalLLM's ten reward models with the constants that its authors standardise by (Zollo et al. 2024, arXiv 2409.20296), sorted by alias.
    /// beaver_7b is a cost model whose sign was already turned when the data set was scored; it is taken as it is.
    /// </summary>
    public static IReadOnlyDictionary<string, RewardConstants> Published { get; } = new SortedDictionary<string, RewardConstants>(StringComparer.Ordinal)
    {
        ["beaver_7b"] = new(6.233516894340515, 3.012641148973965),
        ["gemma_2b"] = new(4.3304170169830325, 2.038611338958803),
        ["gemma_7b"] = new(1.6259730467796325, 2.6096741570264976),
        ["llama3_sfairx"] = new(1.0637639780044557, 2.953017385451928),
        ["mistral_raft"] = new(8.309211883544922, 3.0728436748484533),
        ["mistral_ray"] = new(3.0136284782886507, 1.6902981149232583),
        ["mistral_weqweasdas"] = new(7.071075622558594, 2.578636650248985),
        ["oasst_deberta_v3"] = new(2.8976835689097644, 1.7207868789061331),
        ["oasst_pythia_1b"] = new(4.293944010734558, 2.3018268820938133),
        ["oasst_pythia_7b"] = new(4.706351243972779, 1.3659142113789966),
    };

    /// <param name="rewardModels">Names of the columns.</param>
    /// <param name="constants">One per column.</param>
    /// <exception cref="ArgumentException">The counts differ, or a standard deviation is not above 0.</exception>
    public RewardNormalization(IReadOnlyList<string> rewardModels, IReadOnlyList<RewardConstants> constants)
    {
        if (constants.Count != rewardModels.Count)
            throw new ArgumentException($"Expected {rewardModels.Count} pairs of constants, one per reward model, but got {constants.Count}.");
        for (var modelIndex = 0; modelIndex < constants.Count; modelIndex++)
            if (!double.IsFinite(constants[modelIndex].Mean) || !(constants[modelIndex].StandardDeviation > 0))
                throw new ArgumentException(
                    $"{rewardModels[modelIndex]} cannot be standardised by mean {constants[modelIndex].Mean} and standard deviation {constants[modelIndex].StandardDeviation}.");
        RewardModels = rewardModels;
        Constants = constants;
    }

    public IReadOnlyList<string> RewardModels { get; }

    /// <summary>One per reward model, in column order.</summary>
    public IReadOnlyList<RewardConstants> Constants { get; }

    /// <summary>
    /// Estimates the constants of every column: mean over responses, and the standard deviation that divides by n, so that the
    /// standardised column has exactly mean 0 and standard deviation 1. Accumulated in double, in two passes.
    /// A constant column gets standard deviation 1: it becomes all zeros and weighs nothing.
    /// </summary>
    public static RewardNormalization Fit(RewardMatrix raw)
    {
        var constants = new RewardConstants[raw.RewardModelCount];
        for (var modelIndex = 0; modelIndex < constants.Length; modelIndex++)
            constants[modelIndex] = Fit(raw, modelIndex);
        return new RewardNormalization(raw.RewardModels, constants);
    }

    /// <summary>The same, over one column of rewards: [responses].</summary>
    public static RewardConstants Fit(ReadOnlySpan<float> raw)
    {
        if (raw.IsEmpty)
            return new RewardConstants(0, 1);
        var sum = 0.0;
        foreach (var reward in raw)
            sum += reward;
        var mean = sum / raw.Length;
        var squares = 0.0;
        foreach (var reward in raw)
            squares += (reward - mean) * (reward - mean);
        var deviation = Math.Sqrt(squares / raw.Length);
        // Rounding leaves a trace of spread in a constant column; dividing by it would invent differences.
        return new RewardConstants(mean, deviation > 1e-7 * Math.Max(1, Math.Abs(mean)) ? deviation : 1);
    }

    /// <summary>Standardises: [responses × reward models] → the same shape.</summary>
    /// <exception cref="ArgumentException">The matrix has other columns.</exception>
    public RewardMatrix Apply(RewardMatrix raw)
    {
        if (!raw.RewardModels.SequenceEqual(RewardModels))
            throw new ArgumentException(
                $"These constants are for {string.Join(", ", RewardModels)}, but the rewards are from {string.Join(", ", raw.RewardModels)}.");
        var values = new float[raw.Values.Length];
        for (var index = 0; index < values.Length; index++)
            values[index] = Constants[index % RewardModels.Count].Apply(raw.Values[index]);
        var starts = new int[raw.PromptCount + 1];
        for (var promptIndex = 0; promptIndex < starts.Length; promptIndex++)
            starts[promptIndex] = raw.FirstResponseOf(promptIndex);
        return new RewardMatrix(RewardModels, starts, values);
    }

    /// <summary>
    /// Tells raw from standardised by distance: |Δmean| / sd + |ln(sd ratio)|, to the published constants of that alias and to (0, 1).
    /// The nearer one counts if it lies within ½. A model without published constants is standardised when it lies within 0.1 of (0, 1), and
    /// raw otherwise.
    /// </summary>
    public static RewardScale ScaleOf(string rewardModel, RewardConstants fitted)
    {
        var toStandard = Distance(fitted, new RewardConstants(0, 1));
        if (!Published.TryGetValue(rewardModel, out var published))
            return toStandard < 0.1 ? RewardScale.Standardised : RewardScale.Raw;
        var toPublished = Distance(fitted, published);
        return Math.Min(toPublished, toStandard) > 0.5 ? RewardScale.Unclear
            : toPublished <= toStandard ? RewardScale.Raw : RewardScale.Standardised;
    }

    /// <summary>
    /// The constants that a column of raw rewards is standardised by, and where they came from: the published ones for a model of
    /// PersonalLLM whose column looks raw, none (0 and 1) where it looks standardised already, and otherwise those of the column itself.
    /// </summary>
    /// <param name="rewardModel">Its alias.</param>
    /// <param name="raw">[responses].</param>
    public static (RewardConstants Constants, string Source) ConstantsFor(string rewardModel, ReadOnlySpan<float> raw)
    {
        var fitted = Fit(raw);
        if (raw.IndexOfAnyExcept(raw.IsEmpty ? 0 : raw[0]) < 0)
            return (fitted, "constant on this data set, so that it weighs nothing");
        if (!Published.TryGetValue(rewardModel, out var published))
            return Estimated(fitted, raw.Length);
        return ScaleOf(rewardModel, fitted) switch
        {
            RewardScale.Raw => (published, "published with PersonalLLM (Zollo et al. 2024)"),
            RewardScale.Standardised => (new RewardConstants(0, 1), "already standardised in the file"),
            _ => Estimated(fitted, raw.Length),
        };
    }

    private static (RewardConstants, string) Estimated(RewardConstants fitted, int responses) =>
        (fitted, FormattableString.Invariant($"estimated on {responses:N0} responses of this data set"));

    private static RewardConstants Fit(RewardMatrix raw, int modelIndex)
    {
        var column = new float[raw.ResponseCount];
        for (var responseIndex = 0; responseIndex < column.Length; responseIndex++)
            column[responseIndex] = raw.Row(responseIndex)[modelIndex];
        return Fit(column);
    }

    private static double Distance(RewardConstants fitted, RewardConstants reference) =>
        Math.Abs(fitted.Mean - reference.Mean) / reference.StandardDeviation
        + Math.Abs(Math.Log(fitted.StandardDeviation / reference.StandardDeviation));
}
