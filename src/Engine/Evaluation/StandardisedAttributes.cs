namespace PersonalLlm.Engine.Evaluation;

/// <summary>What can be counted in every response of a data set, each attribute with mean 0 and standard deviation 1 over all responses.</summary>
public sealed class StandardisedAttributes
{
    private readonly double[] values;

    private StandardisedAttributes(IReadOnlyList<string> names, double[] values, double[] means, double[] deviations)
    {
        Names = names;
        this.values = values;
        Means = means;
        Deviations = deviations;
    }

    /// <summary>[attributes]: <see cref="ResponseAttributes.Names"/>, and any that were added.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>[attributes], before standardisation.</summary>
    public IReadOnlyList<double> Means { get; }

    /// <summary>[attributes], before standardisation, dividing by n; 0 where an attribute never differs, and then it stays as it is.</summary>
    public IReadOnlyList<double> Deviations { get; }

    public int ResponseCount => values.Length / Names.Count;

    /// <summary>Attributes of one response, in the order of <see cref="Names"/>.</summary>
    /// <param name="responseIndex">Of the data set.</param>
    public ReadOnlySpan<double> Of(int responseIndex) => values.AsSpan(responseIndex * Names.Count, Names.Count);

    /// <summary>The same, and further attributes behind, standardised alike: what another program scored.</summary>
    /// <param name="names">Of the further attributes.</param>
    /// <param name="scores">[responses × names], row-major, finite.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    public StandardisedAttributes With(IReadOnlyList<string> names, ReadOnlySpan<double> scores)
    {
        if (scores.Length != ResponseCount * names.Count)
            throw new ArgumentException($"Expected {ResponseCount} responses × {names.Count} attributes but got {scores.Length} scores.");
        var further = Standardised(names, scores.ToArray());
        var all = new double[values.Length + scores.Length];
        for (var responseIndex = 0; responseIndex < ResponseCount; responseIndex++)
        {
            var row = all.AsSpan(responseIndex * (Names.Count + names.Count));
            Of(responseIndex).CopyTo(row);
            further.Of(responseIndex).CopyTo(row[Names.Count..]);
        }
        return new StandardisedAttributes([.. Names, .. names], all, [.. Means, .. further.Means], [.. Deviations, .. further.Deviations]);
    }

    /// <summary>Counts and standardises.</summary>
    /// <param name="texts">[responses]</param>
    /// <param name="cancellationToken">Checked between texts.</param>
    public static StandardisedAttributes Of(IReadOnlyList<string> texts, CancellationToken cancellationToken = default)
    {
        var attributes = ResponseAttributes.Names.Count;
        var values = new double[texts.Count * attributes];
        Parallel.For(0, texts.Count, new ParallelOptions { CancellationToken = cancellationToken }, responseIndex =>
            ResponseAttributes.Count(texts[responseIndex], values.AsSpan(responseIndex * attributes, attributes)));
        return Standardised(ResponseAttributes.Names, values);
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
        return Standardised(ResponseAttributes.Names, [.. values]);
    }

    private static StandardisedAttributes Standardised(IReadOnlyList<string> names, double[] values)
    {
        var attributes = names.Count;
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
        return new StandardisedAttributes(names, values, means, deviations);
    }
}
