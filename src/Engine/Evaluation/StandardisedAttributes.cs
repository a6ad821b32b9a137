namespace PersonalLlm.Engine.Evaluation;

/// <summary>What can be counted in every response of a data set, each attribute with mean 0 and standard deviation 1 over all responses.</summary>
public sealed class StandardisedAttributes
{
    private readonly double[] values;

    private StandardisedAttributes(double[] values, double[] means, double[] deviations)
    {
        this.values = values;
        Means = means;
        Deviations = deviations;
    }

    /// <summary>[attributes], before standardisation.</summary>
    public IReadOnlyList<double> Means { get; }

    /// <summary>[attributes], before standardisation, dividing by n; 0 where an attribute never differs, and then it stays as it is.</summary>
    public IReadOnlyList<double> Deviations { get; }

    public int ResponseCount => values.Length / ResponseAttributes.Names.Count;

    /// <summary>Attributes of one response, in the order of <see cref="ResponseAttributes.Names"/>.</summary>
    /// <param name="responseIndex">Of the data set.</param>
    public ReadOnlySpan<double> Of(int responseIndex) => values.AsSpan(responseIndex * ResponseAttributes.Names.Count, ResponseAttributes.Names.Count);

    /// <summary>Counts and standardises.</summary>
    /// <param name="texts">[responses]</param>
    /// <param name="cancellationToken">Checked between texts.</param>
    public static StandardisedAttributes Of(IReadOnlyList<string> texts, CancellationToken cancellationToken = default)
    {
        var attributes = ResponseAttributes.Names.Count;
        var values = new double[texts.Count * attributes];
        Parallel.For(0, texts.Count, new ParallelOptions { CancellationToken = cancellationToken }, responseIndex =>
            ResponseAttributes.Count(texts[responseIndex], values.AsSpan(responseIndex * attributes, attributes)));
        return Standardised(values);
    }

    /// <summary>The same of texts that come one after the other, none of which is kept.</summary>
    /// <param name="texts">By response.</param>
    /// <param name="cancellationToken">Checked between texts.</param>
    public static async Task<StandardisedAttributes> OfAsync(IAsyncEnumerable<string> texts, CancellationToken cancellationToken = default)
    {
        var values = new List<double>();
        var one = new double[ResponseAttributes.Names.Count];
        await foreach (var text in texts.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            ResponseAttributes.Count(text, one);
            values.AddRange(one);
        }
        return Standardised([.. values]);
    }

    private static StandardisedAttributes Standardised(double[] values)
    {
        var attributes = ResponseAttributes.Names.Count;
        var texts = values.Length / attributes;
        double[] means = new double[attributes], deviations = new double[attributes];
        for (var attribute = 0; attribute < attributes && texts > 0; attribute++)
        {
            var column = Enumerable.Range(0, texts).Select(responseIndex => values[(responseIndex * attributes) + attribute]).ToArray();
            means[attribute] = column.Average();
            deviations[attribute] = column.All(value => value == column[0]) ? 0 : Math.Sqrt(column.Average(value => (value - means[attribute]) * (value - means[attribute])));
            for (var responseIndex = 0; responseIndex < texts && deviations[attribute] > 0; responseIndex++)
                values[(responseIndex * attributes) + attribute] = (column[responseIndex] - means[attribute]) / deviations[attribute];
        }
        return new StandardisedAttributes(values, means, deviations);
    }
}
