using System.Globalization;

namespace PersonalLlm.Engine.Datasets;

/// <summary>One named value of a line, from JSON or CSV.</summary>
/// <param name="Name">Column or field name, for messages.</param>
/// <param name="Value">Its text; null when there is none.</param>
/// <param name="Number">Its number, when the file format itself says that it is one.</param>
/// <param name="Found">What was found, in words.</param>
internal readonly record struct Field(string Name, string? Value, double? Number, string Found)
{
    /// <summary>Longest id, subset, response model or alias; the columns of the database hold as much.</summary>
    public const int MaximumNameLength = 200;

    /// <summary>A list, an object or a truth value: neither text nor number nor nothing.</summary>
    public bool IsUnreadable { get; init; }

    public bool IsMissing => Value is null && !IsUnreadable;

    /// <summary>A CSV cell: always text, and empty means nothing.</summary>
    public static Field OfCell(string name, string? cell) => new(name, string.IsNullOrEmpty(cell) ? null : cell, null, "a text");

    /// <summary>The text of a field that must be there.</summary>
    public string Text()
    {
        if (IsMissing)
            throw new FieldException("Missing field", $"{Name} is missing.");
        if (Value is null || Number is not null)
            throw new FieldException("Wrong type", $"{Name} is {Found}; expected a text.");
        return WithoutNul(Value);
    }

    /// <summary>A short name or id; numbers are taken as they are written.</summary>
    public string ShortText()
    {
        if (IsMissing || string.IsNullOrWhiteSpace(Value) && !IsUnreadable)
            throw new FieldException("Missing field", $"{Name} is missing.");
        if (Value is null)
            throw new FieldException("Wrong type", $"{Name} is {Found}; expected a text or a number.");
        if (Value.Length > MaximumNameLength)
            throw new FieldException("Name too long", $"{Name} has {Value.Length} characters; at most {MaximumNameLength} are kept.");
        return WithoutNul(Value);
    }

    /// <summary>As <see cref="ShortText"/>, or null when there is none.</summary>
    public string? OptionalShortText() => IsMissing || Value is { } value && string.IsNullOrWhiteSpace(value) ? null : ShortText();

    /// <summary>A finite 32-bit number.</summary>
    /// <param name="isCell">True when texts are all the file can hold, so that a number has to be read from one.</param>
    public float Reward(bool isCell)
    {
        if (Number is { } number)
            return Finite(number);
        if (isCell && double.TryParse(Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed))
            return Finite(parsed);
        var found = Value is null ? Found : $"the text \"{Shortened(Value)}\"";
        throw new FieldException("Wrong type", $"{Name} is {found}; expected a number.");
    }

    private float Finite(double number)
    {
        if (!double.IsFinite(number))
            throw new FieldException("Not a finite number", $"{Name} is {Value}; rewards must be finite numbers.");
        var reward = (float)number;
        return float.IsFinite(reward)
            ? reward
            : throw new FieldException("Not a finite number", $"{Name} is {Value}, more than a 32-bit number can hold.");
    }

    // PostgreSQL text cannot hold U+0000; the line is named here rather than refused by the database later.
    private string WithoutNul(string text) =>
        text.Contains('\0') ? throw new FieldException("Not Unicode text", $"{Name} holds the character U+0000, which no text should.") : text;

    private static string Shortened(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
