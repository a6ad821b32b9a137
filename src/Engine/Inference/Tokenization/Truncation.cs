using System.Runtime.InteropServices;

namespace PersonalLlm.Engine.Inference.Tokenization;

/// <summary>Which of two texts gives up tokens.</summary>
public enum TruncationStrategy
{
    /// <summary>The longer one, until both are equally long; then both.</summary>
    LongestFirst,

    OnlyFirst,
    OnlySecond,
}

/// <summary>An end of a text.</summary>
public enum TextSide
{
    Left,
    Right,
}

/// <summary>How a text that is too long is cut.</summary>
/// <param name="MaximumLength">Tokens, special ones included; at least 1.</param>
/// <param name="Strategy">Which of two texts gives up tokens.</param>
/// <param name="Side">Where they are cut off.</param>
public sealed record Truncation(
    int MaximumLength, TruncationStrategy Strategy = TruncationStrategy.LongestFirst, TextSide Side = TextSide.Right)
{
    internal static Truncation? Read(JsonPart part)
    {
        if (part.IsAbsent)
            return null;
        part.Knows("direction", "max_length", "strategy", "stride");
        if (part.Integer("stride") is > 0)
            throw part["stride"].Refused("asks for overlapping windows, but a reward is computed from one");
        return new(
            part["max_length"].AsInteger() is > 0 and var length ? length : throw part["max_length"].Refused("must be at least 1"),
            part["strategy"].AsText() switch
            {
                "LongestFirst" => TruncationStrategy.LongestFirst,
                "OnlyFirst" => TruncationStrategy.OnlyFirst,
                "OnlySecond" => TruncationStrategy.OnlySecond,
                var other => throw part["strategy"].Unsupported(other),
            },
            ReadSide(part["direction"]));
    }

    internal static TextSide ReadSide(JsonPart part) => part.IsAbsent ? TextSide.Right : part.AsText() switch
    {
        "Left" => TextSide.Left,
        "Right" => TextSide.Right,
        var other => throw part.Unsupported(other),
    };

    /// <summary>Cuts one text or two to what special tokens leave free, and says whether anything was cut.</summary>
    internal bool Cut(IReadOnlyList<List<int>> sequences, int free)
    {
        if (sequences.Sum(sequence => sequence.Count) <= free)
            return false;
        if (sequences.Count == 1 && Strategy != TruncationStrategy.OnlySecond)
            Cut(sequences[0], free);
        else if (Strategy == TruncationStrategy.LongestFirst)
        {
            var (first, second) = Shares(sequences[0].Count, sequences[1].Count, free);
            Cut(sequences[0], first);
            Cut(sequences[1], second);
        }
        else
            CutOne(sequences, free);
        return true;
    }

    /// <summary>The shorter text keeps its tokens as long as it has no more than half; an odd one goes to the longer.</summary>
    private static (int First, int Second) Shares(int first, int second, int free)
    {
        var shorter = Math.Min(first, second);
        shorter = Math.Min(shorter, free / 2);
        return first <= second ? (shorter, free - shorter) : (free - shorter, shorter);
    }

    private void CutOne(IReadOnlyList<List<int>> sequences, int free)
    {
        var index = Strategy == TruncationStrategy.OnlyFirst ? 0 : 1;
        if (index >= sequences.Count)
            throw new InvalidOperationException("Only the second text may be truncated, but there is no second text.");
        var other = sequences.Count == 1 ? 0 : sequences[1 - index].Count;
        if (other >= free)
            throw new InvalidOperationException(
                $"Only one of two texts may be truncated, but the other one alone has {other} tokens and there is room for {free}.");
        Cut(sequences[index], free - other);
    }

    private void Cut(List<int> ids, int length)
    {
        if (ids.Count <= length)
            return;
        if (Side == TextSide.Left)
            ids.RemoveRange(0, ids.Count - length);
        else
            CollectionsMarshal.SetCount(ids, length);
    }
}
