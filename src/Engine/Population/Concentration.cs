using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PersonalLlm.Engine.Population;

/// <summary>Dirichlet α: one number for all reward models, or one for each.</summary>
[JsonConverter(typeof(ConcentrationJson))]
public sealed class Concentration : IEquatable<Concentration>
{
    /// <summary>Below this the logarithm of a weight overflows; a user is one reward model long before.</summary>
    public const double Smallest = 1e-9;

    /// <summary>Above this all weights are equal to the last digit that counts.</summary>
    public const double Largest = 1e9;

    // Shares read back from text with a few digits still sum to one within this; a forgotten share does not.
    private const double SumTolerance = 1e-6;

    private readonly double[] values;

    private Concentration(double[] values, bool isSymmetric)
    {
        this.values = values;
        IsSymmetric = isSymmetric;
    }

    /// <summary>Whether one number stands for all reward models.</summary>
    public bool IsSymmetric { get; }

    /// <summary>α of the symmetric distribution, otherwise the mean of the α of all reward models: larger means more alike.</summary>
    public double Average => values.Average();

    /// <summary>How many reward models this is for; null when it fits any number.</summary>
    public int? Models => IsSymmetric ? null : values.Length;

    /// <summary>α of one reward model.</summary>
    public double this[int modelIndex] => IsSymmetric ? values[0] : values[modelIndex];

    /// <summary>Dirichlet(α, …, α).</summary>
    public static Concentration Symmetric(double alpha) => new([alpha], true);

    /// <summary>Dirichlet(α₁, …, α_K).</summary>
    /// <param name="alphas">[reward models]</param>
    public static Concentration PerModel(IEnumerable<double> alphas) => new([.. alphas], false);

    /// <summary>Dirichlet(K·ᾱ·m): users scatter around <paramref name="mean"/>, as closely as under the symmetric α = <paramref name="average"/>.</summary>
    /// <param name="mean">m, [reward models]: shares that sum to 1, each above 0.</param>
    /// <param name="average">ᾱ.</param>
    /// <exception cref="ArgumentException">The shares do not sum to 1.</exception>
    public static Concentration Around(IReadOnlyList<double> mean, double average) =>
        Math.Abs(mean.Sum() - 1) <= SumTolerance
            ? PerModel(mean.Select(share => share * average * mean.Count))
            : throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"The mean weights must sum to 1, but they sum to {mean.Sum():R}."));

    /// <summary>The symmetric distribution.</summary>
    public static implicit operator Concentration(double alpha) => Symmetric(alpha);

    /// <summary>The same mean weights, with users scattered more widely or more closely around them.</summary>
    /// <param name="average">ᾱ.</param>
    public Concentration WithAverage(double average)
    {
        var factor = average / Average;
        return IsSymmetric ? Symmetric(average) : PerModel(values.Select(alpha => alpha * factor));
    }

    /// <summary>Mean weight of a reward model, m_k = α_k / Σα.</summary>
    /// <param name="modelIndex">Of the reward model.</param>
    /// <param name="models">How many reward models there are.</param>
    public double MeanWeight(int modelIndex, int models) => IsSymmetric ? 1.0 / models : values[modelIndex] / values.Sum();

    /// <summary>One sentence saying why no weights can be drawn with this, or null.</summary>
    /// <param name="models">How many reward models there are.</param>
    public string? FindProblem(int models)
    {
        if (Models is { } given && given != models)
            return $"Expected {models} concentrations, one per reward model, but got {given}.";
        foreach (var alpha in values)
            if (alpha is not (>= Smallest and <= Largest))
                return $"The concentration (alpha) must be above 0 (from {Text(Smallest)} to {Text(Largest)}), but it is {Text(alpha)}.";
        return null;
    }

    public bool Equals(Concentration? other) => other is not null && IsSymmetric == other.IsSymmetric && values.SequenceEqual(other.values);

    public override bool Equals(object? obj) => Equals(obj as Concentration);

    public override int GetHashCode() => HashCode.Combine(IsSymmetric, values.Length, values[0]);

    /// <summary>The numbers with as many digits as they have, a comma between them; read back by <see cref="Parse"/>.</summary>
    public override string ToString() => string.Join(',', values.Select(Text));

    /// <summary>One number, or one per reward model with commas between them, in the invariant culture; null when it is neither.</summary>
    public static Concentration? Parse(string text)
    {
        var parts = text.Split(',');
        var numbers = new double[parts.Length];
        for (var place = 0; place < parts.Length; place++)
            if (!double.TryParse(parts[place], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[place]))
                return null;
        return new Concentration(numbers, numbers.Length == 1);
    }

    private static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>A number, or an array of them.</summary>
    private sealed class ConcentrationJson : JsonConverter<Concentration>
    {
        public override Concentration Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.StartArray
                ? PerModel(JsonSerializer.Deserialize<double[]>(ref reader, options)!)
                : Symmetric(reader.GetDouble());

        public override void Write(Utf8JsonWriter writer, Concentration value, JsonSerializerOptions options)
        {
            if (value.IsSymmetric)
                writer.WriteNumberValue(value.values[0]);
            else
                JsonSerializer.Serialize(writer, value.values, options);
        }
    }
}
