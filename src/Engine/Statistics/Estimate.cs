namespace PersonalLlm.Engine.Statistics;

/// <summary>
/// A number as it may be shown: the value, its 95 % interval and the count it rests on — or the reason why there is none.
/// </summary>
/// <remarks>
/// Either <see cref="Value"/> is set and <see cref="UndefinedBecause"/> is null, or the other way round. An interval may be absent
/// beside a value (a count of a whole, not a sample); <see cref="NoIntervalBecause"/> then says why.
/// </remarks>
public sealed record Estimate
{
    /// <summary>The point estimate, or null when undefined. Never NaN.</summary>
    public double? Value { get; private init; }

    /// <summary>Lower end of the 95 % interval.</summary>
    public double? Low { get; private init; }

    /// <summary>Upper end of the 95 % interval.</summary>
    public double? High { get; private init; }

    /// <summary>How many independent units (annotators, users, prompts — the caller says which) the value rests on.</summary>
    public int N { get; private init; }

    /// <summary>Why there is no value, as the end of a sentence beginning "Undefined because …"; null when there is a value.</summary>
    public string? UndefinedBecause { get; private init; }

    /// <summary>Why there is a value but no interval; null otherwise.</summary>
    public string? NoIntervalBecause { get; private init; }

    public bool IsDefined => Value is not null;

    /// <summary>A value with its 95 % interval.</summary>
    /// <exception cref="ArgumentException">A bound is not a number, or the bounds are in the wrong order.</exception>
    public static Estimate Of(double value, double low, double high, int n)
    {
        if (double.IsNaN(value) || double.IsNaN(low) || double.IsNaN(high))
            throw new ArgumentException($"An estimate needs numbers but got {value} [{low}, {high}]; use Undefined and say why.");
        if (low > high)
            throw new ArgumentException($"The interval [{low}, {high}] is upside down.");
        return new Estimate { Value = value, Low = low, High = high, N = n };
    }

    /// <summary>A value without an interval, and the reason for that.</summary>
    /// <exception cref="ArgumentException">The value is not a number.</exception>
    public static Estimate WithoutInterval(double value, int n, string because)
    {
        if (double.IsNaN(value))
            throw new ArgumentException("An estimate needs a number but got NaN; use Undefined and say why.");
        return new Estimate { Value = value, N = n, NoIntervalBecause = because };
    }

    /// <summary>No value, and the reason.</summary>
    public static Estimate Undefined(string because, int n = 0) => new() { N = n, UndefinedBecause = because };
}
