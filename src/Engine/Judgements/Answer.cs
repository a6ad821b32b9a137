namespace PersonalLlm.Engine.Judgements;

/// <summary>What an annotator said about the responses shown, in one form for every instrument.</summary>
/// <remarks>
/// <para>Indexes are those of the prompt's responses, or positions as shown, as the holder says.</para>
/// <list type="bullet">
/// <item>Full ranking and top-k: <see cref="Ranking"/>; no scores.</item>
/// <item>Best–worst: scores +1 (best), −1 (worst), 0 (between); the ranking is best, those between as one tier, worst.</item>
/// <item>Pairwise: scores +s for the preferred response and −s for the other, s the strength, 1 … 4; 0 and 0 for equal.</item>
/// <item>Likert: scores 1 (worst) … points; the ranking orders by score, equal scores tie.</item>
/// </list>
/// <para>In a half-made answer the ranking may lack responses, and scores are null where nothing was said.</para>
/// </remarks>
public sealed record Answer
{
    public Ranking Ranking { get; init; } = Ranking.Empty;

    /// <summary>One element per response of the prompt, null where nothing was said or the response was not shown; empty when the instrument has no scores.</summary>
    public int?[] Scores { get; init; } = [];

    /// <summary>"None is acceptable", said beside the ranking or in place of it. Not a skip.</summary>
    public bool AllBad { get; init; }

    /// <summary>Reasons that were ticked, in the words that were shown.</summary>
    public string[] Reasons { get; init; } = [];

    /// <summary>How sure, 1 (a guess) … 5 (certain); null when not said.</summary>
    public int? Confidence { get; init; }

    /// <summary>The annotator's own words; null when there are none.</summary>
    public string? Comment { get; init; }

    public bool Equals(Answer? other) =>
        other is not null && Ranking.Equals(other.Ranking) && Scores.AsSpan().SequenceEqual(other.Scores) && AllBad == other.AllBad
        && Reasons.AsSpan().SequenceEqual(other.Reasons) && Confidence == other.Confidence && Comment == other.Comment;

    public override int GetHashCode() => HashCode.Combine(Ranking, AllBad, Confidence, Comment);
}
